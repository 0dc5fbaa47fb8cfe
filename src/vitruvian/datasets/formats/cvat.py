"""CVAT's XML 1.1 for images, with skeletons, or with points that are named by their labels and joined by their groups.

Source: https://docs.cvat.ai/docs/dataset_management/formats/format-cvat. A box is stored as a box of the same group. A
point that is outside is unlabelled, one that is occluded hidden. (CVAT's COCO export is read as `coco_json`.)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape, unescape
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.formats.beginnings import the_beginning, the_file
from vitruvian.datasets.formats.columns import Box, ImageRow, InstanceRow, labels_of_rows, usable_name
from vitruvian.datasets.formats.format import LabelFormat
from vitruvian.datasets.formats.losses import Holds, losses
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.own_skeleton import Declared, understand
from vitruvian.datasets.rows import image_folder
from vitruvian.datasets.xml_file import read_xml
from vitruvian.errors import DataError
from vitruvian.folders import write_text
from vitruvian.structures import HIDDEN, UNLABELLED, VISIBLE, Labels, Skeleton

HOLDS = Holds(hidden=True, boxes=True, sizes=True, pointless=True, deserted=True, name=True, limbs=True)
PATTERNS = ("*.xml",)
EXPECTED = "an export as CVAT for images 1.1"
EDGE = re.compile(r'data-node-from="(\d+)"[^>]*data-node-to="(\d+)"')  # of the drawing of a skeleton, an <svg>
NODE = re.compile(r'<circle[^>]*data-node-id="(\d+)"[^>]*data-label-name="([^"]+)"')


@dataclass(frozen=True)
class _Found:
    """An instance of the file. points: name -> x, y, visibility; group: what joins it with its box, "" for nothing."""

    image: int
    points: dict[str, tuple[float, float, int]]
    group: str
    record: str
    box: Box | None = None


def read_cvat(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """The labels of an XML file, or of the one in a folder. The images are in `folder`, beside it, or in "images".

    Raises DataError, with the file and the image, for what is not as CVAT writes it, and for an export for video.
    """
    path = the_file(path, *PATTERNS)
    root = read_xml(path, "annotations", EXPECTED)
    if root.find("track") is not None:
        raise DataError(f"{path} is an export for video, with tracks; export it from CVAT as CVAT for images 1.1")
    omissions = Omissions(path, skip)
    images: list[ImageRow] = []
    found: list[_Found] = []
    lonely, seen = 0, set[str]()
    for element in root.iterfind("image"):
        record = f"image {element.get('name')}"
        name = usable_name(element.get("name") or "", folder or path.parent, record, omissions)
        if name is None:
            continue
        if name in seen:
            omissions.add("images that are listed twice", record, "it comes twice, expected once")
            continue
        try:
            size = _size(element)
            here, unjoined = _instances(element, len(images), record)
        except ValueError as error:
            omissions.add("images that cannot be used", record, str(error))
            continue
        seen.add(name)
        images.append(ImageRow(name, size))
        found += here
        lonely += unjoined
    declared = _declared(root, found, path)
    instances = list(_rows(found, declared.names, omissions))
    if not images:
        raise DataError(f"{path} has no image that can be used; expected {EXPECTED}")
    labels = labels_of_rows(images, instances, len(declared.names))
    understood = understand(declared, labels, path)
    passed = (f"{lonely} boxes that share no group with points are passed over",) if lonely else ()
    place = folder or image_folder(path, labels.files, ".", "images", "../images")
    return Dataset(
        path.stem, understood.skeleton, understood.labels, place, notes=omissions.notes + passed + understood.notes
    )


def write_cvat(dataset: Dataset, path: Path) -> tuple[str, ...]:
    """Write the labels as CVAT for images 1.1, with the label's drawing. Returns what the format cannot hold."""
    parts = ['<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n']
    parts += [f"<meta><task><labels>{_label(dataset.skeleton)}</labels></task></meta>\n"]
    for row in range(len(dataset)):
        width, height = dataset.labels.sizes[row].tolist()
        name = escape(str(dataset.labels.files[row]))
        parts.append(f'<image id="{row}" name="{name}" width="{width}" height="{height}">\n')
        for group, one in enumerate(dataset.instances(row).tolist(), start=1):
            parts.append(_instance(dataset.labels, one, dataset.skeleton, group))
        parts.append("</image>\n")
    write_text(path, "".join([*parts, "</annotations>\n"]))
    return losses(dataset, HOLDS)


