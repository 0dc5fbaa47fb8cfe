"""What is to be coloured: the pieces of surfaces that the pixels of a picture show.

Each piece is lit once, but patterns are finer than pixels: they are looked up for every sample.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.raster import Mesh, Seen, smooth_normals

SAME_DEPTH = 4.0  # sides of a pixel at its depth: samples that are further apart in depth are coloured by themselves


class Fragments(NamedTuple):
    """n pieces, at most as many to a pixel as it has samples, of m samples in all.

    place, normal: (n, 3) float32, in the world, the normal of unit length; paint: (n,) int32; share: (n,) float32, how
    much of its pixel a piece covers; pixel: (n,) int32, row * width + column.
    pattern, colour: (m, 3) float32, of the mesh; piece: (m,) int32, which a sample belongs to.
    """

    place: np.ndarray
    normal: np.ndarray
    paint: np.ndarray
    share: np.ndarray
    pixel: np.ndarray
    pattern: np.ndarray
    colour: np.ndarray
    piece: np.ndarray


class Buffers(NamedTuple):
    """The nearest that each pixel shows. depth: (H, W) float32, metres along the view, inf where empty;
    owner: (H, W) int16, -1 where empty."""

    depth: np.ndarray
    owner: np.ndarray


def fragments(mesh: Mesh, found: Seen, camera: Camera, samples: int) -> tuple[Fragments, Buffers]:
    """Samples of one pixel that show the same paint at about the same depth become one fragment, at their middle."""
    width, height = camera.size
    room = _room(int((found.names >= 0).sum()))
    buffers = Buffers(np.full((height, width), np.inf, np.float32), np.full((height, width), -1, np.int16))
    lens = np.array([camera.focal * samples, *((np.array(found.names.shape[::-1]) - 1) / 2)])
    count = _collect(mesh, smooth_normals(mesh.points, mesh.triangles), found, lens, samples, room, buffers)
    _finish(room, count, camera.turn, camera.place, samples)
    return Fragments._make([*(values[:count] for values in room[:5]), *room[5:]]), buffers


def _room(most: int) -> Fragments:
    """Zeros for as many samples."""
    place, normal, pattern, colour = (np.zeros((most, 3), np.float32) for _ in range(4))
    paint, pixel, piece = (np.zeros(most, np.int32) for _ in range(3))
    return Fragments(place, normal, paint, np.zeros(most, np.float32), pixel, pattern, colour, piece)


@njit(cache=True, fastmath=True, error_model="numpy")
def _collect(
    mesh: Mesh, normals: np.ndarray, found: Seen, lens: np.ndarray, samples: int, room: Fragments, buffers: Buffers
) -> int:
    """Fill `room` with sums over samples, places in the camera's axes; the number of fragments."""
    height, width = buffers.depth.shape
    count = sample = 0
    for pixel in range(height * width):
        row, column, first = pixel // width, pixel % width, count
        for i in range(samples * samples):
            y, x = row * samples + i // samples, column * samples + i % samples
            name = found.names[y, x]
            if name < 0:
                continue
            depth = 1 / found.nearest[y, x]
            if depth < buffers.depth[row, column]:
                buffers.depth[row, column], buffers.owner[row, column] = depth, mesh.owner[name]
            this = _group(room, first, count, mesh.paint[name], depth, depth * SAME_DEPTH * samples / lens[0])
            count = max(count, this + 1)
            room.paint[this], room.pixel[this], room.piece[sample] = mesh.paint[name], pixel, this
            right, down = (x - lens[1]) / lens[0], (y - lens[2]) / lens[0]
            _add(room, sample, mesh, normals, found.points, name, right, down, depth)
            sample += 1
    return count


@njit(cache=True, fastmath=True, error_model="numpy")
def _group(room: Fragments, first: int, count: int, paint: int, depth: float, reach: float) -> int:
    """Which of the fragments from `first` to `count` a sample belongs to; `count` when it is a new one."""
    for this in range(first, count):
        if room.paint[this] == paint and abs(room.place[this, 2] / room.share[this] - depth) < reach:
            return this
    return count


@njit(cache=True, fastmath=True, error_model="numpy")
def _add(
    room: Fragments,
    sample: int,
    mesh: Mesh,
    normals: np.ndarray,
    points: np.ndarray,
    name: int,
    x: float,
    y: float,
    depth: float,
) -> None:
    """Add the sample on the ray (x, y, 1), which is cut with the triangle in space: so it is right for perspective."""
    this = room.piece[sample]
    a, b, c = mesh.triangles[name, 0], mesh.triangles[name, 1], mesh.triangles[name, 2]
    of_a, of_b, of_c = _beside(points, b, c, x, y), _beside(points, c, a, x, y), _beside(points, a, b, x, y)
    scale = 1 / (of_a + of_b + of_c)
    of_a, of_b, of_c = of_a * scale, of_b * scale, of_c * scale
    room.share[this] += 1
    room.place[this, 0] += x * depth
    room.place[this, 1] += y * depth
    room.place[this, 2] += depth
    side = -1.0 if mesh.thin[name] and scale > 0 else 1.0
    for i in range(3):
        room.normal[this, i] += side * (of_a * normals[a, i] + of_b * normals[b, i] + of_c * normals[c, i])
        room.pattern[sample, i] = of_a * mesh.pattern[a, i] + of_b * mesh.pattern[b, i] + of_c * mesh.pattern[c, i]
        room.colour[sample, i] = of_a * mesh.colour[a, i] + of_b * mesh.colour[b, i] + of_c * mesh.colour[c, i]


@njit(cache=True, fastmath=True, error_model="numpy")
def _beside(at: np.ndarray, a: int, b: int, x: float, y: float) -> float:
    """The ray (x, y, 1) along a x b: how far it passes from the edge; negative on the left, for a front."""
    return (
        x * (at[a, 1] * at[b, 2] - at[a, 2] * at[b, 1])
        + y * (at[a, 2] * at[b, 0] - at[a, 0] * at[b, 2])
        + (at[a, 0] * at[b, 1] - at[a, 1] * at[b, 0])
    )


@njit(cache=True, fastmath=True, error_model="numpy")
def _finish(room: Fragments, count: int, turn: np.ndarray, place: np.ndarray, samples: int) -> None:
    """Sums to means, places to the world, normals to unit length."""
    for this in range(count):
        scale = 1 / room.share[this]
        x, y, z = room.place[this, 0] * scale, room.place[this, 1] * scale, room.place[this, 2] * scale
        nx, ny, nz = room.normal[this, 0], room.normal[this, 1], room.normal[this, 2]
        length = 1 / max(np.sqrt(nx * nx + ny * ny + nz * nz), np.float32(1e-20))
        for i in range(3):
            room.place[this, i] = turn[0, i] * x + turn[1, i] * y + turn[2, i] * z + place[i]
            room.normal[this, i] *= length
        room.share[this] /= samples * samples
