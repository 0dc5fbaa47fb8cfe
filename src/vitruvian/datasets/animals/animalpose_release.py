"""Animal-Pose's own file, keypoints.json: like COCO's layout, but images are a table of names, boxes have two corners,
and the keypoints stand in an order of their own, which the categories name."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_layout import Category
from vitruvian.datasets.json_records import parse, records, with_texts_for_nan
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import all_visible, checked_name, each, labels_of, some, with_areas
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS

NAMES = SKELETONS["animalpose20"].names
SHORT = {"leftear": "leftearbase", "rightear": "rightearbase"}  # other words for our names, without separators


class _Animal(msgspec.Struct):
    """An instance. keypoints: [x, y, 1 or 0] of each name; bbox: x0, y0, x1, y1."""

    image_id: int
    keypoints: list[list[float]]
    bbox: list[float]
    category_id: int | None = None


class _File(msgspec.Struct):
    images: dict[str, str]
    annotations: list[msgspec.Raw]
    categories: list[Category]


def is_release(data: bytes) -> bool:
    """Whether the contents of a file look like Animal-Pose's own: its images are a table."""
    after = data.partition(b'"images"')[2].lstrip()
    return after[:1] == b":" and after[1:].lstrip()[:1] == b"{"


def read_release(path: Path, data: bytes, skip: bool) -> Kept:
    """The labels of the file's contents, and notes. extras: "species" (N,), the name of the category."""
    file = parse(with_texts_for_nan(data), _File, path, "Animal-Pose's keypoints.json, with a table of images")
    order = _order(path, file.categories)
    species = {category.id: category.name for category in file.categories}
    omissions = Omissions(path, skip)

    def read(one: _Animal) -> tuple[str, np.ndarray, np.ndarray, str]:
        if str(one.image_id) not in file.images:
            raise ValueError(f"there is no image {one.image_id}")
        if len(one.bbox) != 4:
            raise ValueError(f"bbox has {len(one.bbox)} numbers, expected x0, y0, x1, y1")
        if len(one.keypoints) != len(NAMES) or {len(point) for point in one.keypoints} != {3}:
            raise ValueError(f"{len(one.keypoints)} keypoints, expected x, y and v of {len(NAMES)}")
        points = np.array(one.keypoints)[order]
        xy = np.where(points[:, 2:] > 0, points[:, :2], np.nan)
        return (
            checked_name(file.images[str(one.image_id)]),
            xy,
            np.array(one.bbox),
            species.get(one.category_id or 0, ""),
        )

    found = records(file.annotations, _Animal, "annotation", omissions)
    named = ((f"annotation {number} of its list", one) for number, one in enumerate(found))
    rows = some(path, each(named, read, omissions, "animals that cannot be read"), "animals with 20 keypoints")
    labels = labels_of([row[0] for row in rows], np.stack([row[1] for row in rows]))
    boxes = np.array([row[2] for row in rows], np.float64)
    kinds = {"species": np.array([row[3] for row in rows], np.str_)}
    return with_areas(
        replace(all_visible(labels), boxes=boxes, area=np.full(len(rows), np.nan), extras=kinds)
    ), omissions.notes


def _order(path: Path, categories: list[Category]) -> list[int]:
    """Where each of our keypoints stands in the file. Raises DataError for a file that names others."""
    named = categories[0].keypoints if categories else []
    there, wanted = [_plain(name) for name in named], [_plain(name) for name in NAMES]
    if sorted(there) != sorted(wanted):
        raise DataError(
            f"{path}: its first category names the keypoints {', '.join(named) or 'none'}; "
            f"expected, in any order, {', '.join(NAMES)}"
        )
    return [there.index(name) for name in wanted]


def _plain(name: str) -> str:
    letters = "".join(letter for letter in name.lower() if letter.isalpha())
    return SHORT.get(letters, letters)