def recognise_cvat(path: Path) -> bool:
    """An XML file whose outermost element is called annotations."""
    return "<annotations>" in the_beginning(path, *PATTERNS)[:1000]


def _size(image: Element) -> tuple[int, int]:
    """Width and height, 0 where the file does not say. Raises ValueError for what is no size."""
    width, height = int(image.get("width") or 0), int(image.get("height") or 0)
    if not (0 <= width < 2**31 and 0 <= height < 2**31):
        raise ValueError(f"width and height are {width} and {height}, expected numbers over 0")
    return width, height


def _instances(image: Element, row: int, record: str) -> tuple[list[_Found], int]:
    """The instances of an image, and how many boxes belong to none. Raises ValueError for what cannot be read."""
    found = [_skeleton(one, row, record) for one in image.iterfind("skeleton")] + _groups(image, row, record)
    boxes: dict[str, Box] = {}
    lonely = 0
    for element in image.iterfind("box"):
        group = _group(element)
        if any(one.group == group for one in found) and group and group not in boxes:
            x0, y0, x1, y1 = (_number(element, name) for name in ("xtl", "ytl", "xbr", "ybr"))
            boxes[group] = x0, y0, x1, y1
        else:
            lonely += 1
    return [replace(one, box=boxes.get(one.group)) for one in found], lonely


def _skeleton(element: Element, row: int, record: str) -> _Found:
    points: dict[str, tuple[float, float, int]] = {}
    for one in element.iterfind("points"):
        name = one.get("label") or ""
        if name in points:
            raise ValueError(f'a skeleton has two points called "{name}", expected each once')
        points[name] = _point(one)
    return _Found(row, points, _group(element), record)


def _groups(image: Element, row: int, record: str) -> list[_Found]:
    """The instances that points make which are in no skeleton: those of one group, or several in one element."""
    groups: dict[str, dict[str, tuple[float, float, int]]] = {}
    whole: list[_Found] = []
    for element in image.iterfind("points"):
        pairs = (element.get("points") or "").split(";")
        visible = HIDDEN if element.get("occluded") == "1" else VISIBLE
        if len(pairs) > 1:
            points = {str(k): (*_pair(pair), visible) for k, pair in enumerate(pairs)}
            whole.append(_Found(row, points, _group(element), record))
            continue
        name, points = element.get("label") or "", groups.setdefault(_group(element), {})
        if name in points:
            raise ValueError(f'two points are called "{name}"; give the points of each instance a group of their own')
        points[name] = _point(element)
    return whole + [_Found(row, points, group, record) for group, points in groups.items()]


def _group(element: Element) -> str:
    """What joins shapes; "" where nothing does, which CVAT writes as 0 or not at all."""
    group = element.get("group_id") or "0"
    return "" if group == "0" else group


def _point(element: Element) -> tuple[float, float, int]:
    if element.get("outside") == "1":
        return np.nan, np.nan, UNLABELLED
    return (*_pair(element.get("points") or ""), HIDDEN if element.get("occluded") == "1" else VISIBLE)


def _pair(text: str) -> tuple[float, float]:
    try:
        x, y = map(float, text.split(","))
    except ValueError:
        x = y = np.nan
    if not (abs(x) <= FARTHEST and abs(y) <= FARTHEST):
        raise ValueError(f'a point is at "{text[:40]}", expected two numbers, as in "10.5,20"')
    return x, y


def _number(element: Element, name: str) -> float:
    return _pair(f"{element.get(name)},0")[0]


def _declared(root: Element, found: Sequence[_Found], path: Path) -> Declared:
    """The keypoints as the labels of the task name them, or in the order of their coming."""
    labels = [one for one in root.iterfind("meta//labels/label") if one.findtext("type") == "skeleton"]
    used = {element.get("label") for element in root.iterfind("image/skeleton")}
    chosen = [one for one in labels if one.findtext("name") in used] or labels
    if len(chosen) > 1:
        kinds = ", ".join(str(one.findtext("name")) for one in chosen)
        raise DataError(f"{path} has skeletons of several kinds, {kinds}; export them one by one")
    names = tuple(_sublabels(root, chosen[0])) if chosen else ()
    if names:
        svg = chosen[0].findtext("svg") or ""
        return Declared(names, chosen[0].findtext("name") or "own", _limbs(svg, names) or None)
    names = tuple(dict.fromkeys(name for one in found for name in one.points))
    if not names:
        raise DataError(f"{path} has no skeletons and no points; expected {EXPECTED}, with some")
    return Declared(names)


