"""Human3.6M: 17 joints of people before four cameras in 2D and 3D, as downloaded, as a list, or in COCO's layout.

The download has videos, which the field takes apart into images, with joints in CDF files; the names of images tell
person, action, camera and frame: S1_Directions_1.54138969_000001.jpg.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import all_visible, image_folder, numbered
from vitruvian.datasets.three_d.h36m_cdf import frame_folder, read_release
from vitruvian.datasets.three_d.h36m_names import Name, name_of
from vitruvian.datasets.three_d.lists import Camera, read_cameras, read_list, with_cameras
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS, Labels

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


def read_h36m(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """Human3.6M as downloaded, a folder, from a list such as h36m_test.npz, or from a file in COCO's layout.

    The skeleton is h36m17. Of the download, those frames of its videos are read that are there as images; their boxes
    are tight about the joints.

    `xyz` is in millimetres in the frame of the camera, x to the right, y down, z forwards. A file in COCO's layout has
    it in the frame of the world; cameras.pkl, beside or above it, leads from there to the camera's, and without it
    `xyz` stays in the frame of the world, z up, which is noted. Joints are taken in the order of h36m17, whatever the
    file calls them: the names of some files exchange left and right.

    The images of a person are a group, the images of a clip have one track in it.
    image_extras: "frame" (I,); "person", "action", "camera" (I,), text, the action without its number; with cameras.pkl
    also "focal" and "principal", (I, 2) pixels, which leave out the distortion of the lens.
    """
    converted = path.suffix.lower() == ".json"
    if path.is_dir():
        folder = folder or frame_folder(path)
        labels, notes = read_release(path, folder, skip)
    else:
        labels, notes = cached(_converted if converted else read_list, path, skip)
    names = [name_of(file) for file in labels.files.tolist()]
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
    beside = path if path.is_dir() else path.parent
    places = (beside / "cameras.pkl", beside.parent / "cameras.pkl")
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
    "the folder of the download with S1 to S11, each with MyPoses/D2_Positions and MyPoses/D3_Positions_mono, and with "
    "the frames of its videos in a folder images; a list of images such as annotation_body3d/fps50/h36m_test.npz; or a "
    "file in COCO's layout with keypoints_3d, beside or below cameras.pkl",
)
