"""A plain csv: a row an instance with columns for every keypoint, or a row a keypoint.

    file,instance,...,nose_x,nose_y,nose_v,left_eye_x,...      what the writer writes; nearly all of it may be missing
    file,x0,y0,x1,y1,...                                       points that are only numbered
    file,person,keypoint,x,y,score                             what `vitruvian predict` writes

A cell may be empty where something is unknown. Visibility is a word, visible or hidden, or a number, 0 1 2 as COCO
counts, or 0 1 throughout for unlabelled or not. The text is UTF-8. Other columns are passed over, which is noted.
"""

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.formats.beginnings import the_beginning, the_file
from vitruvian.datasets.formats.columns import ImageRow, InstanceRow, labels_of_rows, usable_name
from vitruvian.datasets.formats.csv_lines import WORDS, Line, read_lines, visibilities
from vitruvian.datasets.formats.format import LabelFormat
from vitruvian.datasets.formats.losses import Holds, losses
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.own_skeleton import Declared, understand
from vitruvian.datasets.rows import image_folder
from vitruvian.errors import DataError
from vitruvian.folders import written_whole
from vitruvian.structures import VISIBLE, Labels

HOLDS = Holds(
    hidden=True,
    boxes=True,
    sizes=True,
    numbers=True,
    groups=True,
    area=True,
    crowd=True,
    tracks=True,
    gaps=True,
    pointless=True,
    deserted=True,
)
FILE = ("file", "file_name", "filename", "image", "image_name", "image_path", "path", "img", "")
BOX = ("box_x0", "box_y0", "box_x1", "box_y1")
OF_IMAGE = ("width", "height", "image_id", "group")
OF_INSTANCE = ("id", "track", "crowd", "area", *BOX)
LONG = ("keypoint", "x", "y")  # the columns of a table with a row a keypoint
POINT = re.compile(r"(?P<name>.+)[_. -](?P<part>x|y|v|vis|visible|visibility)|(?P<first>[xyv])[_ ]?(?P<rest>.+)", re.I)
EXPECTED = (
    "a column file and, for every keypoint, <name>_x and <name>_y, or file, keypoint, x and y, with commas between"
)
UNUSABLE = "lines that cannot be used"


def read_table(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """The labels of a csv as described above. The images are in `folder`, or beside the file or in its folder "images".

    Raises DataError, with the file and the line, for what is not like that.
    """
    path = the_file(path, "*.csv")
    columns, lines = read_lines(path)
    if set(LONG) <= set(columns):
        columns, lines = _widened(columns, lines)
    file, points, omissions = _file_column(columns), _points(columns), Omissions(path, skip)
    if file is None or not points:
        raise DataError(f"{path} has the columns {', '.join(columns[:6]) or 'none'}, ...; expected {EXPECTED}")
    given = [line.text(parts["v"]) for line in lines for parts in points.values() if "v" in parts]
    labels = _labels(lines, _Columns(file, points, visibilities(given), columns), folder or path.parent, omissions)
    understood = understand(Declared(tuple(points)), labels, path)
    used = {
        file,
        "instance",
        *OF_IMAGE,
        *OF_INSTANCE,
        *(column for parts in points.values() for column in parts.values()),
    }
    unused = [column for column in columns if column not in used]
    return Dataset(
        path.stem,
        understood.skeleton,
        understood.labels,
        folder or image_folder(path, labels.files, ".", "images", "..", "../images"),
        notes=(
            *omissions.notes,
            *([f"the columns {', '.join(unused)} are passed over"] if unused else []),
            *understood.notes,
        ),
    )


def write_table(dataset: Dataset, path: Path) -> tuple[str, ...]:
    """Write the labels, a row an instance and one for each image without any. Returns what it cannot hold."""
    labels = dataset.labels
    points = [f"{name}_{part}" for name in dataset.skeleton.names for part in "xyv"]
    with written_whole(path) as beside, beside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "instance", *OF_IMAGE, *OF_INSTANCE, *points])
        for row in range(labels.images):
            about = [*labels.sizes[row].tolist(), int(labels.image_ids[row]), int(labels.groups[row])]
            instances = dataset.instances(row).tolist()
            for place, one in enumerate(instances):
                writer.writerow([labels.files[row], place, *about, *_facts(labels, one), *_places(labels, one)])
            if not instances:
                writer.writerow([labels.files[row], "", *about, *[""] * (len(OF_INSTANCE) + len(points))])
    return losses(dataset, HOLDS)


def recognise_table(path: Path) -> bool:
    """A csv whose first line has the columns."""
    first = the_beginning(path, "*.csv").partition("\n")[0]
    columns = [cell.strip().strip('"') for cell in first.split(",")]
    return _file_column(columns) is not None and (set(LONG) <= set(columns) or bool(_points(columns)))


def _facts(labels: Labels, one: int) -> list[Any]:
    """The cells of OF_INSTANCE."""
    track = "" if labels.tracks is None else int(labels.tracks[one])
    box = [_cell(value) for value in labels.boxes[one].tolist()]
    return [int(labels.ids[one]), track, int(labels.crowd[one]), _cell(float(labels.area[one])), *box]


def _places(labels: Labels, one: int) -> Iterator[str]:
    """x, y and visibility of every keypoint."""
    words = {number: word for word, number in WORDS.items()}
    for (x, y), v in zip(labels.xy[one].tolist(), labels.visible[one].tolist(), strict=True):
        yield from (_cell(x), _cell(y), words[v])


def _cell(value: float) -> str:
    return repr(value) if np.isfinite(value) else ""


