"""OKS: how alike two poses are, from 0 to 1, measured by how well people agree on each keypoint."""

import numpy as np

from vitruvian.errors import ShapeError


def keypoint_similarity(pred: np.ndarray, true: np.ndarray, area: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    """How near each predicted keypoint is to its label: exp(-d² / (2 · area · (2σ)²)).

    pred, true: (..., K, 2) pixels; area: (...) px²; sigmas: (K,). What stands before K may be broadcast.
    Returns (..., K) in [0, 1]: 0 where the prediction is NaN, NaN where the label is or has no area.
    Source: https://cocodataset.org/#keypoints-eval.
    """
    squared = ((pred - true) ** 2).sum(-1)
    return _similarity(squared, np.isfinite(pred).all(-1), np.isfinite(true).all(-1), area, sigmas)


def oks(
    pred: np.ndarray, true: np.ndarray, area: np.ndarray, sigmas: np.ndarray, boxes: np.ndarray | None = None
) -> np.ndarray:
    """Object keypoint similarity of every prediction with every label: the mean over the labelled keypoints.

    pred: (P, K, 2) pixels, NaN where missing, which scores 0; true: (N, K, 2) pixels, NaN where unlabelled, which does
    not count; area: (N,) px²; sigmas: (K,).
    boxes: (N, 4) x0 y0 x1 y1. With them a label without any labelled keypoint is compared as COCO does it: by how far
    each predicted keypoint lies outside the box enlarged on every side by its own width and height.
    Returns (P, N) in [0, 1]; NaN for a label without a labelled keypoint, or without box where boxes are given.
    Source: https://cocodataset.org/#keypoints-eval.
    """
    _check(pred, true, area, sigmas, boxes)
    similarity = keypoint_similarity(pred[:, None], true[None], area, sigmas)  # (P, N, K)
    labelled = np.isfinite(true).all(-1)
    count = labelled.sum(-1)
    mean = np.where(labelled, similarity, 0.0).sum(-1) / np.where(count > 0, count, np.nan)
    if boxes is None:
        return mean
    return np.where(count > 0, mean, _oks_of_boxes(pred, boxes, area, sigmas))


def _oks_of_boxes(pred: np.ndarray, boxes: np.ndarray, area: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    """(P, K, 2), (N, 4) -> (P, N): the mean over all keypoints, by their distance to the enlarged box."""
    low, high = boxes[:, None, :2], boxes[:, None, 2:]  # (N, 1, 2)
    size = high - low
    points = pred[:, None]  # (P, 1, K, 2)
    outside = np.maximum(0, low - size - points) + np.maximum(0, points - high - size)  # (P, N, K, 2)
    known = np.isfinite(boxes).all(-1)[:, None]
    return _similarity((outside**2).sum(-1), np.isfinite(points).all(-1), known, area, sigmas).mean(-1)


def _similarity(
    squared: np.ndarray, answered: np.ndarray, known: np.ndarray, area: np.ndarray, sigmas: np.ndarray
) -> np.ndarray:
    """Squared distances (..., K) -> (..., K); the spacing is pycocotools': an area may be 0."""
    spread = 2 * (area[..., None] + np.spacing(1)) * (2 * np.asarray(sigmas)) ** 2
    near = np.where(answered, np.exp(-squared / spread), 0.0)
    return np.where(known & np.isfinite(spread), near, np.nan)


def _check(pred: np.ndarray, true: np.ndarray, area: np.ndarray, sigmas: np.ndarray, boxes: np.ndarray | None) -> None:
    people, keypoints = true.shape[:2] if true.ndim == 3 else (0, 0)
    wanted = true.shape == (people, keypoints, 2) and pred.shape == (len(pred), keypoints, 2)
    if not wanted or area.shape != (people,) or np.shape(sigmas) != (keypoints,):
        shapes = ", ".join(str(np.shape(array)) for array in (pred, true, area, sigmas))
        raise ShapeError(f"pred, true, area and sigmas must be (P, K, 2), (N, K, 2), (N,) and (K,), got {shapes}")
    if boxes is not None and boxes.shape != (people, 4):
        raise ShapeError(f"boxes must be ({people}, 4) to match true, got {boxes.shape}")
