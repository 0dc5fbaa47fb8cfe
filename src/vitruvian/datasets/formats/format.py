"""LabelFormat: how one format of people's own labels is read, written and recognised."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.formats.losses import Holds


class ReadFormat(Protocol):
    """Reads labels. folder: of the images, None for where the format has them; skip: leave out what cannot be used."""

    def __call__(self, path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
        """The data set. Raises DataError, with the file, the record and the way out."""
        ...


@dataclass(frozen=True)
class LabelFormat:
    """One format of people's own labels; an entry of the table FORMATS.

    read:      path, folder of images, skip -> the data set.
    write:     data set, path -> what the format could not hold, a sentence each.
    recognise: whether a file or folder is of this format, by a look at its beginning; never raises for what is none.
    holds:     what comes back after writing and reading.
    exact:     whether numbers come back to the last bit; else to 1e-9 pixels, because they are stored as shares.
    says:      what it is, in a sentence.
    suffixes:  how the names of its files end, the usual one first; "" for a folder.
    """

    read: ReadFormat
    write: Callable[[Dataset, Path], tuple[str, ...]]
    recognise: Callable[[Path], bool]
    holds: Holds
    says: str
    suffixes: tuple[str, ...]
    exact: bool = True
