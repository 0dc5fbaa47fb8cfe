"""A place without people: a room or the open, boxes in it, seen by casting one ray per pixel."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vitruvian.synthesis.places.materials import Colour, Material, limited, material
from vitruvian.synthesis.places.noise import chance, cloud, clouds, fast
from vitruvian.synthesis.rendering.camera import Camera

FAR = 1e4  # metres; what is farther is sky
PLASTER = Material()


@dataclass(frozen=True)
class View:
    """How the ground is seen. horizon: the row of the picture in which it would end, which may lie outside; focal: in
    pixels; height: of the eye above the ground, metres."""

    horizon: float
    focal: float
    height: float

    @classmethod
    def of(cls, camera: Camera, floor: float = 0.0) -> "View":
        """A camera's, above a floor. Its slope is taken for a shift of its lens, good to some 20 degrees."""
        level = camera.turn[2] * (1, 1, 0)
        (_, row), _ = camera.project(camera.place + 1e6 * level / np.linalg.norm(level))
        return cls(float(row), camera.focal, float(camera.place[2] - floor))

    def camera(self, size: tuple[int, int]) -> Camera:
        """One with this view of the ground z = 0 from above the origin, along y. size: (width, height)."""
        place = np.array([0.0, 0.0, self.height])
        slope = ((size[1] - 1) / 2 - self.horizon) / self.focal
        return Camera.at(place, place + np.array((0.0, 1.0, -slope)), 0.0, self.focal, size)


@dataclass(frozen=True)
class Box:
    """A block with upright sides. low, high: (3,) corners in metres: x to the right, y ahead, z up from the ground."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    sides: Material
    top: Material


@dataclass(frozen=True)
class Sky:
    """above, below: colours of its top and of the horizon; cover: of clouds, [0, 1]; skyline: how high hills, trees or
    houses stand over the horizon, as a tangent, 0 for none; ridge: their colour; steps: houses rather than hills."""

    above: Colour = (0.35, 0.55, 0.9)
    below: Colour = (0.8, 0.88, 0.95)
    cover: float = 0.4
    skyline: float = 0.0
    ridge: Colour = (0.2, 0.3, 0.18)
    steps: bool = False


@dataclass(frozen=True)
class Scenery:
    """What stands where. The eye is at (0, 0, height).

    ground, walls, ceiling: materials; walls: on the left, right, behind and ahead. room: (left, right, back, ahead,
    top) metres, FAR where it is open. turn: of everything about the eye, radians.
    light: brightness of what faces left, right, back, ahead, up and down. shade: strength of the sun's shadows, and
    sun: (3,) the way to it. haze: share of the sky's colour taken on within 100 metres. reflection: of a polished
    ground. lamp: (right, ahead, up) metres and how much brighter it makes what is near it than what is far away.
    """

    ground: Material
    room: tuple[float, float, float, float, float] = (-FAR, FAR, -FAR, FAR, FAR)
    walls: tuple[Material, Material, Material, Material] = (PLASTER, PLASTER, PLASTER, PLASTER)
    ceiling: Material = PLASTER
    boxes: Sequence[Box] = ()
    sky: Sky = field(default_factory=Sky)
    turn: float = 0.0
    light: tuple[float, float, float, float, float, float] = (0.8, 1.0, 0.9, 0.9, 1.0, 0.6)
    sun: tuple[float, float, float] = (0.5, -0.5, 0.7)
    shade: float = 0.0
    haze: float = 0.0
    reflection: float = 0.0
    lamp: tuple[float, float, float, float] = (0.0, 0.0, 3.0, 0.0)


def drawn(scenery: Scenery, view: View, size: tuple[int, int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The picture (H, W, 3) float32 in [0, 1] and the distance ahead (H, W) float32, metres. size: (width, height)."""
    corners = np.array([(*box.low, *box.high) for box in scenery.boxes], np.float64).reshape(-1, 6)
    materials = [scenery.ground, *scenery.walls, scenery.ceiling]
    materials += [one for box in scenery.boxes for one in (box.sides, box.top)]
    rows = np.array([one.row() for one in materials], np.float32)
    eye = np.array([view.horizon, view.focal, view.height, np.cos(scenery.turn), np.sin(scenery.turn)])
    faces, ahead = _cast(size[0], size[1], eye, np.array(scenery.room), corners, _extents(corners, eye, size))
    sky, sun = scenery.sky, np.array(scenery.sun) / np.linalg.norm(scenery.sun)
    air = np.array([*sky.above, *sky.below, sky.cover, sky.skyline, *sky.ridge, sky.steps])
    mood = np.array([*sun, scenery.shade, scenery.haze, scenery.reflection, *scenery.light, *scenery.lamp])
    return _shaded(faces, ahead, eye, rows, corners, air, mood, clouds(), seed), ahead


@fast
def _ray(x: int, y: int, width: int, eye: np.ndarray) -> tuple[float, float, float]:
    """The way of a pixel's ray, one metre ahead of the eye."""
    right, up = (x - 0.5 * (width - 1)) / eye[1], (eye[0] - y) / eye[1]
    return eye[3] * right - eye[4], eye[4] * right + eye[3], up


