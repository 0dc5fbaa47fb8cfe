"""AFLWinfo_release.mat: the 19 points of all 24,386 faces of AFLW as the field trains and tests on them.

Source of the file: Zhu et al., Unconstrained Face Alignment via Cascaded Compositional Learning, CVPR 2016,
http://mmlab.ie.cuhk.edu.hk/projects/compositional.html. Of N faces it has nameList, the images; data (N, 38), the x of
all points and then the y; mask_new (N, 19), 1 for points that are to be seen; bbox (N, 4), left, right, top, bottom;
and ra, a random order of the faces counted from 1, of which the first `TRAIN` are for training.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.matlab_files import read_matlab
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import checked_name, each, labels_of, some
from vitruvian.errors import DataError
from vitruvian.structures import HIDDEN, UNLABELLED, VISIBLE

POINTS = 19
TRAIN = 20_000  # faces
VARIABLES = ("nameList", "data", "mask_new", "bbox", "ra")


class _Face(NamedTuple):
    """numbers: x of the 19 points, their y, whether each is to be seen, and left, right, top, bottom (61,)."""

    name: str
    numbers: np.ndarray
    test: bool


def read_release(path: Path, skip: bool) -> Kept:
    """The labels of AFLWinfo_release.mat, as `vitruvian.datasets.read_aflw` describes them, and notes."""
    omissions = Omissions(path, skip)
    named = [(f"face {number}", face) for number, face in enumerate(_faces(path), 1)]
    faces = some(path, each(named, _checked, omissions, "faces that are not as expected"), "faces")
    x, y, seen, sides = np.split(np.stack([face.numbers for face in faces]), [POINTS, 2 * POINTS, 3 * POINTS], axis=1)
    labels = labels_of([face.name for face in faces], np.stack([x, y], axis=-1))
    visible = np.where(labels.visible == UNLABELLED, UNLABELLED, np.where(seen == 1, VISIBLE, HIDDEN))
    boxes = sides[:, [0, 2, 1, 3]]
    test = np.array([face.test for face in faces])
    extras = {
        "box_size": np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(1)),
        "test": test,
        "frontal": test & (visible == VISIBLE).all(1),
    }
    return replace(labels, visible=visible.astype(np.uint8), boxes=boxes, extras=extras), omissions.notes


def _faces(path: Path) -> list[_Face]:
    """All faces in the order of the file. Raises DataError where its variables are not those of the file."""
    variables = read_matlab(path)
    if missing := [name for name in VARIABLES if name not in variables]:
        raise DataError(
            f"{path} has no variable {missing[0]}; expected AFLWinfo_release.mat with {', '.join(VARIABLES)}"
        )
    names = np.atleast_1d(np.asarray(variables["nameList"], object)).ravel().tolist()
    columns = [_table(path, variables, name, len(names), width) for name, width in _widths()]
    order = _table(path, variables, "ra", len(names), 1).ravel()
    if sorted(order.tolist()) != list(range(1, len(names) + 1)):
        raise DataError(f"{path}: ra is no order of its {len(names)} faces; expected each number from 1 once")
    test = np.isin(np.arange(1, len(names) + 1), order[TRAIN:])
    return [
        _Face(str(name), numbers, bool(held_out))
        for name, numbers, held_out in zip(names, np.concatenate(columns, axis=1), test, strict=True)
    ]


def _widths() -> tuple[tuple[str, int], ...]:
    return ("data", 2 * POINTS), ("mask_new", POINTS), ("bbox", 4)


def _table(path: Path, variables: dict[str, Any], name: str, rows: int, width: int) -> np.ndarray:
    """A variable as (rows, width) float64, which MATLAB files have as fewer dimensions where one is 1."""
    try:
        table = np.asarray(variables[name], np.float64)
    except (TypeError, ValueError):
        table = np.empty(0)
    if table.squeeze().shape != tuple(side for side in (rows, width) if side != 1):
        raise DataError(f"{path}: {name} is {table.shape}, expected numbers ({rows}, {width}), a row for each face")
    return table.reshape(rows, width)


def _checked(face: _Face) -> _Face:
    """The face with a file name that can be used. Raises ValueError for points or a box that are none."""
    if not np.isfinite(face.numbers).all():
        raise ValueError("a number is not finite, expected coordinates in pixels")
    left, right, top, bottom = face.numbers[-4:]
    if not (left < right and top < bottom):
        raise ValueError(
            f"its box has left {left:g}, right {right:g}, top {top:g}, bottom {bottom:g}; expected an area"
        )
    return face._replace(name=checked_name(face.name))
