"""What was evaluated on what, told apart by hashes."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from vitruvian.datasets import Dataset
from vitruvian.structures import Labels


def labels_sha256(labels: Labels) -> str:
    """The SHA-256 of all columns, 64 hex digits: the same for the same annotations, whatever file they come from."""
    digest = hashlib.sha256()
    for part in fields(labels):
        value = getattr(labels, part.name)
        columns = value if isinstance(value, Mapping) else {part.name: value}
        for name in sorted(columns):
            digest.update(f"{part.name} {name}\n".encode())
            digest.update(_bytes(columns[name]))
    return digest.hexdigest()


def _bytes(column: np.ndarray | None) -> bytes:
    if column is None:
        return b"none\n"
    if column.dtype.kind in "UO":  # how wide the longest text is stored does not matter
        return "\n".join(map(str, column.tolist())).encode("utf-8", "surrogateescape")
    return f"{column.dtype.str} {column.shape}\n".encode() + np.ascontiguousarray(column).tobytes()


def images_sha256(dataset: Dataset) -> str:
    """The SHA-256 of the names and sizes in bytes of the image files: changed when one is, nearly always."""
    digest = hashlib.sha256()
    for row in range(len(dataset)):
        digest.update(f"{dataset.labels.files[row]} {_size(dataset, row)}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _size(dataset: Dataset, row: int) -> int:
    try:
        return dataset.path(row).stat().st_size
    except (OSError, ValueError):
        return -1  # no such file; `DataError`, for a name that leads out of the folder, is a ValueError


@cache
def code_sha256() -> str:
    """The SHA-256 of all Python files of this package: of the very code that runs, whatever its version is called."""
    home = files("vitruvian")
    assert isinstance(home, Path)
    digest = hashlib.sha256()
    for path in sorted(home.rglob("*.py")):
        digest.update(f"{path.relative_to(home).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def joined_sha256(parts: Iterable[str]) -> str:
    """One hash of several texts."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
