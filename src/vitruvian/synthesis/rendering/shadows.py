"""Where the sun does not come."""

import numpy as np
from numba import njit

from vitruvian.synthesis.rendering.raster import Map

GOLDEN_ANGLE = 2.399963  # radians
FIRST, TAPS = (
    6,
    12,
)  # cells of the map asked about each place: whether anything is in the way; how much of the sun it hides
WIDEST = 12.0  # cells, half of the widest edge of a shadow
USUAL_HEIGHT = 0.5  # metres, of what is in the way, over the place
SKIP = 0.8  # cells, by which a place is lifted along its normal, that surfaces do not shade themselves
ABOVE = 0.3  # cells, by which what hides the sun must be nearer to it
STEEP = 4.0  # of a surface seen from the light, at most, in that lifting


def disc(count: int) -> np.ndarray:
    """(count, 2) float64: points spread evenly over the unit disc, as the seeds of a sunflower are (Vogel 1979)."""
    far, angle = np.sqrt((np.arange(count) + 0.5) / count), np.arange(count) * GOLDEN_ANGLE
    return np.stack([far * np.cos(angle), far * np.sin(angle)], axis=1)


FIRST_DISC, DISC = disc(FIRST), disc(TAPS)


def sunlit(sky: Map, place: np.ndarray, normal: np.ndarray, spread: float) -> np.ndarray:
    """(n,) float32 in [0, 1]: how much of the sun each place (n, 3) sees; edges are as soft as the sun is wide.

    The width of an edge is that of Fernando's "Percentage-closer soft shadows" (2005): the mean height of what is in
    the way times the sun's size.
    """
    return _sunlit(sky, place, normal, float(np.tan(spread)), FIRST_DISC, DISC)


@njit(cache=True, error_model="numpy")
def _sunlit(
    sky: Map, place: np.ndarray, normal: np.ndarray, slope: float, first: np.ndarray, disc: np.ndarray
) -> np.ndarray:
    lit, turn, cell = np.ones(len(place), np.float32), sky.turn, sky.cell
    reach = min(max(slope * USUAL_HEIGHT / cell, 1.0), WIDEST)
    for n in range(len(place)):
        right, down, facing = _along(turn, normal[n, 0], normal[n, 1], normal[n, 2])
        if facing <= 0:
            lit[n] = 0
            continue
        x, y, z = _along(turn, place[n, 0], place[n, 1], place[n, 2])
        column = (x - sky.corner[0]) / cell + SKIP * right
        row = (y - sky.corner[1]) / cell + SKIP * down
        height = z + cell * (ABOVE + SKIP * facing)
        tilt_x, tilt_y = -cell * right / max(facing, 0.2), -cell * down / max(facing, 0.2)
        tilt_x, tilt_y = min(max(tilt_x, -STEEP * cell), STEEP * cell), min(max(tilt_y, -STEEP * cell), STEEP * cell)
        cosine, sine = np.cos(n * GOLDEN_ANGLE), np.sin(n * GOLDEN_ANGLE)
        dark, above = _asked(sky.nearest, column, row, height, tilt_x, tilt_y, reach * cosine, reach * sine, first)
        if dark > 0:
            radius = min(max(above / dark * slope / cell, 0.7), WIDEST)
            cosine, sine = radius * cosine, radius * sine
            dark, above = _asked(sky.nearest, column, row, height, tilt_x, tilt_y, cosine, sine, disc)
            lit[n] = 1 - dark / len(disc)
    return lit


@njit(cache=True)
def _along(turn: np.ndarray, x: float, y: float, z: float) -> tuple[float, float, float]:
    """A vector in the axes of the map."""
    return (
        turn[0, 0] * x + turn[0, 1] * y + turn[0, 2] * z,
        turn[1, 0] * x + turn[1, 1] * y + turn[1, 2] * z,
        turn[2, 0] * x + turn[2, 1] * y + turn[2, 2] * z,
    )


@njit(cache=True)
def _asked(
    nearest: np.ndarray,
    column: float,
    row: float,
    height: float,
    tilt_x: float,
    tilt_y: float,
    cosine: float,
    sine: float,
    disc: np.ndarray,
) -> tuple[int, float]:
    """How many cells of a turned disc have something above the plane, and the sum of how far above it is."""
    dark, above, last = 0, 0.0, len(nearest) - 1
    for tap in range(len(disc)):
        dx, dy = cosine * disc[tap, 0] - sine * disc[tap, 1], sine * disc[tap, 0] + cosine * disc[tap, 1]
        x, y = int(column + dx + 0.5), int(row + dy + 0.5)
        if 0 <= x <= last and 0 <= y <= last:
            over = nearest[y, x] - (height + tilt_x * dx + tilt_y * dy)
            if over > 0:
                dark += 1
                above += over
    return dark, above
