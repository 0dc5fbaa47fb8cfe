"""What is drawn: surfaces of triangles, and what each triangle is painted with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitruvian.errors import ShapeError
from vitruvian.synthesis.rendering.paint import Paint


@dataclass(frozen=True, eq=False)
class Surface:
    """One thing, or one layer of a person.

    vertices:  (V, 3) float32, the world's metres, z up.
    triangles: (F, 3) int32, counter-clockwise seen from outside.
    pattern:   (V, 3) float32, where each vertex lies in the space that patterns are drawn in: for people, in the
               person of middling traits at rest, so that a pattern moves with the skin.
    colour:    (V, 3) float32 in [0, 1], linear light: what the paint starts from.
    paint:     (F,) int32, the row in `paints` of each triangle's.
    owner:     which person or thing this belongs to; parts of one person share it.
    thin:      drawn from both sides, as cloth, leaves and hair are; else the back of a triangle is not drawn.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    pattern: np.ndarray
    colour: np.ndarray
    paint: np.ndarray
    paints: Sequence[Paint]
    owner: int = 0
    thin: bool = False

    def __post_init__(self) -> None:
        for name in ("pattern", "colour"):
            if getattr(self, name).shape != self.vertices.shape:
                raise ShapeError(f"{name} must be {self.vertices.shape}, got {getattr(self, name).shape}")
        if self.paint.shape != self.triangles.shape[:1]:
            raise ShapeError(f"paint must be {self.triangles.shape[:1]}, got {self.paint.shape}")
