"""Predictions of any system, read for the data set they were made for.

A COCO results list (https://cocodataset.org/#format-results), or one of the three files of `vitruvian predict`.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.image_names import row_finder
from vitruvian.errors import DataError
from vitruvian.geometry import from_xywh, to_xywh
from vitruvian.structures import Labels, Predictions, Skeleton

FORMS = (
    'a COCO results list, [{"image_id": 1, "keypoints": [x, y, score, ...], "score": 0.9}, ...], or a poses.json, '
    "poses.coco.json or poses.csv of vitruvian predict"
)
COLUMNS = ("file", "person", "keypoint", "x", "y", "score")
SAME = 0.51  # pixels that the sides of a box may be off and still be those of the labelled box; files are rounded

Key = TypeVar("Key")


@dataclass(frozen=True, eq=False)
class _Answer:
    """One instance. where: in the file; xy (K, 2), score (K,), box (4,) x0 y0 x1 y1; label: an id of the labels."""

    where: str
    image: int
    xy: np.ndarray
    score: np.ndarray
    confidence: float
    box: np.ndarray
    label: int | None = None


def read_predictions(path: Path, dataset: Dataset) -> Predictions:
    """The predictions in a file, one of `FORMS`, as those of the images of `dataset`.

    Images are found by id in a COCO results list, in the other files by name. An entry of a results list may say with
    "annotation_id" which label it answers. Without, it is the label that `answered` finds.

    Raises DataError, naming the file and the record, for anything else: another number of keypoints, an image that the
    data set does not have, a label answered twice, text where a number belongs.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); expected {FORMS}") from error
    try:
        answers = list(_answers(content, path.suffix.lower() == ".csv", dataset))
    except (msgspec.DecodeError, UnicodeDecodeError, csv.Error) as error:
        hint = "; NaN is no json, write null" if b"NaN" in content else ""
        raise DataError(f"{path} holds no predictions ({error}){hint}; expected {FORMS}") from error
    except (ValueError, LookupError) as error:
        raise DataError(f"{path}, {error.args[0]!s}") from error
    return _columns(answers, dataset, path)


def format_predictions(predictions: Predictions, labels: Labels) -> str:
    """The text of a COCO results list, an entry a line, with "annotation_id" where the label is known.

    `read_predictions` reads it to the last bit, but for boxes, which have a width there; unknown numbers are null.
    """
    encode = msgspec.json.Encoder().encode
    lines = [encode(_entry(predictions, labels, row)).decode() for row in range(len(predictions))]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _entry(predictions: Predictions, labels: Labels, row: int) -> dict[str, Any]:
    triples = np.column_stack([predictions.xy[row], predictions.score[row]])
    entry = {
        "image_id": int(labels.image_ids[predictions.image[row]]),
        "category_id": 1,
        "keypoints": triples.ravel().tolist(),
        "score": float(predictions.confidence[row]),
        "bbox": to_xywh(predictions.boxes[row]).tolist(),
    }
    if predictions.label is None:
        return entry
    return entry | {"annotation_id": int(labels.ids[predictions.label[row]])}


def answered(predictions: Predictions, labels: Labels) -> Predictions:
    """The predictions with the label that each answers, where that is plain; else unchanged, without `label`.

    It is plain where no image has more than one label and more than one prediction, and where every prediction has the
    box of one label, to half a pixel, that no other prediction has. Crowds are no labels here.
    """
    for find in (_only_label, _label_of_box):
        label = find(predictions, labels)
        if label is not None and len(np.unique(label)) == len(label):
            return replace(predictions, label=label)
    return predictions


def _only_label(predictions: Predictions, labels: Labels) -> np.ndarray | None:
    """(P,) the row of the one label in each prediction's image; None where an image has none, or several."""
    rows = np.flatnonzero(~labels.crowd)
    if (np.bincount(labels.image[rows], minlength=labels.images) > 1).any():
        return None
    of_image = np.full(labels.images, -1, np.int32)
    of_image[labels.image[rows]] = rows
    found = of_image[predictions.image]
    return found if (found >= 0).all() else None


def _label_of_box(predictions: Predictions, labels: Labels) -> np.ndarray | None:
    """(P,) the row of the label with each prediction's box; None where one has none, or several."""
    usual = np.flatnonzero(~labels.crowd)
    order = usual[np.argsort(labels.image[usual], kind="stable")]
    first = np.searchsorted(labels.image[order], np.arange(labels.images + 1))
    found = np.full(len(predictions), -1, np.int32)
    for row, (image, box) in enumerate(zip(predictions.image, predictions.boxes, strict=True)):
        rows = order[first[image] : first[image + 1]]
        same = rows[(np.abs(labels.boxes[rows] - box) < SAME).all(1)]
        if len(same) != 1:
            return None
        found[row] = same[0]
    return found


