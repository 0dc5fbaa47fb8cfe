"""From people in images to batches of crops: what a network is trained on."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from vitruvian.datasets.augment import CropSettings
from vitruvian.datasets.endless import Endless, batch_counts, places
from vitruvian.datasets.everybody import Everybody
from vitruvian.datasets.looks import blended, pasted, random_looks
from vitruvian.datasets.motion import lower_body, random_crop
from vitruvian.datasets.pixels import Pixels
from vitruvian.errors import DataError
from vitruvian.geometry import Crop

ORDERS, CROPS = 0, 1  # two kinds of random numbers of one seed; from CROPS + 1 on of endless ones
TRIES = 32  # unreadable images in a row, after which something else must be wrong


@dataclass(frozen=True, eq=False)
class CropBatches:
    """Endless batches of augmented crops, each of which can be asked for by its number, in any order, by any process.

    In every turn everybody is shown as often as their weight says, and only then the next one begins. A batch depends
    on its number and the seed alone, not on what was asked for before, so that a run can go on from any step, with any
    number of loaders, as if it had never stopped.

    Who is in an image that cannot be read is replaced by the next one in the row whose image can; `Pixels.unreadable`
    tells which images those are.

    endless: pictures that fill a share of every batch, evenly spread over its rows, each picture shown once: that of
    number n * c + i is the i-th of c in batch n. A keypoint that is hidden in one stays labelled.

    Raises DataError when there is nobody to show, RecipeError as `batch_counts`, and as `joints_of`.
    """

    everybody: Everybody
    settings: CropSettings
    batch_size: int
    seed: int
    pixels: Pixels
    endless: tuple[Endless, ...] = ()
    _counts: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not len(self.everybody) and not self.endless:
            raise DataError("there is nobody to make batches of; expected at least one person with a label and a box")
        for one in self.endless:
            one.source(self.everybody.skeleton)
        shares = [one.share for one in self.endless]
        object.__setattr__(self, "_counts", batch_counts(shares, self.batch_size, len(self.everybody)))

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Batch `number`, from 0: image (B, height, width, 3) uint8, xy (B, K, 2) float32 input pixels."""
        return self.rows(number, 0, self.batch_size)

    def rows(self, number: int, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows `start` to `stop` - 1 of a batch, the same as in the whole of it.

        Raises DataError when `TRIES` people in a row are in images that cannot be read.
        """
        width, height = self.settings.size
        image = np.empty((stop - start, height, width, 3), np.uint8)
        xy = np.empty((stop - start, len(self.everybody.skeleton), 2), np.float32)
        for row in range(stop - start):
            kind, index = places(self._counts)[start + row]
            image[row], xy[row] = self._crop(kind, number * self._counts[kind] + index)
        return image, xy

    def _crop(self, kind: int, place: int) -> tuple[np.ndarray, np.ndarray]:
        """The crop at a place of an endless row: of kind 0 everybody is shown in it, other kinds are of `endless`."""
        rng = np.random.default_rng((self.seed, CROPS + kind, place))
        image, xy = self._moved(kind, place, rng)
        return random_looks(self._mixed(image, kind, place, rng), self.settings.augmentation, rng), xy

    def _mixed(self, image: np.ndarray, kind: int, place: int, rng: np.random.Generator) -> np.ndarray:
        """The crop (height, width, 3), perhaps with those of other people in it."""
        change = self.settings.augmentation
        for probability, mix in ((change.blend, blended), (change.paste, pasted)):
            if probability and rng.random() < probability:
                other, _ = self._moved(kind, self._another(kind, place, rng), rng)
                image = mix(image, other, change, rng)
        return image

    def _moved(self, kind: int, place: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The crop in its true colours: image (height, width, 3), xy (K, 2)."""
        skeleton, by = self.everybody.skeleton, 1
        if kind:
            whole, xy, box = self.endless[kind - 1].person(place, skeleton)
        else:
            person, whole, by = self._person(place)
            xy, box = self.everybody.xy[person], self.everybody.boxes[person]
        crop, mirrored = random_crop(xy, box, self.settings, rng, lower_body(skeleton))
        points = crop.to_input(xy)
        return on_reduced(crop, by).cut(whole), points[list(skeleton.mirror)] if mirrored else points

    def _another(self, kind: int, place: int, rng: np.random.Generator) -> int:
        """Another place: of endless pictures the neighbour, which is at hand; else one in the same turn, the same one
        where there is no other."""
        if kind:
            return place ^ 1
        turn, index = divmod(place, self.everybody.showings)
        steps = rng.integers(1, self.everybody.showings) if self.everybody.showings > 1 else 0
        return turn * self.everybody.showings + (index + int(steps)) % self.everybody.showings

    def _person(self, place: int) -> tuple[int, np.ndarray, int]:
        """Who is at a place of the endless row, or the next one whose image can be read: row, image, its reduction."""
        turn, first = divmod(place, self.everybody.showings)
        order, tries = _order(self.everybody, self.seed, turn), min(TRIES, self.everybody.showings)
        for person in np.take(order, range(first, first + tries), mode="wrap").tolist():
            found = self.pixels[self.everybody.image[person]]
            if found is not None:
                return person, *found
        raise DataError(
            f"{tries} people in a row are in images that cannot be read, such as {self.pixels.unreadable[0]}; "
            f"look whether the folder of the images is there, or let `vitruvian data doctor` find the bad ones"
        )


@lru_cache(maxsize=4)
def _order(everybody: Everybody, seed: int, turn: int) -> np.ndarray:
    """(showings,) the rows of people in the order in which they are shown in a turn."""
    return everybody.turn((seed, ORDERS, turn))


def on_reduced(crop: Crop, by: int) -> Crop:
    """The same crop, but of the image reduced by `by`: pixel x of the whole one is (x + 0.5) / by - 0.5 of it."""
    if by == 1:
        return crop
    linear, shift = crop.matrix[:, :2], crop.matrix[:, 2]
    return Crop(np.column_stack([linear * by, shift + linear.sum(1) * (by - 1) / 2]), crop.size)
