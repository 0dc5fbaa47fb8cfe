"""Rows: labels from instances that a reader has one by one or as arrays, in files that are not in COCO's layout."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from vitruvian.datasets.coco_layout import FARTHEST, fault_of_name
from vitruvian.datasets.omissions import Omissions
from vitruvian.errors import DataError
from vitruvian.geometry import around_points
from vitruvian.metrics import BOX_SHARE
from vitruvian.structures import UNLABELLED, VISIBLE, Labels

Record = TypeVar("Record")
Read = TypeVar("Read")


def labels_of(files: Sequence[str], xy: np.ndarray) -> Labels:
    """Labels of N instances: files, the image of each, may name an image more than once; xy (N, K, 2), NaN unlabelled.

    Images come in the order in which they are first named, and their numbers, like those of the instances, are their
    rows. Each is a group of its own. What is known is visible, the boxes are tight around it. `dataclasses.replace`
    puts better columns in.
    """
    row = {name: number for number, name in enumerate(dict.fromkeys(files))}
    images = np.arange(len(row), dtype=np.int64)
    known = np.isfinite(xy).all(-1)
    return Labels(
        files=np.array(list(row), np.str_),
        sizes=np.zeros((len(row), 2), np.int32),
        image_ids=images,
        groups=images,
        image=np.array([row[name] for name in files], np.int32),
        ids=np.arange(len(files), dtype=np.int64),
        xy=np.where(known[..., None], xy, np.nan).astype(np.float64),
        visible=np.where(known, VISIBLE, UNLABELLED).astype(np.uint8),
        boxes=around_points(xy).astype(np.float64),
        area=np.full(len(files), np.nan),
        crowd=np.zeros(len(files), bool),
    )


def all_visible(labels: Labels) -> Labels:
    """The labels with every labelled keypoint VISIBLE: for files that say with 1 that a point is labelled, where COCO
    says that it is hidden."""
    return replace(labels, visible=np.where(labels.visible > UNLABELLED, VISIBLE, UNLABELLED).astype(np.uint8))


def with_areas(labels: Labels) -> Labels:
    """The labels with `BOX_SHARE` of the box as area where none is known, as evaluations of such data have it."""
    boxes = (labels.boxes[:, 2:] - labels.boxes[:, :2]).prod(1)
    return replace(labels, area=np.where(np.isfinite(labels.area), labels.area, BOX_SHARE * boxes))


def of_images(labels: Labels, column: np.ndarray) -> np.ndarray:
    """(N, ...) what each instance says about its image -> (I, ...) what the first of each image says.

    Every image must have an instance, as in labels of `labels_of`.
    """
    return np.asarray(column)[np.unique(labels.image, return_index=True)[1]]


def numbered(keys: Iterable[object]) -> np.ndarray:
    """(M,) int64: equal keys get equal numbers, counted from 0 in the order in which they first come."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def each(
    records: Iterable[tuple[str, Record]], read: Callable[[Record], Read], omissions: Omissions, kind: str
) -> list[Read]:
    """What `read` makes of each named record, a value or a tuple of values.

    One about which it raises ValueError is an omission of this kind, and so is one with a number beyond `FARTHEST`.
    """
    done: list[Read] = []
    for name, record in records:
        try:
            done.append(within_reach(read(record)))
        except ValueError as error:
            omissions.add(kind, name, str(error))
    return done


def within_reach(one: Read) -> Read:
    """A value or a tuple of values, as it is. Raises ValueError for a float, or one in an array, beyond `FARTHEST`."""
    values = one if isinstance(one, tuple) else (one,)
    for numbers in [np.asarray(value) for value in values if isinstance(value, float | np.floating | np.ndarray)]:
        if numbers.dtype.kind == "f" and (np.abs(numbers) > FARTHEST).any():
            raise ValueError(f"a number is beyond {FARTHEST:g}, expected pixels or millimetres")
    return one


def some(path: Path, rows: list[Read], expected: str) -> list[Read]:
    """The rows, if there are any. Raises DataError, which says what was expected of the file, if there are none."""
    if not rows:
        raise DataError(f"{path} holds nothing that can be used; expected {expected}")
    return rows


def checked_name(name: str) -> str:
    """A file name relative to the folder of images, with forward slashes. Raises ValueError for any other."""
    name = name.replace("\\", "/")
    if fault := fault_of_name(name):
        raise ValueError(fault)
    return name


def image_folder(path: Path, files: np.ndarray, *places: str) -> Path:
    """Where the images of the annotations `path` are: the first of `places`, as seen from the folder of `path`, that
    holds the first image; that folder itself where none does."""
    base = path if path.is_dir() else path.parent
    first = str(files[0]) if len(files) else ""
    folders = (Path(os.path.normpath(base / place)) for place in places)
    return next((folder for folder in folders if (folder / first).is_file()), base)
