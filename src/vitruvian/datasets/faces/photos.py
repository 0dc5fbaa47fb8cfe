"""Which faces are of the same photo, by the names of their files."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

import numpy as np

from vitruvian.datasets.rows import numbered

NUMBERED_FACE = re.compile(r"(\d{5,})_\d+")  # 134212_2: photo 134212, its face 2


def photo_groups(files: Iterable[str]) -> np.ndarray:
    """(I,) int64: files of one folder that are called <photo>_<face>, both numbers, have the number of their photo.

    AFW, HELEN and LaPa cut or copied a file for each face of a photo, so such files show the same people. Every other
    file is a group of its own.
    """
    return numbered(_photo(PurePosixPath(name)) for name in files)


def _photo(file: PurePosixPath) -> tuple[PurePosixPath, str]:
    match = NUMBERED_FACE.fullmatch(file.stem)
    return file.parent, match[1] if match else file.name
