"""Reading boxes of people from a file: COCO json, plain json, csv, or what `vitruvian predict` wrote."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vitruvian.errors import DataError
from vitruvian.geometry import from_xywh

COLUMNS = ("file", "x0", "y0", "x1", "y1")
FORMS = (
    '{"photo.jpg": [[x0, y0, x1, y1], ...]}, a COCO file with "images" and "annotations" (bbox as x, y, width, '
    "height), a poses.json of vitruvian predict, or a csv with the columns file,x0,y0,x1,y1"
)


def read_boxes(path: Path) -> dict[str, np.ndarray]:
    """File name -> boxes (N, 4) float32, x0 y0 x1 y1 in image pixels, NaN where a json file says null.

    Raises DataError, with the forms that are understood, for anything else.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as text ({error}); expected {FORMS}") from error
    try:
        boxes = _from_csv(text) if path.suffix.lower() == ".csv" else _from_json(json.loads(text))
        with np.errstate(over="ignore"):  # a number too large is infinite, and no box, in float32
            return {name: np.array(rows, np.float32).reshape(-1, 4) for name, rows in boxes.items()}
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, csv.Error) as error:
        raise DataError(f"{path} is no list of boxes ({type(error).__name__}: {error}); expected {FORMS}") from error


def for_paths(boxes: Mapping[str, np.ndarray], paths: list[Path]) -> dict[Path, np.ndarray]:
    """The boxes of each path: those under its full name as given, or else under its file name alone.

    Raises DataError when not one of the paths is named, because then the file is of other images.
    """
    found = {path: boxes[key] for path in paths for key in (path.name, path.as_posix()) if key in boxes}
    if boxes and paths and not found:
        raise DataError(
            f"the boxes are for {', '.join(sorted(boxes)[:3])}, ..., none of which is among the images given "
            f"({paths[0]}, ...); name the images as the file of boxes does"
        )
    return found


def _from_csv(text: str) -> dict[str, list[list[float]]]:
    boxes: dict[str, list[list[float]]] = {}
    rows = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise ValueError(f"it has no column {', '.join(missing)}")
    for row in rows:
        try:
            numbers = [float(row[column]) for column in COLUMNS[1:]]
        except (TypeError, ValueError) as error:
            raise ValueError(f"line {rows.line_num} has no number in each of {', '.join(COLUMNS[1:])}") from error
        if None in row or not row["file"]:
            raise ValueError(f"line {rows.line_num} has no file name, or more cells than there are columns")
        boxes.setdefault(row["file"], []).append(numbers)
    return boxes


def _from_json(content: Any) -> dict[str, list[list[float]]]:
    if not isinstance(content, dict):
        raise TypeError(f"it holds a {type(content).__name__}, not an object")
    if "annotations" in content:
        return _from_coco(content)
    if "images" in content:  # a poses.json
        return {image["file"]: [_numbers(person["box"]) for person in image["people"]] for image in content["images"]}
    for name, rows in content.items():
        if not isinstance(rows, list):
            raise TypeError(f"the boxes of {name} are a {type(rows).__name__}, not a list")
    return {name: [_numbers(row) for row in rows] for name, rows in content.items()}


def _from_coco(content: Mapping[str, Any]) -> dict[str, list[list[float]]]:
    names = {image["id"]: image["file_name"] for image in content["images"]}
    boxes: dict[str, list[list[float]]] = {name: [] for name in names.values()}
    for annotation in _single_people(content):
        box = from_xywh(np.array(_numbers(annotation["bbox"])))
        boxes[names[annotation["image_id"]]].append(box.tolist())
    return boxes


def _single_people(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The annotations of a COCO file without crowds and, where it has several categories, of people only."""
    single = [annotation for annotation in content["annotations"] if not annotation.get("iscrowd")]
    names = {category["id"]: category["name"] for category in content.get("categories", ())}
    categories = {*names, *(annotation.get("category_id") for annotation in single)} - {None}
    if len(categories) < 2:
        return single
    if "person" not in names.values():
        raise ValueError(f'it has {len(categories)} categories, none of them named "person"')
    return [annotation for annotation in single if names.get(annotation["category_id"]) == "person"]


def _numbers(values: Any) -> list[float]:
    """The four numbers of a box; null is NaN. Texts, truth values and other counts are refused, not reshaped."""
    numbers = values if isinstance(values, list) else []
    if len(numbers) != 4 or not all(value is None or type(value) in (int, float) for value in numbers):
        raise ValueError(f"a box is {json.dumps(values)}, expected four numbers")
    return [float("nan") if value is None else float(value) for value in numbers]
