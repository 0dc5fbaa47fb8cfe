"""How much boxes overlap: x0 y0 x1 y1, every box of (N, 4) with every box of (M, 4)."""

import numpy as np


def iou(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union: (N, 4), (M, 4) -> (N, M) in [0, 1]; 0 where both boxes are empty, NaN for NaN."""
    shared, union = _shared(first, second), _union(first, second)
    return np.where(union == 0, 0.0, shared / np.where(union == 0, 1.0, union))


def iof(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over the first box: (N, 4), (M, 4) -> (N, M) in [0, 1]; 0 where the first box is empty."""
    size = _area(first)[:, None]
    return np.where(size == 0, 0.0, _shared(first, second) / np.where(size == 0, 1.0, size))


def giou(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Generalised intersection over union: (N, 4), (M, 4) -> (N, M) in [-1, 1].

    IoU less the share of the smallest box around both that neither covers. Source: arXiv:1902.09630.
    """
    low = np.minimum(first[:, None, :2], second[None, :, :2])
    high = np.maximum(first[:, None, 2:], second[None, :, 2:])
    around = _extent(high - low)
    empty = around == 0
    return iou(first, second) - np.where(empty, 0.0, 1 - _union(first, second) / np.where(empty, 1.0, around))


def _shared(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(N, M) px² in both boxes."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    return _extent(high - low)


def _union(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(N, M) px² in either box."""
    return _area(first)[:, None] + _area(second) - _shared(first, second)


def _area(boxes: np.ndarray) -> np.ndarray:
    """(N,) px²; 0 for a box turned inside out."""
    return _extent(boxes[:, 2:] - boxes[:, :2])


def _extent(sides: np.ndarray) -> np.ndarray:
    """(..., 2) width and height -> (...) px²; 0 where one is negative."""
    return np.asarray(np.maximum(sides, 0.0).prod(-1))
