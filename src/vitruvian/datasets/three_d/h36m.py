"""Human3.6M: 17 joints of people before four cameras in 2D and 3D, as a list of images or in COCO's layout.

The original is distributed as videos with joints in CDF files, which conversions take apart into images with one of
these; the names of images tell person, action, camera and frame: S1_Directions_1.54138969_000001.jpg.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import all_visible, image_folder, numbered
from vitruvian.datasets.three_d.lists import Camera, read_cameras, read_list, with_cameras
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS, Labels

NAME = re.compile(r"(?P<clip>(?P<person>S\d+)_(?P<action>[A-Za-z]+)[ _]?\d*\.(?P<camera>\d+))_(?P<frame>\d+)")
PLACES = (".", "images", "../images", "../../images", "..")

ABOUT = About(
    title="Human3.6M",
    licence="academic research only, after registration",
    citation="Ionescu et al., Human3.6M: Large Scale Datasets and Predictive Methods for 3D Human Sensing in Natural "
    "Environments, TPAMI 2014",
    url="http://vision.imar.ro/human3.6m/",
)


class Person(Annotation, kw_only=True, gc=False):
    """keypoints_3d: x, y, z in metres in the frame of the world, and whether known, of each joint."""

    keypoints_3d: list[float] | None = None


class Name(NamedTuple):
    """What the name of an image tells; empty, and frame -1, for other names."""

    clip: str
    person: str
    action: str
    camera: str
    frame: int


def read_h36m(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """Human3.6M from h36m_train.npz, h36m_test.npz or such a list, or from a file in COCO's layout; skeleton h36m17.

    `xyz` is in millimetres in the frame of the camera, x to the right, y down, z forwards. A file in COCO's layout has
    it in the frame of the world; cameras.pkl, beside or above it, leads from there to the camera's, and without it
    `xyz` stays in the frame of the world, z up, which is noted. Joints are taken in the order of h36m17, whatever the
    file calls them: the names of some files exchange left and right.

    The images of a person are a group, the images of a clip have one track in it.
    image_extras: "frame" (I,); "person", "action", "camera" (I,), text, the action without its number; with cameras.pkl
    also "focal" and "principal", (I, 2) pixels, which leave out the distortion of the lens.
    """
    converted = path.suffix.lower() == ".json"
    labels, notes = cached(_converted if converted else read_list, path, skip)
    names = [_name(file) for file in labels.files.tolist()]
    cameras = _cameras(path, names)
    labels = _with_names(labels, names)
    if cameras:
        labels = with_cameras(labels, cameras)
    if converted and cameras:
        labels = replace(labels, xyz=_before_cameras(labels, cameras))
    elif converted:
        notes = (*notes, f"xyz is in the frame of the world, because there is no cameras.pkl beside {path.name}")
    labels, images = _placed(labels, names, folder or image_folder(path, labels.files, *PLACES))
    return Dataset("h36m", SKELETONS["h36m17"], labels, images, ABOUT, notes)


def _converted(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 17, Person, skip=skip)
    xyz = np.full((len(layout.labels), 17, 3), np.nan)
    for row, person in enumerate(layout.annotations):
        if person.keypoints_3d is not None:
            if len(person.keypoints_3d) != 4 * 17:
                found = len(person.keypoints_3d)
                raise DataError(f"{path}: annotation {person.id}: {found} numbers in keypoints_3d, expected 4 * 17")
            joints = np.array(person.keypoints_3d).reshape(17, 4)
            xyz[row] = np.where(joints[:, 3:] > 0, 1000 * joints[:, :3], np.nan)
    return replace(all_visible(layout.labels), xyz=xyz), layout.notes


def _name(file: str) -> Name:
    match = NAME.fullmatch(PurePosixPath(file).stem)
    if match is None:
        return Name("", "", "", "", -1)
    return Name(match["clip"], match["person"], match["action"], match["camera"], int(match["frame"]))


def _with_names(labels: Labels, names: Sequence[Name]) -> Labels:
    people = numbered(name.person or file for name, file in zip(names, labels.files.tolist(), strict=True))
    return replace(
        labels,
        groups=people,
        tracks=numbered(name.clip or row for row, name in enumerate(names))[labels.image],
        image_extras={
            "frame": np.array([name.frame for name in names], np.int64),
            "person": np.array([name.person for name in names], np.str_),
            "action": np.array([name.action for name in names], np.str_),
            "camera": np.array([name.camera for name in names], np.str_),
        },
    )


def _cameras(path: Path, names: Sequence[Name]) -> list[Camera | None]:
    """The camera of each image, None where unknown; an empty list where there is no cameras.pkl."""
    places = (path.parent / "cameras.pkl", path.parent.parent / "cameras.pkl")
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        return []
    there = read_cameras(file)
    return [there.get((name.person, name.camera)) for name in names]


def _before_cameras(labels: Labels, cameras: Sequence[Camera | None]) -> np.ndarray:
    """xyz (N, 17, 3) from the frame of the world to that of the camera; NaN where the camera is not known."""
    assert labels.xyz is not None
    rotations, places = np.full((len(cameras), 3, 3), np.nan), np.full((len(cameras), 1, 3), np.nan)
    for row, camera in enumerate(cameras):
        if camera is not None and camera.rotation is not None and camera.place is not None:
            rotations[row], places[row] = camera.rotation, 1000 * camera.place
    return (labels.xyz - places[labels.image]) @ rotations[labels.image]


def _placed(labels: Labels, names: Sequence[Name], images: Path) -> tuple[Labels, Path]:
    """The labels with files in folders of person and clip, if images lie in such and the annotations do not say so."""
    pairs = zip(names, labels.files.tolist(), strict=True)
    deep = [f"{name.person}/{name.clip}/{file}" if name.clip else file for name, file in pairs]
    first = str(labels.files[0])
    if "/" in first or (images / first).is_file() or not (images / deep[0]).is_file():
        return labels, images
    return replace(labels, files=np.array(deep, np.str_)), images


READER = Reader(
    read_h36m,
    ABOUT,
    "h36m17",
    ("mpjpe", "p_mpjpe", "n_mpjpe", "mpjve"),
    "a list of images such as annotation_body3d/fps50/h36m_test.npz, or a file in COCO's layout with keypoints_3d, "
    "beside or below cameras.pkl",
)
