"""COCO's keypoint json, as its own files, CVAT's and MMPose's tools write it.

Source: https://cocodataset.org/#format-data. Beside what is described there, the writer stores `group` with images,
`sigmas` and `mirror` with categories, `licence` and `citation` with the info, which other programs pass over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, ImageRecord, Layout, read_layout
from vitruvian.datasets.dataset import About, Dataset
from vitruvian.datasets.formats.beginnings import the_beginning, the_file
from vitruvian.datasets.formats.columns import Box
from vitruvian.datasets.formats.format import LabelFormat
from vitruvian.datasets.formats.losses import Holds, losses
from vitruvian.datasets.json_records import contents, parse, with_texts_for_nan
from vitruvian.datasets.own_skeleton import Declared, understand
from vitruvian.datasets.rows import image_folder
from vitruvian.errors import DataError
from vitruvian.folders import written_whole
from vitruvian.geometry import around_points, to_xywh
from vitruvian.structures import Labels, Skeleton

HOLDS = Holds(
    hidden=True,
    boxes=True,
    sizes=True,
    numbers=True,
    order=True,
    groups=True,
    area=True,
    crowd=True,
    tracks=True,
    pointless=True,
    deserted=True,
    name=True,
    limbs=True,
    mirror=True,
    sigmas=True,
    about=True,
)
PATTERNS = ("*.json", "annotations/*.json")


class _Image(ImageRecord, kw_only=True):
    """An image of a file of our own: the group it belongs to, if the file says."""

    group: int | None = None


class _Category(msgspec.Struct, kw_only=True):
    """A category of a file of our own."""

    name: str = ""
    keypoints: list[str] = []
    skeleton: list[tuple[int, int]] = []
    mirror: list[int] | None = None
    sigmas: list[float] | None = None


class _Head(msgspec.Struct, kw_only=True):
    """What a file says about itself."""

    info: dict[str, Any] | list[Any] | None = None
    licenses: list[dict[str, Any]] | None = None
    categories: list[_Category] = []


def read_coco(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """The labels of a json file in COCO's layout, or of the one such file in a folder or its folder "annotations".

    The skeleton is that of the categories, which must agree on it; of several, `extras["category"]` tells which. The
    images are in `folder`, or else where the first is found: beside the file, in "images", or in the folder beside
    "annotations" that the file is named after, as train2017 for person_keypoints_train2017.json.

    Raises DataError, with the file, the record and the way out, for what cannot be used.
    """
    path = the_file(path, *PATTERNS)
    labels, notes = cached(_labels, path, skip)
    data = contents(path)
    head = parse(
        with_texts_for_nan(data), _Head, path, "a COCO file, with info, licenses and categories as COCO has them"
    )
    understood = understand(_declared(head, labels.keypoints, path), labels, path)
    labels = understood.labels
    places = (
        ".",
        "images",
        "../images",
        f"../{path.stem.split('_')[-1]}",
        f"../images/{path.stem.split('_')[-1]}",
        "..",
    )
    return Dataset(
        path.stem,
        understood.skeleton,
        labels,
        folder or image_folder(path, labels.files, *places),
        _about(head),
        notes + understood.notes + tuple(_published(data)),
    )


def write_coco(dataset: Dataset, path: Path) -> tuple[str, ...]:
    """Write the labels as one json file. Returns what it cannot hold; unknown boxes and areas are worked out."""
    labels, one = dataset.labels, dataset.skeleton
    tight = around_points(labels.xy).astype(np.float64)
    boxes = np.where(np.isfinite(labels.boxes).all(1, keepdims=True), labels.boxes, tight)
    content = {
        "info": {
            "description": dataset.about.title,
            "url": dataset.about.url,
            "licence": dataset.about.licence,
            "citation": dataset.about.citation,
        },
        "images": [
            {"id": number, "file_name": name, "width": width, "height": height, "group": group}
            for number, name, (width, height), group in zip(
                labels.image_ids.tolist(),
                labels.files.tolist(),
                labels.sizes.tolist(),
                labels.groups.tolist(),
                strict=True,
            )
        ],
        "annotations": [_annotation(labels, row, tuple(box)) for row, box in enumerate(to_xywh(boxes).tolist())],
        "categories": [_category(one)],
    }
    with written_whole(path) as beside:
        beside.write_bytes(msgspec.json.encode(content))
    return losses(dataset, HOLDS)


def recognise_coco(path: Path) -> bool:
    """A json object that begins with one of COCO's lists, and is no file of predictions.

    A list of images may be all that the beginning shows.
    """
    text = the_beginning(path, *PATTERNS)
    lists = any(f'"{key}"' in text for key in ("annotations", "categories", "licenses"))
    return text.startswith("{") and (lists or ('"images"' in text and '"file_name"' in text))


def _labels(path: Path, skip: bool) -> Kept:
    """The labels in the order of the file's keypoints, and notes."""
    layout: Layout[Annotation, _Image] = read_layout(path, None, image_record=_Image, skip=skip)
    labels = replace(layout.labels, extras=_categories(layout.annotations))
    if all(image.group is not None for image in layout.images):
        labels = replace(labels, groups=np.array([image.group for image in layout.images], np.int64))
    return labels, layout.notes


