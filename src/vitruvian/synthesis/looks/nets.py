"""Nets of points as meshes, for what is fitted to a head or a back: tubes, domes, bags.

Each is vertices (V, 3) float32 in metres and triangles (F, 3) int32, counter-clockwise seen from outside.
"""

import numpy as np

Mesh = tuple[np.ndarray, np.ndarray]


def grid(points: np.ndarray, closed: bool = False) -> Mesh:
    """A net of points (R, C, 3), joined row to row; closed: the last column to the first as well.

    Seen from outside rows run down and columns to the right.
    """
    rows, columns = points.shape[:2]
    place = np.arange(rows * columns).reshape(rows, columns)
    if closed:
        place = np.concatenate([place, place[:, :1]], axis=1)
    a, b, c, d = place[:-1, :-1], place[:-1, 1:], place[1:, :-1], place[1:, 1:]
    triangles = np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)])
    return points.reshape(-1, 3).astype(np.float32), triangles.astype(np.int32)


def tube(path: np.ndarray, radii: np.ndarray | float, sides: int = 8) -> Mesh:
    """Around a path (n, 3), with one radius or one at each point, its ends open."""
    path = np.asarray(path, np.float64)
    ahead = np.gradient(path, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    helper = np.array([0.0, 0.0, 1.0]) if abs(ahead[:, 2]).max() < 0.9 else np.array([0.577, 0.577, -0.577])
    first = np.cross(ahead, helper)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(first, ahead)
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    around = np.cos(turn)[None, :, None] * first[:, None] + np.sin(turn)[None, :, None] * second[:, None]
    reach = np.broadcast_to(np.asarray(radii, np.float64), len(path))[:, None, None]
    return grid(path[:, None] + reach * around, closed=True)


def dome(middle: np.ndarray, half: np.ndarray, ends: np.ndarray, start: float = 0.0, rows: int = 9) -> Mesh:
    """An ellipsoid from its top, or `start` radians from it, down to `ends` (C,) radians from the top.

    Columns begin at the back (+y) and run over the person's left (+x) to the front (-y).
    """
    column = np.linspace(0, 2 * np.pi, len(ends), endpoint=False)
    down = start + np.linspace(0, 1, rows)[:, None] * (ends - start)[None]
    way = np.stack([np.sin(down) * np.sin(column), np.sin(down) * np.cos(column), np.cos(down)], axis=-1)
    return grid((middle + half * way)[:, ::-1], closed=True)


def bag(middle: np.ndarray, half: np.ndarray) -> Mesh:
    """A box with well rounded corners."""
    points, triangles = dome(np.zeros(3), np.ones(3), np.full(16, np.pi))
    bulged = np.sign(points) * np.abs(points) ** 0.45
    return (np.asarray(middle) + np.asarray(half) * bulged).astype(np.float32), triangles


def joined(*meshes: Mesh) -> Mesh:
    """Several as one."""
    starts = np.cumsum([0] + [len(vertices) for vertices, _ in meshes])
    triangles = [each + start for (_, each), start in zip(meshes, starts, strict=False)]
    return np.concatenate([vertices for vertices, _ in meshes]), np.concatenate(triangles).astype(np.int32)