def _file_column(columns: Sequence[str]) -> str | None:
    return next((column for column in columns if column.lower() in FILE), None)


def _points(columns: Sequence[str]) -> dict[str, dict[str, str]]:
    """Keypoint -> "x", "y", "v" -> column, for what has x and y; in the order of the columns."""
    found: dict[str, dict[str, str]] = {}
    for column in columns:
        match = None if column in (*OF_IMAGE, *OF_INSTANCE) else POINT.fullmatch(column)
        if match:
            name, part = match["name"] or match["rest"], match["part"] or match["first"]
            found.setdefault(name, {})[part[0].lower()] = column
    return {name: parts for name, parts in found.items() if {"x", "y"} <= set(parts)}


def _widened(columns: list[str], lines: list[Line]) -> tuple[list[str], list[Line]]:
    """A table with a row a keypoint as one with a row an instance; the first line of an instance gives the number."""
    file = _file_column(columns) or ""
    visible = next((column for column in ("v", "visible", "visibility") if column in columns), None)
    wide: dict[tuple[str, str], Line] = {}
    names: dict[str, None] = {}
    faulty = []
    for line in lines:
        name, key = line.text("keypoint"), (line.text(file), line.text("person"))
        first = wide.setdefault(key, Line(line.number, {file: line.text(file), "instance": line.text("person") or "0"}))
        if line.fault or not name or f"{name}_x" in first.cells:
            faulty.append(
                line if line.fault else replace(line, fault=f'the keypoint "{name}" is not named, or named twice')
            )
            continue
        names.setdefault(name)
        parts = {"x": line.text("x"), "y": line.text("y")} | ({"v": line.text(visible)} if visible else {})
        wide[key] = replace(first, cells={**first.cells, **{f"{name}_{part}": cell for part, cell in parts.items()}})
    ends = ("x", "y", "v") if visible else ("x", "y")
    return [file, "instance", *(f"{name}_{end}" for name in names for end in ends)], [*wide.values(), *faulty]


@dataclass(frozen=True)
class _Columns:
    """The columns of a table. points: as `_points` gives them; visibility: what a cell means; names: all columns."""

    file: str
    points: Mapping[str, Mapping[str, str]]
    visibility: Mapping[str, int]
    names: Sequence[str]


def _labels(lines: Sequence[Line], columns: _Columns, folder: Path, omissions: Omissions) -> Labels:
    images: dict[str, ImageRow] = {}
    row_of: dict[str, int] = {}
    instances: list[InstanceRow] = []
    for line in lines:
        record = f"line {line.number}"
        if line.fault:
            omissions.add(UNUSABLE, record, line.fault)
            continue
        name = usable_name(line.text(columns.file), folder, record, omissions)
        if name is None:
            continue
        try:
            image = _image(line, name)
            instance = _instance(line, row_of.get(name, len(row_of)), columns)
        except ValueError as error:
            omissions.add(UNUSABLE, record, str(error))
            continue
        images.setdefault(name, image)
        row_of.setdefault(name, len(row_of))
        instances += [instance] if instance else []
    if not images:
        raise DataError(f"{omissions.path} has no line that can be used; expected an image in at least one")
    return labels_of_rows([*images.values()], instances, len(columns.points))


def _image(line: Line, name: str) -> ImageRow:
    size = line.whole("width") or 0, line.whole("height") or 0
    if min(size) < 0 or max(size) >= 2**31:
        raise ValueError(f"width and height are {size[0]} and {size[1]}, expected numbers over 0")
    group = line.text("group")
    counted = group.lstrip("-").isdecimal() and len(group) <= 18  # a longer one is a name
    return ImageRow(name, size, line.whole("image_id"), int(group) if counted else group or None)


def _instance(line: Line, image: int, columns: _Columns) -> InstanceRow | None:
    """What a line says; None where it is of an image without instances. Raises ValueError for a cell that is wrong."""
    triples = np.array([_triple(line, parts, columns.visibility) for parts in columns.points.values()])
    if not line.text("instance") and not (triples[:, 2] > 0).any():
        return None
    area, crowd = line.number_or_nan("area"), line.whole("crowd")
    box = None
    if set(BOX) <= set(columns.names):
        x0, y0, x1, y1 = map(line.number_or_nan, BOX)
        box = x0, y0, x1, y1
    return InstanceRow(image, triples, box, area, bool(crowd), line.whole("track"), line.whole("id"))


def _triple(line: Line, parts: Mapping[str, str], visibility: Mapping[str, int]) -> tuple[float, float, int]:
    """x, y and visibility of a keypoint; unlabelled where either is missing or the visibility says so."""
    x, y = line.number_or_nan(parts["x"]), line.number_or_nan(parts["y"])
    labelled = math.isfinite(x) and math.isfinite(y)
    if math.isfinite(x) != math.isfinite(y):
        given, empty = (parts["x"], parts["y"]) if math.isfinite(x) else (parts["y"], parts["x"])
        raise ValueError(f"{given} is {line.text(given)}, but {empty} is empty; expected both or neither")
    if "v" not in parts:
        return x, y, VISIBLE * labelled
    word = line.text(parts["v"]).lower().removesuffix(".0")
    if word not in visibility:
        raise ValueError(f'{parts["v"]} is "{word[:40]}", expected one of {", ".join(visibility)}, or an empty cell')
    return x, y, visibility[word] * labelled


TABLE = LabelFormat(
    read_table, write_table, recognise_table, HOLDS, "a plain csv with the columns file, nose_x, nose_y", (".csv",)
)
