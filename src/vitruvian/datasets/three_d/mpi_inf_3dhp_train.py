"""The training set of MPI-INF-3DHP as downloaded: folders S1 to S8, each with Seq1 and Seq2.

Seq1/annot.mat has for each of 14 cameras, as cells, annot2 (T, 56), x and y of 28 joints in pixels, and annot3 (T, 84),
their x, y, z in millimetres in the frame of the camera; camera.calibration is of its cameras. The videos are
imageSequence/video_0.avi and so on; the field takes their frames out as imageFrames/video_0/frame_000001.jpg, all or
some, numbered from 1; those that are there are read. Source: the README of the download,
https://vcai.mpi-inf.mpg.de/3dhp-dataset/.
"""

import re
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.matlab_files import read_matlab
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import each, labels_of, numbered, some
from vitruvian.datasets.three_d.lists import Camera, with_cameras
from vitruvian.datasets.three_d.mpi_inf_3dhp_calibration import read_calibration
from vitruvian.errors import DataError
from vitruvian.structures import Labels

FILE = "annot.mat"
ALL = 28  # joints of the files
JOINTS = (7, 5, 14, 15, 16, 9, 10, 11, 23, 24, 25, 18, 19, 20, 4, 3, 6)  # our 17 among them
FRAMES = "image*/video_*/*"  # imageFrames, or imageSequence beside the videos
FRAME = re.compile(r"image\w+/video_(?P<camera>\d+)/(.*\D)?(?P<frame>\d+)\.(jpe?g|png)", re.IGNORECASE)
TAKEN_OUT = "ffmpeg -i imageSequence/video_0.avi imageFrames/video_0/frame_%06d.jpg"


class _Frame(NamedTuple):
    """An image. camera, number: as its name tells, from 0 and from 1; clip: all frames of a video have the same."""

    camera: int
    number: int
    file: str
    clip: str
    person: str


class _Joints(NamedTuple):
    """The M frames of a sequence. xy: (M, 17, 2); xyz: (M, 17, 3); cameras: None where not known.

    beyond: how many further images there are, after the last pose.
    """

    frames: list[_Frame]
    xy: np.ndarray
    xyz: np.ndarray
    cameras: list[Camera | None]
    beyond: int


def is_train_set(path: Path) -> bool:
    """Whether a folder is the training set, one of its people, or one of its sequences."""
    return bool(_files(path))


def read_train_set(path: Path, images: Path, skip: bool) -> Kept:
    """The labels of the frames that are there, as `vitruvian.datasets.read_mpi_inf_3dhp` describes them, and notes."""
    files = _files(path)
    frames = {file: _frames(file, images / file.parent.relative_to(path), images) for file in files}
    shown = [(file.relative_to(path).as_posix(), (file, frames[file])) for file in files if frames[file]]
    if not shown:
        raise DataError(f"{images} has no frame of the videos of {path}; take them out with {TAKEN_OUT} and such")
    omissions = Omissions(path, skip)
    omissions.leave("sequences of which no frame is there", len(files) - len(shown))
    read = some(path, each(shown, _joints, omissions, "sequences that are not as expected"), "joints of its frames")
    omissions.leave("frames without joints", sum(one.beyond for one in read))
    return _labels(read), omissions.notes


def _files(path: Path) -> list[Path]:
    places = (FILE, f"Seq*/{FILE}", f"S*/Seq*/{FILE}")
    return next((found for place in places if (found := sorted(path.glob(place)))), [])


def _frames(file: Path, place: Path, images: Path) -> list[_Frame]:
    """The frames of a sequence that are there, by camera and number; place: its folder below that of the images."""
    folder = file.absolute().parent
    person = folder.parent.name
    frames = []
    for one in place.glob(FRAMES):
        if match := FRAME.fullmatch(one.relative_to(place).as_posix()):
            camera, number = int(match["camera"]), int(match["frame"])
            clip = f"{person}_{folder.name}_Cam{camera}"
            frames.append(_Frame(camera, number, one.relative_to(images).as_posix(), clip, person))
    return sorted(frame for frame in frames if frame.number > 0)


def _joints(sequence: tuple[Path, list[_Frame]]) -> _Joints:
    """The joints of a sequence. Raises ValueError where its files are not as they should be; a `DataError` is one."""
    file, frames = sequence
    variables = read_matlab(file, "annot2", "annot3")
    calibration = file.with_name("camera.calibration")
    cameras = read_calibration(calibration) if calibration.is_file() else {}
    kept: list[_Frame] = []
    xy, xyz = [np.empty((0, len(JOINTS), 2))], [np.empty((0, len(JOINTS), 3))]
    for camera, some_frames in groupby(frames, lambda frame: frame.camera):
        flat, deep = _cell(variables, "annot2", camera, 2), _cell(variables, "annot3", camera, 3)
        there = [frame for frame in some_frames if frame.number <= min(len(flat), len(deep))]
        rows = [frame.number - 1 for frame in there]
        kept += there
        xy.append(flat[rows])
        xyz.append(deep[rows])
    if not kept:
        raise ValueError(
            f"none of its {len(frames)} frames, from {frames[0].file}, has joints; expected numbers from 1"
        )
    seen = [cameras.get(frame.camera) for frame in kept]
    return _Joints(kept, np.concatenate(xy), np.concatenate(xyz), seen, len(frames) - len(kept))


def _cell(variables: dict[str, Any], name: str, camera: int, axes: int) -> np.ndarray:
    """(T, 17, axes) what a camera sees, finite."""
    cells = variables.get(name)
    if not isinstance(cells, np.ndarray) or cells.dtype != object or camera >= cells.size:
        raise ValueError(f"{name} has no cell for video_{camera}, expected one for each of 14 cameras")
    joints = np.atleast_2d(np.asarray(cells.ravel()[camera], np.float64))
    if joints.ndim != 2 or joints.shape[1] != ALL * axes or not np.isfinite(joints).all():
        raise ValueError(f"{name} of video_{camera} is {joints.shape}, expected finite numbers (frames, {ALL * axes})")
    return joints.reshape(-1, ALL, axes)[:, list(JOINTS)]


def _labels(read: list[_Joints]) -> Labels:
    frames = [frame for one in read for frame in one.frames]
    cameras = [camera for one in read for camera in one.cameras]
    clips = [frame.clip for frame in frames]
    labels = replace(
        labels_of([frame.file for frame in frames], np.concatenate([one.xy for one in read])),
        groups=numbered(frame.person for frame in frames),
        tracks=numbered(clips),
        xyz=np.concatenate([one.xyz for one in read]),
        image_extras={
            "frame": np.array([frame.number for frame in frames], np.int64),
            "clip": np.array(clips, np.str_),
        },
    )
    return with_cameras(labels, cameras) if any(cameras) else labels
