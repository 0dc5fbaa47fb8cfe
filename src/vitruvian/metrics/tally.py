"""What all scores have in common: a tally of each image, made once, summed up with any weights."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from vitruvian.errors import ShapeError

SAME = 1e-12  # by how much a score may change with the order of summing


class Tally(Protocol):
    """What a score must know of I images: pure counts and distances, image by image.

    `values` of a part is the score of that part, so tallies of several processes are joined, images drawn again for an
    interval, and two systems compared on the same images without looking at a single point twice.
    """

    @property
    def images(self) -> int:
        """I."""
        ...

    def values(self, times: np.ndarray | None = None) -> dict[str, float]:
        """The scores by name when image i counts times[i] times, (I,) >= 0; None for once each. NaN without data."""
        ...

    @property
    def instances(self) -> dict[str, int]:
        """How many labelled people, hands or faces each of `values` is about."""
        ...

    def __add__(self, other: Self) -> Self:
        """The tally of both: first the images of this one, then those of the other."""
        ...


@dataclass(frozen=True)
class Estimate:
    """A score and how sure it is: value; low and high, the ends of its 95 % interval, NaN where that is not known."""

    value: float
    low: float
    high: float


def bootstrap(tally: Tally, draws: int = 1000, seed: int = 0) -> dict[str, Estimate]:
    """Every score of the tally with its 95 % interval: the percentiles of the score when images are drawn again.

    Images, not people, are drawn, with replacement, because the people of an image are not independent. The same seed
    draws the same images. What is known of one image alone says nothing of others and has no interval.
    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    draw = np.random.default_rng(seed).multinomial
    even = np.full(tally.images, 1 / max(tally.images, 1))
    again = [tally.values(draw(tally.images, even)) for _ in range(draws if tally.images > 1 else 0)]
    found = tally.values()
    return {name: _estimate(value, [one[name] for one in again]) for name, value in found.items()}


def paired(first: Tally, second: Tally, draws: int = 1000, seed: int = 0) -> dict[str, Estimate]:
    """The difference, second minus first, of every score that both have, with its 95 % interval.

    Both are scored on the same drawn images, so what makes an image hard for both cancels out. Raises ShapeError for
    tallies of different numbers of images.
    """
    if first.images != second.images:
        raise ShapeError(f"the tallies are of {first.images} and {second.images} images; compare the same images")
    draw = np.random.default_rng(seed).multinomial
    even = np.full(first.images, 1 / max(first.images, 1))
    names = [name for name in first.values() if name in second.values()]
    differences: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(draws if first.images > 1 else 0):
        times = draw(first.images, even)
        one, two = first.values(times), second.values(times)
        for name in names:
            differences[name].append(two[name] - one[name])
    one, two = first.values(), second.values()
    return {name: _estimate(two[name] - one[name], differences[name]) for name in names}


def _estimate(value: float, again: list[float]) -> Estimate:
    known = np.array(again)[np.isfinite(again)]
    if not len(known) or (len(known) < len(again) and np.ptp(known) < SAME):  # of one image, or hardly more
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.quantile(known, [0.025, 0.975]).tolist()
    return Estimate(value, low, high)
