"""The test set of MPI-INF-3DHP as it is downloaded."""

import re

import h5py
import numpy as np
import pytest

from vitruvian.datasets.three_d import THREE_D
from vitruvian.errors import DataError


def variables(frames, **other):
    """Joint k of frame t is at (10 t + k, 20 + k) pixels and (t, k, 1000) mm; the second frame is not valid."""
    t, k = np.arange(frames)[:, None], np.arange(17)[None]
    xy = np.stack(np.broadcast_arrays(10.0 * t + k, 20.0 + k), axis=-1)
    xyz = np.stack(np.broadcast_arrays(t, k, 1000.0), axis=-1)
    return {
        "annot2": xy[:, None],
        "annot3": xyz[:, None],
        "valid_frame": (np.arange(frames)[:, None] != 1).astype(float),
        "activity_annotation": np.full((frames, 1), 6.0),
        **other,
    }


def write(folder, name="TS1", frames=3, **other):
    """As h5py has it, with all axes in reverse."""
    (folder / name / "imageSequence").mkdir(parents=True, exist_ok=True)
    (folder / name / "imageSequence" / "img_000001.jpg").touch()
    with h5py.File(folder / name / "annot_data.mat", "w", userblock_size=512) as file:
        for key, value in variables(frames, **other).items():
            if value is not None:
                file[key] = value
    return folder


def read(path, **options):
    return THREE_D["mpi_inf_3dhp"].read(path, **options)


def test_the_frames_to_test_on_are_read(tmp_path):
    write(tmp_path)
    dataset = read(write(tmp_path, "TS2", 1))
    labels = dataset.labels
    assert dataset.skeleton.name == "mpi_inf_3dhp17"
    assert labels.files.tolist() == [
        "TS1/imageSequence/img_000001.jpg",
        "TS1/imageSequence/img_000003.jpg",
        "TS2/imageSequence/img_000001.jpg",
    ]
    assert labels.xy[1, 16].tolist() == [36, 36]
    assert labels.xyz[1, 16].tolist() == [2, 16, 1000]
    assert labels.groups.tolist() == labels.tracks.tolist() == [0, 0, 1]
    assert labels.image_extras["frame"].tolist() == [1, 3, 1]
    assert labels.image_extras["clip"].tolist() == ["TS1", "TS1", "TS2"]
    assert labels.image_extras["activity"].tolist() == ["sports"] * 3
    assert dataset.folder == tmp_path
    assert dataset.notes == ("left out 1 frames that are not to test on",)


def test_a_sequence_is_read_by_itself(tmp_path):
    dataset = read(write(tmp_path) / "TS1")
    assert dataset.labels.files.tolist() == ["imageSequence/img_000001.jpg", "imageSequence/img_000003.jpg"]
    assert dataset.path(0).is_file()


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"annot3": np.zeros((3, 1, 28, 3))}, "a variable is (3, 28, 1, 3), expected annot2 (2, 17, 1, frames)"),
        ({"annot2": np.zeros((2, 1, 17, 2))}, "a variable is (2, 17, 1, 2), expected annot2 (2, 17, 1, frames)"),
        ({"annot2": np.full((3, 1, 17, 2), np.nan)}, "a joint is not finite, expected pixels and millimetres"),
        ({"valid_frame": np.zeros((3, 1))}, "it has no frame to test on, expected 1 in valid_frame"),
        ({"activity_annotation": np.full((3, 1), 8.0)}, "an activity is none of 1 to 7"),
        ({"valid_frame": None}, "annot_data.mat is no whole MATLAB file of version 7.3"),
        ({"annot2": "joints"}, "annot_data.mat is no whole MATLAB file of version 7.3"),
    ],
)
def test_a_bad_sequence_is_named_or_left_out_and_counted(tmp_path, other, sentence):
    write(tmp_path, "TS2", 1)
    write(tmp_path, **other)
    with pytest.raises(DataError, match=r"TS1: .*" + re.escape(sentence)):
        read(tmp_path)
    dataset = read(tmp_path, skip=True)
    assert len(dataset) == 1
    assert dataset.notes[0] == "left out 1 sequences that are not as expected"


def test_a_folder_without_sequences_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"has no S1/Seq1/annot\.mat and no TS1/annot_data\.mat; expected the folder"):
        read(tmp_path)
