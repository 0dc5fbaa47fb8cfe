"""PoseTrack 2018: several people in clips, with identities, 17 keypoints."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, ImageRecord, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import all_visible, image_folder, numbered, within_reach
from vitruvian.errors import DataError
from vitruvian.geometry import from_xywh
from vitruvian.structures import SKELETONS, Labels

ABOUT = About(
    title="PoseTrack 2018",
    licence="for non-commercial research",
    citation="Andriluka et al., PoseTrack: A Benchmark for Human Pose Estimation and Tracking, CVPR 2018",
    url="https://posetrack.net/",
)
KEYPOINTS = 17


class _Frame(ImageRecord):
    """ignore_regions_x, _y: polygons in which nobody is labelled."""

    is_labeled: bool = True
    ignore_regions_x: tuple[Any, ...] = ()
    ignore_regions_y: tuple[Any, ...] = ()


class _Person(Annotation):
    bbox_head: tuple[float, ...] = ()


def read_posetrack18(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """PoseTrack18 from a folder of files, one for each clip, or from one file of several clips.

    The images of a clip are one group; `Labels.tracks` are identities within it. What is labelled counts as visible.
    Extra "head_box" (N, 4) as `Labels.boxes`, NaN where there is none. Image extras: "frame" (I,), the number of the
    image in its clip; "labelled" (I,) bool, for clips of which only some images are; "ignore_regions" (I,), for each
    image a tuple of polygons (M, 2), in which people are not labelled.
    """
    labels, notes = cached(_labels, path, skip, _files(path))
    images = folder or image_folder(path, labels.files, "../..", "..", ".")
    return Dataset("posetrack18", SKELETONS["posetrack17"], labels, images, ABOUT, notes)


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.json")) if path.is_dir() else [path]


def _labels(path: Path, skip: bool) -> Kept:
    parts = [_clips(file, skip) for file in _files(path)]
    if not parts:
        raise DataError(f"{path} holds no json files; expected the folder with a file of annotations for each clip")
    return _joined([labels for labels, _ in parts], path), tuple(note for _, notes in parts for note in notes)


def _clips(path: Path, skip: bool) -> Kept:
    """The labels of one file."""
    layout = read_layout(path, KEYPOINTS, _Person, _Frame, skip=skip)
    frames, names = layout.images, [PurePosixPath(image.file_name) for image in layout.images]
    regions = np.empty(len(frames), object)
    regions[:] = [_polygons(image, path) for image in frames]
    heads = [one.bbox_head if len(one.bbox_head) == 4 else (np.nan,) * 4 for one in layout.annotations]
    labels = replace(
        all_visible(layout.labels),
        groups=numbered(name.parent for name in names),
        extras={"head_box": from_xywh(np.array(heads, np.float64).reshape(-1, 4))},
        image_extras={
            "frame": np.array([int(name.stem) if name.stem.isdecimal() else -1 for name in names], np.int64),
            "labelled": np.array([image.is_labeled for image in frames], bool),
            "ignore_regions": regions,
        },
    )
    return labels, layout.notes


def _polygons(image: _Frame, path: Path) -> tuple[np.ndarray, ...]:
    """The regions of an image that are to be ignored, each (M, 2)."""
    across, down = image.ignore_regions_x, image.ignore_regions_y
    if across and not isinstance(across[0], list):  # a single polygon, without a list around it
        across, down = (across,), (down,)
    try:
        return tuple(within_reach(np.array([x, y], np.float64).T) for x, y in zip(across, down, strict=True))
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{path}: image {image.id}: ignore_regions_x and ignore_regions_y are no polygons ({error}); expected "
            f"lists of as many numbers each"
        ) from error


def _joined(parts: Sequence[Labels], path: Path) -> Labels:
    """The labels of several files as one. Raises DataError when two files have an image or an annotation in common."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(part.images for part in parts)])
    clips = np.cumsum([0, *(int(part.groups.max()) + 1 for part in parts)])
    tracks = [np.full(len(part), -1, np.int64) if part.tracks is None else part.tracks for part in parts]
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in JOINED}
    for what, name in (("images", "image_ids"), ("images", "files"), ("annotations", "ids")):
        if len(np.unique(whole[name])) < len(whole[name]):
            raise DataError(f"{path}: two of its files have {what} in common, by {name}; expected a clip in each file")
    return Labels(
        **whole,
        image=np.concatenate([part.image + start for part, start in zip(parts, starts, strict=False)]).astype(np.int32),
        groups=np.concatenate([part.groups + start for part, start in zip(parts, clips, strict=False)]),
        tracks=np.concatenate(tracks),
        extras={"head_box": np.concatenate([part.extras["head_box"] for part in parts])},
        image_extras={
            name: np.concatenate([part.image_extras[name] for part in parts]) for name in parts[0].image_extras
        },
    )


JOINED = ("files", "sizes", "image_ids", "ids", "xy", "visible", "boxes", "area", "crowd")  # columns as they are

READER = Reader(
    read_posetrack18,
    ABOUT,
    "posetrack17",
    ("posetrack_ap", "mota"),
    "annotations/val, a folder with a file in COCO's layout for each clip; or one such file",
)
