"""The tally of every score that is a mean: sums and counts, image by image."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vitruvian.errors import ShapeError
from vitruvian.structures import Labels


@dataclass(frozen=True, eq=False)
class MeanTally:
    """Scores that are means over what I images hold; a score may also be the plain mean of others.

    names:  S names of scores, as in "PCK@0.2 left_wrist"; the first says it all in one number.
    sums:   (I, C), what is averaged, summed up within each image; counts: (I, C), over how many.
    shares: (S, C) >= 0. Score s is the mean, weighted by shares[s], of the means of those columns that have a count;
            without any it is NaN.
    of:     (S,) int64, how many labelled instances each score is about.

    Raises ShapeError when the arrays do not fit each other.
    """

    names: tuple[str, ...]
    sums: np.ndarray
    counts: np.ndarray
    shares: np.ndarray
    of: np.ndarray

    def __post_init__(self) -> None:
        if self.sums.ndim != 2 or self.counts.shape != self.sums.shape:
            raise ShapeError(f"sums and counts must both be (I, C), got {self.sums.shape} and {self.counts.shape}")
        if self.shares.shape != (len(self.names), self.sums.shape[1]):
            raise ShapeError(
                f"shares must be {(len(self.names), self.sums.shape[1])} for {len(self.names)} names and "
                f"{self.sums.shape[1]} columns, got {self.shares.shape}"
            )
        if np.shape(self.of) != (len(self.names),):
            raise ShapeError(f"of must be ({len(self.names)},), one number a name, got {np.shape(self.of)}")

    @property
    def images(self) -> int:
        """I."""
        return len(self.sums)

    @property
    def instances(self) -> dict[str, int]:
        """How many labelled instances each score is about: those with a value in it."""
        return dict(zip(self.names, self.of.tolist(), strict=True))

    def values(self, times: np.ndarray | None = None) -> dict[str, float]:
        """The scores by name when image i counts times[i] times, (I,) >= 0; None for once each. NaN without data."""
        weights = np.ones(self.images) if times is None else np.asarray(times, np.float64)
        if weights.shape != (self.images,):
            raise ShapeError(f"times must be ({self.images},), one number an image, got {weights.shape}")
        means = _mean(weights @ self.sums, weights @ self.counts)
        known = np.isfinite(means)
        values = _mean(self.shares @ np.where(known, means, 0.0), self.shares @ known)
        return dict(zip(self.names, values.tolist(), strict=True))

    def __add__(self, other: "MeanTally") -> "MeanTally":
        """The tally of both: first the images of this one, then those of the other."""
        if self.names != other.names:
            raise ShapeError(
                f"only tallies of the same scores can be joined, got {', '.join(self.names)} and "
                f"{', '.join(other.names)}"
            )
        sums, counts = (np.concatenate(pair) for pair in ((self.sums, other.sums), (self.counts, other.counts)))
        return replace(self, sums=sums, counts=counts, of=self.of + other.of)


def _mean(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """total / count, each (C,); NaN where nothing is counted."""
    return np.where(count > 0, total / np.where(count > 0, count, 1.0), np.nan)


Column = np.ndarray | list[str]  # the values of a score, or the names of the scores whose plain mean it is


def tally_means(labels: Labels, columns: Mapping[str, Column]) -> MeanTally:
    """The tally of values that the N instances of some labels have, in the order of `columns`.

    columns: name of a score -> (N,) or (N, ...) values, NaN where there is nothing to count, whose mean it is; or the
             names of other columns, whose plain mean it is, without those that have nothing to count.
    """
    values = {name: part for name, part in columns.items() if isinstance(part, np.ndarray)}
    sums, counts = np.zeros((2, labels.images, len(values)))
    there = np.zeros((len(labels), len(values)), bool)
    for place, (name, part) in enumerate(values.items()):
        if not part.ndim or len(part) != len(labels):
            raise ShapeError(f"{name} needs values of {len(labels)} instances, got {part.shape}")
        flat = part.reshape(len(labels), math.prod(part.shape[1:])).astype(np.float64)
        known = np.isfinite(flat)
        there[:, place] = known.any(1)
        sums[:, place] = _by_image(labels, np.where(known, flat, 0.0).sum(1))
        counts[:, place] = _by_image(labels, known.sum(1))
    parts = [{name} if isinstance(part, np.ndarray) else set(part) for name, part in columns.items()]
    shares = np.array([[name in means for name in values] for means in parts])
    of = np.array([there[:, share].any(1).sum() for share in shares], np.int64)
    return MeanTally(tuple(columns), sums, counts, shares.astype(np.float64), of)


def _by_image(labels: Labels, values: np.ndarray) -> np.ndarray:
    """(N,) values of instances -> (I,), their sums over each image."""
    return np.bincount(labels.image, values, labels.images)


def of_joints(name: str, joints: Sequence[str], values: np.ndarray) -> dict[str, Column]:
    """The column of each of K keypoints: "name joint" -> its values, out of (N, K)."""
    if values.ndim != 2 or values.shape[1] != len(joints):
        raise ShapeError(f"{name} needs values (N, {len(joints)}) for {len(joints)} keypoints, got {values.shape}")
    return {f"{name} {joint}": values[:, k] for k, joint in enumerate(joints)}
