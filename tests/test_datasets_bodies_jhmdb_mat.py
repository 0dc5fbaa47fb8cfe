"""JHMDB as it is downloaded: joints, masks and splits of clips."""

import re

import numpy as np
import pytest
from scipy.io import savemat

from vitruvian.datasets.bodies import BODIES
from vitruvian.errors import DataError

CLIPS = [("catch", "first_ball", 2), ("catch", "second_ball", 1), ("walk", "to_@_fro", 1)]  # action, name, frames


def joints(frames):
    """(2, 15, T): joint k of frame t is at (10 t + k, 20 + k), counted from 1."""
    k, t = np.arange(15.0)[:, None], np.arange(frames)
    return np.stack([10 * t + k, np.broadcast_to(20 + k, (15, frames))]) + 1


def download(folder, masks=False):
    for action, name, frames in CLIPS:
        clip = folder / "joint_positions" / action / name
        clip.mkdir(parents=True)
        savemat(clip / "joint_positions.mat", {"pos_img": joints(frames), "scale": np.full((1, frames), 1.5)})
        (folder / "Rename_Images" / action / name).mkdir(parents=True)
        (folder / "Rename_Images" / action / name / "00001.png").touch()
        if masks:
            mask = np.zeros((60, 80, frames), np.uint8)
            mask[11:31, 5:26, 0] = 3
            (folder / "puppet_mask" / action / name).mkdir(parents=True)
            savemat(folder / "puppet_mask" / action / name / "puppet_mask.mat", {"part_mask": mask})
    (folder / "splits").mkdir()
    (folder / "splits" / "catch_test_split1.txt").write_text("first_ball.avi 1\nsecond_ball.avi 2\n")
    (folder / "splits" / "walk_test_split1.txt").write_text("to_@_fro.avi 2\n\n")
    (folder / "sub_splits").mkdir()
    (folder / "sub_splits" / "catch_test_split_1.txt").write_text("first_ball.avi 2\n")
    (folder / "splits" / "catch_test_split2.txt").write_text("first_ball.avi 2\nsecond_ball.avi 0\n")
    return folder


def read(path, **options):
    return BODIES["jhmdb"].read(path, **options)


def test_the_frames_of_all_clips_are_read_and_count_from_0(tmp_path):
    dataset = read(download(tmp_path))
    labels = dataset.labels
    assert labels.files.tolist() == [
        "catch/first_ball/00001.png",
        "catch/first_ball/00002.png",
        "catch/second_ball/00001.png",
        "walk/to_@_fro/00001.png",
    ]
    assert labels.xy[1, 0].tolist() == [10, 20]
    assert labels.xy[3, 14].tolist() == [14, 34]
    assert labels.boxes[1].tolist() == [10, 20, 24, 34]
    assert (labels.visible == 2).all()
    assert labels.groups.tolist() == [0, 0, 1, 2]
    assert labels.tracks.tolist() == [0, 0, 0, 0]
    assert labels.extras["scale"].tolist() == [1.5] * 4
    assert labels.image_extras["frame"].tolist() == [1, 2, 1, 1]
    assert labels.image_extras["action"].tolist() == ["catch"] * 3 + ["walk"]
    assert dataset.folder == tmp_path / "Rename_Images"
    assert dataset.notes == ()


def test_splits_say_which_frames_they_test_on(tmp_path):
    extras = read(download(tmp_path)).labels.image_extras
    assert extras["test_split1"].tolist() == [False, False, True, True]
    assert extras["test_split2"].tolist() == [True, True, False, False]
    assert extras["sub_test_split1"].tolist() == [True, True, False, False]
    assert "test_split3" not in extras


def test_boxes_are_those_of_the_masks_where_there_are_any(tmp_path):
    """The mask of each first frame has the columns 5 to 25 and the rows 11 to 30; the second frame has none."""
    boxes = read(download(tmp_path, masks=True)).labels.boxes
    assert boxes.tolist() == [[5, 11, 25, 30], [10, 20, 24, 34], [5, 11, 25, 30], [5, 11, 25, 30]]


@pytest.mark.parametrize(("inside", "frames"), [("joint_positions", 4), ("joint_positions/catch", 3)])
def test_a_folder_of_joints_is_read_by_itself(tmp_path, inside, frames):
    dataset = read(download(tmp_path) / inside)
    assert len(dataset) == frames
    assert dataset.folder == tmp_path / "Rename_Images"
    assert dataset.labels.image_extras["test_split1"].any()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"pos_img": joints(1)[:, :14]}, "pos_img is (2, 14, 1), expected (2, 15, frames)"),
        ({"pos_world": joints(1)}, "pos_img is (), expected (2, 15, frames)"),
        ({"pos_img": np.array([["left"]], object)}, "could not convert string to float: 'left'"),
        ({"pos_img": joints(3), "scale": np.ones((1, 2))}, "scale has 2 numbers, expected 3, one for each frame"),
    ],
)
def test_a_bad_clip_is_named_or_left_out_and_counted(tmp_path, changed, sentence):
    savemat(download(tmp_path) / "joint_positions/walk/to_@_fro/joint_positions.mat", changed)
    with pytest.raises(DataError, match=re.escape(f"{tmp_path}: walk/to_@_fro: {sentence}")):
        read(tmp_path)
    dataset = read(tmp_path, skip=True)
    assert len(dataset) == 3
    assert dataset.notes[0] == "left out 1 clips that are not as expected"


def test_joints_and_masks_that_are_cut_short_are_named(tmp_path):
    download(tmp_path, masks=True)
    for file in ("puppet_mask/walk/to_@_fro/puppet_mask.mat", "joint_positions/catch/second_ball/joint_positions.mat"):
        (tmp_path / file).write_bytes((tmp_path / file).read_bytes()[:150])
        with pytest.raises(DataError, match=re.escape(file)):
            read(tmp_path)
    assert len(read(tmp_path, skip=True)) == 2


def test_unknown_joints_are_unlabelled(tmp_path):
    xy = joints(1)
    xy[:, 3] = np.nan
    savemat(download(tmp_path) / "joint_positions/walk/to_@_fro/joint_positions.mat", {"pos_img": xy})
    labels = read(tmp_path).labels
    assert labels.visible[3, 2:5].tolist() == [2, 0, 2]
    assert np.isnan(labels.extras["scale"][3])


def test_splits_of_other_clips_are_counted_and_other_lines_refused(tmp_path):
    split = download(tmp_path) / "splits/walk_test_split1.txt"
    split.write_text("to_@_fro.avi 2\nelsewhere.avi 1\n")
    assert read(tmp_path).notes == ("left out 1 lines of splits whose clip is not there",)
    split.write_text("to_@_fro.avi yes\n")
    with pytest.raises(DataError, match=r'the line "to_@_fro.avi yes" is not as expected, a clip and 0, 1 or 2'):
        read(tmp_path)


def test_a_folder_without_joints_is_refused(tmp_path):
    with pytest.raises(DataError, match="give the folder into which JHMDB was unpacked"):
        read(tmp_path)
    download(tmp_path)
    with pytest.raises(DataError, match="give the folder into which JHMDB was unpacked"):
        read(tmp_path / "Rename_Images")
