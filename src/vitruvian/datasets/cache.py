"""Labels of large files, parsed once and kept as arrays that later opens, and all processes, share.

They lie in `home() / "datasets"`, a folder for each reader and what it reads, one file or several, named by their
contents: a changed file is read again, a moved or copied one is not. Everything in there can be deleted at any time.
"""

import hashlib
import json
import shutil
import time
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from vitruvian.datasets.polygon_columns import flattened, nested
from vitruvian.errors import DataError, ShapeError
from vitruvian.folders import home
from vitruvian.structures import Labels
from vitruvian.version import __version__

FROM = 10 * 2**20  # bytes; a smaller file is parsed in less than a second and leaves no trace
FORM = 2  # of what is kept; a higher number when `Labels` or this file changes
ABANDONED = 24 * 60 * 60  # seconds after which a folder that is still being written belongs to a process that died
TABLE = "columns.json"
MADE_AGAIN = "the kept copy of these labels was damaged and has been made again"

Kept = tuple[Labels, tuple[str, ...]]  # labels, and notes of the reader


def cached(read: Callable[[Path, bool], Kept], path: Path, skip: bool, files: Sequence[Path] = ()) -> Kept:
    """What read(path, skip) gives: labels and notes, from the kept copy where there is one for these contents.

    files: all that `read` reads, in an order that does not depend on where they are; none for `path` alone. `read` must
    depend on their contents alone. What has under `FROM` bytes in all is read each time. The arrays of a kept copy are
    memory-mapped and read-only. Where nothing can be kept, on a full disk or in a home folder that is not writable, it
    works without.
    """
    files = files or (path,)
    if not _worth_keeping(files):
        return read(path, skip)
    try:
        folder = home() / "datasets" / _key(read, files, skip)
    except (OSError, DataError):
        return read(path, skip)  # whose error is about the file, if that is what cannot be read
    damaged = folder.exists()
    with suppress(OSError, ValueError, LookupError, TypeError, ShapeError):
        return _opened(folder)
    labels, notes = read(path, skip)
    _keep(folder, labels, notes)
    with suppress(OSError, ValueError, LookupError, TypeError, ShapeError):
        labels, notes = _opened(folder)
    return labels, (*notes, MADE_AGAIN) if damaged else notes


def _worth_keeping(files: Sequence[Path]) -> bool:
    with suppress(OSError):
        return all(file.is_file() for file in files) and sum(file.stat().st_size for file in files) >= FROM
    return False


def _key(read: Callable[[Path, bool], Kept], files: Sequence[Path], skip: bool) -> str:
    """The name of the folder: a hash of the contents, the reader, this form and the version of Vitruvian."""
    contents = [_hash(file) for file in files]
    parts = (*contents, _name(read), str(skip), str(FORM), __version__)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _name(value: Any) -> str:
    """What tells a reader from others: its name, and of a `partial` also what it was given."""
    if isinstance(value, partial):
        assert not value.keywords
        return f"{_name(value.func)}({', '.join(map(_name, value.args))})"
    return f"{value.__module__}.{value.__qualname__}" if callable(value) else repr(value)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _opened(folder: Path) -> Kept:
    """The kept copy, memory-mapped. Raises one of many errors where it is not there or not whole."""
    table = json.loads((folder / TABLE).read_text(encoding="utf-8"))
    columns: dict[str, Any] = {"extras": {}, "image_extras": {}}
    for number, (group, name, checksums) in enumerate(table["columns"]):
        arrays = [_mapped(folder / _file(number, part), checksum) for part, checksum in enumerate(checksums)]
        into = columns[group] if group else columns
        into[name] = arrays[0] if len(arrays) == 1 else nested(*arrays)
    return Labels(**columns), tuple(table["notes"])


def _file(number: int, part: int) -> str:
    """The file of a column, and those of its further parts, if it has such."""
    return f"{number}_{part}.npy" if part else f"{number}.npy"


def _mapped(file: Path, checksum: int) -> np.ndarray:
    if _checksum(file) != checksum:
        raise ValueError(f"{file} is damaged")
    return np.asarray(np.load(file, mmap_mode="r"))


def _keep(folder: Path, labels: Labels, notes: tuple[str, ...]) -> None:
    """Put a copy in place, whole or not at all; where that fails, there is none."""
    try:
        columns = [(group, name, _arrays(column)) for group, name, column in _columns(labels)]
    except ValueError:
        return  # objects that are no arrays
    partial, old = (folder.with_name(f".{uuid.uuid4().hex}.partial") for _ in range(2))
    try:
        _clean(folder.parent)
        partial.mkdir(parents=True)
        table = [
            (group, name, [_written(partial / _file(number, part), array) for part, array in enumerate(arrays)])
            for number, (group, name, arrays) in enumerate(columns)
        ]
        (partial / TABLE).write_text(json.dumps({"columns": table, "notes": notes}), encoding="utf-8")
        if folder.exists():  # damaged, or another process was faster
            folder.rename(old)
        partial.rename(folder)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _columns(labels: Labels) -> Iterator[tuple[str, str, np.ndarray]]:
    """Group ("extras", "image_extras" or none), name and array of every column that is there."""
    for field in fields(labels):
        value = getattr(labels, field.name)
        if isinstance(value, Mapping):
            yield from ((field.name, name, np.asarray(column)) for name, column in value.items())
        elif value is not None:
            yield "", field.name, value


def _arrays(column: np.ndarray) -> tuple[np.ndarray, ...]:
    """What a column is kept as: itself, or several arrays for one of polygons. Raises ValueError for other objects."""
    return flattened(column) if column.dtype.hasobject else (column,)


def _written(file: Path, column: np.ndarray) -> int:
    """The checksum of the file that the column was written to."""
    np.save(file, column, allow_pickle=False)
    return _checksum(file)


def _checksum(file: Path) -> int:
    """CRC-32 of a file, which finds what a disk or a copy broke."""
    checksum = 0
    with file.open("rb") as opened:
        while block := opened.read(2**20):
            checksum = zlib.crc32(block, checksum)
    return checksum


def _clean(parent: Path) -> None:
    """Remove what processes left half-written that were killed."""
    for old in parent.glob(".*.partial"):
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > ABANDONED:
                shutil.rmtree(old, ignore_errors=True)
