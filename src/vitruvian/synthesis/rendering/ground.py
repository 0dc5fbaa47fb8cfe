"""The floor that people stand on: it belongs to the background, but shadows fall on it."""

from typing import NamedTuple

import cv2
import numpy as np
from numba import njit

from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.light import Falling
from vitruvian.synthesis.rendering.raster import Mesh, extent, lit_map

UP = np.array([[1.0, 0, 0], [0, -1.0, 0], [0, 0, -1.0]])  # rows of a map of what stands on the floor, seen from below
CELLS = 64  # of that map, on a side
NEAR_FLOOR = 0.4  # metres: what hangs higher does not darken the floor
CONTACT = 0.1  # metres: the height at which what is over the floor hides 1/e of what it hides when it touches it
DARKEST = 0.75  # of what is around, that can be hidden


class Floor(NamedTuple):
    """Pixels that show the floor near what stands on it.

    place: (m, 3) float32, in the world; pixel: (m,) int64, row * width + column.
    """

    place: np.ndarray
    pixel: np.ndarray


def floor_seen(camera: Camera, height: float, low: np.ndarray, high: np.ndarray, covered: np.ndarray) -> Floor:
    """The floor z = `height` between low and high (2,), in pixels that are not wholly `covered` (H * W,)."""
    return Floor(*_floor_seen(camera.turn, camera.place, camera.focal, camera.size[0], height, low, high, covered))


@njit(cache=True)
def _floor_seen(
    turn: np.ndarray,
    eye: np.ndarray,
    focal: float,
    width: int,
    height: float,
    low: np.ndarray,
    high: np.ndarray,
    covered: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    place, pixel, count = np.empty((len(covered), 3), np.float32), np.empty(len(covered), np.int64), 0
    rows = len(covered) // width
    for n in range(len(covered)):
        x, y = (n % width - (width - 1) / 2) / focal, (n // width - (rows - 1) / 2) / focal
        down = x * turn[0, 2] + y * turn[1, 2] + turn[2, 2]
        if covered[n] > 0.999 or down * (height - eye[2]) <= 0:
            continue
        far = (height - eye[2]) / down
        across = eye[0] + far * (x * turn[0, 0] + y * turn[1, 0] + turn[2, 0])
        along = eye[1] + far * (x * turn[0, 1] + y * turn[1, 1] + turn[2, 1])
        if low[0] < across < high[0] and low[1] < along < high[1]:
            place[count, 0], place[count, 1], place[count, 2], pixel[count] = across, along, height, n
            count += 1
    return place[:count], pixel[:count]


def contact(mesh: Mesh, height: float, place: np.ndarray) -> np.ndarray:
    """(m,) float32 in [1 - DARKEST, 1]: how much of what is around the floor sees, at places under and near things."""
    kept = _low_faces(mesh.points, mesh.triangles, height + NEAR_FLOOR)
    if not len(kept):
        return np.ones(len(place), np.float32)
    low, high = extent(mesh.points[mesh.triangles[kept].ravel()], UP)
    standing = mesh._replace(triangles=mesh.triangles[kept], thin=mesh.thin[kept])
    below = lit_map(standing, UP, low - 3 * CONTACT, high + 3 * CONTACT, CELLS)
    hidden = np.exp((below.nearest + height) / CONTACT).clip(0, 1)  # nearest is -z
    width = CONTACT / below.cell
    soft = (cv2.GaussianBlur(hidden, (0, 0), 0.4 * width) + cv2.GaussianBlur(hidden, (0, 0), width)) / 2
    return 1 - DARKEST * _read(below.corner, below.cell, soft, place)


@njit(cache=True)
def _low_faces(points: np.ndarray, triangles: np.ndarray, height: float) -> np.ndarray:
    """The rows of triangles that have a corner that is lower."""
    kept, count = np.empty(len(triangles), np.int64), 0
    for f in range(len(triangles)):
        if min(points[triangles[f, 0], 2], points[triangles[f, 1], 2], points[triangles[f, 2], 2]) < height:
            kept[count] = f
            count += 1
    return kept[:count]


@njit(cache=True)
def _read(corner: np.ndarray, cell: float, values: np.ndarray, place: np.ndarray) -> np.ndarray:
    """(m,) values of the cells, seen from below, that places lie in; 0 outside the map."""
    found, last = np.zeros(len(place), np.float32), len(values) - 1
    for n in range(len(place)):
        column, row = int((place[n, 0] - corner[0]) / cell + 0.5), int((-place[n, 1] - corner[1]) / cell + 0.5)
        if 0 <= column <= last and 0 <= row <= last:
            found[n] = values[row, column]
    return found


def darkened(light: Falling, lit: np.ndarray, opened: np.ndarray) -> np.ndarray:
    """(m, 3) in [0, 1]: what is left of the floor's colour where it sees `lit` of the sun, `opened` of the rest."""
    around, sun = light.around[0] + light.around[3], light.sunlight * max(light.sun[2], 0.0)
    left = around * opened[:, None] + sun * lit[:, None]
    return (left / np.maximum(around + sun, 1e-6)).astype(np.float32)


def near_floor(place: np.ndarray, normal: np.ndarray, height: float) -> np.ndarray:
    """(n,) in [1 - DARKEST, 1]: how much of what is around places see, as the floor below them lies in shade."""
    close = np.exp(np.minimum(height - place[:, 2], 0) / CONTACT)
    return 1 - (0.5 * DARKEST) * close * (1 - normal[:, 2])
