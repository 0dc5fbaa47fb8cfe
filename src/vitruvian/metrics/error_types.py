"""What kinds of errors answers make, and what they would score if one kind were mended.

Source: Ronchi and Perona, "Benchmarking and Error Diagnosis in Multi-Instance Pose Estimation", arXiv:1707.05388,
https://github.com/matteorr/coco-analyze. Every answer is matched with a labelled person first; then each of its points
is judged by its similarity with the keypoints it could have been meant for, at the scale of the matched person.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from vitruvian.errors import UnknownNameError
from vitruvian.metrics.oks import keypoint_similarity, oks
from vitruvian.metrics.oks_ap import check_keypoints, oks_ap, read_answered, read_labelled
from vitruvian.metrics.tally import Tally
from vitruvian.structures import Labels, Predictions, Skeleton

MATCHED = 0.1  # OKS from which an answer is taken to mean a person
NEAR, GOOD = 0.5, 0.85  # similarities of one keypoint


class ErrorKind(IntEnum):
    """What became of a keypoint.

    GOOD:      similarity 0.85 or more with its label.
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
    best:  (P,) float64, OKS with the labelled person it is most like, which its confidence ought to be; 0 for nobody.
    """

    label: np.ndarray
    kind: np.ndarray
    best: np.ndarray

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
        errors.best[rows] = alike.max(1)
        errors.label[rows[found]] = there[match[found]]
        errors.kind[rows[found]] = _kinds(xy[found], true, area, match[found], sigmas, mirror)
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


def _kinds(
    xy: np.ndarray, true: np.ndarray, area: np.ndarray, match: np.ndarray, sigmas: np.ndarray, mirror: np.ndarray
) -> np.ndarray:
    """Points (M, K, 2) of answers matched with the people match (M,) of true (N, K, 2) -> (M, K) kinds."""
    rows, scale = np.arange(len(match)), area[match][:, None]
    same = np.nan_to_num(keypoint_similarity(xy[:, None], true[None], scale, sigmas))  # (M, N, K)
    turned = np.nan_to_num(keypoint_similarity(xy[:, None], true[None, :, mirror], scale, sigmas))
    own = same[rows, match]  # (M, K)
    inverted = np.where(mirror == np.arange(len(mirror)), 0.0, turned[rows, match])
    others = np.maximum(same, turned)
    others[rows, match] = 0.0
    swapped = others.max(1)
    nearest = np.maximum(np.maximum(own, inverted), swapped)
    kind = np.select(
        [own >= GOOD, nearest < NEAR, own == nearest, inverted == nearest],
        [ErrorKind.GOOD, ErrorKind.MISS, ErrorKind.JITTER, ErrorKind.INVERSION],
        ErrorKind.SWAP,
    )
    return np.where(np.isfinite(true[match]).all(-1), kind, ErrorKind.NONE).astype(np.int8)


def mended(labels: Labels, predictions: Predictions, errors: Errors, kind: str) -> Predictions:
    """The predictions as they would be without one kind of error.

    kind: "jitter", "inversion", "swap" or "miss" puts those points where their labels are; "score" makes the confidence
    of each answer its OKS with the person it is most like, which is the best possible ranking.
    """
    if kind not in MENDABLE:
        raise UnknownNameError("kind of error", kind, MENDABLE)
    if kind == "score":
        return replace(predictions, confidence=errors.best)
    row, keypoint = np.nonzero(errors.kind == ErrorKind[kind.upper()])
    xy = predictions.xy.copy()
    xy[row, keypoint] = labels.xy[errors.label[row], keypoint]
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