def _extents(corners: np.ndarray, eye: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(B, 4) int32: the columns and rows, first and one past the last, in which each box can be seen."""
    width, height = size
    pick = np.array([[a, b, c] for a in (0, 3) for b in (1, 4) for c in (2, 5)])
    x, y, z = np.moveaxis(corners[:, pick], -1, 0)  # (B, 8)
    right, away = eye[3] * x + eye[4] * y, np.maximum(eye[3] * y - eye[4] * x, 1e-9)
    column, row = (width - 1) / 2 + eye[1] * right / away, eye[0] - eye[1] * (z - eye[2]) / away
    edges = [column.min(1), column.max(1) + 2, row.min(1), row.max(1) + 2]
    found = np.stack(
        [np.clip(edge, 0, limit) for edge, limit in zip(edges, (width, width, height, height), strict=True)], 1
    )
    found[(away < 0.05).any(1)] = 0, width, 0, height
    return found.astype(np.int32)


@fast
def _cast(
    width: int, height: int, eye: np.ndarray, room: np.ndarray, corners: np.ndarray, extents: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What each pixel sees, and how far ahead.

    0 the ground, 1 to 4 walls, 5 the ceiling, -1 the sky; 6 + 4 b: a box's sides to the left and right, 7 + 4 b: its
    sides to the back and ahead, 8 + 4 b: its top, 9 + 4 b: its underside.
    """
    faces, ahead = np.empty((height, width), np.int32), np.empty((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            dx, dy, dz = _ray(x, y, width, eye)
            t, face = FAR, -1
            if dz < 0:
                t, face = min(-eye[2] / dz, FAR), 0
            elif dz > 0 and room[4] - eye[2] < t * dz:
                t, face = (room[4] - eye[2]) / dz, 5
            wall = room[0] if dx < 0 else room[1]
            if abs(wall) < t * abs(dx):
                t, face = wall / dx, 1 if dx < 0 else 2
            wall = room[2] if dy < 0 else room[3]
            if abs(wall) < t * abs(dy):
                t, face = wall / dy, 3 if dy < 0 else 4
            faces[y, x], ahead[y, x] = face, t
    for b in range(len(corners)):
        for y in range(extents[b, 2], extents[b, 3]):
            for x in range(extents[b, 0], extents[b, 1]):
                dx, dy, dz = _ray(x, y, width, eye)
                t, side = _entered(corners, b, 0.0, 0.0, eye[2], dx, dy, dz)
                if 0 < t < ahead[y, x]:
                    faces[y, x], ahead[y, x] = 6 + 4 * b + side, t
    return faces, ahead


@fast
def _entered(
    box: np.ndarray, b: int, px: float, py: float, pz: float, dx: float, dy: float, dz: float
) -> tuple[float, int]:
    """How far along a ray from p it enters box b, -1 if it does not; on which side: 0 x, 1 y, 2 top, 3 underside."""
    dx, dy, dz = dx + 1e-9, dy + 1e-9, dz + 1e-9  # never 0
    first, last = (box[b, 0] - px) / dx, (box[b, 3] - px) / dx
    near, far, side = min(first, last), max(first, last), 0
    first, last = (box[b, 1] - py) / dy, (box[b, 4] - py) / dy
    if min(first, last) > near:
        near, side = min(first, last), 1
    far = min(far, max(first, last))
    first, last = (box[b, 2] - pz) / dz, (box[b, 5] - pz) / dz
    if min(first, last) > near:
        near, side = min(first, last), 2 if dz < 0 else 3
    far = min(far, max(first, last))
    return (near, side) if near < far else (-1.0, side)


@fast
def _shaded(
    faces: np.ndarray,
    ahead: np.ndarray,
    eye: np.ndarray,
    rows: np.ndarray,
    corners: np.ndarray,
    air: np.ndarray,
    mood: np.ndarray,
    levels: np.ndarray,
    seed: int,
) -> np.ndarray:
    """The colours of what `_cast` found."""
    height, width = faces.shape
    picture, reached = np.empty((height, width, 3), np.float32), np.zeros((height // 2 + 1, width // 2 + 1), np.float32)
    for y in range(height):
        for x in range(width):
            dx, dy, dz = _ray(x, y, width, eye)
            face, t = faces[y, x], ahead[y, x]
            if face < 0 or t > 3000:
                _sky(picture, y, x, dx, dy, dz, eye[1], air, levels, seed)
                continue
            px, py, pz = t * dx, t * dy, eye[2] + t * dz
            row, axis, facing = _side(face, dx, dy)
            slant = max(abs(dx if axis == 0 else (dy if axis == 1 else dz)), 0.12)
            foot = t / eye[1] / slant
            u, v = (px, py) if axis == 2 else ((py, pz) if axis == 0 else (px, pz))
            red, green, blue = material(rows, row, levels, u, v, foot, seed + face)
            bright = mood[6 + facing]
            if axis == 2 and mood[5] > 0 and facing == 4:  # mirrors what is bright above
                mirrored = mood[5] * (0.3 + 0.7 * (1 - slant))
                red += (air[3] - red) * mirrored
                green += (air[4] - green) * mirrored
                blue += (air[5] - blue) * mirrored
            if (y & 1) + (x & 1) == 0 or faces[y & ~1, x & ~1] != face:  # light changes slowly: one in four is asked
                lit = _nearness(px, py, pz, axis, corners, mood) * _lamplight(px, py, pz, mood)
                if (y & 1) + (x & 1) == 0:
                    reached[y >> 1, x >> 1] = lit
            else:
                lit = reached[y >> 1, x >> 1]
            bright *= lit
            haze = mood[4] * limited(t / 100)
            for c, value in enumerate((red, green, blue)):
                picture[y, x, c] = value * bright + (air[3 + c] - value * bright) * haze
    return picture


@fast
def _side(face: int, dx: float, dy: float) -> tuple[int, int, int]:
    """The material's row, the axis that a face stands across, and which way it faces, as `Scenery.light` counts."""
    if face == 0:
        return 0, 2, 4
    if face == 5:
        return 5, 2, 5
    if face < 5:
        return face, 0 if face < 3 else 1, (1, 0, 3, 2)[face - 1]
    box, side = (face - 6) // 4, (face - 6) % 4
    if side < 2:
        facing = (0 if dx > 0 else 1) if side == 0 else (2 if dy > 0 else 3)
        return 6 + 2 * box, side, facing
    return 6 + 2 * box + (1 if side == 2 else 0), 2, 4 if side == 2 else 5


@fast
def _nearness(px: float, py: float, pz: float, axis: int, corners: np.ndarray, mood: np.ndarray) -> float:
    """How much light reaches a place: little where things meet, and where something stands in the sun's way."""
    bright = 1.0
    if axis != 2:
        bright *= 1 - 0.4 * np.exp(-max(pz, 0.0) / 0.25)
    lit = 1.0
    for b in range(len(corners)):
        if axis == 2 and pz < corners[b, 5]:
            aside = max(max(corners[b, 0] - px, px - corners[b, 3]), max(corners[b, 1] - py, py - corners[b, 4]))
            reach = 0.15 + 0.25 * (corners[b, 5] - corners[b, 2])
            if aside < 4 * reach:
                bright *= 1 - 0.35 * np.exp(-max(aside, 0.0) / reach) * np.exp(-max(corners[b, 2] - pz, 0.0) / 0.3)
        if mood[3] > 0 and lit > 0.5:
            hit, _ = _entered(corners, b, px, py, pz, mood[0], mood[1], mood[2])
            if hit > 1e-3:
                lit = 1 - mood[3]
    return bright * lit


@fast
def _lamplight(px: float, py: float, pz: float, mood: np.ndarray) -> float:
    off = (px - mood[12]) ** 2 + (py - mood[13]) ** 2 + (pz - mood[14]) ** 2
    return 1 + mood[15] * (2 / (1 + 0.15 * off) - 0.8)


@fast
def _sky(
    picture: np.ndarray,
    y: int,
    x: int,
    dx: float,
    dy: float,
    dz: float,
    focal: float,
    air: np.ndarray,
    levels: np.ndarray,
    seed: int,
) -> None:
    """Write the colour of the sky, or of what stands on the horizon."""
    bearing = np.arctan2(dx, dy)
    height = limited(dz * 1.3)
    if air[7] > 0:
        if air[11] > 0:
            block = np.floor(bearing * 14)
            ridge = air[7] * (0.6 + 0.5 * cloud(levels, block * 37.7 + seed, 5.5, 1.0))
        else:
            ridge = air[7] * (1 + 0.35 * cloud(levels, bearing * 90 + seed * 7, 3.0, 1.0))
            ridge += 0.1 * air[7] * cloud(levels, bearing * 1100, 9.0, 1100 / focal)
        edge = limited((ridge - dz) * focal + 0.5)
    else:
        edge = 0.0
    veil, lump = 0.0, 0.0
    if edge < 1:
        veil = cloud(levels, 60 * dx / (0.15 + max(dz, 0.0)) + seed, 60 * dy / (0.15 + max(dz, 0.0)), 1.0)
        veil = limited(0.5 * veil + 1.8 * air[6] - 0.9)
    if edge > 0:
        lump = cloud(levels, bearing * 300, dz * 300 + seed, 300 / focal)
        if air[11] > 0:
            lump = 0.3 * lump - 1.2 * (chance(int(bearing * 130), 3, seed) > 0.4) * (
                chance(5, int(dz * 110), seed) > 0.5
            )
        else:
            lump += cloud(levels, bearing * 1500, dz * 1500, 1500 / focal)
    for c in range(3):
        clear = air[3 + c] + (air[c] - air[3 + c]) * height
        clear += (0.94 - 0.18 * (1 - veil) - clear) * 0.85 * veil
        picture[y, x, c] = clear + (air[8 + c] * (1 + 0.3 * lump) - clear) * edge
