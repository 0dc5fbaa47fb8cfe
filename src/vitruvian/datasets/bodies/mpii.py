"""MPII Human Pose: people in everyday activities, 16 keypoints."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from vitruvian.datasets.bodies.mpii_mat import head_boxes, person_boxes, read_release
from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.json_records import read_list
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import checked_name, each, image_folder, labels_of, some
from vitruvian.errors import DataError
from vitruvian.structures import HIDDEN, SKELETONS, UNLABELLED, VISIBLE

ABOUT = About(
    title="MPII Human Pose",
    licence="annotations Simplified BSD; images from YouTube videos, for research",
    citation="Andriluka et al., 2D Human Pose Estimation: New Benchmark and State of the Art Analysis, CVPR 2014",
    url="http://human-pose.mpi-inf.mpg.de/",
)
KEYPOINTS = 16
HEAD_FILES = ("mpii_gt_val.mat", "gt_valid.mat")  # of published evaluation code, beside the list of people


class _Person(msgspec.Struct):
    """An entry of the list; points count pixels from 1."""

    image: str
    center: list[float]
    scale: float
    joints: list[list[float]] = []
    joints_vis: list[float] = []


def read_mpii(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """MPII from the original mpii_human_pose_v1_u12_1.mat, or from a json list of people with joints and joints_vis.

    Points count from 0 here, from 1 in the files. Boxes are squares, 200 px times the scale wide, about the centre of
    the person moved down by 15 px times the scale, as published models take them. A joint of the list that is not
    visible is unlabelled where it has no place, else hidden.

    Extras: "scale" (N,), the height of the person in 200 px; "head_box" (N, 4) as `Labels.boxes`, by which PCKh is
    scored: from the .mat, or for a list from mpii_gt_val.mat beside it, NaN without. Of the .mat also the image extra
    "train" (I,) bool, and the images of a video are one group.
    """
    if path.suffix.lower() == ".mat":
        labels, notes = cached(read_release, path, skip)
    else:
        labels, notes = cached(_labels, path, skip)
        labels = replace(labels, extras={**labels.extras, "head_box": _head_boxes(path, len(labels))})
    images = folder or image_folder(path, labels.files, "images", "../images")
    return Dataset("mpii", SKELETONS["mpii16"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    omissions = Omissions(path, skip)
    entries = enumerate(read_list(path, _Person, "entry", omissions))
    named = [(f"entry {number} of the list, in {one.image}", one) for number, one in entries]
    people = some(path, each(named, _checked, omissions, "people whose numbers are not as expected"), "people")
    points = np.array([one.joints or [[-1, -1]] * KEYPOINTS for one in people], np.float64)
    flags = np.array([one.joints_vis or [0] * KEYPOINTS for one in people]) > 0
    known = flags | (points > 0).any(-1)
    labels = labels_of([one.image for one in people], np.where(known[..., None], points - 1, np.nan))
    visible = np.where(flags, VISIBLE, np.where(known, HIDDEN, UNLABELLED)).astype(np.uint8)
    scale = np.array([one.scale for one in people], np.float64)
    centre = np.array([one.center for one in people], np.float64) - 1
    return replace(labels, visible=visible, boxes=person_boxes(centre, scale), extras={"scale": scale}), omissions.notes


def _checked(person: _Person) -> _Person:
    """The person as it is. Raises ValueError where the numbers are not as they should be."""
    counts = {len(person.joints), len(person.joints_vis)}
    if counts not in ({0}, {KEYPOINTS}) or any(len(point) != 2 for point in [*person.joints, person.center]):
        raise ValueError(
            f"{len(person.joints)} joints and {len(person.joints_vis)} flags, expected {KEYPOINTS} points of x and y, "
            f"as many flags, and a center of x and y"
        )
    if max(abs(number) for point in [*person.joints, person.center, [person.scale]] for number in point) > FARTHEST:
        raise ValueError(f"a number is beyond {FARTHEST:g}, expected pixels")
    person.image = checked_name(person.image)
    return person


def _head_boxes(path: Path, people: int) -> np.ndarray:
    """(N, 4) from the file beside the list, or NaN. Raises DataError where that is of other people."""
    beside = next((path.with_name(name) for name in HEAD_FILES if path.with_name(name).is_file()), None)
    if beside is None or "val" not in path.stem:
        return np.full((people, 4), np.nan)
    boxes = head_boxes(beside)
    if len(boxes) != people:
        raise DataError(f"{beside} has the heads of {len(boxes)} people, {path} has {people} people; expected as many")
    return boxes


READER = Reader(
    read_mpii,
    ABOUT,
    "mpii16",
    ("pckh",),
    "mpii_human_pose_v1_u12_1.mat, the original; or mpii_train.json, a list of people with joints and joints_vis",
)
