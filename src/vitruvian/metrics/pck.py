"""PCK: the percentage of correct keypoints."""

from collections.abc import Sequence

import numpy as np

from vitruvian.errors import ShapeError


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
