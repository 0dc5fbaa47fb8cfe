"""What a run depends on besides its recipe, as hashes: whom it is trained on, and how its checkpoints are compared."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from vitruvian.datasets import Dataset, Endless, Everybody
from vitruvian.structures import Labels

NAMES = ("files", "image_ids", "ids")  # columns that say what something is called, not what is labelled


def fingerprints(
    everybody: Everybody, held_out: Dataset | None, score: str, endless: Sequence[Endless] = ()
) -> dict[str, str]:
    """What may not change while a run is stopped, and its hash: other labels or other pixels have another one.

    Names of files and folders may change. Reads every image file once. Endless pictures count by their settings.
    """
    said = [np.array(f"{one.share!r} {one.joints} {one.settings}") for one in endless]
    facts = {"training data": _sha256([*everybody.arrays(), *said], everybody.paths)}
    if held_out is None:
        return {**facts, "held-out data": "none"}
    paths = (held_out.path(row) for row in range(len(held_out)))
    held = _sha256(_columns(held_out.labels), paths)
    return {**facts, "held-out data": held, "scoring": score}


def _columns(labels: Labels) -> Iterator[np.ndarray]:
    """All that a score may look at."""
    named = {part.name: getattr(labels, part.name) for part in fields(Labels) if part.name not in NAMES}
    extras, image_extras = named.pop("extras"), named.pop("image_extras")
    yield from (column for column in named.values() if column is not None)
    for further in (extras, image_extras):
        for name in sorted(further):
            yield from _plain(np.asarray(further[name]))


def _plain(column: np.ndarray) -> Iterator[np.ndarray]:
    """A column as arrays of numbers or text: the bytes of objects, such as polygons, say only where these lie."""
    if not column.dtype.hasobject:
        yield column
        return
    for row in column.tolist():
        several = row if isinstance(row, tuple) else (row,)
        yield np.array(len(several))
        yield from (one if isinstance(one, np.ndarray) else np.array(repr(one)) for one in several)


def _sha256(arrays: Iterable[np.ndarray], paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    for path in paths:
        digest.update(_content(path))
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    """The hash of a file; of one that cannot be read, its absence."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b"unreadable"
