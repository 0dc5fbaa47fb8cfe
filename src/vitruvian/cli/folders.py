"""Refusing an output folder before the work, not after it."""

import tempfile
from pathlib import Path

from vitruvian.errors import DataError


def make_writable(folder: Path) -> None:
    """Make the folder if it is not there. Raises DataError when that, or writing into it, is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DataError(f"cannot write into the output folder {folder} ({error.strerror}); choose another") from error
