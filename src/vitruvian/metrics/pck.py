"""PCK: the percentage of correct keypoints."""

from collections.abc import Sequence

import numpy as np

from vitruvian.errors import ShapeError, SkeletonError
from vitruvian.metrics.one_by_one import one_by_one
from vitruvian.metrics.per_image import Column, MeanTally, of_joints, tally_means
from vitruvian.structures import Labels, Predictions, Skeleton

THRESHOLDS = (0.2,)


def distances(pred: np.ndarray, true: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """How far each prediction is from its label, in units of the person's scale.

    pred: (N, K, 2) pixels; true: (N, K, 2) pixels, NaN where unlabelled; scale: (N,) pixels, NaN or 0 where unusable.
    Returns (N, K): NaN where there is no label or no scale, which does not count; infinite where the label exists but
    the prediction is NaN, which counts as wrong.
    """
    if pred.shape != true.shape or scale.shape != true.shape[:1]:
        raise ShapeError(f"pred, true and scale must be (N, K, 2) twice and (N,), got {_shapes(pred, true, scale)}")
    unit = np.where(np.isfinite(scale) & (scale > 0), scale, np.nan)[:, None]
    distance = np.linalg.norm(pred - true, axis=-1) / unit
    missed = np.isfinite(true).all(-1) & ~np.isfinite(pred).all(-1) & np.isfinite(unit)
    return np.where(missed, np.inf, distance)


def _shapes(*arrays: np.ndarray) -> str:
    return ", ".join(str(array.shape) for array in arrays)


def pck(pred: np.ndarray, true: np.ndarray, scale: np.ndarray, threshold: float = 0.2) -> np.ndarray:
    """The share of labelled keypoints predicted within threshold · scale: (K + 1,), each joint, then all together.

    Arguments as for `distances`. NaN for a joint without a label. The last value is the mean over all labels, not
    over the joints. Source: Yang and Ramanan, "Articulated human detection with flexible mixtures of parts", 2013.
    """
    distance = distances(pred, true, scale)
    labelled = ~np.isnan(distance)
    correct = np.where(labelled, distance, np.inf) <= threshold
    counts = np.append(labelled.sum(0), labelled.sum())
    hits = np.append(correct.sum(0), correct.sum())
    return np.where(counts > 0, hits / np.maximum(counts, 1), np.nan)


def box_scale(boxes: np.ndarray) -> np.ndarray:
    """The longer side of each box: (N, 4) x0 y0 x1 y1 -> (N,) pixels."""
    return (boxes[:, 2:] - boxes[:, :2]).max(1)


def torso_scale(xy: np.ndarray, diagonals: Sequence[tuple[int, int]]) -> np.ndarray:
    """The longer of the two shoulder-to-opposite-hip diagonals of each person: (N, K, 2) -> (N,) pixels.

    One diagonal is enough. NaN where neither has both ends labelled, or where it has no length.
    """
    if not diagonals:
        return np.full(len(xy), np.nan)
    lengths = np.stack([np.linalg.norm(xy[:, a] - xy[:, b], axis=-1) for a, b in diagonals], axis=-1)
    longest = np.where(np.isnan(lengths), 0.0, lengths).max(-1)
    return np.where(longest > 0, longest, np.nan)


def torso_diagonals(skeleton: Skeleton) -> tuple[tuple[int, int], ...]:
    """The pairs (shoulder, opposite hip) of a skeleton; none for a skeleton without them."""
    pairs = (("left_shoulder", "right_hip"), ("right_shoulder", "left_hip"))
    return tuple(
        (skeleton.index(a), skeleton.index(b)) for a, b in pairs if a in skeleton.names and b in skeleton.names
    )


def hits(distance: np.ndarray, threshold: float) -> np.ndarray:
    """1 where a distance is at most the threshold, else 0; NaN where it is NaN, which does not count. Any shape."""
    return np.where(np.isnan(distance), np.nan, distance <= threshold)


def pck_tally(
    distance: np.ndarray, labels: Labels, skeleton: Skeleton, thresholds: Sequence[float] = THRESHOLDS
) -> MeanTally:
    """PCK, per joint too, of scaled distances (N, K) as `distances` gives them, for one threshold or several.

    "PCK@0.2" is the mean over all labels, "PCK@0.2 mean of joints" the mean of the joints' own, which is what MMPose
    reports as PCK, and "PCK@0.2 left_wrist" a joint's own; values in [0, 1].
    """
    columns: dict[str, Column] = {}
    for threshold in thresholds:
        name, right = f"PCK@{threshold:g}", hits(distance, threshold)
        joints = of_joints(name, skeleton.names, right)
        columns = {**columns, name: right, f"{name} mean of joints": list(joints), **joints}
    return tally_means(labels, columns)


def pck_box(
    labels: Labels, predictions: Predictions, skeleton: Skeleton, thresholds: Sequence[float] = THRESHOLDS
) -> MeanTally:
    """PCK in units of the longer side of the labelled box, compared label by label.

    A labelled keypoint without prediction is wrong; people without a box do not count, nor do crowds.
    """
    pred, true = one_by_one(labels, predictions)
    return pck_tally(distances(pred, true, box_scale(labels.boxes)), labels, skeleton, thresholds)


def pck_torso(
    labels: Labels, predictions: Predictions, skeleton: Skeleton, thresholds: Sequence[float] = THRESHOLDS
) -> MeanTally:
    """PCK in units of the longer shoulder-to-opposite-hip diagonal of the label, as LSP is scored.

    A labelled keypoint without prediction is wrong; people without a labelled diagonal do not count, nor do crowds.
    Raises SkeletonError for a skeleton without shoulders and hips.
    """
    diagonals = torso_diagonals(skeleton)
    if not diagonals:
        raise SkeletonError(
            f'skeleton "{skeleton.name}" has no shoulder and opposite hip, so no torso; score it by pck_box'
        )
    pred, true = one_by_one(labels, predictions)
    return pck_tally(distances(pred, true, torso_scale(true, diagonals)), labels, skeleton, thresholds)
