"""Radii: how far from its point the truth is, with a probability."""

from dataclasses import dataclass

import numpy as np

from vitruvian.errors import RecipeError, ShapeError


@dataclass(frozen=True, eq=False)
class Radii:
    """Circles around the points of N people, each of which holds the truth with a probability.

    probabilities: (P,) ascending, in (0, 1).
    pixels:        (N, K, P) float32, image pixels, not falling along P; NaN where the point is unknown.

    Raises ShapeError when the arrays do not fit each other.
    """

    probabilities: np.ndarray
    pixels: np.ndarray

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.probabilities.shape != self.pixels.shape[2:]:
            raise ShapeError(
                f"pixels must be (N, K, P) and probabilities (P,), got {self.pixels.shape} and "
                f"{self.probabilities.shape}"
            )

    def at(self, probability: float) -> np.ndarray:
        """(N, K) pixels; in a straight line between the probabilities that are known.

        Raises RecipeError for one outside of them.
        """
        known = self.probabilities
        if not known[0] <= probability <= known[-1]:
            raise RecipeError(
                f"a radius is known for probabilities from {known[0]:g} to {known[-1]:g}, got {probability}; "
                f"choose one of these"
            )
        upper = max(1, int(np.searchsorted(known, probability)))
        share = (probability - known[upper - 1]) / (known[upper] - known[upper - 1])
        between: np.ndarray = self.pixels[..., upper - 1] * (1 - share) + self.pixels[..., upper] * share
        return between.astype(np.float32)
