"""Data sets that come as a file in COCO's layout: their labels where nothing is to be added, and their readers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import all_visible, image_folder
from vitruvian.structures import SKELETONS


def as_written(keypoints: int, path: Path, skip: bool) -> Kept:
    """The labels of a file as they are; `functools.partial` with K is what `cached` and `CocoFile` take."""
    layout = read_layout(path, keypoints, skip=skip)
    return layout.labels, layout.notes


def as_visible(keypoints: int, path: Path, skip: bool) -> Kept:
    """The labels of a file that says with 1 that a point is labelled: all of them visible."""
    labels, notes = as_written(keypoints, path, skip)
    return all_visible(labels), notes


@dataclass(frozen=True)
class CocoFile:
    """A data set that comes as one file. name: as in the table of data sets; skeleton: its name in SKELETONS.

    places: where its images may be, as seen from the folder of the file, the likeliest first.
    labels: (path, skip) -> labels and notes, from the contents of the file alone.
    """

    name: str
    skeleton: str
    about: About
    places: tuple[str, ...]
    labels: Callable[[Path, bool], Kept]

    def read(self, path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
        """The data set, as `Reader.read` gives it."""
        labels, notes = cached(self.labels, path, skip)
        images = folder or image_folder(path, labels.files, *self.places)
        return Dataset(self.name, SKELETONS[self.skeleton], labels, images, self.about, notes)

    def reader(self, layout: str, scores: tuple[str, ...] = ("oks_ap",)) -> Reader:
        """The entry for the table of data sets."""
        return Reader(self.read, self.about, self.skeleton, scores, layout)
