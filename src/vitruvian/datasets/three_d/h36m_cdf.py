"""Human3.6M as downloaded: a folder of CDF files for each person, with the joints of every frame of every video.

S1/MyPoses/D2_Positions/Directions 1.54138969.cdf has the variable Pose (1, T, 64), x and y of 32 joints in pixels, and
S1/MyPoses/D3_Positions_mono/ of the same name Pose (1, T, 96), their x, y, z in millimetres in the frame of the camera.
Source: the download, http://vision.imar.ro/human3.6m/. The field takes the frames of the videos out as
S1_Directions_1.54138969_000001.jpg, all or some, numbered from 1; those that are there are read.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import each, labels_of, some
from vitruvian.datasets.three_d.h36m_names import name_of
from vitruvian.errors import DataError, needs

ALL = 32  # joints of the files; our 17 are those that move
JOINTS = (0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27)
POSES = ("MyPoses/{}", "MyPoseFeatures/{}", "Poses_{}")  # folders of a person, by who unpacked the download
KINDS = ("D2_Positions", "D3_Positions_mono")
IMAGES = ("images", ".", "../images")
FRAMES = ("S*_*.*", "S*_*/S*_*.*", "S*/S*_*/S*_*.*")  # all in one folder, in one for each clip, or below their person
ENDINGS = (".jpg", ".jpeg", ".png")
FOUND = "S1_Directions_1.54138969_000001.jpg, in the folder images or in images/S1/S1_Directions_1.54138969"


class _Clip(NamedTuple):
    """A video. flat, deep: files with its 2D and 3D joints; frames: number, from 1, and image of those there are."""

    flat: Path
    deep: Path
    frames: list[tuple[int, str]]


class _Joints(NamedTuple):
    """The M images of a clip. xy: (M, 17, 2); xyz: (M, 17, 3); beyond: how many images are after the last pose."""

    files: list[str]
    xy: np.ndarray
    xyz: np.ndarray
    beyond: int


def frame_folder(path: Path) -> Path:
    """Where the frames are that were taken out of the videos of the download at `path`."""
    places = [Path(os.path.normpath(path / place)) for place in IMAGES]
    return next((place for place in places if any(next(place.glob(form), None) for form in FRAMES)), path)


def read_release(path: Path, images: Path, skip: bool) -> Kept:
    """The labels of the frames that are there of the download, or of one of its people, and notes.

    `xyz` is in millimetres in the frame of the camera.
    """
    clips = list(_clips(path, images))
    shown = [(clip.flat.name, clip) for clip in clips if clip.frames]
    if not shown:
        raise DataError(f"{images} has no frame of the {len(clips)} videos in {path}; expected images such as {FOUND}")
    omissions = Omissions(path, skip)
    omissions.leave("videos of which no frame is there", len(clips) - len(shown))
    read = some(path, each(shown, _joints, omissions, "clips whose joints are not as expected"), "joints of its frames")
    omissions.leave("frames without joints", sum(one.beyond for one in read))
    labels = labels_of([file for one in read for file in one.files], np.concatenate([one.xy for one in read]))
    return replace(labels, xyz=np.concatenate([one.xyz for one in read])), omissions.notes


def _clips(path: Path, images: Path) -> Iterator[_Clip]:
    """All clips of all people, but for those whose poses were not published; files called _ALL have clips once more."""
    frames = _frames(images)
    people = [one for one in (path, *sorted(path.glob("S[0-9]*"))) if any(_poses(one, kind) for kind in KINDS)]
    if not people:
        raise DataError(
            f"{path} has no S1/MyPoses/D2_Positions; expected the folder of Human3.6M, or of a person in it"
        )
    for person in people:
        flat, deep = (_poses(person, kind) for kind in KINDS)
        if flat is None or deep is None:
            raise DataError(f"{person} has no MyPoses/D2_Positions and MyPoses/D3_Positions_mono; expected both")
        for file in sorted(flat.glob("*.cdf")):
            if not file.name.startswith("_ALL"):
                clip = f"{person.absolute().name}_{file.stem.replace(' ', '_')}"
                yield _Clip(file, deep / file.name, frames.get(clip, []))


def _poses(person: Path, kind: str) -> Path | None:
    """The folder of a person with poses of this kind."""
    places = [person / place.format(kind) for place in POSES]
    return next((place for place in places if place.is_dir()), None)


def _frames(images: Path) -> dict[str, list[tuple[int, str]]]:
    """Number and file of the frames of each clip, in order."""
    frames: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for file in (file for form in FRAMES for file in images.glob(form)):
        name = name_of(file.name)
        if name.frame > 0 and file.suffix.lower() in ENDINGS:
            frames[name.clip].append((name.frame, file.relative_to(images).as_posix()))
    return {clip: sorted(found) for clip, found in frames.items()}


def _joints(clip: _Clip) -> _Joints:
    """The joints of the frames that are there. Raises ValueError where a file is not as it should be."""
    xy, xyz = _pose(clip.flat, 2), _pose(clip.deep, 3)
    if len(xy) != len(xyz):
        raise ValueError(f"{len(xy)} frames in 2D and {len(xyz)} in {clip.deep}, expected as many")
    there = [(number, file) for number, file in clip.frames if number <= len(xy)]
    if not there:
        raise ValueError(f"none of its frames, from {clip.frames[0][1]}, has joints; expected 1 to {len(xy)}")
    rows = [number - 1 for number, _ in there]
    return _Joints([file for _, file in there], xy[rows], xyz[rows], len(clip.frames) - len(there))


def _pose(file: Path, axes: int) -> np.ndarray:
    """(T, 17, axes) the variable Pose of a file, finite."""
    with needs("formats", "reading CDF files, as Human3.6M comes in"):
        import cdflib
    if not file.is_file():
        raise ValueError(f"there is no {file}; expected a file for each video in both folders")
    try:
        pose = np.asarray(cdflib.CDF(file).varget("Pose"), np.float64)
    except Exception as error:  # a damaged file may say anything to the reader, and so bring it to any error
        raise ValueError(f"{file} is no whole CDF file with Pose ({error}); is its copy cut short?") from error
    if pose.ndim != 3 or pose.shape[0] != 1 or pose.shape[2] != ALL * axes or not np.isfinite(pose).all():
        raise ValueError(f"Pose of {file} is {pose.shape}, expected finite numbers (1, frames, {ALL * axes})")
    return pose.reshape(-1, ALL, axes)[:, list(JOINTS)]
