"""The colour of a piece of surface in a light."""

import numpy as np
from numba import njit

from vitruvian.synthesis.rendering.fragments import Fragments
from vitruvian.synthesis.rendering.light import Falling

MIRRORED = 0.1  # of the light, by a surface of gloss 1 that is seen straight on
GLOW = 0.12  # of the light, that comes out of skin beyond the edge of the shade, red (subsurface scattering, roughly)
GLOW_EDGE = 0.4  # cosine: how far from that edge it ends
BRIGHT = 0.75  # linear; what is brighter is pressed together, as film and cameras do


def shaded(
    found: Fragments, finish: np.ndarray, lit: np.ndarray, opened: np.ndarray, light: Falling, eye: np.ndarray
) -> np.ndarray:
    """(n, 3) float32 linear colours in [0, 1].

    finish: (n, 5) float32, what `painted` answers; lit: (n,) how much of the sun a place sees; opened: (n,) of the
    surroundings; eye: (3,) where the camera is.
    """
    return _shaded(found.place, found.normal, finish, lit, opened, light, np.asarray(eye, np.float64))


@njit(cache=True, fastmath=True, error_model="numpy")
def _shaded(
    place: np.ndarray,
    normal: np.ndarray,
    finish: np.ndarray,
    lit: np.ndarray,
    opened: np.ndarray,
    light: Falling,
    eye: np.ndarray,
) -> np.ndarray:
    found = np.empty(place.shape, np.float32)
    matt, shine, view, ray, power = np.empty(3), np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    for n in range(len(place)):
        _unit(eye, place[n], view)
        _around(matt, shine, normal[n], view, finish[n, 3], light.around, opened[n])
        for i in range(3):
            power[i] = light.sunlight[i] * lit[n]
        glow = _redness(finish[n]) * opened[n]
        _ray(matt, shine, normal[n], view, light.sun, power, finish[n], glow)
        for lamp in range(len(light.lamps)):
            far = _unit(light.lamps[lamp], place[n], ray)
            for i in range(3):
                power[i] = light.lamps[lamp, 3 + i] * opened[n] / max(far * far, 0.01)
            _ray(matt, shine, normal[n], view, ray, power, finish[n], glow)
        for i in range(3):
            found[n, i] = _pressed(matt[i] * finish[n, i] + shine[i])
    return found


@njit(cache=True, fastmath=True, error_model="numpy")
def _unit(there: np.ndarray, here: np.ndarray, found: np.ndarray) -> float:
    """Set `found` to the direction from here to there; how far that is."""
    x, y, z = there[0] - here[0], there[1] - here[1], there[2] - here[2]
    far = max(np.sqrt(x * x + y * y + z * z), 1e-9)
    found[0], found[1], found[2] = x / far, y / far, z / far
    return far


@njit(cache=True, fastmath=True, error_model="numpy")
def _dot(a: np.ndarray, b: np.ndarray) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@njit(cache=True, fastmath=True, error_model="numpy")
def _redness(finish: np.ndarray) -> float:
    """[0, 1]: 0 for greys and cold colours, about 1 for skin."""
    red, blue = finish[0], finish[2]
    return min(max(2.5 * (red - blue) / (red + blue + 1e-3), 0.0), 1.0)


@njit(cache=True, fastmath=True, error_model="numpy")
def _around(
    matt: np.ndarray,
    shine: np.ndarray,
    normal: np.ndarray,
    view: np.ndarray,
    gloss: float,
    around: np.ndarray,
    opened: float,
) -> None:
    """Set what a place receives from all around, and what it mirrors of it (Schlick's law)."""
    facing = _dot(normal, view)
    grazing = 1 - min(max(facing, 0.0), 1.0)
    mirrored = gloss * opened * (MIRRORED + (0.6 - MIRRORED) * grazing**5)
    x, y, z = (2 * facing * normal[0] - view[0], 2 * facing * normal[1] - view[1], 2 * facing * normal[2] - view[2])
    for i in range(3):
        least = 0.15 * around[0, i]
        received = around[0, i] + normal[0] * around[1, i] + normal[1] * around[2, i] + normal[2] * around[3, i]
        seen = around[0, i] + x * around[1, i] + y * around[2, i] + z * around[3, i]
        matt[i] = max(received, least) * opened
        shine[i] = max(seen, least) * mirrored


@njit(cache=True, fastmath=True, error_model="numpy")
def _ray(
    matt: np.ndarray,
    shine: np.ndarray,
    normal: np.ndarray,
    view: np.ndarray,
    ray: np.ndarray,
    power: np.ndarray,
    finish: np.ndarray,
    glow: float,
) -> None:
    """Add light from the direction `ray`: matt by Lambert, highlights by Blinn and Phong, normalised."""
    cosine = _dot(normal, ray)
    matt[0] += power[0] * glow * GLOW * max(1 - abs(cosine) / GLOW_EDGE, 0.0)
    if cosine <= 0:
        return
    gloss, sharpness, bright = finish[3], finish[4], 0.0
    if gloss > 0:
        x, y, z = ray[0] + view[0], ray[1] + view[1], ray[2] + view[2]
        along = (normal[0] * x + normal[1] * y + normal[2] * z) / np.sqrt(x * x + y * y + z * z + 1e-12)
        if along > 0:
            bright = gloss * MIRRORED * (sharpness + 8) / 8 * along**sharpness * cosine
    for i in range(3):
        matt[i] += power[i] * cosine
        shine[i] += power[i] * bright


@njit(cache=True, fastmath=True, error_model="numpy")
def _pressed(value: float) -> float:
    """Linear up to BRIGHT, then ever less, up to 1."""
    if value <= BRIGHT:
        return value
    over = (value - BRIGHT) / (1 - BRIGHT)
    return 1 - (1 - BRIGHT) / (1 + over)
