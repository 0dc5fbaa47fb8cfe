"""MATLAB files, as older data sets come in."""

import zlib
from pathlib import Path
from typing import Any

from vitruvian.errors import DataError, needs


def read_matlab(path: Path) -> dict[str, Any]:
    """The variables of a MATLAB file, records as dicts. Raises DataError for what is none."""
    with needs("formats", "reading MATLAB files"):
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    if not path.is_file():
        raise DataError(f"{path} is not there; expected a MATLAB file")
    try:
        return dict(loadmat(path, simplify_cells=True))
    except (MatReadError, OSError, zlib.error, ValueError, TypeError, LookupError, NotImplementedError) as error:
        raise DataError(f"{path} is no whole MATLAB file ({error}); is its download or copy cut short?") from error
