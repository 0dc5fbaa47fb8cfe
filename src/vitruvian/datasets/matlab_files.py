"""MATLAB files, as older data sets come in."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vitruvian.errors import DataError, needs


def read_matlab(path: Path, *names: str) -> dict[str, Any]:
    """The variables of a MATLAB file, records as dicts; names: of those to read, if they are there; none for all.

    Raises DataError for what is no such file.
    """
    with needs("formats", "reading MATLAB files"):
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    if not path.is_file():
        raise DataError(f"{path} is not there; expected a MATLAB file")
    try:
        return dict(loadmat(path, simplify_cells=True, variable_names=names or None))
    except (MatReadError, OSError, zlib.error, ValueError, TypeError, LookupError, NotImplementedError) as error:
        raise DataError(f"{path} is no whole MATLAB file ({error}); is its download or copy cut short?") from error


@contextmanager
def opened_hdf5(path: Path) -> Iterator[Any]:
    """A MATLAB file of version 7.3, which is HDF5: a `h5py.File`, its variables with all axes in reverse.

    Raises DataError for what is none, and for what breaks off while it is read in the block.
    """
    with needs("formats", "reading MATLAB files of version 7.3"):
        import h5py
    if not path.is_file():
        raise DataError(f"{path} is not there; expected a MATLAB file of version 7.3")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except DataError:
        raise
    except (OSError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise DataError(
            f"{path} is no whole MATLAB file of version 7.3 ({error}); is its download or copy cut short?"
        ) from error
