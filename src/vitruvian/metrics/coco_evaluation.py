"""The COCO evaluation of keypoints, computed by hotcoco: labelled people and answers in, curves and matches out."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import chain
from typing import Any, Self

import numpy as np

from vitruvian.errors import needs
from vitruvian.geometry import to_xywh

FAR = 1e9  # pixels; where missing points and boxes are put, so that nothing is like them
THRESHOLDS = 10  # of OKS: 0.5, 0.55 ... 0.95
RECALLS = np.linspace(0, 1, 101)  # at which precision is read off


@dataclass(frozen=True, eq=False)
class People:
    """N people. image: (N,) row of the image; xy: (N, K, 2) pixels, NaN where unknown; area: (N,) px²."""

    image: np.ndarray
    xy: np.ndarray
    area: np.ndarray

    def of_rows(self, rows: np.ndarray) -> Self:
        """These people only, (M,) rows."""
        return replace(self, **{column.name: getattr(self, column.name)[rows] for column in fields(self)})

    def of_joints(self, joints: np.ndarray) -> Self:
        """The same people with these keypoints only, (J,) indices."""
        return replace(self, xy=self.xy[:, joints])

    def then(self, other: Self, images: int) -> Self:
        """These people and, behind them, those of `other`, whose images come behind the `images` of this one."""
        pairs = {column.name: (getattr(self, column.name), getattr(other, column.name)) for column in fields(self)}
        pairs["image"] = (self.image, other.image + images)
        return replace(self, **{name: np.concatenate(pair) for name, pair in pairs.items()})


@dataclass(frozen=True, eq=False)
class Labelled(People):
    """The labelled people. boxes: (N, 4) x0 y0 x1 y1, NaN where unknown; they count for people without a labelled
    keypoint, where answers may lie without counting. crowd: (N,) bool, matched by any number of answers, not counting.
    """

    boxes: np.ndarray
    crowd: np.ndarray


@dataclass(frozen=True, eq=False)
class Answered(People):
    """The answers; their area decides for which sizes a wrong one counts. confidence: (P,), never NaN."""

    confidence: np.ndarray


def is_known(xy: np.ndarray) -> np.ndarray:
    """(..., 2) -> (...) bool, points that are not NaN; several times faster than asking `all(-1)`."""
    return np.isfinite(xy[..., 0]) & np.isfinite(xy[..., 1])


@dataclass(frozen=True, eq=False)
class Curves:
    """What AP and AR are means of, for the A = 3 sizes all, medium (32² to 96² px²) and large.

    precision: (A, 10, 101), at OKS thresholds 0.5, 0.55 ... 0.95 and at `RECALLS`; recall: (A, 10). NaN where nobody
    of that size is labelled.
    """

    precision: np.ndarray
    recall: np.ndarray


@dataclass(frozen=True, eq=False)
class Matches:
    """Which of D answers hit, best confidence first, so that images can be counted any number of times.

    image:   (D,) row of the image.
    hit:     (A, 10, D) bool, the answer is the one matched with a person that counts.
    counted: (A, 10, D) bool, the answer counts, as a hit or as wrong; answers on crowds and other sizes do not.
    people:  (A, I), labelled people of each image that count.
    """

    image: np.ndarray
    hit: np.ndarray
    counted: np.ndarray
    people: np.ndarray

    def curves(self, times: np.ndarray) -> Curves:
        """The curves when image i counts times[i] times, by the formulas of pycocotools."""
        weight, people = times[self.image].astype(np.float64), self.people @ times  # (D,), (A,)
        precision = np.full((*self.hit.shape[:2], len(RECALLS)), np.nan)
        recall = np.full(self.hit.shape[:2], np.nan)
        for (a, t), (counted, hits) in self._places.items():
            if people[a] > 0:
                precision[a, t], recall[a, t] = _curve(weight[counted], hits, people[a])
        return Curves(precision, recall)

    @cached_property
    def _places(self) -> dict[tuple[int, ...], tuple[np.ndarray, np.ndarray]]:
        """For each size and threshold, where the answers are that count, and where among these the hits."""
        return {
            at: (np.flatnonzero(self.counted[at]), np.flatnonzero(self.hit[at][self.counted[at]]))
            for at in np.ndindex(*self.hit.shape[:2])
        }


def _curve(weight: np.ndarray, hits: np.ndarray, people: float) -> tuple[np.ndarray, float]:
    """Precision (101,) and recall of answers that count with a weight (C,), hits (H,) being the rows of the right ones.

    Precision is the best at a recall or any higher one, so only its values at hits matter.
    """
    found = np.cumsum(weight[hits])
    precision = found / (np.cumsum(weight)[hits] + np.spacing(1))
    best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)  # 0 where a recall is never reached
    return best[np.searchsorted(found / people, RECALLS)], found[-1] / people if len(hits) else 0.0


def evaluate(labelled: Labelled, answered: Answered, sigmas: Sequence[float], order: np.ndarray) -> Any:
    """hotcoco's evaluation of the images, matched but not yet summed up.

    order: (I,) the images' numbers in their data set, ascending in which equal confidences are ranked.
    """
    with needs("eval", "OKS AP"):
        import hotcoco

    names = [f"keypoint {k}" for k in range(len(sigmas))]
    place = np.empty(len(order), np.int64)
    place[np.argsort(order, kind="stable")] = np.arange(len(order))
    common = {
        "images": [{"id": i, "width": 0, "height": 0, "file_name": ""} for i in range(len(order))],
        "categories": [{"id": 1, "name": "person", "keypoints": names, "skeleton": []}],
    }
    true, pred = hotcoco.COCO(), hotcoco.COCO()
    true.dataset = common | {"annotations": _label_rows(labelled, place)}
    pred.dataset = common | {"annotations": _answer_rows(answered, place)}
    evaluation = hotcoco.COCOeval(true, pred, "keypoints")
    evaluation.params.kpt_oks_sigmas = list(sigmas)
    evaluation.evaluate()
    return evaluation


def _label_rows(labelled: Labelled, place: np.ndarray) -> list[dict[str, Any]]:
    flags = is_known(labelled.xy)
    boxes = np.where(np.isfinite(labelled.boxes).all(-1)[:, None], labelled.boxes, FAR)
    columns = zip(
        place[labelled.image].tolist(),
        _triples(labelled.xy, flags, 0.0),
        flags.sum(1).tolist(),
        to_xywh(boxes).tolist(),
        labelled.area.tolist(),
        labelled.crowd.astype(int).tolist(),
        strict=True,
    )
    return [
        {"id": i, "image_id": image, "category_id": 1, "keypoints": keypoints, "num_keypoints": count, "bbox": box,
         "area": area, "iscrowd": crowd}
        for i, (image, keypoints, count, box, area, crowd) in enumerate(columns, 1)
    ]  # fmt: skip


def _answer_rows(answered: Answered, place: np.ndarray) -> list[dict[str, Any]]:
    columns = zip(
        place[answered.image].tolist(),
        _triples(answered.xy, is_known(answered.xy), FAR),
        answered.confidence.tolist(),
        answered.area.tolist(),
        strict=True,
    )
    return [
        {"id": i, "image_id": image, "category_id": 1, "keypoints": keypoints, "score": confidence, "area": area}
        for i, (image, keypoints, confidence, area) in enumerate(columns, 1)
    ]


def _triples(xy: np.ndarray, known: np.ndarray, elsewhere: float) -> list[list[float]]:
    """(M, K, 2), (M, K) -> M lists of x, y, 1 or 0."""
    triples = np.empty((*known.shape, 3))
    triples[..., :2], triples[..., 2] = xy, known
    triples[~known, :2] = elsewhere
    return triples.reshape(len(xy), 3 * known.shape[1]).tolist()


def read_curves(evaluation: Any) -> Curves:
    """hotcoco's own precision and recall."""
    evaluation.accumulate()
    precision = np.moveaxis(evaluation.eval["precision"][:, :, 0, :, 0], -1, 0)
    recall = np.moveaxis(evaluation.eval["recall"][:, 0, :, 0], -1, 0)
    return Curves(*(np.ascontiguousarray(np.where(found < 0, np.nan, found)) for found in (precision, recall)))


