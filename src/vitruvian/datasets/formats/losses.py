"""What a format has no place for: the labels that come back after writing and reading, and that in sentences."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np

from vitruvian.datasets.dataset import About, Dataset
from vitruvian.datasets.own_skeleton import Declared, understand
from vitruvian.datasets.rows import numbered
from vitruvian.geometry import around_points
from vitruvian.structures import HIDDEN, VISIBLE, Labels


@dataclass(frozen=True)
class Holds:
    """What a format holds beside the names of files and keypoints and the places of the points.

    hidden:     which points are HIDDEN; else all that are labelled come back VISIBLE.
    boxes:      else they come back tight around the points.
    sizes:      of images, which else come back as 0.
    numbers:    of images, instances and groups; else they are counted anew.
    order:      of the instances; else they come back image by image.
    groups:     else every image is its own, or with `folders` all images of a folder are one.
    pointless:  instances without a labelled point; else only those come back that have a box, where `boxes` are held.
    deserted:   images without instances.
    gaps:       that a box or an area is unknown; else boxes come back tight around the points, areas as the boxes'.
    name, limbs, mirror, sigmas: of skeletons that are not in the table.
    """

    hidden: bool = False
    boxes: bool = False
    sizes: bool = False
    numbers: bool = False
    order: bool = False
    groups: bool = False
    folders: bool = False
    area: bool = False
    crowd: bool = False
    tracks: bool = False
    gaps: bool = False
    pointless: bool = False
    deserted: bool = False
    name: bool = False
    limbs: bool = False
    mirror: bool = False
    sigmas: bool = False
    about: bool = False


def kept(dataset: Dataset, holds: Holds) -> Dataset:
    """The data set as it comes back from a format that holds so much."""
    labels = _kept_instances(dataset.labels, holds)
    if not holds.deserted:
        labels = labels.of_images(np.unique(labels.image))
    if not holds.order:
        labels = labels.of_instances(np.argsort(labels.image, kind="stable"))
    labels = _kept_columns(labels, holds)
    one = dataset.skeleton
    declared = Declared(
        one.names,
        limbs=one.limbs if holds.limbs else None,
        mirror=one.mirror if holds.mirror else None,
        sigmas=one.sigmas if holds.sigmas else None,
        name=one.name if holds.name else "own",
    )
    understood = understand(declared, labels, dataset.folder)
    return replace(
        dataset,
        labels=understood.labels,
        skeleton=understood.skeleton,
        about=dataset.about if holds.about else About("own data"),
    )


def losses(dataset: Dataset, holds: Holds) -> tuple[str, ...]:
    """What of this data set the format cannot hold, a sentence each with its count; empty when it holds everything."""
    before, after = dataset.labels, kept(dataset, holds)
    return tuple(
        f"{count} {what}"
        for count, what in (*_lost_records(before, after.labels), *_lost_columns(before, holds))
        if count
    ) + _lost_names(dataset, after, holds)


def _kept_instances(labels: Labels, holds: Holds) -> Labels:
    if holds.pointless:
        return labels
    keep = np.asarray((labels.visible > 0).any(1))
    if holds.boxes:
        keep = keep | np.isfinite(labels.boxes).all(1)
    return labels.of_instances(keep)


def _kept_columns(labels: Labels, holds: Holds) -> Labels:
    images, instances = np.arange(labels.images, dtype=np.int64), np.arange(len(labels), dtype=np.int64)
    boxes = _kept_boxes(labels, holds)
    area = labels.area if holds.area else np.full(len(labels), np.nan)
    if holds.area and not holds.gaps:
        area = np.where(np.isfinite(area), area, (boxes[:, 2:] - boxes[:, :2]).prod(1))
    return replace(
        labels,
        visible=labels.visible if holds.hidden else np.where(labels.visible > 0, VISIBLE, 0).astype(np.uint8),
        boxes=boxes,
        sizes=labels.sizes if holds.sizes else np.zeros_like(labels.sizes),
        image_ids=labels.image_ids if holds.numbers else images,
        ids=labels.ids if holds.numbers else instances,
        groups=_kept_groups(labels, holds),
        area=area,
        crowd=labels.crowd if holds.crowd else np.zeros(len(labels), bool),
        tracks=labels.tracks if holds.tracks else None,
        xyz=None,
        extras={},
        image_extras={},
    )


def _kept_boxes(labels: Labels, holds: Holds) -> np.ndarray:
    if holds.boxes and holds.gaps:
        return labels.boxes
    known = np.isfinite(labels.boxes).all(1, keepdims=True) & holds.boxes
    return np.where(known, labels.boxes, around_points(labels.xy))


def _kept_groups(labels: Labels, holds: Holds) -> np.ndarray:
    if holds.groups:
        return labels.groups if holds.numbers else numbered(labels.groups.tolist())
    return folders(labels) if holds.folders else np.arange(labels.images, dtype=np.int64)


def folders(labels: Labels) -> np.ndarray:
    """(I,) int64, the folder of each image, in the order of their coming."""
    return numbered(PurePosixPath(name).parent.as_posix() for name in labels.files.tolist())


def _lost_records(before: Labels, after: Labels) -> list[tuple[int, str]]:
    return [
        (len(before) - len(after), "instances without a box or a labelled point are left out"),
        (before.images - after.images, "images without instances are left out"),
    ]


def _lost_columns(labels: Labels, holds: Holds) -> list[tuple[int, str]]:
    """How many values of each column are lost, and what becomes of them."""
    tight = around_points(labels.xy).astype(np.float64)
    known = np.isfinite(labels.boxes).all(1)
    other = known & ~np.isclose(labels.boxes, tight).all(1)
    lost = [
        (not holds.hidden, int((labels.visible == HIDDEN).sum()), "hidden points are written as visible"),
        (not holds.boxes, int(other.sum()), "boxes are lost; they come back tight around the points"),
        (
            not holds.gaps,
            int((~known & (labels.visible > 0).any(1)).sum()),
            "unknown boxes come back tight around the points",
        ),
        (holds.area and not holds.gaps, int(np.isnan(labels.area).sum()), "unknown areas become those of the boxes"),
        (not holds.sizes, int((labels.sizes > 0).all(1).sum()), "sizes of images are lost"),
        (not holds.groups, _lost_groups(labels, holds), "images are no longer told to belong to one person or clip"),
        (not holds.area, int(np.isfinite(labels.area).sum()), "areas are lost"),
        (not holds.crowd, int(labels.crowd.sum()), "crowds are written as single instances"),
        (not holds.tracks, 0 if labels.tracks is None else len(labels), "track identities are lost"),
        (True, 0 if labels.xyz is None else len(labels), "instances lose their places in space"),
    ]
    return [(count, what) for is_lost, count, what in lost if is_lost]


def _lost_groups(labels: Labels, holds: Holds) -> int:
    """How many images share a group that does not come back."""
    if holds.folders and np.array_equal(numbered(labels.groups.tolist()), folders(labels)):
        return 0
    _, inverse, counts = np.unique(labels.groups, return_inverse=True, return_counts=True)
    return int((counts[inverse] > 1).sum())


def _lost_names(before: Dataset, after: Dataset, holds: Holds) -> tuple[str, ...]:
    labels, one, other = before.labels, before.skeleton, after.skeleton
    rows = [labels.image_ids, labels.ids]
    lost = {
        "the numbers of images and instances are lost; they are counted anew": not holds.numbers
        and any(not np.array_equal(column, np.arange(len(column))) for column in rows),
        "the limbs of the skeleton are lost": set(one.limbs) != set(other.limbs) and one.names == other.names,
        "the mirrored pairs of the skeleton are lost": one.mirror != other.mirror and one.names == other.names,
        "the sigmas of the skeleton are lost": one.sigmas != other.sigmas and one.names == other.names,
        f"the name of the skeleton, {one.name}, is lost": one.name != other.name,
        "title, licence and citation are lost": before.about != after.about,
    }
    further = [*labels.extras, *labels.image_extras]
    columns = (f"the further columns {', '.join(further)} are lost",) if further else ()
    return tuple(what for what, is_lost in lost.items() if is_lost) + columns
