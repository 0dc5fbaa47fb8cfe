"""Mirroring left to right: the image, its points and its boxes."""

from collections.abc import Sequence

import numpy as np

from vitruvian.errors import ShapeError


def flip_points(xy: np.ndarray, width: int, mirror: Sequence[int]) -> np.ndarray:
    """The points of a mirrored image: (..., K, 2) -> (..., K, 2); left and right exchange their rows.

    Pixel x becomes width - 1 - x, exactly as the pixels of `image[:, ::-1]` do. NaN stays NaN.
    """
    if len(mirror) != xy.shape[-2]:
        raise ShapeError(f"mirror must have one index for each of the {xy.shape[-2]} points, got {len(mirror)}")
    flipped = xy[..., list(mirror), :].copy()
    flipped[..., 0] = width - 1 - flipped[..., 0]
    return flipped


def flip_boxes(boxes: np.ndarray, width: int) -> np.ndarray:
    """The boxes of a mirrored image: (..., 4) -> (..., 4), with pixel x becoming width - 1 - x."""
    flipped = boxes.copy()
    flipped[..., [0, 2]] = width - 1 - boxes[..., [2, 0]]
    return flipped
