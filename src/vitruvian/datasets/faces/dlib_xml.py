"""dlib's XML, as its tool imglab writes it: images with boxes, boxes with named parts.

Source: http://dlib.net/imaging.html#load_image_dataset_metadata. Pixels count from 0; a box with its left and right
edge in one pixel has width 1.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

import numpy as np

from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import checked_name, each, labels_of, of_images, some
from vitruvian.datasets.xml_file import read_xml
from vitruvian.errors import DataError, SkeletonError
from vitruvian.structures import SKELETONS, Skeleton

MOST_PARTS = 1000  # names in one file

ABOUT = About(title="dlib XML (imglab)", licence="as the source of the file says", url="http://dlib.net/imaging.html")


class Box(NamedTuple):
    """A box of the file. corners: (4,) x0 y0 x1 y1; parts: name -> x, y; size: of the image, 0 where not known."""

    file: str
    size: tuple[int, int]
    corners: tuple[float, float, float, float]
    ignored: bool
    parts: dict[str, tuple[float, float]]


def read_dlib_xml(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """The boxes of a dlib XML file with their parts as keypoints.

    68 parts named 0 to 67 are face68; others become a skeleton of their own, in the order of their names. A part that
    a box does not have is unlabelled; a box with ignore="1" is a crowd. Images without a box are left out, which is
    noted.
    """
    root = read_xml(path, "dataset", "an XML file of dlib's imglab")
    omissions = Omissions(path, skip)
    boxes = some(path, each(_boxes(root), _box, omissions, "boxes that cannot be used"), "images with boxes with parts")
    skeleton, columns = _skeleton(path, boxes)
    xy = np.full((len(boxes), len(skeleton), 2), np.nan)
    for row, box in enumerate(boxes):
        for name, point in box.parts.items():
            xy[row, columns[name]] = point
    labels = labels_of([box.file for box in boxes], xy)
    labels = replace(
        labels,
        sizes=of_images(labels, np.array([box.size for box in boxes], np.int32)),
        boxes=np.array([box.corners for box in boxes], np.float64),
        crowd=np.array([box.ignored for box in boxes], bool),
    )
    empty = sum(image.find("box") is None for image in root.iterfind("images/image"))
    notes = omissions.notes + ((f"left out {empty} images without a box",) if empty else ())
    return Dataset("dlib_xml", skeleton, labels, folder or path.parent, ABOUT, notes)


def _boxes(root: Element) -> Iterator[tuple[str, tuple[Element, Element]]]:
    for number, image in enumerate(root.iterfind("images/image"), 1):
        for place, box in enumerate(image.iterfind("box"), 1):
            yield f"image {number} ({image.get('file')}), box {place}", (image, box)


def _box(record: tuple[Element, Element]) -> Box:
    image, box = record
    parts: dict[str, tuple[float, float]] = {}
    for part in box.iterfind("part"):
        name = part.get("name") or ""
        if not name or name in parts:
            raise ValueError(f'two parts are called "{name}"' if name else "a part has no name")
        parts[name] = (_number(part, "x"), _number(part, "y"))
    left, top = _number(box, "left") - 0.5, _number(box, "top") - 0.5
    corners = (left, top, left + _number(box, "width"), top + _number(box, "height"))
    size = (int(_number(image, "width", 0)), int(_number(image, "height", 0)))
    return Box(checked_name(image.get("file") or ""), size, corners, box.get("ignore") == "1", parts)


def _number(element: Element, name: str, absent: float | None = None) -> float:
    text = element.get(name)
    if text is None and absent is not None:
        return absent
    try:
        value = float(text or "")
    except ValueError:
        value = np.nan
    lowest = 0 if name in ("width", "height") else -1e9
    if not lowest <= value < 1e9:
        raise ValueError(f'<{element.tag}> has {name}="{text}", expected a number of pixels')
    return value


def _skeleton(path: Path, boxes: list[Box]) -> tuple[Skeleton, dict[str, int]]:
    """The skeleton of the parts, and which keypoint each part is."""
    names = sorted({name for box in boxes for name in box.parts})
    if not 0 < len(names) <= MOST_PARTS:
        raise DataError(f"{path} has {len(names)} names of parts, expected 1 to {MOST_PARTS}; is every part named?")
    if all(name.isdecimal() for name in names):
        names = sorted(names, key=int)
        if list(map(int, names)) == list(range(68)):
            return SKELETONS["face68"], {name: k for k, name in enumerate(names)}
    try:
        return Skeleton.define(f"dlib{len(names)}", names), {name: k for k, name in enumerate(names)}
    except SkeletonError as error:
        raise DataError(f"{path}: its parts make no skeleton ({error}); rename them") from error


READER = Reader(
    read_dlib_xml,
    ABOUT,
    "face68",
    ("nme_eyes",),
    "an XML file of dlib's imglab, such as labels_ibug_300W_test.xml, beside or above its images",
)
