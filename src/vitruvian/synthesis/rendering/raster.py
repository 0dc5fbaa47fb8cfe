"""Which triangle is seen where: a z-buffer for a camera, and for a light that shines straight on.

Nearness grows towards the viewer: 1 / depth for a camera, metres towards the light for a light. Both change evenly over
the picture of a flat triangle, so one routine fills both.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.surface import Surface

NEAR = 0.05  # metres; what is nearer to the camera is cut off
ROUNDING = 1e-3  # cells; the ends of rows are settled by the sides of edges, not by where rows cut them


class Mesh(NamedTuple):
    """Surfaces as one: only the vertices that triangles use.

    points, pattern, colour: (V, 3) float32; triangles: (F, 3) int32; paint: (F,) int32 rows of paints (P, Q) float32;
    owner: (F,) int16; thin: (F,) bool, drawn from both sides.
    """

    points: np.ndarray
    pattern: np.ndarray
    colour: np.ndarray
    triangles: np.ndarray
    paint: np.ndarray
    paints: np.ndarray
    owner: np.ndarray
    thin: np.ndarray


class Seen(NamedTuple):
    """A z-buffer. nearest: (H, W) float32 nearness; names: (H, W) int32, the triangle seen, -1 where none is;
    points: (V, 3) float64, the mesh's in the camera's axes."""

    nearest: np.ndarray
    names: np.ndarray
    points: np.ndarray


def joined(surfaces: Sequence[Surface]) -> Mesh:
    """All surfaces as one mesh."""
    vertices, faces = sum(len(one.vertices) for one in surfaces), sum(len(one.triangles) for one in surfaces)
    points, pattern, colour = (np.empty((vertices, 3), np.float32) for _ in range(3))
    triangles, paint = np.empty((faces, 3), np.int32), np.empty(faces, np.int32)
    owner, thin = np.empty(faces, np.int16), np.empty(faces, np.bool_)
    rows: list[np.ndarray] = []
    vertex = face = 0
    for one in surfaces:
        part = slice(face, face + len(one.triangles))
        np.add(one.paint, len(rows), out=paint[part], casting="unsafe")
        owner[part], thin[part] = one.owner, one.thin
        sources = (_plain(one.vertices), _plain(one.pattern), _plain(one.colour))
        vertex = _gather(one.triangles, *sources, vertex, triangles[part], points, pattern, colour)
        rows += [paint.row() for paint in one.paints]
        face = part.stop
    paints = np.stack(rows) if rows else np.zeros((0, 1), np.float32)
    return Mesh(points[:vertex], pattern[:vertex], colour[:vertex], triangles, paint, paints, owner, thin)


def _plain(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, np.float32)


@njit(cache=True)
def _gather(
    faces: np.ndarray,
    vertices: np.ndarray,
    patterns: np.ndarray,
    colours: np.ndarray,
    start: int,
    triangles: np.ndarray,
    points: np.ndarray,
    pattern: np.ndarray,
    colour: np.ndarray,
) -> int:
    """Append the vertices that `faces` use to the last three arrays from row `start` on; where the next ones go."""
    rows = np.full(len(vertices), -1, np.int32)
    for f in range(len(faces)):
        for corner in range(3):
            vertex = faces[f, corner]
            if rows[vertex] < 0:
                rows[vertex] = start
                for i in range(3):
                    points[start, i] = vertices[vertex, i]
                    pattern[start, i] = patterns[vertex, i]
                    colour[start, i] = colours[vertex, i]
                start += 1
            triangles[f, corner] = rows[vertex]
    return start


@njit(cache=True, fastmath=True)
def smooth_normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(V, 3) float32: the normals of the triangles around each vertex, weighted by their areas; not of unit length."""
    normals = np.zeros_like(points)
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
        vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
        x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for vertex in (a, b, c):
            normals[vertex, 0] += x
            normals[vertex, 1] += y
            normals[vertex, 2] += z
    return normals


def seen(mesh: Mesh, camera: Camera, samples: int = 1) -> Seen:
    """What a camera sees, at samples x samples points in each pixel."""
    width, height = (side * samples for side in camera.size)
    nearest, names = np.zeros((height, width), np.float32), np.full((height, width), -1, np.int32)
    points, screen = _projected(mesh.points, camera.turn, camera.place, camera.focal * samples, width, height)
    lens = np.array([camera.focal * samples, (width - 1) / 2, (height - 1) / 2])
    _draw(screen, points, mesh.triangles, mesh.thin, lens, nearest, names)
    return Seen(nearest, names, points)