def _sublabels(root: Element, skeleton: Element) -> Iterator[str]:
    """The names of a skeleton's points, which are labels with a parent."""
    for one in root.iterfind("meta//labels/label"):
        if one.findtext("parent") == skeleton.findtext("name"):
            yield one.findtext("name") or ""


def _limbs(svg: str, names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """The edges of a skeleton's drawing, between nodes that it numbers, and names as the points are called."""
    nodes = [(number, unescape(name)) for number, name in NODE.findall(svg)]
    row = {number: names.index(name) for number, name in nodes if name in names}
    return tuple((row[a], row[b]) for a, b in EDGE.findall(svg) if a in row and b in row)


def _rows(found: Sequence[_Found], names: Sequence[str], omissions: Omissions) -> Iterator[InstanceRow]:
    row = {name: k for k, name in enumerate(names)}
    for one in found:
        strange = [name for name in one.points if name not in row]
        if strange:
            fault = f"a point is called {strange[0]!r}, expected one of {', '.join(names)}"
            omissions.add("instances with a point of no such name", one.record, fault)
            continue
        triples = np.full((len(names), 3), (np.nan, np.nan, UNLABELLED))
        for name, point in one.points.items():
            triples[row[name]] = point
        yield InstanceRow(one.image, triples, one.box)


def _instance(labels: Labels, one: int, skeleton: Skeleton, group: int) -> str:
    """A skeleton with all its points, and its box where it is known."""
    label, joined = escape(skeleton.name), f'source="manual" z_order="0" group_id="{group}"'
    parts = [f'<skeleton label="{label}" {joined}>\n']
    places = zip(skeleton.names, labels.xy[one].tolist(), labels.visible[one].tolist(), strict=True)
    for name, (x, y), visible in places:
        at = f"{x!r},{y!r}" if visible else "0,0"
        state = f'outside="{int(visible == UNLABELLED)}" occluded="{int(visible == HIDDEN)}"'
        parts.append(f'<points label="{escape(name)}" {state} points="{at}"></points>\n')
    parts.append("</skeleton>\n")
    if np.isfinite(labels.boxes[one]).all():
        x0, y0, x1, y1 = map(repr, labels.boxes[one].tolist())
        corners = f'xtl="{x0}" ytl="{y0}" xbr="{x1}" ybr="{y1}"'
        parts.append(f'<box label="{escape(skeleton.name + "_box")}" occluded="0" {joined} {corners}></box>\n')
    return "".join(parts)


def _label(skeleton: Skeleton) -> str:
    """The labels of a task: the skeleton with its drawing, its points, and the box."""
    name = escape(skeleton.name)
    points = "".join(
        f"<label><name>{escape(one)}</name><type>points</type><attributes></attributes><parent>{name}</parent></label>"
        for one in skeleton.names
    )
    return (
        f"<label><name>{name}</name><type>skeleton</type><attributes></attributes>"
        f"<svg>{escape(_drawing(skeleton))}</svg></label>{points}"
        f"<label><name>{name}_box</name><type>rectangle</type><attributes></attributes></label>"
    )


def _drawing(skeleton: Skeleton) -> str:
    """The skeleton as CVAT draws it while a person places it: its points on a circle, 100 wide."""
    turns = np.linspace(0, 2 * np.pi, len(skeleton), endpoint=False)
    x, y = (50 + 40 * np.sin(turns)).round(2).tolist(), (50 - 40 * np.cos(turns)).round(2).tolist()
    lines = (
        f'<line x1="{x[a]}" y1="{y[a]}" x2="{x[b]}" y2="{y[b]}" stroke="black" data-type="edge" '
        f'data-node-from="{a + 1}" stroke-width="0.5" data-node-to="{b + 1}"></line>'
        for a, b in skeleton.limbs
    )
    nodes = (
        f'<circle r="1.5" stroke="black" fill="#b3b3b3" cx="{x[k]}" cy="{y[k]}" stroke-width="0.1" '
        f'data-type="element node" data-element-id="{k + 1}" data-node-id="{k + 1}" '
        f'data-label-name="{escape(name)}"></circle>'
        for k, name in enumerate(skeleton.names)
    )
    return "".join([*lines, *nodes])


CVAT = LabelFormat(
    read_cvat, write_cvat, recognise_cvat, HOLDS, "CVAT for images 1.1, an XML file with skeletons", (".xml",)
)
