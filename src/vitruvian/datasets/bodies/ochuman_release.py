"""OCHuman's own file, ochuman.json: images with the people in them, 19 keypoints under the names that the file gives.

Source of the layout, of the meaning of its numbers and of the parts: https://github.com/liruilong940607/OCHumanApi,
whose conversion to COCO's layout keeps the same 17 keypoints, those of COCO by name, without head and neck.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_layout import Pixels
from vitruvian.datasets.json_records import contents, parse, records, with_texts_for_nan
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import checked_name, each, labels_of, of_images, some
from vitruvian.errors import DataError
from vitruvian.structures import HIDDEN, SKELETONS, UNLABELLED, VISIBLE, Labels

MARK = b'"keypoint_names"'  # what this file has, and one in COCO's layout does not
NAMES = SKELETONS["coco17"].names
VISIBILITY = np.array([UNLABELLED, VISIBLE, VISIBLE, HIDDEN], np.uint8)  # missing, seen, behind oneself, behind others
VAL = 2500  # images; the field validates on the first ones by number and tests on the others
NO_OUTLINE = (b"null", b"[]", b"{}")


class _Person(msgspec.Struct):
    """bbox: x0, y0, x1, y1. keypoints: x, y, v of each name, or None. segms: the outline, not looked into."""

    bbox: list[float]
    keypoints: list[float] | None = None
    segms: msgspec.Raw = msgspec.Raw(NO_OUTLINE[0])
    max_iou: float | None = None


class _Image(msgspec.Struct):
    image_id: str | int
    file_name: str
    width: Pixels = 0
    height: Pixels = 0
    annotations: list[_Person] = []


class _File(msgspec.Struct):
    keypoint_names: list[str]
    images: list[msgspec.Raw]


class _Row(NamedTuple):
    """A person. size: (width, height) of the image; xy: (17, 2); visible: (17,)."""

    file: str
    number: int
    size: tuple[int, int]
    xy: np.ndarray
    visible: np.ndarray
    box: np.ndarray
    outlined: bool
    max_iou: float | None


def is_release(path: Path) -> bool:
    """Is this OCHuman's own file, not one in COCO's layout?"""
    return MARK in contents(path)


def read_release(path: Path, skip: bool) -> Kept:
    """The labels of ochuman.json, as `vitruvian.datasets.bodies.ochuman` describes them, and notes."""
    omissions = Omissions(path, skip)
    file = parse(
        with_texts_for_nan(contents(path)), _File, path, "ochuman.json, an object with keypoint_names and images"
    )
    if missing := set(NAMES) - set(file.keypoint_names):
        raise DataError(f"{path} names no keypoint {sorted(missing)[0]}; expected the 17 of COCO, head and neck")
    columns = np.array([file.keypoint_names.index(name) for name in NAMES])
    people = _people(records(file.images, _Image, "image", omissions), omissions)
    count = len(file.keypoint_names)
    read = each(
        people, lambda person: _row(*person, columns, count), omissions, "people whose numbers are not as expected"
    )
    return _labels(some(path, read, "images with people")), omissions.notes


def _people(images: Iterator[_Image], omissions: Omissions) -> Iterator[tuple[str, tuple[_Image, _Person]]]:
    """Everybody, with a name for messages; images whose number another has, and those without anybody, left out."""
    seen: set[int] = set()
    empty = 0
    for image in images:
        number = _number(image)
        if number is None or number in seen:
            fault = "two images have this id" if number is not None else "its id is no number"
            omissions.add("images with an id that cannot be used", f"image {image.image_id}", fault)
            continue
        seen.add(number)
        empty += not image.annotations
        for order, person in enumerate(image.annotations, 1):
            yield f"image {image.image_id}, person {order}", (image, person)
    omissions.leave("images without people", empty)


def _number(image: _Image) -> int | None:
    text = str(image.image_id)
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _row(image: _Image, person: _Person, columns: np.ndarray, count: int) -> _Row:
    """The person with the keypoints of these columns. Raises ValueError where the numbers are not as they should be."""
    triples = np.array(person.keypoints or [0.0] * 3 * count, np.float64)
    if triples.size != 3 * count or len(person.bbox) != 4:
        raise ValueError(
            f"{triples.size} numbers for keypoints and {len(person.bbox)} for the box, expected {3 * count} and 4"
        )
    x, y, flag = triples.reshape(count, 3)[columns].T
    flags = set(flag.tolist())
    if not flags <= set(range(len(VISIBILITY))):
        raise ValueError(f"the visibilities of its keypoints are {flags}, expected 0, 1, 2 or 3")
    visible = VISIBILITY[flag.astype(int)]
    xy = np.where((visible > UNLABELLED)[:, None], np.stack([x, y], axis=-1), np.nan)
    size = image.width, image.height
    box, outlined = np.array(person.bbox, np.float64), bytes(person.segms) not in NO_OUTLINE
    number = int(image.image_id)
    return _Row(checked_name(image.file_name), number, size, xy, visible, box, outlined, person.max_iou)


def _labels(people: list[_Row]) -> Labels:
    labels = labels_of([person.file for person in people], np.stack([person.xy for person in people]))
    boxes = np.stack([person.box for person in people])
    outlined = np.array([person.outlined for person in people])
    visible = np.stack([person.visible for person in people])
    numbers = of_images(labels, np.array([person.number for person in people], np.int64))
    scored = numbers[np.unique(labels.image[outlined & (visible > UNLABELLED).any(1)])]
    return replace(
        labels,
        sizes=of_images(labels, np.array([person.size for person in people], np.int32)),
        image_ids=numbers,
        visible=visible,
        boxes=boxes,
        area=(boxes[:, 2:] - boxes[:, :2]).prod(1),
        extras={"max_iou": np.array([person.max_iou for person in people], np.float64), "outlined": outlined},
        image_extras={"part": _parts(numbers, np.sort(scored))},
    )


def _parts(numbers: np.ndarray, scored: np.ndarray) -> np.ndarray:
    """(I,) text: "val" for images with one of the first `VAL` of the sorted numbers `scored`, "test" for the others
    among them, else empty."""
    return np.where(np.isin(numbers, scored[:VAL]), "val", np.where(np.isin(numbers, scored[VAL:]), "test", ""))
