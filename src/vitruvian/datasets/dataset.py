"""Dataset: labels, where their images are, and where they come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from vitruvian.errors import DataError, ShapeError
from vitruvian.media import read_image
from vitruvian.structures import Labels, Poses, Sample, Skeleton


@dataclass(frozen=True)
class About:
    """Where data comes from. title: its full name; url: its home page, where it can be had.

    licence:  of the images and of the annotations, in a sentence.
    citation: authors, title and year of the paper, or how the source wants to be named.
    """

    title: str
    licence: str = "not stated"
    citation: str = "none"
    url: str = ""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images: I samples, the length; nothing of an image is read before its sample is loaded.

    name:     short, as in the table of data sets: "coco".
    folder:   what the names of the image files are relative to.
    notes:    what the reader left out or changed, a sentence each with its count: "3 annotations have no image".
    """

    name: str
    skeleton: Skeleton
    labels: Labels
    folder: Path
    about: About = About("own data")
    notes: tuple[str, ...] = ()
    _order: np.ndarray = field(init=False, repr=False)
    _first: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.labels.keypoints != len(self.skeleton):
            raise ShapeError(
                f"{self.name} is labelled with {self.labels.keypoints} keypoints, its skeleton {self.skeleton.name} "
                f"has {len(self.skeleton)}; give the skeleton of the labels"
            )
        order = np.argsort(self.labels.image, kind="stable")
        object.__setattr__(self, "_order", order)
        object.__setattr__(self, "_first", np.searchsorted(self.labels.image[order], np.arange(len(self) + 1)))

    def __len__(self) -> int:
        """The number of images."""
        return self.labels.images

    def __getitem__(self, row: int) -> Sample:
        """The image of one row with everybody in it; crowds are not among them."""
        if not 0 <= row < len(self):
            raise IndexError(f"{self.name} has {len(self)} images, there is no row {row}")
        labels, rows = self.labels, self.instances(row)
        rows = rows[~labels.crowd[rows]]
        xy = labels.xy[rows].astype(np.float32)
        poses = Poses(
            xy,
            (labels.visible[rows] > 0).astype(np.float32),
            labels.boxes[rows].astype(np.float32),
            None if labels.tracks is None else labels.tracks[rows],
        )
        return Sample(str(labels.files[row]), _loader(self.path(row)), poses)

    def __iter__(self) -> Iterator[Sample]:
        return (self[row] for row in range(len(self)))

    def instances(self, row: int) -> np.ndarray:
        """The rows of the labels, crowds included, that are in the image of this row."""
        return self._order[self._first[row] : self._first[row + 1]]

    def where(self, column: str) -> "Dataset":
        """The part for which a bool column of the labels is true, such as "test" or "occlusion".

        Of a column of the images, those images with everybody in them; of a column of the instances, those instances
        and the images they are in. Raises DataError, with the columns there are, for one that is not there.
        """
        labels = self.labels
        for columns in (labels.image_extras, labels.extras):
            if column in columns and np.asarray(columns[column]).dtype == bool:
                chosen = np.asarray(columns[column])
                if columns is labels.extras:
                    labels, chosen = labels.of_instances(chosen), np.unique(labels.image[chosen])
                else:
                    chosen = np.flatnonzero(chosen)
                return replace(self, labels=labels.of_images(chosen))
        known = [
            name for part in (labels.image_extras, labels.extras) for name, one in part.items() if one.dtype == bool
        ]
        raise DataError(
            f'{self.name} has no column "{column}" of truth values to choose by; it has {", ".join(known) or "none"}'
        )

    def path(self, row: int) -> Path:
        """The image file of a row. Raises DataError for a name that leads out of the folder of images."""
        name = str(self.labels.files[row])
        path = self.folder / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise DataError(f'{self.name}: the file name "{name}" leads out of the folder of images, {self.folder}')
        return path


@dataclass(frozen=True)
class Reader:
    """How one published data set is read; an entry of the table of data sets.

    read:     (path, folder=None, skip=False) -> Dataset. path: the annotations as `layout` says; folder: of the images,
              None for where the download has them; skip: leave records that cannot be used out and count them in
              `Dataset.notes`, instead of raising DataError about the first.
    skeleton: its name in SKELETONS.
    scores:   what the field scores it by, names in `vitruvian.metrics.SCORES`, the first before all.
    layout:   what `path` must be, in a sentence.
    """

    read: Callable[..., Dataset]
    about: About
    skeleton: str
    scores: tuple[str, ...]
    layout: str


def _loader(path: Path) -> Callable[[], np.ndarray]:
    return lambda: read_image(path)