@njit(cache=True)
def _projected(
    points: np.ndarray, turn: np.ndarray, place: np.ndarray, focal: float, width: int, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """(V, 3) float64 in the camera's axes, and as column, row and nearness, which is 0 for what is nearer than NEAR."""
    found, screen = np.empty(points.shape, np.float64), np.empty(points.shape, np.float64)
    for v in range(len(points)):
        x, y, z = points[v, 0] - place[0], points[v, 1] - place[1], points[v, 2] - place[2]
        for i in range(3):
            found[v, i] = turn[i, 0] * x + turn[i, 1] * y + turn[i, 2] * z
        nearness = 1 / found[v, 2] if found[v, 2] > NEAR else 0.0
        screen[v, 0] = focal * found[v, 0] * nearness + (width - 1) / 2
        screen[v, 1] = focal * found[v, 1] * nearness + (height - 1) / 2
        screen[v, 2] = nearness
    return found, screen


@njit(cache=True)
def _draw(
    screen: np.ndarray,
    points: np.ndarray,
    triangles: np.ndarray,
    thin: np.ndarray,
    lens: np.ndarray,
    nearest: np.ndarray,
    names: np.ndarray,
) -> None:
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        ahead = (screen[a, 2] > 0) + (screen[b, 2] > 0) + (screen[c, 2] > 0)
        if ahead == 3:
            area = _area(screen, a, b, c)
            if area < 0 or thin[f]:
                _fill(screen, a, b, c, area, f, nearest, names)
        elif ahead > 0 and (thin[f] or _faces(points, a, b, c)):
            cut = _cut(points, a, b, c, lens)
            for corner in range(1, len(cut) - 1):
                _fill(cut, 0, corner, corner + 1, _area(cut, 0, corner, corner + 1), f, nearest, names)


@njit(cache=True)
def _area(at: np.ndarray, a: int, b: int, c: int) -> float:
    """Twice the area on the picture; negative when the corners go counter-clockwise as one looks at them."""
    return (at[b, 0] - at[a, 0]) * (at[c, 1] - at[a, 1]) - (at[c, 0] - at[a, 0]) * (at[b, 1] - at[a, 1])


@njit(cache=True)
def _faces(at: np.ndarray, a: int, b: int, c: int) -> bool:
    """Whether the front of a triangle in the camera's axes is turned to the camera: a . (b x c) < 0."""
    x = at[b, 1] * at[c, 2] - at[b, 2] * at[c, 1]
    y = at[b, 2] * at[c, 0] - at[b, 0] * at[c, 2]
    z = at[b, 0] * at[c, 1] - at[b, 1] * at[c, 0]
    return at[a, 0] * x + at[a, 1] * y + at[a, 2] * z < 0


@njit(cache=True)
def _cut(points: np.ndarray, a: int, b: int, c: int, lens: np.ndarray) -> np.ndarray:
    """(3 or 4, 3) the part of a triangle beyond NEAR, as column, row and nearness."""
    found, count = np.empty((4, 3), np.float64), 0
    for here, there in ((a, b), (b, c), (c, a)):
        depth, next_depth = points[here, 2], points[there, 2]
        if depth > NEAR:
            found[count, 0], found[count, 1], found[count, 2] = points[here, 0], points[here, 1], depth
            count += 1
        if (depth > NEAR) != (next_depth > NEAR):
            far = (NEAR - depth) / (next_depth - depth)
            for i in range(3):
                found[count, i] = points[here, i] + far * (points[there, i] - points[here, i])
            count += 1
    for i in range(count):
        nearness = 1 / found[i, 2]
        found[i, 0] = lens[0] * found[i, 0] * nearness + lens[1]
        found[i, 1] = lens[0] * found[i, 1] * nearness + lens[2]
        found[i, 2] = nearness
    return found[:count]


@njit(cache=True, error_model="numpy")
def _fill(
    at: np.ndarray, a: int, b: int, c: int, area: float, name: int, nearest: np.ndarray, names: np.ndarray
) -> None:
    """Write a triangle into the cells whose centres it covers and where nothing is nearer.

    An edge's line has the same numbers, but for the sign, in both triangles that share it: so no cell falls between.
    """
    ax, ay, bx, by, cx, cy = at[a, 0], at[a, 1], at[b, 0], at[b, 1], at[c, 0], at[c, 1]
    left, right = max(np.ceil(min(ax, bx, cx)), 0.0), min(np.floor(max(ax, bx, cx)), nearest.shape[1] - 1.0)
    top, bottom = max(np.ceil(min(ay, by, cy)), 0.0), min(np.floor(max(ay, by, cy)), nearest.shape[0] - 1.0)
    if not (left <= right and top <= bottom) or area == 0:
        return
    if area < 0:  # the corners in the other order: cells inside are to the same side of all edges
        b, c, bx, by, cx, cy, area = c, b, cx, cy, bx, by, -area
    a_right, b_right, c_right = by - cy, cy - ay, ay - by
    for row in range(int(top), int(bottom) + 1):
        a_row = (cx - bx) * row + (bx * cy - cx * by)
        b_row = (ax - cx) * row + (cx * ay - ax * cy)
        c_row = (bx - ax) * row + (ax * by - bx * ay)
        first, last = _between(a_right, a_row, left, right)
        first, last = _between(b_right, b_row, first, last)
        first, last = _between(c_right, c_row, first, last)
        for column in range(int(np.ceil(first - ROUNDING)), int(np.floor(last + ROUNDING)) + 1):
            of_a, of_b, of_c = a_right * column + a_row, b_right * column + b_row, c_right * column + c_row
            if (of_a >= 0) & (of_b >= 0) & (of_c >= 0):
                nearness = np.float32((of_a * at[a, 2] + of_b * at[b, 2] + of_c * at[c, 2]) / area)
                if nearness > nearest[row, column]:
                    nearest[row, column], names[row, column] = nearness, name


@njit(cache=True, error_model="numpy")
def _between(slope: float, start: float, first: float, last: float) -> tuple[float, float]:
    """The part of first .. last in which start + slope x is not negative, but for rounding."""
    if slope > 0:
        return max(first, min(-start / slope, last + 1)), last  # bounded, as steep edges cut rows anywhere
    if slope < 0:
        return first, min(last, max(-start / slope, first - 1))
    return first, last


class Map(NamedTuple):
    """What light that comes straight from one side meets first.

    turn: (3, 3) float64; its rows are the map's right, its down and the way to the light, in the world.
    corner: (2,) float64, metres along the first two where column 0 and row 0 are. cell: metres.
    nearest: (S, S) float32, metres along the third; -inf where the light meets nothing.
    """

    turn: np.ndarray
    corner: np.ndarray
    cell: float
    nearest: np.ndarray


@njit(cache=True, fastmath=True)
def extent(points: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest (2,) float64 of points (n, 3) along the first two `rows`; inf and -inf of none."""
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for n in range(len(points)):
        for i in range(2):
            value = rows[i, 0] * points[n, 0] + rows[i, 1] * points[n, 1] + rows[i, 2] * points[n, 2]
            low[i], high[i] = min(low[i], value), max(high[i], value)
    return low, high


def lit_map(mesh: Mesh, turn: np.ndarray, low: np.ndarray, high: np.ndarray, size: int) -> Map:
    """The map of the square of size x size cells around low .. high (2,), metres along the first two rows of `turn`."""
    cell = max(float((high - low).max()), 1e-3) / (size - 3)  # a cell's margin on all sides
    corner = (low + high) / 2 - cell * (size - 1) / 2
    nearest = np.full((size, size), -np.inf, np.float32)
    laid, names = _laid(mesh.points, turn, corner, cell), np.empty(nearest.shape, np.int32)
    _draw_straight(laid, mesh.triangles, mesh.thin, nearest, names)
    return Map(turn, corner, cell, nearest)


@njit(cache=True)
def _laid(points: np.ndarray, turn: np.ndarray, corner: np.ndarray, cell: float) -> np.ndarray:
    """(V, 3) float64: column, row, metres towards the light."""
    found, scale = np.empty(points.shape, np.float64), 1 / cell
    for v in range(len(points)):
        x, y, z = points[v, 0], points[v, 1], points[v, 2]
        found[v, 0] = (turn[0, 0] * x + turn[0, 1] * y + turn[0, 2] * z - corner[0]) * scale
        found[v, 1] = (turn[1, 0] * x + turn[1, 1] * y + turn[1, 2] * z - corner[1]) * scale
        found[v, 2] = turn[2, 0] * x + turn[2, 1] * y + turn[2, 2] * z
    return found


@njit(cache=True)
def _draw_straight(
    at: np.ndarray, triangles: np.ndarray, thin: np.ndarray, nearest: np.ndarray, names: np.ndarray
) -> None:
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        area = _area(at, a, b, c)
        if area > 0 or thin[f]:  # towards the light the map's axes are left-handed
            _fill(at, a, b, c, area, f, nearest, names)