def _published(data: bytes) -> Iterator[str]:
    """What the file looks like beyond COCO's body keypoints, which alone are read: a note each."""
    if b'"foot_kpts"' in data:
        yield "the file has feet, faces and hands, too, as COCO-WholeBody; they are read as the form coco_wholebody"
    if b'"crowdIndex"' in data:
        yield "the file tells how crowded images are, as CrowdPose; it is scored so as the form crowdpose"


def _declared(head: _Head, keypoints: int, path: Path) -> Declared:
    """The keypoints as the categories name them; numbered where none does."""
    named = [one for one in head.categories if one.keypoints]
    if any(one.keypoints != named[0].keypoints for one in named):
        raise DataError(
            f"{path}: the categories {', '.join(one.name for one in named)} name different keypoints; "
            f"split the file by category"
        )
    if not named:
        return Declared(tuple(f"keypoint_{k}" for k in range(keypoints)))
    one = named[0]
    limbs = tuple((a - 1, b - 1) for a, b in one.skeleton)
    mirror, sigmas = one.mirror and tuple(one.mirror), one.sigmas and tuple(one.sigmas)
    return Declared(tuple(one.keypoints), one.name or "own", limbs or None, mirror or None, sigmas or None)


def _about(head: _Head) -> About:
    """Who made the data, as far as the file tells; other programs write all kinds of things there."""
    info = head.info if isinstance(head.info, dict) else {}
    said = {key: value for key, value in info.items() if isinstance(value, str) and value}
    names = dict.fromkeys(str(one["name"]) for one in head.licenses or () if one.get("name"))
    licence = said.get("licence") or ", ".join(names) or About("").licence
    title = said.get("description", "own data")
    return About(title, licence, said.get("citation", About("").citation), said.get("url", ""))


def _categories(annotations: Sequence[Annotation]) -> dict[str, np.ndarray]:
    """The column of categories where there are several."""
    numbers = [one.category_id for one in annotations]
    if len(set(numbers)) < 2:
        return {}
    return {"category": np.array([-1 if number is None else number for number in numbers], np.int64)}


def _annotation(labels: Labels, row: int, xywh: Box) -> dict[str, Any]:
    triples = np.column_stack([np.nan_to_num(labels.xy[row]), labels.visible[row]])
    entry: dict[str, Any] = {
        "id": int(labels.ids[row]),
        "image_id": int(labels.image_ids[labels.image[row]]),
        "category_id": 1,
        "iscrowd": int(labels.crowd[row]),
        "keypoints": [int(value) if value == int(value) else value for value in triples.ravel().tolist()],
        "num_keypoints": int((labels.visible[row] > 0).sum()),
    }
    area = float(labels.area[row])
    if np.isfinite(xywh).all():
        entry["bbox"] = list(xywh)
        entry["area"] = area if np.isfinite(area) else xywh[2] * xywh[3]
    elif np.isfinite(area):
        entry["area"] = area
    if labels.tracks is not None:
        entry["track_id"] = int(labels.tracks[row])
    return entry


def _category(one: Skeleton) -> dict[str, Any]:
    return {
        "id": 1,
        "name": one.name,
        "keypoints": list(one.names),
        "skeleton": [[a + 1, b + 1] for a, b in one.limbs],
        "mirror": list(one.mirror),
        "sigmas": list(one.sigmas),
    }


COCO = LabelFormat(
    read_coco, write_coco, recognise_coco, HOLDS, "COCO's keypoint json, also as CVAT exports it", (".json",)
)
