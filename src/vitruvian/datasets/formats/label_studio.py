"""Label Studio's json: tasks with keypoints as percentages of the image, and a rectangle around each instance.

Source: https://labelstud.io/guide/export and https://labelstud.io/tags/keypointlabels. Keypoints belong to the
rectangle that is their parent; without rectangles, the keypoints of an image are one instance. Beside the json, the
writer puts the labelling interface, an .xml of the same name, which is where the reader finds the order of the names.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import numpy as np

from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.formats.beginnings import beginning, the_beginning, the_file
from vitruvian.datasets.formats.columns import Box, ImageRow, InstanceRow, labels_of_rows, usable_name
from vitruvian.datasets.formats.format import LabelFormat
from vitruvian.datasets.formats.losses import Holds, losses
from vitruvian.datasets.json_records import contents, with_texts_for_nan
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.own_skeleton import Declared, understand
from vitruvian.datasets.rows import image_folder
from vitruvian.datasets.xml_file import read_xml
from vitruvian.errors import DataError
from vitruvian.folders import write_text, written_whole
from vitruvian.geometry import around_points
from vitruvian.media import read_image
from vitruvian.structures import UNLABELLED, VISIBLE

HOLDS = Holds(boxes=True, sizes=True, deserted=True)
PATTERNS = ("*.json",)
EXPECTED = "an export of Label Studio as JSON, a list of tasks"
UNUSABLE = "tasks that cannot be used"
IMAGE = re.compile(r"\.[A-Za-z]{3,5}$")
UPLOADED = re.compile(r"^(/data/upload/(\d+/)?|upload/(\d+/)?)")


class _Value(msgspec.Struct, kw_only=True):
    """Where a region is, in percent of the image."""

    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    rotation: float = 0.0
    keypointlabels: list[str] = []


class _Region(msgspec.Struct, kw_only=True, rename={"parent": "parentID"}):
    """A region that was labelled; others than keypoints and rectangles are passed over."""

    type: str = ""
    id: str = ""
    parent: str = ""
    original_width: int = 0
    original_height: int = 0
    image_rotation: float = 0.0
    value: _Value = msgspec.field(default_factory=_Value)


class _Answer(msgspec.Struct, kw_only=True):
    """What one annotator answered."""

    result: list[_Region] = []
    was_cancelled: bool = False


class _Task(msgspec.Struct, kw_only=True):
    """An image and its answers."""

    id: Any = None
    data: dict[str, Any] = {}
    annotations: list[_Answer] = []


@dataclass(frozen=True)
class _Found:
    """An instance: points, name -> x, y in pixels."""

    image: int
    points: dict[str, tuple[float, float]]
    box: Box | None


def read_label_studio(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """The labels of a json file, or of the one in a folder; of several answers to a task the first that was kept.

    The images are in `folder`, beside the file, or in "images"; names lose what Label Studio puts before those that
    were uploaded or are served from its local storage.

    Raises DataError, with the file and the task, for what is not as Label Studio writes it.
    """
    path = the_file(path, *PATTERNS)
    omissions = Omissions(path, skip)
    images: dict[str, ImageRow] = {}
    found: list[_Found] = []
    further = 0
    for number, raw in enumerate(_tasks(path), start=1):
        record = f"task {number}"
        try:
            task = msgspec.json.decode(raw, type=_Task)
            name = usable_name(_file_of(task), folder or path.parent, record, omissions)
            if name is None:
                continue
            if name in images:
                raise ValueError(f"the image {name} has another task before it, expected one")
            answers = [answer for answer in task.annotations if not answer.was_cancelled]
            regions = answers[0].result if answers else []
            here = list(_instances(regions, len(images)))
        except (msgspec.DecodeError, ValueError) as error:
            omissions.add(UNUSABLE, record, str(error))
            continue
        images[name] = ImageRow(name, _size(regions, task))
        found += here
        further += max(0, len(answers) - 1)
    names = _names(path, found)
    if not images or not names:
        raise DataError(f"{path} has {len(images)} tasks that can be used and {len(names)} names of keypoints")
    labels = labels_of_rows([*images.values()], [_row(one, names) for one in found], len(names))
    understood = understand(Declared(names), labels, path)
    passed = (f"{further} further answers to a task are passed over",) if further else ()
    place = folder or image_folder(path, labels.files, ".", "images", "../images")
    return Dataset(
        path.stem, understood.skeleton, understood.labels, place, notes=omissions.notes + passed + understood.notes
    )


def write_label_studio(dataset: Dataset, path: Path) -> tuple[str, ...]:
    """Write the labels as tasks, to be imported, and beside them the labelling interface as .xml.

    Returns what the format cannot hold. Raises DataError where the size of an image is not known and it is not there,
    and where the .xml is another file.
    """
    interface = path.with_suffix(".xml")
    if interface.exists() and not beginning(interface, ".xml").startswith("<View"):
        raise DataError(
            f"{interface} is there, where the labelling interface belongs, and is none; name another target"
        )
    tasks = [
        {
            "id": row + 1,
            "data": {"image": str(dataset.labels.files[row]), "width": width, "height": height},
            "annotations": [{"id": row + 1, "result": list(_regions(dataset, row))}],
        }
        for row, (width, height) in enumerate(dataset.labels.sizes.tolist())
    ]
    with written_whole(path) as beside:
        beside.write_bytes(msgspec.json.encode(tasks))
    write_text(interface, _interface(dataset.skeleton.names))
    return losses(dataset, HOLDS)


def recognise_label_studio(path: Path) -> bool:
    """A json list of tasks with data."""
    text = the_beginning(path, *PATTERNS)
    return text.startswith("[") and '"data"' in text and '"result"' in text


def _tasks(path: Path) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(with_texts_for_nan(contents(path)), type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{path} is not whole json, or no list ({error}); expected {EXPECTED}") from error


def _file_of(task: _Task) -> str:
    """The image of a task: what its data has that looks like one."""
    texts = [value for value in task.data.values() if isinstance(value, str)]
    found = next((text for text in texts if IMAGE.search(text) or IMAGE.search(urlsplit(text).path)), None)
    if found is None:
        raise ValueError(f"its data is {task.data!r}, expected an image among it")
    address = urlsplit(found)
    served = parse_qs(address.query).get("d")
    if served:
        return served[0].lstrip("/")
    return UPLOADED.sub("", unquote(address.path)).lstrip("/") if "://" in found else UPLOADED.sub("", found)


def _size(regions: Sequence[_Region], task: _Task) -> tuple[int, int]:
    """Width and height, as the regions or else the data of the task say."""
    sizes: list[tuple[Any, Any]] = [(one.original_width, one.original_height) for one in regions]
    sizes.append((task.data.get("width"), task.data.get("height")))
    return next((size for size in sizes if all(type(side) is int and 0 < side < 2**31 for side in size)), (0, 0))


def _instances(regions: Sequence[_Region], image: int) -> Iterator[_Found]:
    """The instances of an answer. Raises ValueError for keypoints that belong to nobody, or come twice."""
    boxes = {one.id: one for one in regions if one.type == "rectanglelabels"}
    points: dict[str, dict[str, tuple[float, float]]] = {name: {} for name in boxes}
    for one in regions:
        if one.type != "keypointlabels":
            continue
        if len(one.value.keypointlabels) != 1:
            raise ValueError(f"the keypoint {one.id} has the labels {one.value.keypointlabels}, expected one")
        name = one.value.keypointlabels[0]
        owner = one.parent if one.parent in boxes else next(iter(boxes)) if len(boxes) == 1 else ""
        if owner == "" and boxes:
            raise ValueError(
                f"the keypoint {one.id} ({name}) is in none of {len(boxes)} rectangles; make one its parent"
            )
        if name in points.setdefault(owner, {}):
            raise ValueError(f"{name} comes twice in one instance; put each instance's keypoints into a rectangle")
        points[owner][name] = _pixels(one, one.value.x, one.value.y)
    for owner, there in points.items():
        yield _Found(image, there, _box(boxes[owner]) if owner else None)


def _pixels(one: _Region, x: float, y: float) -> tuple[float, float]:
    if one.original_width < 1 or one.original_height < 1:
        raise ValueError(f"the region {one.id} does not say original_width and original_height, expected both")
    if one.image_rotation:
        raise ValueError(f"the image was turned by {one.image_rotation:g} degrees while it was labelled; turn it back")
    if not (abs(x) <= FARTHEST and abs(y) <= FARTHEST):
        raise ValueError(f"the region {one.id} is at {x:g}, {y:g} percent, expected shares of the image")
    return x / 100 * one.original_width, y / 100 * one.original_height


def _box(one: _Region) -> Box:
    if one.value.rotation:
        raise ValueError(f"the rectangle {one.id} is turned by {one.value.rotation:g} degrees, expected an upright one")
    x0, y0 = _pixels(one, one.value.x, one.value.y)
    x1, y1 = _pixels(one, one.value.x + one.value.width, one.value.y + one.value.height)
    return x0, y0, x1, y1


def _names(path: Path, found: Sequence[_Found]) -> tuple[str, ...]:
    """The keypoints in the order of the labelling interface, if it is there, else in that of their coming."""
    met = dict.fromkeys(name for one in found for name in one.points)
    interface = path.with_suffix(".xml")
    if interface.is_file():
        root = read_xml(interface, "View", "the labelling interface that the json was made with")
        said = dict.fromkeys(one.get("value") or "" for one in root.iterfind(".//KeyPointLabels/Label"))
        if set(met) <= set(said):
            return tuple(said)
    return tuple(met)


def _row(one: _Found, names: Sequence[str]) -> InstanceRow:
    triples = [(*one.points[name], VISIBLE) if name in one.points else (np.nan, np.nan, UNLABELLED) for name in names]
    return InstanceRow(one.image, np.array(triples), one.box)


def _regions(dataset: Dataset, row: int) -> Iterator[Mapping[str, Any]]:
    """The rectangle and the keypoints of every instance of an image; none for one that has neither."""
    labels, rows = dataset.labels, dataset.instances(row).tolist()
    width, height = labels.sizes[row].tolist()
    if rows and not (width and height):
        height, width = read_image(dataset.path(row)).shape[:2]
    size = np.array([width, height], np.float64)
    about = {"from_name": "keypoint", "to_name": "image", "original_width": width, "original_height": height}
    about["image_rotation"] = 0
    for one in rows:
        box = labels.boxes[one]
        if not np.isfinite(box).all():
            box = around_points(labels.xy[one : one + 1])[0].astype(np.float64)
        if not np.isfinite(box).all():
            continue
        (x, y), (wide, high) = (box[:2] / size * 100).tolist(), ((box[2:] - box[:2]) / size * 100).tolist()
        value = {"x": x, "y": y, "width": wide, "height": high, "rotation": 0, "rectanglelabels": ["instance"]}
        yield {**about, "from_name": "box", "id": f"box{one}", "type": "rectanglelabels", "value": value}
        for k in np.flatnonzero(labels.visible[one]).tolist():
            x, y = (labels.xy[one, k] / size * 100).tolist()
            value = {"x": x, "y": y, "width": 0.5, "keypointlabels": [dataset.skeleton.names[k]]}
            yield {**about, "id": f"{one}_{k}", "parentID": f"box{one}", "type": "keypointlabels", "value": value}


def _interface(names: Sequence[str]) -> str:
    """The labelling interface: a rectangle, and a keypoint of each name."""
    labels = "".join(f'    <Label value="{escape(name)}"/>\n' for name in names)
    return (
        '<View>\n  <Image name="image" value="$image"/>\n'
        '  <RectangleLabels name="box" toName="image">\n    <Label value="instance"/>\n  </RectangleLabels>\n'
        f'  <KeyPointLabels name="keypoint" toName="image">\n{labels}  </KeyPointLabels>\n</View>\n'
    )


LABEL_STUDIO = LabelFormat(
    read_label_studio,
    write_label_studio,
    recognise_label_studio,
    HOLDS,
    "Label Studio's json of tasks",
    (".json",),
    exact=False,
)
