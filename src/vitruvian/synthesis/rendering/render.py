"""From surfaces to a picture: z-buffer, colour only what is seen, shadows, and the background behind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from vitruvian.errors import ShapeError
from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.fragments import Fragments, fragments
from vitruvian.synthesis.rendering.ground import Floor, contact, darkened, floor_seen, near_floor
from vitruvian.synthesis.rendering.light import Falling, Light, falling, sky_turn
from vitruvian.synthesis.rendering.openness import openness
from vitruvian.synthesis.rendering.paint import finished
from vitruvian.synthesis.rendering.raster import Map, Mesh, extent, joined, lit_map, seen
from vitruvian.synthesis.rendering.shading import shaded
from vitruvian.synthesis.rendering.shadows import sunlit
from vitruvian.synthesis.rendering.surface import Surface

SHADOW_CELLS = 1.6  # on a side of the sun's map, for each pixel on the picture's longer side
FEWEST_CELLS = 192
LEVELS = 65535  # of linear light, in the table to sRGB
BESIDE = 0.3  # metres around what stands on the floor, in which it darkens it
LOWEST_SUN = 0.05  # sine: a lower one throws no shadow on the floor


@dataclass(frozen=True, eq=False)
class Picture:
    """image: (H, W, 3) uint8 sRGB. depth: (H, W) float32, metres along the view to the nearest thing in a pixel, inf
    where there is none. owner: (H, W) int16, whose that is, -1 where there is none."""

    image: np.ndarray
    depth: np.ndarray
    owner: np.ndarray


def render(
    surfaces: Sequence[Surface],
    camera: Camera,
    light: Light,
    background: np.ndarray,
    floor: float | None = None,
    samples: int = 2,
) -> Picture:
    """Surfaces before a background, in a light.

    background: (H, W, 3) uint8 sRGB of the camera's size. floor: the height of the floor in it, on which shadows fall,
    or None. samples: samples x samples points are looked at in each pixel.
    """
    if background.shape != (camera.size[1], camera.size[0], 3) or background.dtype != np.uint8:
        raise ShapeError(
            f"background must be uint8 ({camera.size[1]}, {camera.size[0]}, 3) for a camera of {camera.size}, "
            f"got {background.dtype} {background.shape}"
        )
    behind, mesh = TO_LINEAR[background], joined(surfaces)
    falls = falling(light, behind, camera)
    found, buffers = fragments(mesh, seen(mesh, camera, samples), camera, samples)
    covered = np.bincount(found.pixel, found.share, buffers.depth.size).astype(np.float32)
    ground = _floor(mesh, camera, floor, falls, covered)
    sky = _sky(mesh, falls, found, ground, max(FEWEST_CELLS, int(SHADOW_CELLS * max(camera.size))))
    opened = openness(found, buffers.depth, camera)
    if floor is not None:
        opened *= near_floor(found.place, found.normal, floor)
    lit = sunlit(sky, found.place, found.normal, light.spread)
    colours = shaded(
        found,
        finished(found.piece, found.pattern, found.colour, found.paint, mesh.paints),
        lit,
        opened,
        falls,
        camera.place,
    )
    left = _left(mesh, ground, floor, falls, sky, light.spread)
    image, things = background.copy(), (found.pixel, found.share, colours)
    _laid_over(image.reshape(-1, 3), behind.reshape(-1, 3), covered, (ground.pixel, left), things, TO_SRGB)
    return Picture(image, *buffers)


def _floor(mesh: Mesh, camera: Camera, floor: float | None, light: Falling, covered: np.ndarray) -> Floor:
    """The floor where something stands on it or may throw a shadow on it."""
    if floor is None or not len(mesh.points):
        return Floor(np.zeros((0, 3), np.float32), np.zeros(0, np.int64))
    low, high = extent(mesh.points, np.eye(3))
    low, high = low - BESIDE, high + BESIDE
    if light.sun[2] > LOWEST_SUN and light.sunlight.any():
        slant = light.sun[:2] / light.sun[2]  # where the sun throws a point: so far aside for each metre of height
        least, most = extent(mesh.points, np.array([(1, 0, -slant[0]), (0, 1, -slant[1])]))
        low, high = np.minimum(low, least + floor * slant), np.maximum(high, most + floor * slant)
    return floor_seen(camera, floor, low, high, covered)


def _sky(mesh: Mesh, light: Falling, found: Fragments, ground: Floor, cells: int) -> Map:
    """The sun's map of where shadows may fall on what is seen: no further than there are things that throw them."""
    turn = sky_turn(light.sun)
    throwing, things, floor = (extent(points, turn) for points in (mesh.points, found.place, ground.place))
    low = np.maximum(throwing[0], np.minimum(things[0], floor[0]))
    high = np.minimum(throwing[1], np.maximum(things[1], floor[1]))
    if not light.sunlight.any() or (low > high).any():
        return Map(turn, np.zeros(2), 1.0, np.full((1, 1), -np.inf, np.float32))
    return lit_map(mesh, turn, low, high, cells)


def _left(mesh: Mesh, ground: Floor, floor: float | None, light: Falling, sky: Map, spread: float) -> np.ndarray:
    """(m, 3) what is left of the floor's colour in the shadows on it."""
    if floor is None or not len(ground.pixel):
        return np.ones((0, 3), np.float32)
    up = np.tile(np.array([0, 0, 1], np.float32), (len(ground.pixel), 1))
    return darkened(light, sunlit(sky, ground.place, up, spread), contact(mesh, floor, ground.place))


@njit(cache=True)
def _laid_over(
    image: np.ndarray,
    behind: np.ndarray,
    covered: np.ndarray,
    floor: tuple[np.ndarray, np.ndarray],
    things: tuple[np.ndarray, np.ndarray, np.ndarray],
    to_srgb: np.ndarray,
) -> None:
    """Mix into the image (H * W, 3) uint8, in linear light; pixels that nothing touches stay as they are.

    behind: the image in linear light, (H * W, 3) float32, which is overwritten; floor: pixel (m,), what is left there
    (m, 3); things: pixel, share (n,), colour (n, 3).
    """
    touched = covered > 0
    for n, pixel in enumerate(floor[0]):
        touched[pixel] = True
        for i in range(3):
            behind[pixel, i] *= floor[1][n, i]
    for pixel in range(len(covered)):
        for i in range(3):
            behind[pixel, i] *= 1 - covered[pixel]
    for n, pixel in enumerate(things[0]):
        for i in range(3):
            behind[pixel, i] += things[1][n] * things[2][n, i]
    for pixel in range(len(covered)):
        if touched[pixel]:
            for i in range(3):
                image[pixel, i] = to_srgb[int(min(max(behind[pixel, i], 0.0), 1.0) * (len(to_srgb) - 1) + 0.5)]


def _to_linear(values: np.ndarray) -> np.ndarray:
    """sRGB in [0, 1] -> linear light (IEC 61966-2-1)."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _to_srgb(values: np.ndarray) -> np.ndarray:
    """The inverse of `_to_linear`."""
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


TO_LINEAR = _to_linear(np.arange(256) / 255).astype(np.float32)  # of an sRGB byte
TO_SRGB = np.rint(_to_srgb(np.arange(LEVELS + 1) / LEVELS) * 255).astype(np.uint8)  # of a linear level
