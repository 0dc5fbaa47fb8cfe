"""Corners, that see little of what is around."""

import numpy as np
from numba import njit

from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.fragments import Fragments
from vitruvian.synthesis.rendering.shadows import GOLDEN_ANGLE, disc

REACH = 0.25  # metres: what is further off hides nothing
WIDEST = 24.0  # pixels
DISC = disc(10)
SLACK = 0.15  # sine: what stands over the plane by less hides nothing
STRENGTH = 2.2  # found by eye
LEAST = 0.15  # that everything sees


def openness(found: Fragments, depth: np.ndarray, camera: Camera) -> np.ndarray:
    """(n,) float32 in [0, 1]: how much of what is around each fragment sees, as the depths of pixels near it tell.

    Each nearby place hides the more, the more it stands over the fragment's plane and the nearer it is (McGuire et al.
    2011, "The alchemy screen-space ambient obscurance algorithm").
    """
    return _openness(found, depth, camera.turn, camera.place, camera.focal, DISC)


@njit(cache=True, error_model="numpy")
def _openness(
    found: Fragments, depth: np.ndarray, turn: np.ndarray, eye: np.ndarray, focal: float, disc: np.ndarray
) -> np.ndarray:
    height, width = depth.shape
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    opened = np.empty(len(found.pixel), np.float32)
    for n in range(len(opened)):
        x, y, z = found.normal[n, 0], found.normal[n, 1], found.normal[n, 2]
        nx = turn[0, 0] * x + turn[0, 1] * y + turn[0, 2] * z
        ny = turn[1, 0] * x + turn[1, 1] * y + turn[1, 2] * z
        nz = turn[2, 0] * x + turn[2, 1] * y + turn[2, 2] * z
        away = 0.0
        for i in range(3):
            away += turn[2, i] * (found.place[n, i] - eye[i])
        row, column = found.pixel[n] // width, found.pixel[n] % width
        own_x, own_y = (column - middle_x) / focal * away, (row - middle_y) / focal * away
        radius, hidden = min(focal * REACH / away, WIDEST), 0.0
        cosine, sine = radius * np.cos(n * GOLDEN_ANGLE), radius * np.sin(n * GOLDEN_ANGLE)
        for tap in range(len(disc)):
            right = int(column + cosine * disc[tap, 0] - sine * disc[tap, 1] + 0.5)
            down = int(row + sine * disc[tap, 0] + cosine * disc[tap, 1] + 0.5)
            if not (0 <= right < width and 0 <= down < height) or abs(depth[down, right] - away) > REACH:
                continue
            far_x = (right - middle_x) / focal * depth[down, right] - own_x
            far_y = (down - middle_y) / focal * depth[down, right] - own_y
            far_z = depth[down, right] - away
            squared = far_x * far_x + far_y * far_y + far_z * far_z + 1e-8
            over = (far_x * nx + far_y * ny + far_z * nz) / np.sqrt(squared) - SLACK
            if over > 0 and squared < REACH * REACH:
                hidden += over * (1 - squared / (REACH * REACH))
        opened[n] = max(1 - STRENGTH * hidden / len(disc), LEAST)
    return opened
