"""Boxes: x0 y0 x1 y1 in image pixels, as (N, 4) arrays."""

import numpy as np


def whole_image(image: np.ndarray) -> np.ndarray:
    """The box (1, 4) that encloses every pixel of an image (H, W, ...)."""
    height, width = image.shape[:2]
    return np.array([[-0.5, -0.5, width - 0.5, height - 0.5]], np.float32)


def around_points(xy: np.ndarray) -> np.ndarray:
    """The tight box of each person's known points: xy (N, K, 2), NaN where unknown -> (N, 4).

    NaN for a person with no known point.
    """
    known = np.isfinite(xy).all(-1, keepdims=True)
    low = np.where(known, xy, np.inf).min(1)
    high = np.where(known, xy, -np.inf).max(1)
    boxes = np.concatenate([low, high], axis=1).astype(np.float32)
    boxes[~known.any((1, 2))] = np.nan
    return boxes


def from_xywh(xywh: np.ndarray) -> np.ndarray:
    """(..., 4) as x, y, width, height, the order of COCO files -> (..., 4) as x0 y0 x1 y1."""
    return np.concatenate([xywh[..., :2], xywh[..., :2] + xywh[..., 2:]], axis=-1)


def to_xywh(boxes: np.ndarray) -> np.ndarray:
    """(..., 4) as x0 y0 x1 y1 -> (..., 4) as x, y, width, height; the inverse of `from_xywh`."""
    return np.concatenate([boxes[..., :2], boxes[..., 2:] - boxes[..., :2]], axis=-1)


def usable(boxes: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Which boxes (N, 4) show some of the image (H, W, ...): finite, with a size, and touching it. -> (N,) bool."""
    height, width = image.shape[:2]
    with np.errstate(invalid="ignore"):
        extended = (boxes[:, 2:] > boxes[:, :2]).all(1)
        touching = (boxes[:, 2:] > -0.5).all(1) & (boxes[:, :2] < [width - 0.5, height - 0.5]).all(1)
    return np.isfinite(boxes).all(1) & extended & touching