def read_matches(evaluation: Any, confidence: np.ndarray, order: np.ndarray) -> Matches:
    """hotcoco's matches of every image. confidence: (P,) and order: (I,) as they were given to `evaluate`."""
    sizes = _by_size(evaluation)
    matched, ignored = (np.stack([_flags(images, column) for images in sizes]) for column in ("dtMatches", "dtIgnore"))
    answers = [image["dtIds"] for image in sizes[0]]  # of all sizes, by confidence; numbered from 1
    place = np.repeat(np.array([image["image_id"] for image in sizes[0]], np.int64), [len(rows) for rows in answers])
    rank = np.argsort(-confidence[np.fromiter(chain.from_iterable(answers), np.int64) - 1], kind="stable")
    row = np.argsort(order, kind="stable")
    people = np.zeros((len(sizes), len(order)))
    for a, images in enumerate(sizes):
        for image in images:
            people[a, row[image["image_id"]]] = len(image["gtIgnore"]) - sum(image["gtIgnore"])
    return Matches(row[place][rank], (matched & ~ignored)[..., rank], ~ignored[..., rank], people)


def _by_size(evaluation: Any) -> list[list[dict[str, Any]]]:
    """hotcoco's images for all sizes, medium and large; images without people and answers are left out."""
    sizes: dict[tuple[float, ...], list[dict[str, Any]]] = {tuple(size): [] for size in evaluation.params.area_rng}
    for image in evaluation.eval_imgs:
        if image is not None:
            sizes[tuple(image["aRng"])].append(image)
    return list(sizes.values())


def _flags(images: Sequence[dict[str, Any]], column: str) -> np.ndarray:
    """A column of every image, thresholds by answers, side by side: (10, D) bool."""
    counts = np.array([len(image["dtIds"]) for image in images], np.int64)
    rows = chain.from_iterable(image[column] for image in images)
    flat = np.fromiter(chain.from_iterable(rows), np.int64).astype(bool)
    first = np.repeat(np.cumsum(counts) - counts, counts)  # answers before the image of each
    place = (THRESHOLDS - 1) * first + np.arange(len(first))  # in `flat`, at the first threshold
    return flat[place + np.arange(THRESHOLDS)[:, None] * np.repeat(counts, counts)]
