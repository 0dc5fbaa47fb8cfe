"""From samples to batches of crops: what a network is trained on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

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


def random_batches(
    everybody: Sequence[Person], skeleton: Skeleton, settings: CropSettings, batch_size: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Endless batches of augmented crops: image (B, height, width, 3) uint8, xy (B, K, 2) input pixels.

    Everybody is shown once before anybody is shown again. The same seed gives the same batches. Raises DataError when
    there is nobody to show.
    """
    if not everybody:
        raise DataError("there is nobody to make batches of; expected at least one person with a label and a box")
    rng = np.random.default_rng(seed)
    queue: list[int] = []
    while True:
        while len(queue) < batch_size:
            queue.extend(rng.permutation(len(everybody)).tolist())
        chosen, queue = queue[:batch_size], queue[batch_size:]
        pairs = [_augmented(everybody[k], skeleton, settings, rng) for k in chosen]
        yield np.stack([image for image, _ in pairs]), np.stack([xy for _, xy in pairs]).astype(np.float32)


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
