"""What kinds of errors answers make, and what they would score if one kind were mended.

Source: Ronchi and Perona, "Benchmarking and Error Diagnosis in Multi-Instance Pose Estimation", arXiv:1707.05388,
https://github.com/matteorr/coco-analyze. Every answer is matched with a labelled person first; then each of its points
is judged by its similarity with the keypoints it could have been meant for, each at the scale of the person it is of.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from vitruvian.errors import UnknownNameError, needs
from vitruvian.metrics.oks import keypoint_similarity, oks
from vitruvian.metrics.oks_ap import check_keypoints, oks_ap, read_answered, read_labelled
from vitruvian.metrics.tally import Tally
from vitruvian.structures import Labels, Predictions, Skeleton

MATCHED = 0.1  # OKS from which an answer is taken to mean a person
NEAR, GOOD = 0.5, 0.85  # similarities of one keypoint


class ErrorKind(IntEnum):
    """What became of a keypoint.

    GOOD:      nearest to its own label, similarity 0.85 or more.
    JITTER:    nearest to its own label, 0.5 to 0.85.
    INVERSION: nearest to the mirrored keypoint of the same person, 0.5 or more.
    SWAP:      nearest to that keypoint, or the mirrored one, of somebody else, 0.5 or more.
    MISS:      near none of them.
    NONE:      its answer means nobody, or it is not labelled.
    """

    NONE = -1
    GOOD = 0
    JITTER = 1
    INVERSION = 2
    SWAP = 3
    MISS = 4


MENDABLE = ("jitter", "inversion", "swap", "miss", "score")


@dataclass(frozen=True, eq=False)
class Errors:
    """The errors of P answers.

    label: (P,) int64, the row of the label that an answer means, -1 for none.
    kind:  (P, K) int8, a `ErrorKind` for each point.
    best:  (P,) float64, what the confidence of each answer ought to be (`_best_confidence`).
    rest:  (P, K) float64 pixels, how far from its label a point still is when it is mended (`_rest`).
    """

    label: np.ndarray
    kind: np.ndarray
    best: np.ndarray
    rest: np.ndarray

    def shares(self) -> dict[str, np.ndarray]:
        """The share of each kind in the labelled points of matched answers: "good", "jitter" ... -> (K + 1,).

        Each keypoint, then all together; NaN without any.
        """
        judged = _counts(self.kind != ErrorKind.NONE)
        return {
            kind.name.lower(): _counts(self.kind == kind) / np.where(judged > 0, judged, np.nan)
            for kind in ErrorKind
            if kind != ErrorKind.NONE
        }


def _counts(flags: np.ndarray) -> np.ndarray:
    return np.append(flags.sum(0), flags.sum())


def error_types(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> Errors:
    """What kind of error each point of each answer is.

    Answers are matched image by image, most confident first, each with the free person it is most like, at OKS 0.1 or
    more; crowds and people without a labelled keypoint are nobody. Raises as `oks_ap` does.
    """
    check_keypoints(labels, predictions, skeleton)
    labelled, answered = read_labelled(labels), read_answered(predictions, labels.images)
    people = np.flatnonzero(np.isfinite(labels.xy).all(-1).any(-1) & ~labels.crowd)
    errors = Errors(
        np.full(len(predictions), -1),
        np.full(answered.xy.shape[:2], ErrorKind.NONE, np.int8),
        np.zeros(len(predictions)),
        np.zeros(answered.xy.shape[:2]),
    )
    sigmas, mirror = np.array(skeleton.sigmas), np.array(skeleton.mirror)
    in_image = _rows_by_image(labelled.image[people], labels.images)
    for image, rows in enumerate(_rows_by_image(answered.image, labels.images)):
        there = people[in_image[image]]
        if not len(rows) or not len(there):
            continue
        xy, true, area = answered.xy[rows], labelled.xy[there], labelled.area[there]
        alike = oks(xy, true, area, sigmas)
        match = _match(alike, answered.confidence[rows])
        found = match >= 0
        errors.best[rows] = _best_confidence(alike)
        errors.label[rows[found]] = there[match[found]]
        kind, nearest = _kinds(xy[found], true, area, match[found], sigmas, mirror)
        errors.kind[rows[found]] = kind
        errors.rest[rows[found]] = _rest(kind, nearest, area[match[found]], sigmas)
    return errors


def _rows_by_image(image: np.ndarray, images: int) -> list[np.ndarray]:
    """The rows of each image: (P,) -> I arrays."""
    order = np.argsort(image, kind="stable")
    return np.split(order, np.searchsorted(image[order], np.arange(1, images)))


def _match(alike: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """(P, N) OKS, (P,) -> (P,) the person of each answer, -1 for none; no person twice."""
    match = np.full(len(alike), -1)
    free = alike.copy()
    for row in np.argsort(-confidence, kind="stable"):
        person = int(free[row].argmax())
        if free[row, person] >= MATCHED:
            match[row] = person
            free[:, person] = -1
    return match


def _best_confidence(alike: np.ndarray) -> np.ndarray:
    """(P, N) OKS -> (P,) the confidences that rank best: OKS where answers and people are paired so that its sum is
    largest, and 0 for the answers left over, such as the second one of a person. As coco-analyze has it.
    """
    with needs("eval", "mending confidences"):
        from scipy.optimize import linear_sum_assignment
    rows, people = linear_sum_assignment(alike, maximize=True)
    best = np.zeros(len(alike))
    best[rows] = alike[rows, people]
    return best


def _kinds(
    xy: np.ndarray, true: np.ndarray, area: np.ndarray, match: np.ndarray, sigmas: np.ndarray, mirror: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The kind of points (M, K, 2) of answers matched with the people match (M,) of true (N, K, 2): (M, K).

    And their similarity with what they are nearest to: (M, K).
    """
    rows = np.arange(len(match))
    same = np.nan_to_num(keypoint_similarity(xy[:, None], true[None], area[None], sigmas))  # (M, N, K)
    turned = np.nan_to_num(keypoint_similarity(xy[:, None], true[None, :, mirror], area[None], sigmas))
    own = same[rows, match]  # (M, K)
    inverted = np.where(mirror == np.arange(len(mirror)), 0.0, turned[rows, match])
    others = np.maximum(same, turned)
    others[rows, match] = 0.0
    nearest = np.maximum(np.maximum(own, inverted), others.max(1))
    kind = np.select(
        [nearest < NEAR, (own == nearest) & (own >= GOOD), own == nearest, inverted == nearest],
        [ErrorKind.MISS, ErrorKind.GOOD, ErrorKind.JITTER, ErrorKind.INVERSION],
        ErrorKind.SWAP,
    )
    return np.where(np.isfinite(true[match]).all(-1), kind, ErrorKind.NONE).astype(np.int8), nearest


