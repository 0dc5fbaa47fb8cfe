"""From samples to batches of crops: what a network is trained on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vitruvian.datasets.augment import CropSettings, lower_body, random_colour, random_crop
from vitruvian.errors import DataError
from vitruvian.structures import Sample, Skeleton


@dataclass(frozen=True)
class Person:
    """One labelled person of one sample: the unit of top-down training."""

    sample: Sample
    row: int

    @property
    def xy(self) -> np.ndarray:
        """(K, 2) image pixels, NaN where unknown."""
        return self.sample.poses.xy[self.row]

    @property
    def box(self) -> np.ndarray:
        """(4,) x0 y0 x1 y1, image pixels."""
        return self.sample.poses.boxes[self.row]


def people(samples: Sequence[Sample]) -> list[Person]:
    """Everybody with a label and a box that has a size."""
    everybody = [Person(sample, row) for sample in samples for row in range(len(sample.poses))]
    return [
        person
        for person in everybody
        if np.isfinite(person.box).all()
        and (person.box[2:] > person.box[:2]).all()
        and np.isfinite(person.xy).all(-1).any()
    ]


@dataclass(frozen=True, eq=False)
class CropBatches:
    """Endless batches of augmented crops, each of which can be asked for by its number, in any order, by any process.

    Everybody is shown once before anybody is shown again. A batch depends on its number and the seed alone, not on
    what was asked for before, so that a run can go on from any step, with any number of loaders, as if it had never
    stopped. Raises DataError when there is nobody to show.
    """

    everybody: Sequence[Person]
    skeleton: Skeleton
    settings: CropSettings
    batch_size: int
    seed: int

    def __post_init__(self) -> None:
        if not self.everybody:
            raise DataError("there is nobody to make batches of; expected at least one person with a label and a box")

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Batch `number`, from 0: image (B, height, width, 3) uint8, xy (B, K, 2) float32 input pixels."""
        first = number * self.batch_size
        pairs = [self._crop(place) for place in range(first, first + self.batch_size)]
        return np.stack([image for image, _ in pairs]), np.stack([xy for _, xy in pairs]).astype(np.float32)

    def _crop(self, place: int) -> tuple[np.ndarray, np.ndarray]:
        """The crop at a place of the endless row in which everybody is shown."""
        turn, index = divmod(place, len(self.everybody))
        person = self.everybody[_order(self.seed, turn, len(self.everybody))[index]]
        return _augmented(person, self.skeleton, self.settings, np.random.default_rng((self.seed, CROPS, place)))


ORDERS, CROPS = 0, 1  # two kinds of random numbers of one seed


@lru_cache(maxsize=4)
def _order(seed: int, turn: int, count: int) -> np.ndarray:
    """(count,) the order in which everybody is shown for the turn-th time."""
    return np.random.default_rng((seed, ORDERS, turn)).permutation(count)


def _augmented(
    person: Person, skeleton: Skeleton, settings: CropSettings, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    crop, mirrored = random_crop(person.xy, person.box, settings, rng, lower_body(skeleton))
    image = random_colour(crop.cut(person.sample.load()), settings.augmentation, rng)
    xy = crop.to_input(person.xy)
    return image, xy[list(skeleton.mirror)] if mirrored else xy


def in_memory(samples: Sequence[Sample]) -> list[Sample]:
    """The same samples with their images decoded now and kept."""
    return [Sample(sample.name, _constant(sample.load()), sample.poses) for sample in samples]


def _constant(image: np.ndarray) -> Callable[[], np.ndarray]:
    return lambda: image
