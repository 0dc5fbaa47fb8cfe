"""Pictures of people that never end, such as rendered ones, and where they are in batches of other crops."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from vitruvian.datasets.everybody import joints_of
from vitruvian.errors import DataError, RecipeError
from vitruvian.structures import Skeleton

TRIES = 32  # pictures in a row without anybody labelled, after which something else must be wrong
SPARE = 1 << 40  # the picture after so many others, which no run comes to, is shown where one has nobody labelled
CLOSE = 1e-9  # sums of shares are not exact


class Picture(Protocol):
    """N people of K keypoints in a picture."""

    @property
    def image(self) -> np.ndarray:
        """(H, W, 3) uint8 RGB."""

    @property
    def xy(self) -> np.ndarray:
        """(N, K, 2) image pixels; NaN where unknown."""

    @property
    def boxes(self) -> np.ndarray:
        """(N, 4) x0 y0 x1 y1, image pixels."""


class Supply(Hashable, Protocol):
    """Makes pictures, each the same for its number in every process; can be pickled. Those of numbers next to one
    another may be made faster together."""

    def picture(self, number: int) -> Picture:
        """Picture number 0, 1, ..."""


@dataclass(frozen=True, eq=False)
class Endless:
    """Pictures to train on, each of which is shown once.

    name:     what they are, in a sentence: "rendered bodies".
    supply:   makes them. skeleton: of its keypoints.
    share:    of the crops of every batch, over 0 and at most 1.
    joints:   keypoint of the output skeleton -> keypoint of the pictures; None: by name.
    settings: all that decides what the pictures are, as text.
    """

    name: str
    supply: Supply
    skeleton: Skeleton
    share: float
    joints: Mapping[str, str] | None = None
    settings: str = ""

    def source(self, skeleton: Skeleton) -> Mapping[int, int]:
        """Row of a keypoint of the skeleton -> row of the keypoint that it is made from. Raises as `joints_of`."""
        return _source(self, skeleton)

    def person(self, number: int, skeleton: Skeleton) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Somebody in picture `number`: image (H, W, 3), xy (K, 2) of the skeleton, box (4,).

        Of several people it is one by the number. Where nobody has a labelled keypoint and a box with a size, a picture
        far away takes its place. Raises DataError when TRIES of these have nobody either.
        """
        for attempt in range(TRIES):
            picture = _picture(self.supply, number + attempt * SPARE)
            xy = _renamed(picture.xy, self.source(skeleton), len(skeleton))
            boxed = np.isfinite(picture.boxes).all(1) & (picture.boxes[:, 2:] > picture.boxes[:, :2]).all(1)
            rows = np.flatnonzero(boxed & np.isfinite(xy.sum(2)).any(1))
            if len(rows):
                row = rows[number % len(rows)]
                return picture.image, xy[row], picture.boxes[row]
        raise DataError(
            f"{self.name}: {TRIES} pictures in a row show nobody with a keypoint of {skeleton.name}; larger "
            f"pictures or other joints may help"
        )


def batch_counts(shares: Sequence[float], size: int, people: int) -> tuple[int, ...]:
    """How many crops of a batch are of labelled images, and then of each endless data set with such a share.

    size: crops of a batch; people: how many there are in the labelled images. Raises RecipeError for shares that are
    not over 0 and at most 1 together, that are less than a crop, that leave none for the people, or that do not fill a
    batch where there are no people.
    """
    total = sum(shares)
    if not all(share > 0 for share in shares) or not total <= 1 + CLOSE:
        given = ", ".join(f"{share:g}" for share in shares)
        raise RecipeError(f"shares of a batch must be over 0 and at most 1 together, got {given}")
    if not people and total < 1 - CLOSE:
        raise RecipeError(f"nothing but {total:g} of a batch is named; let the shares add up to 1, or name other data")
    edges = [round(sum(shares[:end]) * size) for end in range(len(shares) + 1)]
    found = tuple(int(count) for count in np.diff(edges))
    if 0 in found:
        raise RecipeError(f"a share of {shares[found.index(0)]:g} of a batch of {size} is less than a crop; give more")
    if people and edges[-1] == size:
        raise RecipeError(f"shares of {total:g} of a batch of {size} leave no crop for the other data; give less")
    return size - edges[-1], *found


@lru_cache(maxsize=16)
def places(counts: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Which of the kinds each crop of a batch is of, and which one of that kind; each kind is spread evenly, so that
    processes that share a batch have much the same work."""
    every = [(kind, index) for kind, count in enumerate(counts) for index in range(count)]
    return tuple(sorted(every, key=lambda one: (one[1] + 0.5) / counts[one[0]]))


@lru_cache(maxsize=4)
def _picture(supply: Supply, number: int) -> Picture:
    """The last ones are kept: a picture may be mixed into its neighbour."""
    return supply.picture(number)


@lru_cache(maxsize=16)
def _source(endless: Endless, skeleton: Skeleton) -> Mapping[int, int]:
    return joints_of(endless.name, endless.skeleton, endless.joints, skeleton)


def _renamed(xy: np.ndarray, source: Mapping[int, int], keypoints: int) -> np.ndarray:
    """(N, K, 2) float32 of another skeleton, NaN for what is not there."""
    found = np.full((len(xy), keypoints, 2), np.nan, np.float32)
    for k, row in source.items():
        found[:, k] = xy[:, row]
    return found
