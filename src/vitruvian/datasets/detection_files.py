"""Boxes that a detector found in the images of a data set."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from vitruvian.datasets.box_files import FORMS, read_boxes
from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.image_names import row_finder
from vitruvian.errors import DataError
from vitruvian.geometry import from_xywh

PERSON = 1  # the category of people in COCO; a detector's file often has all 80


_Row = tuple[int, np.ndarray, float]  # the row of an image, a box (4,), its score


@dataclass(frozen=True, eq=False)
class Detections:
    """D boxes in the images of some labels, in the order of the images.

    image: (D,) int32, the row of the image; boxes: (D, 4) float64, x0 y0 x1 y1 in image pixels.
    score: (D,) float64, how sure the detector is; 1 where it does not say.
    """

    image: np.ndarray
    boxes: np.ndarray
    score: np.ndarray

    def __len__(self) -> int:
        """D."""
        return len(self.image)


class _Detection(msgspec.Struct):
    """An entry of a COCO detections list. bbox: x, y, width, height."""

    image_id: int
    bbox: list[float]
    score: float
    category_id: int = PERSON


def read_detections(path: Path, dataset: Dataset) -> Detections:
    """A COCO detections list, or any file that `read_boxes` reads, as boxes in the images of `dataset`.

    Of a list with several categories, people alone. Raises DataError, naming the entry, for anything else, and for
    images that the data set does not have.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); expected a file of boxes") from error
    if content.lstrip()[:1] == b"[" and path.suffix.lower() != ".csv":
        return _from_list(content, path, dataset)
    find, rows = row_finder(dataset.labels), list[_Row]()
    for name, boxes in read_boxes(path).items():
        row = find(name)
        if row is None and len(boxes):
            raise _not_there(path, f"the image {name}", dataset)
        rows += [(int(row or 0), box, 1.0) for box in boxes]
    return _columns(rows)


def _from_list(content: bytes, path: Path, dataset: Dataset) -> Detections:
    try:
        entries = msgspec.json.decode(content, type=list[_Detection])
    except msgspec.DecodeError as error:
        raise DataError(
            f"{path} is no list of detections ({error}); expected "
            f'[{{"image_id": 1, "bbox": [x, y, width, height], "score": 0.9}}, ...], or {FORMS}'
        ) from error
    several = len({entry.category_id for entry in entries}) > 1
    return _columns(list(_people(entries, several, path, dataset)))


def _people(entries: list[_Detection], several: bool, path: Path, dataset: Dataset) -> Iterator[_Row]:
    row_of = {int(number): row for row, number in enumerate(dataset.labels.image_ids)}
    for number, entry in enumerate(entries):
        if several and entry.category_id != PERSON:
            continue
        if len(entry.bbox) != 4:
            raise DataError(f"{path}, entry {number}: bbox has {len(entry.bbox)} numbers, expected x, y, width, height")
        if entry.image_id not in row_of:
            raise _not_there(path, f"entry {number}, image_id {entry.image_id}", dataset)
        yield row_of[entry.image_id], from_xywh(np.array(entry.bbox)), entry.score


def _not_there(path: Path, what: str, dataset: Dataset) -> DataError:
    return DataError(
        f"{path}, {what}: {dataset.name} has no such image among its {len(dataset)}; give the boxes of this data set"
    )


def _columns(rows: list[_Row]) -> Detections:
    rows = sorted(rows, key=lambda row: row[0])
    return Detections(
        image=np.array([image for image, _, _ in rows], np.int32),
        boxes=np.array([box for _, box, _ in rows], np.float64).reshape(-1, 4),
        score=np.array([score for _, _, score in rows], np.float64),
    )
