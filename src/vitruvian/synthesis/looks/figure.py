"""A person at rest, ready to be dressed: where the surfaces are and which way is out of them."""

from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from vitruvian.synthesis.human.anatomy import Anatomy, Shape
from vitruvian.synthesis.looks.layer import Layer, neighbours, normals, patch, smoothed
from vitruvian.synthesis.looks.regions import Regions, regions
from vitruvian.synthesis.rendering.paint import Paint

DRAPED = 10  # rounds of smoothing: how far loose cloth spans hollows of the body


@dataclass(frozen=True, eq=False)
class Figure:
    """anatomy and shape of somebody; regions of the mesh; covered: (V,), above 0 where what is already worn hides all
    that lies below it."""

    anatomy: Anatomy
    shape: Shape
    regions: Regions
    covered: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, anatomy: Anatomy, shape: Shape) -> "Figure":
        """With nothing on."""
        return cls(anatomy, shape, regions(anatomy), np.full(len(shape.vertices), -1.0, np.float32))

    @cached_property
    def scale(self) -> float:
        """How large the person is, the middling one being 1: cloth is cut to it."""
        tall, middling = (one.joints[self.anatomy.bone("head"), 2] for one in (self.shape, self.anatomy.middle))
        return float(tall / middling)

    @cached_property
    def outward(self) -> np.ndarray:
        """(V, 3) unit normals of the body and the shells."""
        return normals(self.shape.vertices, _surfaces(self.anatomy))

    @cached_property
    def draped(self) -> np.ndarray:
        """(n,) metres from the n vertices of the tights out to cloth that hangs loosely over them, at scale 1."""
        rows = self.anatomy.groups["tights"]
        points, out = self.shape.vertices[rows], self.outward[rows]
        span = smoothed(points, _around_tights(self.anatomy), DRAPED) - points
        return np.maximum((span * out).sum(1), 0) / self.scale

    @property
    def tights(self) -> Regions:
        """Where the vertices of the tights are, of which most cloth is made."""
        return _tights(self.anatomy)

    def on_tights(self, values: np.ndarray) -> np.ndarray:
        """(n,) of the tights' vertices -> (V,), 0 elsewhere."""
        found = np.zeros(len(self.shape.vertices), np.float32)
        found[self.anatomy.groups["tights"]] = values
        return found

    @cached_property
    def head(self) -> tuple[np.ndarray, np.ndarray]:
        """The ellipsoid that the skull nearly is: middle (3,), half axes (3,), metres."""
        points = self.shape.vertices[_skull(self.anatomy)]
        level = self.shape.vertices[_brow(self.anatomy)]
        (left, front, low), (right, back, high) = level.min(0), level.max(0)
        middle = np.array([(left + right) / 2, (front + back) / 2, (low + high) / 2])
        return middle, np.array([(right - left) / 2, (back - front) / 2, points[:, 2].max() - middle[2]])

    def grown(
        self, surface: str, where: np.ndarray, thick: np.ndarray | float, space: np.ndarray, paint: Paint
    ) -> Layer | None:
        """The part of a surface where a field (V,) is above 0, `thick` metres outside it, patterned in a space (V, 3).

        None when nothing of it can be seen.
        """
        cut = patch(self.anatomy.surfaces[surface], where, self.covered)
        if not len(cut.triangles):
            return None
        full = thick[cut.rows, None] if isinstance(thick, np.ndarray) else thick
        raised = self.shape.vertices[cut.rows] + full * self.outward[cut.rows]
        return cut.layer(self.anatomy, raised.astype(np.float32), space[cut.rows], paint)

    def seen(self, triangles: np.ndarray) -> np.ndarray:
        """Without those that are covered."""
        rows = patch(triangles, np.ones_like(self.covered), self.covered)
        return rows.rows[rows.triangles].astype(np.int32)

    def under(self, cover: np.ndarray) -> "Figure":
        """With a field (V,) more of it covered."""
        figure = Figure(self.anatomy, self.shape, self.regions, np.maximum(self.covered, cover))
        kept = {name: value for name, value in self.__dict__.items() if name in ("scale", "outward", "draped", "head")}
        figure.__dict__.update(kept)  # what has been measured stays true
        return figure


@cache
def _surfaces(anatomy: Anatomy) -> np.ndarray:
    return np.concatenate([anatomy.surfaces[name] for name in ("body", "tights", "skirt", "hair")])


@cache
def _tights(anatomy: Anatomy) -> Regions:
    return regions(anatomy).only(anatomy.groups["tights"])


@cache
def _around_tights(anatomy: Anatomy) -> np.ndarray:
    rows = anatomy.groups["tights"]
    place = np.zeros(len(anatomy.weight), np.int32)
    place[rows] = np.arange(len(rows))
    return neighbours(place[anatomy.surfaces["tights"]], len(rows))


@cache
def _skull(anatomy: Anatomy) -> np.ndarray:
    """Rows of the head above the brows."""
    rows, at = anatomy.groups["body"], anatomy.middle.vertices
    return rows[at[rows, 2] > 1.78]


@cache
def _brow(anatomy: Anatomy) -> np.ndarray:
    """Rows around the head at the height of its widest."""
    rows, at = anatomy.groups["body"], anatomy.middle.vertices
    return rows[np.abs(at[rows, 2] - 1.785) < 0.008]
