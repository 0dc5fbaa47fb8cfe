"""Calibration: what the scores of a model are worth, measured on labelled photos and kept in its card."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vitruvian.errors import ShapeError
from vitruvian.structures import Radii

Knots = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class HeldOut:
    """How a calibration by one half of the data does on the other, which shares no group of images with it.

    error, error_before: the expected calibration error with and without it, see `vitruvian.metrics.reliability`.
    reliability:         the diagram: for groups of points by rising score, (mean score, share that is right, points).
    coverage:            for each probability, the share of points whose radius holds the truth.
    """

    people: int
    points: int
    error_before: float
    error: float
    reliability: tuple[tuple[float, float, int], ...]
    coverage: tuple[float, ...]


@dataclass(frozen=True)
class Calibration:
    """How a network's own scores become probabilities, and how far off its points may be.

    data:          what it was measured on; people, points: how many of these.
    threshold:     a point is right within this share of the longer side of the person's box.
    knots:         for each keypoint (score of the network, probability) in rising order. Between them runs a straight
                   line, outside of them the probability is that of the nearest. An exported model does this itself.
    probabilities: for which radii are known, rising.
    spread:        (keypoints, probabilities), for each keypoint how large its errors are, as a share of the box.
    cuts:          probabilities of being right, rising, that part the points into groups of like score.
    radii:         (cuts + 1, probabilities), for each group the radius, in spreads times the longer side of the box.
    held_out:      how well this way of calibrating does on people that it has not seen; None where nobody looked.

    Raises ShapeError when these do not fit each other.
    """

    data: str
    people: int
    points: int
    threshold: float
    knots: tuple[Knots, ...]
    probabilities: tuple[float, ...]
    spread: tuple[tuple[float, ...], ...]
    cuts: tuple[float, ...]
    radii: tuple[tuple[float, ...], ...]
    held_out: HeldOut | None = None

    def __post_init__(self) -> None:
        wide = len(self.probabilities)
        for name, table, rows in (("radii", self.radii, len(self.cuts) + 1), ("spread", self.spread, len(self.knots))):
            if [len(row) for row in table] != [wide] * rows:
                raise ShapeError(f"{name} must be {rows} rows of {wide}, got {[len(row) for row in table]}")
        if not (self.knots and all(self.knots)):
            raise ShapeError("every keypoint needs at least one knot; calibrate again")
        numbers = [*np.concatenate(self.knots).ravel(), *np.ravel(self.spread), *self.cuts, *np.ravel(self.radii)]
        if not all(map(math.isfinite, numbers)):
            raise ShapeError("a calibration must be finite numbers; calibrate again")

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Calibration":
        """The inverse of `dataclasses.asdict`, also after json. Raises TypeError for other keys than the fields."""
        own = {name: _tuples(value) for name, value in values.items()}
        if own.get("held_out") is not None:
            own["held_out"] = HeldOut(**{name: _tuples(value) for name, value in own["held_out"].items()})
        return cls(**own)

    def probability(self, score: np.ndarray) -> np.ndarray:
        """score (N, K) of the network -> (N, K) float32, how likely each point is right; NaN stays NaN."""
        columns = [np.interp(score[:, k], *np.transpose(knots)) for k, knots in enumerate(self.knots)]
        return np.stack(columns, axis=1).astype(np.float32)

    def radius(self, score: np.ndarray, boxes: np.ndarray) -> Radii:
        """score (N, K), calibrated; boxes (N, 4) image pixels -> the radii of the points; NaN where the score is."""
        group = np.searchsorted(self.cuts, score, side="right")  # (N, K), behind the last cut for NaN
        side = (boxes[:, 2:] - boxes[:, :2]).max(1)
        unit = np.where(np.isnan(score), np.nan, side[:, None])[..., None] * np.array(self.spread)  # (N, K, P)
        pixels = np.maximum.accumulate(np.array(self.radii)[group] * unit, axis=-1)
        return Radii(np.array(self.probabilities), pixels.astype(np.float32))


def _tuples(value: Any) -> Any:
    """Lists within lists -> tuples within tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value
