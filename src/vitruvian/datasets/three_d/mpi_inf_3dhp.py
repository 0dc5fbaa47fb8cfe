"""MPI-INF-3DHP: 17 joints of people in 2D and 3D, as it is downloaded, or a list of images.

The names of images in a list tell person, sequence, camera and frame: S4_Seq2_Cam0_001033.jpg, or, in the test set,
sequence and frame: TS1_002001.jpg.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder, numbered
from vitruvian.datasets.three_d.lists import Camera, read_cameras, read_list, with_cameras
from vitruvian.datasets.three_d.mpi_inf_3dhp_mat import read_test_set
from vitruvian.datasets.three_d.mpi_inf_3dhp_train import is_train_set, read_train_set
from vitruvian.structures import SKELETONS, Labels

NAME = re.compile(r"(?P<clip>(?P<person>T?S\d+)(_Seq\d+_Cam\d+)?)_(?P<frame>\d+)")
CAMERAS = ("cameras_train.pkl", "cameras_test.pkl")
PLACES = (".", "images", "../images", "..")

ABOUT = About(
    title="MPI-INF-3DHP",
    licence="non-commercial research",
    citation="Mehta et al., Monocular 3D Human Pose Estimation In The Wild Using Improved CNN Supervision, 3DV 2017",
    url="https://vcai.mpi-inf.mpg.de/3dhp-dataset/",
)


def read_mpi_inf_3dhp(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """MPI-INF-3DHP's training or test set as downloaded, a folder, or a list of images; skeleton mpi_inf_3dhp17.

    Lists are mpi_inf_3dhp_train.npz, mpi_inf_3dhp_test_valid.npz and such. Of the training set, those frames of its
    videos are read that are there as images, with the "focal" and "principal" of camera.calibration.
    `xyz` is in millimetres in the frame of the camera, x to the right, y down, z forwards. The images of a person are a
    group, the images of a clip have one track in it. image_extras: "frame" (I,); "clip" (I,), text; with
    cameras_train.pkl or cameras_test.pkl beside or above the list also "focal" and "principal", (I, 2) pixels. As
    downloaded, the test set has the frames that the field tests on, a group and a track each sequence, and "activity"
    (I,), text.
    """
    if path.is_dir() and is_train_set(path):
        labels, notes = read_train_set(path, folder or path, skip)
    else:
        labels, notes = read_test_set(path, skip) if path.is_dir() else _listed(path, skip)
    images = folder or image_folder(path, labels.files, *PLACES)
    clips = labels.image_extras["clip"].tolist()
    return Dataset("mpi_inf_3dhp", SKELETONS["mpi_inf_3dhp17"], _seen(labels, clips, path), images, ABOUT, notes)


def _listed(path: Path, skip: bool) -> Kept:
    """The labels of a list, with what the names of its images tell."""
    labels, notes = cached(read_list, path, skip)
    matches = [NAME.fullmatch(PurePosixPath(file).stem) for file in labels.files.tolist()]
    clips = [match["clip"] if match else "" for match in matches]
    labels = replace(
        labels,
        groups=numbered(match["person"] if match else row for row, match in enumerate(matches)),
        tracks=numbered(clip or row for row, clip in enumerate(clips))[labels.image],
        image_extras={
            "frame": np.array([int(match["frame"]) if match else -1 for match in matches], np.int64),
            "clip": np.array(clips, np.str_),
        },
    )
    return labels, notes


def _seen(labels: Labels, clips: Sequence[str], path: Path) -> Labels:
    """The labels with the cameras of the files that are there."""
    files = [place / name for place in (path, *path.absolute().parents[:2]) for name in CAMERAS]
    there: dict[Any, Camera] = {}
    for file in files:
        if file.is_file():
            there = read_cameras(file) | there
    return with_cameras(labels, [there.get(clip) for clip in clips]) if there else labels


READER = Reader(
    read_mpi_inf_3dhp,
    ABOUT,
    "mpi_inf_3dhp17",
    ("mpjpe", "p_mpjpe", "pck_3d", "auc_3d"),
    "the folder of the download with S1 to S8, and the frames of its videos such as "
    "S1/Seq1/imageFrames/video_0/frame_000001.jpg; or mpi_inf_3dhp_test_set, with TS1 to TS6; or a list of images such "
    "as annotations/mpi_inf_3dhp_test_valid.npz",
)