def _rest(kind: np.ndarray, nearest: np.ndarray, area: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    """How far from its label coco-analyze leaves a mended point: (M, K) pixels; area: (M,) px², sigmas: (K,).

    sqrt(-2 · ln s · area) · σ, where s is 0.85 for jitter, 0.5 for a miss, and for inversions and swaps the similarity
    with what the point was taken for. That code has σ where similarities have 2σ, so what is left is half as far as s
    says; kept so that numbers compare.
    """
    like = np.select([kind == ErrorKind.JITTER, kind == ErrorKind.MISS], [GOOD, NEAR], nearest)
    return np.sqrt(-2 * np.log(np.maximum(like, NEAR)) * area[:, None]) * sigmas


def mended(labels: Labels, predictions: Predictions, errors: Errors, kind: str) -> Predictions:
    """The predictions as they would be without one kind of error.

    kind: "jitter", "inversion", "swap" or "miss" puts those points beside their labels, `Errors.rest` to the right, as
    coco-analyze does, so that a mended point is as good as its neighbours and no better; "score" gives every answer
    the confidence `Errors.best`.
    """
    if kind not in MENDABLE:
        raise UnknownNameError("kind of error", kind, MENDABLE)
    if kind == "score":
        return replace(predictions, confidence=errors.best)
    row, keypoint = np.nonzero(errors.kind == ErrorKind[kind.upper()])
    xy = predictions.xy.copy()
    xy[row, keypoint] = labels.xy[errors.label[row], keypoint]
    xy[row, keypoint, 0] += errors.rest[row, keypoint]
    return replace(predictions, xy=xy)


def mended_tallies(
    labels: Labels,
    predictions: Predictions,
    skeleton: Skeleton,
    scorer: Callable[[Labels, Predictions, Skeleton], Tally] = oks_ap,
) -> dict[str, Tally]:
    """The tally of a score if each kind of error were mended by itself: "jitter" ... "score" -> tally.

    `paired` with the tally of the predictions as they are tells how much each costs, with its interval.
    """
    errors = error_types(labels, predictions, skeleton)
    return {kind: scorer(labels, mended(labels, predictions, errors, kind), skeleton) for kind in MENDABLE}
