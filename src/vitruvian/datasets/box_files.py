"""Reading boxes of people from a file: COCO json, plain json, csv, or what `vitruvian predict` wrote."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vitruvian.errors import DataError
from vitruvian.geometry import from_xywh

FORMS = (
    '{"photo.jpg": [[x0, y0, x1, y1], ...]}, a COCO file with "images" and "annotations" (bbox as x, y, width, '
    "height), a poses.json of vitruvian predict, or a csv with the columns file,x0,y0,x1,y1"
)


def read_boxes(path: Path) -> dict[str, np.ndarray]:
    """File name -> boxes (N, 4) float32, x0 y0 x1 y1 in image pixels.

    Raises DataError, with the forms that are understood, for anything else, and for numbers that are none.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as text ({error}); expected {FORMS}") from error
    try:
        boxes = _from_csv(text) if path.suffix.lower() == ".csv" else _from_json(json.loads(text))
        return {name: np.array(rows, np.float32).reshape(-1, 4) for name, rows in boxes.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
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
    for row in csv.DictReader(text.splitlines()):
        boxes.setdefault(row["file"], []).append([float(row[key]) for key in ("x0", "y0", "x1", "y1")])
    return boxes


def _from_json(content: Any) -> dict[str, list[list[float]]]:
    if "annotations" in content:
        return _from_coco(content)
    if "images" in content:  # a poses.json
        return {image["file"]: [person["box"] for person in image["people"]] for image in content["images"]}
    return dict(content)


def _from_coco(content: Any) -> dict[str, list[list[float]]]:
    names = {image["id"]: image["file_name"] for image in content["images"]}
    boxes: dict[str, list[list[float]]] = {name: [] for name in names.values()}
    for annotation in content["annotations"]:
        boxes[names[annotation["image_id"]]].append(from_xywh(np.array(annotation["bbox"], float)).tolist())
    return boxes
