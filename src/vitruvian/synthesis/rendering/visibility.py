"""Which points of a scene a picture shows."""

import numpy as np

from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.render import Picture


def inside(points: np.ndarray, camera: Camera) -> np.ndarray:
    """(...) bool: whether points (..., 3) lie before the camera and within its picture."""
    xy, depth = camera.project(points)
    with np.errstate(invalid="ignore"):
        return (depth > 0) & (xy > -0.5).all(-1) & (xy < np.array(camera.size) - 0.5).all(-1)


def visible(
    points: np.ndarray, picture: Picture, camera: Camera, tolerance: np.ndarray | float, owner: int | None = None
) -> np.ndarray:
    """(K,) bool: whether nothing stands before points (K, 3); what lies outside the picture is not visible.

    tolerance: in metres, (K,) or one: how deep a point lies under the surface that it is marked on, as joints do. It
    holds for what `owner` owns; of others, anything before the point hides it. None: it holds for everything.
    """
    points = np.asarray(points)
    xy, depth = camera.project(points)
    seen = inside(points, camera)
    column, row = np.rint(np.where(seen[:, None], xy, 0)).astype(np.int64).T
    own = True if owner is None else picture.owner[row, column] == owner
    return seen & (depth <= picture.depth[row, column] + np.where(own, tolerance, 0.0))
