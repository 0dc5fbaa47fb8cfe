"""The test set of MPI-INF-3DHP as downloaded: folders TS1 to TS6, each with images and a MATLAB file (7.3) of joints.

Of T frames, annot_data.mat has annot2 (2, 17, 1, T), pixels; annot3 (3, 17, 1, T), millimetres before the camera;
valid_frame (1, T), 1 for frames to test on; and activity_annotation (1, T), numbers of `ACTIVITIES` from 1. HDF5 has
the axes of all in reverse. The images are imageSequence/img_000001.jpg and so on. Source: the README and the test
utilities of the download, https://vcai.mpi-inf.mpg.de/3dhp-dataset/.
"""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.matlab_files import opened_hdf5
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import each, labels_of, numbered, some
from vitruvian.errors import DataError

KEYPOINTS = 17
FILE = "annot_data.mat"
ACTIVITIES = ("stand or walk", "exercise", "sit on a chair", "reach or crouch", "on the floor", "sports", "other")


class _Sequence(NamedTuple):
    """The T frames of a sequence to test on. frame: (T,), from 1; xy: (T, 17, 2); xyz: (T, 17, 3), millimetres.

    activity: (T,), from 0; skipped: how many frames are not to test on. images: what their names begin with.
    """

    name: str
    images: str
    frame: np.ndarray
    xy: np.ndarray
    xyz: np.ndarray
    activity: np.ndarray
    skipped: int


def read_test_set(folder: Path, skip: bool) -> Kept:
    """The labels of the test set, or of one sequence, as `vitruvian.datasets.read_mpi_inf_3dhp` describes them."""
    alone = (folder / FILE).is_file()
    files = [folder / FILE] if alone else sorted(folder.glob(f"TS*/{FILE}"))
    if not files:
        raise DataError(
            f"{folder} has no S1/Seq1/annot.mat and no TS1/{FILE}; expected the folder of the download, or "
            f"mpi_inf_3dhp_test_set, or one of their sequences"
        )
    omissions = Omissions(folder, skip)
    named = [(file.absolute().parent.name, file) for file in files]
    read = each(named, lambda file: _sequence(file, alone), omissions, "sequences that are not as expected")
    sequences = some(folder, read, "sequences with frames to test on")
    omissions.leave("frames that are not to test on", sum(one.skipped for one in sequences))
    names = [f"{one.images}img_{frame:06d}.jpg" for one in sequences for frame in one.frame.tolist()]
    labels = labels_of(names, np.concatenate([one.xy for one in sequences]))
    clips = [one.name for one in sequences for _ in one.frame]
    image_extras = {
        "frame": np.concatenate([one.frame for one in sequences]),
        "clip": np.array(clips, np.str_),
        "activity": np.array(ACTIVITIES, np.str_)[np.concatenate([one.activity for one in sequences])],
    }
    xyz = np.concatenate([one.xyz for one in sequences])
    groups = numbered(clips)
    return replace(labels, groups=groups, tracks=groups, xyz=xyz, image_extras=image_extras), omissions.notes


def _sequence(file: Path, alone: bool) -> _Sequence:
    """The sequence of a file. Raises ValueError where it is not as it should be; a `DataError` is one."""
    with opened_hdf5(file) as variables:
        valid, activity = (np.asarray(variables[name], np.float64) for name in ("valid_frame", "activity_annotation"))
        xy, xyz = (np.asarray(variables[name], np.float64) for name in ("annot2", "annot3"))
    frames = len(valid)
    shapes = ((xy, (1, KEYPOINTS, 2)), (xyz, (1, KEYPOINTS, 3)), (valid, (1,)), (activity, (1,)))
    if wrong := [array.shape for array, shape in shapes if array.shape != (frames, *shape)]:
        raise ValueError(f"a variable is {wrong[0][::-1]}, expected annot2 (2, {KEYPOINTS}, 1, frames) and its like")
    chosen = np.flatnonzero(valid[:, 0] == 1)
    if not len(chosen):
        raise ValueError("it has no frame to test on, expected 1 in valid_frame")
    if not (np.isfinite(xy[chosen]).all() and np.isfinite(xyz[chosen]).all()):
        raise ValueError("a joint is not finite, expected pixels and millimetres")
    if not np.isin(activity[chosen], np.arange(1, len(ACTIVITIES) + 1)).all():
        raise ValueError(f"an activity is none of 1 to {len(ACTIVITIES)}")
    name = file.absolute().parent.name
    return _Sequence(
        name,
        "imageSequence/" if alone else f"{name}/imageSequence/",
        chosen + 1,
        xy[chosen, 0],
        xyz[chosen, 0],
        activity[chosen, 0].astype(int) - 1,
        frames - len(chosen),
    )
