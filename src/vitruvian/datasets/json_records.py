"""JSON files of many records: read in bounds, and record by record where something is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from vitruvian.datasets.omissions import Omissions
from vitruvian.errors import DataError

LARGEST = 4 * 2**30  # bytes; the keypoints of COCO, with outlines, have 0.23 GiB
NOT_A_NUMBER = ("NaN", "Infinity", "-Infinity")  # as some writers put into JSON, which has no such numbers

S = TypeVar("S", bound=msgspec.Struct)
T = TypeVar("T")


class _Named(msgspec.Struct):
    """What can be said of a record that is not as it should be."""

    id: Any = None


def contents(path: Path) -> bytes:
    """The bytes of a file of annotations. Raises DataError for one that is not there, empty, or over `LARGEST`."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise DataError(
                f"{path} has {size / 2**30:.1f} GiB, over the {LARGEST / 2**30:.0f} GiB that are read; split it"
            )
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); expected a file of annotations") from error
    if not data or data.isspace():
        raise DataError(f"{path} is empty; expected annotations; was its download or copy cut short?")
    return data.removeprefix(b"\xef\xbb\xbf")


def parse(data: bytes, form: type[T], path: Path, expected: str) -> T:
    """The JSON as `form`. Raises DataError for what is no JSON, or another; `expected` says what the file should be."""
    try:
        return msgspec.json.decode(data, type=form)
    except msgspec.ValidationError as error:
        raise DataError(f"{path} is not {expected}: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(
            f"{path} is not whole JSON after {len(data)} bytes ({error}); is its download or copy cut short? "
            f"Expected {expected}"
        ) from error


def with_texts_for_nan(data: bytes) -> bytes:
    """NaN and Infinity, which are not JSON, as texts, so that the record they are in can be named."""
    if not any(word.encode() in data for word in NOT_A_NUMBER):
        return data
    try:
        return msgspec.json.encode(json.loads(data, parse_constant=str))
    except (ValueError, RecursionError):
        return data


def records(raws: list[msgspec.Raw], form: type[S], what: str, omissions: Omissions) -> Iterator[S]:
    """Those of the JSON records that are as `form` has them; the others are omissions. what: "annotation"."""
    for number, raw in enumerate(raws):
        try:
            yield msgspec.json.decode(raw, type=form)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            word = next((f" ({word})" for word in NOT_A_NUMBER if f'"{word}"'.encode() in bytes(raw)), "")
            omissions.add(f"records ({what}) that are not in this layout", _name(raw, what, number), f"{error}{word}")


def read_list(path: Path, form: type[S], what: str, omissions: Omissions) -> Iterator[S]:
    """The `records` of a file that is one JSON list of them."""
    raws = parse(with_texts_for_nan(contents(path)), list[msgspec.Raw], path, "a list of records")
    return records(raws, form, what, omissions)


def _name(raw: msgspec.Raw, what: str, number: int) -> str:
    try:
        found = msgspec.json.decode(raw, type=_Named).id
        return f"{what} {found} (entry {number} of its list)" if found is not None else f"{what} {number} of its list"
    except (msgspec.DecodeError, UnicodeDecodeError):
        return f"{what} {number} of its list"
