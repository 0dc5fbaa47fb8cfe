"""Simple bodies as triangles: blocks, turned profiles, balls, rings, tubes along a path."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

SHARP = np.cos(np.radians(40))  # corners of a profile sharper than this are edges, not curves


@dataclass(frozen=True, eq=False)
class Solid:
    """vertices: (V, 3) float32 metres; triangles: (F, 3) int32, counter-clockwise seen from outside.

    Where surfaces meet in an edge, each has vertices of its own.
    """

    vertices: np.ndarray
    triangles: np.ndarray

    def moved(self, place: Sequence[float] | np.ndarray = (0, 0, 0), turn: np.ndarray | None = None) -> "Solid":
        """Turned about the origin by a rotation matrix, then shifted."""
        turned = self.vertices if turn is None else self.vertices @ np.asarray(turn, np.float32).T
        return Solid((turned + np.asarray(place, np.float32)).astype(np.float32), self.triangles)

    def scaled(self, by: Sequence[float]) -> "Solid":
        """Stretched along the axes by positive factors."""
        return Solid(self.vertices * np.asarray(by, np.float32), self.triangles)


def joined(solids: Sequence[Solid]) -> Solid:
    """All of them as one."""
    starts = np.cumsum([0, *(len(solid.vertices) for solid in solids)])
    triangles = [solid.triangles + start for solid, start in zip(solids, starts, strict=False)]
    return Solid(np.concatenate([solid.vertices for solid in solids]), np.concatenate(triangles).astype(np.int32))


def block(size: Sequence[float]) -> Solid:
    """A cuboid about the origin. size: (3,) metres."""
    quads, corners = [], []
    for axis in range(3):
        for side in (-1, 1):
            u, v = (axis + 1) % 3, (axis + 2) % 3
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))[::side]:
                corner = np.zeros(3, np.float32)
                corner[[axis, u, v]] = side, a, b
                corners.append(corner)
            quads.append(len(corners) - 4 + np.arange(4))
    quad = np.array(quads)
    triangles = np.concatenate([quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]])
    return Solid(np.array(corners, np.float32) * (np.asarray(size, np.float32) / 2), triangles.astype(np.int32))


def turned(profile: Sequence[tuple[float, float]], sides: int = 16) -> Solid:
    """What a lathe makes: (radius, z) pairs from the bottom to the top, turned about z."""
    points = np.asarray(profile, np.float64)
    ways = np.diff(points, axis=0)
    ways /= np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-9)
    edges = np.flatnonzero((ways[1:] * ways[:-1]).sum(1) < SHARP) + 1
    strips = np.split(np.arange(len(points) - 1), edges)
    return joined([_strip(points[strip[0] : strip[-1] + 2], sides) for strip in strips])


def _strip(points: np.ndarray, sides: int) -> Solid:
    bearing = np.arange(sides) * 2 * np.pi / sides
    circle = np.stack([np.cos(bearing), np.sin(bearing), np.zeros(sides)], -1)
    rings = points[:, 0, None, None] * circle + points[:, 1, None, None] * (0, 0, 1)
    return Solid(rings.reshape(-1, 3).astype(np.float32), _grid(len(points), sides))


def _grid(rings: int, sides: int) -> np.ndarray:
    """Triangles between rings that follow one another, outward when the rings are counter-clockwise along the way."""
    at = np.arange(rings - 1)[:, None] * sides + np.arange(sides)
    beside = np.arange(rings - 1)[:, None] * sides + np.roll(np.arange(sides), -1)
    triangles = np.stack([at, beside, beside + sides, at, beside + sides, at + sides], -1)
    return triangles.reshape(-1, 3).astype(np.int32)


def ball(radius: float, sides: int = 16) -> Solid:
    """A sphere about the origin."""
    climb = np.linspace(-np.pi / 2, np.pi / 2, sides // 2 + 1)
    points = radius * np.stack([np.cos(climb), np.sin(climb)], -1)
    return _strip(np.maximum(points, (0, -radius)), sides)


def rod(low: Sequence[float], high: Sequence[float], radius: float, sides: int = 8) -> Solid:
    """A straight stick with flat ends between two points."""
    return rods(np.array([[low, high]]), radius, sides)


def rods(ends: np.ndarray, radius: float, sides: int = 8) -> Solid:
    """Straight sticks with flat ends. ends: (N, 2, 3) metres, the points between which each lies."""
    stick = _stick(sides)
    ways = np.asarray(ends[:, 1] - ends[:, 0], np.float64)
    lengths = np.linalg.norm(ways, axis=1)[:, None, None]
    sized = stick.vertices * np.concatenate([np.full_like(lengths, radius)] * 2 + [lengths], axis=-1)
    vertices = sized @ toward(ways).swapaxes(-1, -2) + ends[:, 0][:, None]
    starts = len(stick.vertices) * np.arange(len(ends))
    triangles = stick.triangles + starts[:, None, None]
    return Solid(vertices.reshape(-1, 3).astype(np.float32), triangles.reshape(-1, 3).astype(np.int32))


@cache
def _stick(sides: int) -> Solid:
    """One metre up from the origin, of radius 1."""
    return turned([(0, 0), (1, 0), (1, 1), (0, 1)], sides)


def tube(path: np.ndarray, radius: float | np.ndarray, sides: int = 8) -> Solid:
    """A hose along (P, 3) points, its ends open. radius: one, or (P,) of them."""
    return tubes(np.asarray(path)[None], radius, sides)


def tubes(paths: np.ndarray, radius: float | np.ndarray, sides: int = 8) -> Solid:
    """Hoses along (N, P, 3) points, their ends open. radius: one, or an array that fits (N, P)."""
    paths = np.asarray(paths, np.float64)
    count, points, _ = paths.shape
    frames = toward(np.gradient(paths, axis=1))
    for i in range(1, points):  # turn each as little as possible against the one before
        before, ahead = frames[:, i - 1, :, 0], frames[:, i, :, 2]
        aside = before - ahead * (before * ahead).sum(-1, keepdims=True)
        frames[:, i, :, 0] = aside / np.linalg.norm(aside, axis=-1, keepdims=True)
        frames[:, i, :, 1] = np.cross(ahead, frames[:, i, :, 0])
    bearing = np.arange(sides) * 2 * np.pi / sides
    circle = np.stack([np.cos(bearing), np.sin(bearing)], -1)
    wide = np.broadcast_to(radius, (count, points))[..., None, None]
    vertices = paths[:, :, None] + wide * (circle @ frames[..., :2].swapaxes(-1, -2))
    starts = points * sides * np.arange(count)[:, None, None]
    triangles = _grid(points, sides) + starts
    return Solid(vertices.reshape(-1, 3).astype(np.float32), triangles.reshape(-1, 3).astype(np.int32))


def ring(radius: float, thickness: float, sides: int = 24, around: int = 8) -> Solid:
    """A torus about z."""
    bearing, turn = (np.arange(count) * 2 * np.pi / count for count in (sides, around))
    out = radius + thickness * np.cos(turn)
    high = np.broadcast_to(thickness * np.sin(turn), (sides, around))
    vertices = np.stack([np.cos(bearing)[:, None] * out, np.sin(bearing)[:, None] * out, high], -1).reshape(-1, 3)
    return Solid(vertices.astype(np.float32), _grid(sides + 1, around)[:, ::-1] % len(vertices))


def toward(way: Sequence[float] | np.ndarray, beside: Sequence[float] | np.ndarray = (0.0, 0.0, 1.0)) -> np.ndarray:
    """(..., 3, 3): the rotations that take z to ways (..., 3), and y as near to `beside` as can be."""
    forward = np.asarray(way, np.float64)
    forward = forward / np.linalg.norm(forward, axis=-1, keepdims=True)
    side = np.cross(beside, forward)
    along = np.linalg.norm(side, axis=-1, keepdims=True) < 1e-3 * np.linalg.norm(beside)
    if along.any():  # any other way will do
        other = np.where(np.abs(forward[..., :1]) < 0.9, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
        side = np.where(along, np.cross(other, forward), side)
    side /= np.linalg.norm(side, axis=-1, keepdims=True)
    return np.stack([side, np.cross(forward, side), forward], axis=-1)