def _answers(content: bytes, is_csv: bool, dataset: Dataset) -> Iterator[_Answer]:
    if is_csv:
        return _from_csv(content.decode("utf-8-sig"), dataset)
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.lstrip()[:1] == b"[":
        return _from_results(msgspec.json.decode(content, type=list[_Result]), dataset)
    keys = msgspec.json.decode(content, type=dict[str, msgspec.Raw]).keys()
    if "annotations" in keys:
        return _from_coco(msgspec.json.decode(content, type=_Coco), dataset)
    return _from_poses(msgspec.json.decode(content, type=_Poses), dataset)


class _Result(msgspec.Struct):
    """An entry of a COCO results list; of whole bodies, with lists of their own for feet, face and hands.

    bbox: x, y, width, height; annotation_id: the label that is answered, our addition.
    """

    image_id: int
    keypoints: list[float | None]
    score: float
    foot_kpts: list[float | None] = []
    face_kpts: list[float | None] = []
    lefthand_kpts: list[float | None] = []
    righthand_kpts: list[float | None] = []
    bbox: list[float | None] | None = None
    annotation_id: int | None = None

    def numbers(self, keypoints: int) -> list[float | None]:
        """x, y, score of all; those of the body alone where that is how many keypoints are asked for."""
        if len(self.keypoints) == 3 * keypoints:
            return self.keypoints
        return self.keypoints + self.foot_kpts + self.face_kpts + self.lefthand_kpts + self.righthand_kpts


def _from_results(results: Sequence[_Result], dataset: Dataset) -> Iterator[_Answer]:
    row_of = {int(number): row for row, number in enumerate(dataset.labels.image_ids)}
    for number, result in enumerate(results):
        where = f"entry {number}, image_id {result.image_id}"
        image = _found(where, result.image_id, row_of.get, dataset)
        triples = _triples(where, result.numbers(len(dataset.skeleton)), dataset.skeleton)
        box = _box(where, result.bbox)
        yield _Answer(where, image, triples[:, :2], triples[:, 2], result.score, from_xywh(box), result.annotation_id)


class _CocoImage(msgspec.Struct):
    id: int
    file_name: str


class _CocoCategory(msgspec.Struct):
    keypoints: list[str] | None = None


class _CocoPerson(msgspec.Struct):
    image_id: int
    keypoints: list[float | None]
    keypoint_scores: list[float]
    score: float
    bbox: list[float | None] | None = None


class _Coco(msgspec.Struct):
    """A poses.coco.json of vitruvian predict."""

    images: list[_CocoImage]
    annotations: list[_CocoPerson]
    categories: list[_CocoCategory]


def _from_coco(content: _Coco, dataset: Dataset) -> Iterator[_Answer]:
    skeleton = dataset.skeleton
    for category in content.categories:
        _order("categories", category.keypoints or [], skeleton)
    find, names = row_finder(dataset.labels), {image.id: image.file_name for image in content.images}
    for number, person in enumerate(content.annotations):
        where = f"annotation {number}, image_id {person.image_id}"
        if person.image_id not in names:
            raise LookupError(f'{where}: there is no such image under "images"; write it there')
        image = _found(where, names[person.image_id], find, dataset)
        triples = _triples(where, person.keypoints, skeleton)
        if len(person.keypoint_scores) != len(skeleton):
            raise ValueError(f"{where} has {len(person.keypoint_scores)} keypoint_scores, expected {len(skeleton)}")
        xy = np.where(triples[:, 2:] > 0, triples[:, :2], np.nan)
        box = from_xywh(_box(where, person.bbox))
        yield _Answer(where, image, xy, np.array(person.keypoint_scores), person.score, box)


class _Point(msgspec.Struct):
    x: float | None
    y: float | None
    score: float | None


class _Person(msgspec.Struct):
    box: list[float | None]
    keypoints: dict[str, _Point]


class _Image(msgspec.Struct):
    file: str
    people: list[_Person]


class _Poses(msgspec.Struct):
    """A poses.json of vitruvian predict."""

    images: list[_Image]


def _from_poses(content: _Poses, dataset: Dataset) -> Iterator[_Answer]:
    find = row_finder(dataset.labels)
    for image in content.images:
        row = _found(image.file, image.file, find, dataset) if image.people else 0
        for number, person in enumerate(image.people):
            where = f"{image.file}, person {number}"
            order = _order(where, list(person.keypoints), dataset.skeleton)
            points = list(person.keypoints.values())
            values = np.array([[p.x, p.y, p.score] for p in points], np.float64)[order]
            yield _from_points(where, row, values, _box(where, person.box))


