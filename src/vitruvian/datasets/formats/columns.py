"""From the images and instances of a file, as a reader meets them, to the columns of `Labels`."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vitruvian.datasets.coco_layout import fault_of_name
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import numbered
from vitruvian.geometry import around_points
from vitruvian.structures import UNLABELLED, Labels

Box = tuple[float, float, float, float]  # x0 y0 x1 y1, image pixels


@dataclass(frozen=True)
class ImageRow:
    """An image. size: width and height, 0 where not known; number: the file's own, None for its row.

    group: what it belongs to, a number or a name; None where the file does not say.
    """

    file: str
    size: tuple[int, int] = (0, 0)
    number: int | None = None
    group: Hashable = None


@dataclass(frozen=True, eq=False)
class InstanceRow:
    """An instance. image: its row; triples: (K, 3) x, y, visibility as `Labels` counts it, NaN 0 where unlabelled.

    box: None for the tight one around the points; number: the file's own, None for its row.
    """

    image: int
    triples: np.ndarray
    box: Box | None = None
    area: float = np.nan
    crowd: bool = False
    track: int | None = None
    number: int | None = None


def labels_of_rows(images: Sequence[ImageRow], instances: Sequence[InstanceRow], keypoints: int) -> Labels:
    """The columns. Visibility decides: a point that is UNLABELLED has no place, one without a place is UNLABELLED."""
    triples = np.array([one.triples for one in instances], np.float64).reshape(-1, keypoints, 3)
    labelled = (triples[..., 2] > 0) & np.isfinite(triples[..., :2]).all(-1)
    xy = np.where(labelled[..., None], triples[..., :2], np.nan)
    boxes = np.array([one.box or (np.nan,) * 4 for one in instances], np.float64).reshape(-1, 4)
    absent = np.array([one.box is None for one in instances], bool)
    boxes[absent] = around_points(xy[absent])
    return Labels(
        files=np.array([image.file for image in images], np.str_),
        sizes=np.array([image.size for image in images], np.int32).reshape(-1, 2),
        image_ids=_numbers([image.number for image in images]),
        groups=_groups([image.group for image in images]),
        image=np.array([one.image for one in instances], np.int32),
        ids=_numbers([one.number for one in instances]),
        xy=xy,
        visible=np.where(labelled, triples[..., 2], UNLABELLED).astype(np.uint8),
        boxes=boxes,
        area=np.array([one.area for one in instances], np.float64),
        crowd=np.array([one.crowd for one in instances], bool),
        tracks=_tracks([one.track for one in instances]),
    )


def usable_name(text: str, folder: Path, record: str, omissions: Omissions) -> str | None:
    """The name of an image file relative to `folder`, with forward slashes. None for one that cannot be used.

    A full path is taken where it lies in the folder. Any other that leads out of it counts among the omissions.
    """
    name = text.strip().replace("\\", "/").removeprefix("./")
    for root in (folder, folder.resolve()):
        name = name.removeprefix(root.as_posix().rstrip("/") + "/")
    fault = fault_of_name(name)
    if fault:
        omissions.add("images with a file name that cannot be used", record, f"{fault} ({folder})")
        return None
    return name


def _numbers(given: Sequence[int | None]) -> np.ndarray:
    """(M,) int64, the numbers given where all are and differ; else the rows."""
    if None in given or len(set(given)) < len(given):
        return np.arange(len(given), dtype=np.int64)
    return np.array(given, np.int64)


def _groups(given: Sequence[Hashable]) -> np.ndarray:
    """(I,) int64: numbers as they are, names in the order of their coming; each image its own where none is given."""
    if all(isinstance(group, int) for group in given):
        return np.array(given, np.int64)
    return numbered(("image", row) if group is None else group for row, group in enumerate(given))


def _tracks(given: Sequence[int | None]) -> np.ndarray | None:
    """(N,) int64, -1 where one has none; None where nobody has one."""
    if not set(given) - {None}:
        return None
    return np.array([-1 if track is None else track for track in given], np.int64)
