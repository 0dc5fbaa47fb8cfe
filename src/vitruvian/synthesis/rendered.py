"""A rendered picture and all that is known of it."""

from dataclasses import dataclass

import numpy as np

from vitruvian.errors import ShapeError

OUTSIDE, HIDDEN, SEEN = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Rendered:
    """N people (or hands, or faces) of K keypoints in a picture.

    image:   (H, W, 3) uint8 RGB.
    xy:      (N, K, 2) float32 image pixels; NaN outside the picture.
    xyz:     (N, K, 3) float32 metres from the camera: to the right, down, ahead; known outside the picture, too.
    visible: (N, K) uint8; 0 outside the picture, 1 hidden behind something, 2 seen.
    boxes:   (N, 4) float32 x0 y0 x1 y1, around all of each that lies in the picture.
    """

    image: np.ndarray
    xy: np.ndarray
    xyz: np.ndarray
    visible: np.ndarray
    boxes: np.ndarray

    def __post_init__(self) -> None:
        n, k = self.xy.shape[:2]
        for name, wanted in (("xyz", (n, k, 3)), ("visible", (n, k)), ("boxes", (n, 4))):
            if getattr(self, name).shape != wanted:
                raise ShapeError(f"{name} must be {wanted} to match xy, got {getattr(self, name).shape}")
