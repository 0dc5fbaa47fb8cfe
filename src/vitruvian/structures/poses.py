"""Poses: the people of one image as arrays."""

from dataclasses import dataclass

import numpy as np

from vitruvian.errors import DataError, ShapeError
from vitruvian.structures.radii import Radii


@dataclass(frozen=True, eq=False)
class Poses:
    """The people (or animals) of one image: labels and predictions alike.

    xy:    (N, K, 2) float32, image pixels, the centre of the top-left pixel at (0, 0); NaN where unknown.
    score: (N, K) float32 in [0, 1], how likely each point is right; for labels 1 where labelled, else 0.
    boxes: (N, 4) float32, x0 y0 x1 y1 in image pixels.
    ids:   (N,) int64 track identities, or None outside video.
    radii: how far off each point may be, or None for labels and for models that are not calibrated; see `radius`.

    N may be 0: nobody is a valid answer. Raises ShapeError when the arrays do not fit each other.
    """

    xy: np.ndarray
    score: np.ndarray
    boxes: np.ndarray
    ids: np.ndarray | None = None
    radii: Radii | None = None

    def __post_init__(self) -> None:
        if self.xy.ndim != 3 or self.xy.shape[-1] != 2:
            raise ShapeError(f"xy must be (N, K, 2), got {self.xy.shape}")
        if self.score.shape != self.xy.shape[:2]:
            raise ShapeError(f"score must be {self.xy.shape[:2]} to match xy, got {self.score.shape}")
        if self.boxes.shape != (len(self.xy), 4):
            raise ShapeError(f"boxes must be {(len(self.xy), 4)} to match xy, got {self.boxes.shape}")
        if self.ids is not None and self.ids.shape != (len(self.xy),):
            raise ShapeError(f"ids must be {(len(self.xy),)} to match xy, got {self.ids.shape}")
        if self.radii is not None and self.radii.pixels.shape[:2] != self.xy.shape[:2]:
            raise ShapeError(f"radii must be {(*self.xy.shape[:2], 'P')} to match xy, got {self.radii.pixels.shape}")

    def __len__(self) -> int:
        """The number of people, N."""
        return len(self.xy)

    def radius(self, probability: float = 0.9) -> np.ndarray:
        """How far from each point the truth is at most, with this probability: (N, K) float32 image pixels.

        NaN where the point is unknown. Raises DataError for poses without radii, RecipeError for a probability that was
        not measured.
        """
        if self.radii is None:
            raise DataError(
                "these poses say nothing of how far off they are: they are labels, or of a model that is not "
                "calibrated; calibrate it with `vitruvian calibrate`"
            )
        return self.radii.at(probability)

    @classmethod
    def nobody(cls, keypoints: int) -> "Poses":
        """An image without people, for a skeleton of K keypoints."""
        zeros = np.zeros
        return cls(zeros((0, keypoints, 2), np.float32), zeros((0, keypoints), np.float32), zeros((0, 4), np.float32))
