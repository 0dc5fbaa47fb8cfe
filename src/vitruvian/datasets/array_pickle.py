"""Reading pickles of others: NumPy arrays of numbers, texts and plain containers, and nothing that runs.

A pickle may name any function to be called. Here only the names by which NumPy writes arrays are known, and stand-ins
for them put the arrays together; any other name ends the reading.
"""

import io
import pickle
from pathlib import Path
from typing import Any, Literal

import numpy as np

from vitruvian.datasets.json_records import contents
from vitruvian.errors import DataError

LARGEST = 2**30  # bytes; the largest published one, of RHD's training images, has under 200 MiB
DEEPEST = 8  # containers within one another


def read_array_pickle(path: Path, expected: str) -> Any:
    """What a pickle holds; `expected` says in messages what the file should be.

    Raises DataError for a file that asks for anything but arrays of numbers, or that is damaged.
    """
    if path.is_file() and path.stat().st_size > LARGEST:
        raise DataError(f"{path} has over {LARGEST / 2**30:.0f} GiB; expected {expected}")
    data = contents(path)
    try:
        return _plain(_ArraysOnly(io.BytesIO(data), encoding="latin1").load(), {})
    except Exception as error:  # a damaged file may say anything to the reader, and so bring it to any error
        raise DataError(f"{path} cannot be read as a pickle of arrays: {error}; expected {expected}") from error


class _Type:
    """Stands for numpy.dtype: its code, "f8", and then, as its state, the order of its bytes."""

    def __init__(self, code: str, *_: Any):
        self.code = code

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.code = f"{state[1]}{self.code}"

    def of(self, data: bytes | str) -> np.ndarray:
        """The numbers in the bytes, which are a latin-1 text if Python 2 wrote them."""
        kind = np.dtype(self.code)
        if kind.kind not in "biuf":
            raise DataError(f"it holds an array of {kind}, expected numbers")
        return np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, kind)


class _Array:
    """Stands for an array: nothing, and then, as its state, the shape, type, order and bytes."""

    def __init__(self, *_: Any):
        self.values = np.zeros(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, by_columns, data = state
        self.values = kind.of(data).reshape(shape, order="F" if by_columns else "C")


def _scalar(kind: _Type, data: bytes | str) -> Any:
    return kind.of(data)[0].item()


def _bytes(text: str, code: str) -> bytes:
    return text.encode("latin1")


def _no_bytes() -> bytes:
    return b""


def _from_buffer(data: bytes | bytearray, kind: _Type, shape: tuple[int, ...], order: Literal["C", "F"]) -> np.ndarray:
    return kind.of(bytes(data)).reshape(shape, order=order)


MADE_OF: dict[tuple[str, str], Any] = {
    ("numpy", "dtype"): _Type,
    ("numpy", "ndarray"): None,  # only ever named, as what _reconstruct makes
    ("_codecs", "encode"): _bytes,
    ("__builtin__", "bytes"): _no_bytes,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _Array for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _scalar for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _from_buffer for core in ("core", "_core")},
}


class _ArraysOnly(pickle.Unpickler):
    """An unpickler that knows arrays, and no other class or function."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in MADE_OF:
            raise DataError(f"it asks for {module}.{name}, which arrays have no need of and which may run code")
        return MADE_OF[module, name]


def _plain(value: Any, done: dict[int, Any], depth: int = 0) -> Any:
    """The value with arrays in the place of their stand-ins; done: those already made, by id."""
    if depth > DEEPEST:
        raise DataError(f"it has containers more than {DEEPEST} deep")
    if isinstance(value, _Array):
        return value.values
    if not isinstance(value, dict | list | tuple):
        return value
    if id(value) not in done:
        if isinstance(value, dict):
            done[id(value)] = {key: _plain(one, done, depth + 1) for key, one in value.items()}
        else:
            done[id(value)] = type(value)(_plain(one, done, depth + 1) for one in value)
    return done[id(value)]