def _from_csv(text: str, dataset: Dataset) -> Iterator[_Answer]:
    table = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(table.fieldnames or ()) != COLUMNS:
        raise ValueError(f"line 1: expected the columns {','.join(COLUMNS)}, got {','.join(table.fieldnames or ())}")
    people: dict[tuple[str, str], dict[str, list[float]]] = {}
    for line in table:
        where = f"line {table.line_num}"
        if None in line or None in line.values():
            raise ValueError(f"{where}: expected {len(COLUMNS)} cells; is the line cut short?")
        points = people.setdefault((line["file"], line["person"]), {})
        if line["keypoint"] in points:
            raise ValueError(f"{where}: {line['keypoint']} of person {line['person']} is there twice; remove one")
        points[line["keypoint"]] = [_cell(where, line[column]) for column in ("x", "y", "score")]
    find = row_finder(dataset.labels)
    for (file, person), points in people.items():
        where = f"{file}, person {person}"
        order = _order(where, list(points), dataset.skeleton)
        values = np.array(list(points.values()))[order]
        yield _from_points(where, _found(where, file, find, dataset), values, np.full(4, np.nan))


def _from_points(where: str, image: int, values: np.ndarray, box: np.ndarray) -> _Answer:
    """values: (K, 3) x, y, score. Such files have no score of the whole; it is the mean of those of its points."""
    score = np.nan_to_num(values[:, 2])
    return _Answer(where, image, values[:, :2], score, float(score.mean()), box)


def _cell(where: str, text: str) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        raise ValueError(f'{where}: "{text}" is no number; expected one, or an empty cell') from None


def _found(where: str, key: Key, find: Callable[[Key], int | None], dataset: Dataset) -> int:
    """The row of the image that an id or a name means."""
    row = find(key)
    if row is None:
        raise LookupError(
            f"{where}: {dataset.name} has no image {key} among its {len(dataset)}; score the file on the data set it "
            f"was made for"
        )
    return row


def _triples(where: str, values: Sequence[float | None], skeleton: Skeleton) -> np.ndarray:
    """x, y, score of each keypoint as (K, 3); null is NaN."""
    if len(values) != 3 * len(skeleton):
        raise ValueError(
            f"{where} has {len(values)} numbers in keypoints, expected {3 * len(skeleton)}: x, y, score of each of the "
            f"{len(skeleton)} of {skeleton.name}; score it on data with the keypoints it was made for"
        )
    return np.array(values, np.float64).reshape(-1, 3)


def _box(where: str, values: Sequence[float | None] | None) -> np.ndarray:
    if values is None:
        return np.full(4, np.nan)
    if len(values) != 4:
        raise ValueError(f"{where}: a box has {len(values)} numbers, expected four")
    return np.array(values, np.float64)


def _order(where: str, names: list[str], skeleton: Skeleton) -> list[int]:
    """The place of each keypoint of the skeleton among `names`."""
    if sorted(names) != sorted(skeleton.names):
        odd = sorted(set(names) ^ set(skeleton.names))
        raise ValueError(
            f"{where} has {len(names)} keypoints, the data set the {len(skeleton)} of {skeleton.name}; only one of "
            f"them has {', '.join(odd[:3])}. Score it on data with the keypoints it was made for"
        )
    return [names.index(name) for name in skeleton.names]


def _columns(answers: Sequence[_Answer], dataset: Dataset, path: Path) -> Predictions:
    keypoints = len(dataset.skeleton)
    predictions = Predictions(
        image=np.array([one.image for one in answers], np.int32),
        xy=np.array([one.xy for one in answers], np.float64).reshape(-1, keypoints, 2),
        score=np.array([one.score for one in answers], np.float64).reshape(-1, keypoints),
        confidence=np.array([one.confidence for one in answers], np.float64),
        boxes=np.array([one.box for one in answers], np.float64).reshape(-1, 4),
    )
    if answers and all(one.label is not None for one in answers):
        return replace(predictions, label=_rows_of_labels(answers, dataset, path))
    return answered(predictions, dataset.labels)


def _rows_of_labels(answers: Sequence[_Answer], dataset: Dataset, path: Path) -> np.ndarray:
    labels = dataset.labels
    row_of = {int(number): row for row, number in enumerate(labels.ids)}
    taken: dict[int, str] = {}
    for one in answers:
        row = row_of.get(int(one.label or 0))
        if row is None or labels.image[row] != one.image:
            raise DataError(
                f"{path}, {one.where}: {dataset.name} has no annotation {one.label} in this image; leave annotation_id "
                f"out, or score the file on the data set it was made for"
            )
        if row in taken:
            raise DataError(f"{path}, {one.where} and {taken[row]} both answer annotation {one.label}; keep one")
        taken[row] = one.where
    return np.array(list(taken), np.int32)
