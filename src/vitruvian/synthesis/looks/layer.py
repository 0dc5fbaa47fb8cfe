"""Layers of a person: what is worn or grows, cut from the mesh at an edge, and skinned with the body's bones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from vitruvian.synthesis.human.anatomy import INFLUENCES, Anatomy
from vitruvian.synthesis.rendering.paint import Paint


@dataclass(frozen=True, eq=False)
class Layer:
    """A surface that moves with the bones; as `Surface`, but at rest.

    vertices, pattern, colour: (n, 3) float32. triangles: (f, 3) int32. paint: (f,) int32, rows of `paints`.
    influence, weight: (n, INFLUENCES), as in Anatomy.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    pattern: np.ndarray
    colour: np.ndarray
    influence: np.ndarray
    weight: np.ndarray
    paint: np.ndarray
    paints: tuple[Paint, ...]


@dataclass(frozen=True, eq=False)
class Patch:
    """The part of a surface where a field is above 0; vertices across its edge are pulled back onto it.

    rows: (n,) vertices of the mesh. triangles: (f, 3) int32, of rows of `rows`.
    inner, outer: (e,) rows of `rows`: the edges that cross 0, from within to without; at: (e,) where, in [0, 1].
    """

    rows: np.ndarray
    triangles: np.ndarray
    inner: np.ndarray
    outer: np.ndarray
    at: np.ndarray

    def pulled(self, values: np.ndarray) -> np.ndarray:
        """(n, C) at the patch's vertices -> (n, C), on its edge the mean of where the edges cross 0."""
        found = values.copy()
        _pull(found, self.inner, self.outer, self.at)
        return found

    def bones(self, anatomy: Anatomy) -> tuple[np.ndarray, np.ndarray]:
        """influence and weight, (n, INFLUENCES) each."""
        influence, weight = anatomy.influence[self.rows], anatomy.weight[self.rows]
        _mix(influence, weight, self.inner, self.outer, self.at, len(anatomy.bones))
        return influence, weight

    def layer(self, anatomy: Anatomy, vertices: np.ndarray, pattern: np.ndarray, paint: Paint) -> Layer:
        """All in one paint. vertices: at rest, and pattern: (n, 3) float32 each, neither pulled yet."""
        colour, rows = np.ones_like(vertices), np.zeros(len(self.triangles), np.int32)
        places = self.pulled(vertices), self.triangles, self.pulled(pattern), colour
        return Layer(*places, *self.bones(anatomy), rows, (paint,))


def patch(triangles: np.ndarray, field: np.ndarray, covered: np.ndarray) -> Patch:
    """Cut triangles (F, 3) where the field (V,) is 0, without those whose corners are all covered (V,) above 0."""
    return Patch(*_cut(triangles, np.ascontiguousarray(field, np.float32), np.ascontiguousarray(covered, np.float32)))


def rigid(
    anatomy: Anatomy,
    bone: str,
    vertices: np.ndarray,
    triangles: np.ndarray,
    paint: Paint,
    pattern: np.ndarray | None = None,
) -> Layer:
    """A hard thing that one bone carries; patterned in its own metres at rest unless told otherwise."""
    count, vertices = len(vertices), vertices.astype(np.float32)
    influence = np.full((count, INFLUENCES), anatomy.bone(bone), np.int32)
    weight = np.zeros((count, INFLUENCES), np.float32)
    weight[:, 0] = 1
    space = vertices if pattern is None else pattern.astype(np.float32)
    rows = np.zeros(len(triangles), np.int32)
    return Layer(vertices, triangles.astype(np.int32), space, np.ones_like(vertices), influence, weight, rows, (paint,))


def merged(layers: Sequence[Layer]) -> Layer:
    """Many layers as one."""
    starts = np.cumsum([0] + [len(one.vertices) for one in layers])
    firsts = np.cumsum([0] + [len(one.paints) for one in layers])
    names = ("vertices", "triangles", "pattern", "colour", "influence", "weight", "paint")
    parts = {name: [getattr(one, name) for one in layers] for name in names}
    parts["triangles"] = [part + start for part, start in zip(parts["triangles"], starts, strict=False)]
    parts["paint"] = [part + first for part, first in zip(parts["paint"], firsts, strict=False)]
    paints = tuple(paint for one in layers for paint in one.paints)
    whole = {name: np.concatenate(part) for name, part in parts.items()}
    whole["triangles"], whole["paint"] = whole["triangles"].astype(np.int32), whole["paint"].astype(np.int32)
    return Layer(**whole, paints=paints)


def normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(V, 3) outward unit normals, the mean of the triangles around weighted by their areas; 0 off the surface."""
    return _normals(vertices.astype(np.float32), triangles)


def smoothed(points: np.ndarray, around: np.ndarray, times: int) -> np.ndarray:
    """(n, 3) points, each moved half-way to the mean of those around it, `times` over. around: (n, M), -1 for none."""
    return _smoothed(points.astype(np.float32), around, times)


def neighbours(triangles: np.ndarray, count: int) -> np.ndarray:
    """(count, M) int32: the vertices that share an edge with each, -1 for none."""
    edges = np.unique(np.concatenate([triangles[:, [i, j]] for i in range(3) for j in range(3) if i != j]), axis=0)
    place = np.arange(len(edges)) - np.searchsorted(edges[:, 0], edges[:, 0])
    found = np.full((count, place.max() + 1), -1, np.int32)
    found[edges[:, 0], place] = edges[:, 1]
    return found


@njit(cache=True)
def _cut(
    triangles: np.ndarray, field: np.ndarray, covered: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    place = np.full(len(field), -1, np.int32)
    kept = np.empty(triangles.shape, np.int32)
    count, crossings = 0, 0
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        inside = (field[a] > 0) + (field[b] > 0) + (field[c] > 0)
        if inside == 0 or (covered[a] > 0 and covered[b] > 0 and covered[c] > 0):
            continue
        kept[count] = triangles[f]
        place[a], place[b], place[c] = 0, 0, 0
        count += 1
        crossings += 2 * (inside < 3)
    rows = np.flatnonzero(place == 0)
    place[rows] = np.arange(len(rows))
    inner, outer, at = np.empty(crossings, np.int32), np.empty(crossings, np.int32), np.empty(crossings, np.float32)
    crossing = 0
    for f in range(count):
        for i in range(3):
            for j in range(3):
                within, without = kept[f, i], kept[f, j]
                if field[within] > 0 and field[without] <= 0:
                    inner[crossing], outer[crossing] = place[within], place[without]
                    at[crossing] = field[within] / (field[within] - field[without])
                    crossing += 1
        for i in range(3):
            kept[f, i] = place[kept[f, i]]
    return rows, kept[:count].copy(), inner, outer, at


@njit(cache=True)
def _mix(
    influence: np.ndarray, weight: np.ndarray, inner: np.ndarray, outer: np.ndarray, at: np.ndarray, bones: int
) -> None:
    """At the outer ends of edges: the bones of both ends in their shares, the strongest of them."""
    slot, slots = np.full(len(influence), -1, np.int32), 0
    for e in range(len(outer)):
        if slot[outer[e]] < 0:
            slot[outer[e]] = slots
            slots += 1
    sums = np.zeros((slots, bones), np.float32)
    for e in range(len(outer)):
        for i in range(influence.shape[1]):
            sums[slot[outer[e]], influence[inner[e], i]] += weight[inner[e], i] * (1 - at[e])
            sums[slot[outer[e]], influence[outer[e], i]] += weight[outer[e], i] * at[e]
    for v in range(len(influence)):
        if slot[v] >= 0:
            _strongest(sums[slot[v]], influence[v], weight[v])


@njit(cache=True)
def _strongest(sums: np.ndarray, influence: np.ndarray, weight: np.ndarray) -> None:
    """The bones with the largest sums, in falling order, and their shares; the sums are used up."""
    total = np.float32(0)
    for i in range(len(influence)):
        bone = np.argmax(sums)
        influence[i], weight[i] = bone, sums[bone]
        total += sums[bone]
        sums[bone] = 0
    for i in range(len(weight)):
        weight[i] /= total


@njit(cache=True)
def _pull(found: np.ndarray, inner: np.ndarray, outer: np.ndarray, at: np.ndarray) -> None:
    """Move the outer ends of edges to the mean of where their edges are cut."""
    sums, count = np.zeros_like(found), np.zeros(len(found), np.int32)
    for e in range(len(inner)):
        count[outer[e]] += 1
        for c in range(found.shape[1]):
            sums[outer[e], c] += found[inner[e], c] * (1 - at[e]) + found[outer[e], c] * at[e]
    for v in range(len(found)):
        if count[v]:
            for c in range(found.shape[1]):
                found[v, c] = sums[v, c] / count[v]


@njit(cache=True)
def _normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    found = np.zeros_like(vertices)
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        ux, uy, uz = vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2]
        vx, vy, vz = vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2]
        for v in (a, b, c):
            found[v, 0] += uy * vz - uz * vy
            found[v, 1] += uz * vx - ux * vz
            found[v, 2] += ux * vy - uy * vx
    for v in range(len(found)):
        length = np.sqrt(found[v, 0] ** 2 + found[v, 1] ** 2 + found[v, 2] ** 2)
        if length > 0:
            for i in range(3):
                found[v, i] /= length
    return found


@njit(cache=True)
def _smoothed(points: np.ndarray, around: np.ndarray, times: int) -> np.ndarray:
    for _ in range(times):
        old = points.copy()
        for v in range(len(points)):
            count = 0
            for m in range(around.shape[1]):
                if around[v, m] < 0:
                    break
                count += 1
            if count == 0:
                continue
            for i in range(3):
                total = 0.0
                for m in range(count):
                    total += old[around[v, m], i]
                points[v, i] = 0.5 * old[v, i] + 0.5 * total / count
    return points
