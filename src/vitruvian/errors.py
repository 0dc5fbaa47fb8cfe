"""Every exception raised on purpose.

    PoseError                 catch this to catch them all
    ├── ShapeError            an array has the wrong shape or dtype        (a ValueError)
    ├── SkeletonError         a skeleton contradicts itself                (a ValueError)
    ├── DataError             a file or an annotation cannot be used       (a ValueError)
    │   └── ImageError        an image cannot be read or written
    ├── BoxError              a box encloses nothing                       (a ValueError)
    ├── RecipeError           a recipe or a command-line value is invalid  (a ValueError)
    ├── UnknownNameError      a name is in no table                        (a KeyError)
    ├── WeightsError          a checkpoint or model file does not fit      (a RuntimeError)
    ├── TrainingError         training cannot go on                        (a RuntimeError)
    │   └── NotFiniteError    a loss or a gradient is not a number any more
    ├── ExportError           an exported model answers differently        (a RuntimeError)
    ├── DownloadError         a file cannot be fetched                     (an OSError)
    └── MissingPackageError   an optional package is not installed         (an ImportError)

A message says what was given, where, what was expected and what to do.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any


class PoseError(Exception):
    """The parent of every error that Vitruvian raises on purpose."""


class ShapeError(PoseError, ValueError):
    """An array has the wrong shape or dtype."""


class SkeletonError(PoseError, ValueError):
    """A skeleton contradicts itself: an unknown limb, an unpaired side, a wrong length."""


class DataError(PoseError, ValueError):
    """A file or an annotation cannot be used."""


class ImageError(DataError):
    """An image cannot be read or written."""


class BoxError(PoseError, ValueError):
    """A box encloses nothing: not finite, or without width or height."""


class RecipeError(PoseError, ValueError):
    """A recipe or a command-line value is invalid."""


MANY = 100  # names; a longer table is not spelled out in a message


class UnknownNameError(PoseError, KeyError):
    """A name that is in no table. Offers the nearest of the known ones, and of those `hinted`, which are not listed."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hinted: Iterable[str] = ()):
        self.name = name
        names = sorted(known)
        near = get_close_matches(name, sorted({*names, *hinted}), n=3, cutoff=0.4)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        known_names = ", ".join(names) if len(names) <= MANY else f"{len(names)} names"
        super().__init__(f'unknown {kind} "{name}"; known: {known_names}.{hint}')

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would print its message in quotes


class WeightsError(PoseError, RuntimeError):
    """A checkpoint or a model file does not fit."""


class TrainingError(PoseError, RuntimeError):
    """Training cannot go on."""


class NotFiniteError(TrainingError):
    """The loss or a gradient is not a number any more. batch: the arrays by name that it happened with."""

    def __init__(self, message: str, batch: Mapping[str, Any]):
        super().__init__(message)
        self.batch = batch


class ExportError(PoseError, RuntimeError):
    """An exported model answers differently from its original."""


class DownloadError(PoseError, OSError):
    """A file cannot be fetched: the server, the connection or its size is in the way."""


class MissingPackageError(PoseError, ImportError):
    """An optional package is not installed."""

    def __init__(self, package: str, extra: str, purpose: str):
        super().__init__(f'{purpose} needs the package {package}. Install it with: pip install "vitruvian[{extra}]"')


@contextmanager
def needs(extra: str, purpose: str) -> Iterator[None]:
    """Around imports: a package that is not installed becomes a MissingPackageError that names the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "vitruvian":
            raise
        raise MissingPackageError(str(error.name), extra, purpose) from error
