"""From joints in front of a camera to pixels."""

import numpy as np

from vitruvian.datasets.coco_layout import FARTHEST


def project(xyz: np.ndarray, focal: np.ndarray, principal: np.ndarray) -> np.ndarray:
    """xyz (..., 3) in the camera's frame, z forwards; focal and principal (..., 2) pixels -> (..., 2) pixels.

    The pinhole camera: focal · (x, y) / z + principal. NaN for what is not in front of the camera, or so near to its
    plane that it comes to lie beyond `FARTHEST`.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        depth = np.where(xyz[..., 2:] > 0, xyz[..., 2:], np.nan)
        xy = focal * xyz[..., :2] / depth + principal
        return np.where((np.abs(xy) <= FARTHEST).all(-1, keepdims=True), xy, np.nan)
