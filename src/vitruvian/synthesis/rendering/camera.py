"""A pinhole camera in the world of the scene."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Camera:
    """Sees the world's metres, z up, as pixels, (0, 0) being the centre of the top-left one.

    turn:   (3, 3) float64; its rows are the image's right, the image's down and the view's forward, in the world.
    place:  (3,) float64, where it is. focal: in pixels. size: (width, height); the view's axis is at its middle.
    """

    turn: np.ndarray
    place: np.ndarray
    focal: float
    size: tuple[int, int]

    @classmethod
    def at(cls, place: np.ndarray, target: np.ndarray, roll: float, focal: float, size: tuple[int, int]) -> "Camera":
        """From a place, looking at a target, the image's down turned by `roll` radians from the world's."""
        forward = np.asarray(target, np.float64) - place
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0.0, 0.0, 1.0) if abs(forward[2]) < 0.999 else (0.0, 1.0, 0.0))
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        cosine, sine = np.cos(roll), np.sin(roll)
        turn = np.stack([cosine * right + sine * down, cosine * down - sine * right, forward])
        return cls(turn, np.asarray(place, np.float64), focal, size)

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(..., 3) world -> (..., 2) pixels, and (...) depth in metres along the view; behind it the pixels are NaN."""
        seen = (points - self.place) @ self.turn.T
        depth = seen[..., 2]
        ahead = np.where(depth > 1e-6, depth, np.nan)[..., None]
        middle = (np.array(self.size) - 1) / 2
        return self.focal * seen[..., :2] / ahead + middle, depth
