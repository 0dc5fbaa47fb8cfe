"""A sentence instead of a traceback when an optional package is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from vitruvian.errors import MissingPackageError


@contextmanager
def needs(extra: str, purpose: str) -> Iterator[None]:
    """Around imports: a package that is not installed becomes a MissingPackageError that names the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "vitruvian":
            raise
        raise MissingPackageError(str(error.name), extra, purpose) from error
