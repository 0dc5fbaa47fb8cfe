"""AFLW as one MATLAB file of all faces, with the parts that the field tests on."""

import re

import numpy as np
import pytest
from scipy.io import savemat

from vitruvian.datasets.faces import FACES, aflw_mat
from vitruvian.errors import DataError


def variables(**other):
    """Three faces, two in one image; point k of face n is at (10 n + k, 100 + k); the box is 40 x 10 pixels."""
    k, n = np.arange(19), np.arange(3)[:, None]
    mask = np.ones((3, 19))
    mask[2, 4] = 0
    return {
        "nameList": np.array([["0/a.jpg"], ["0/a.jpg"], ["3/b.jpg"]], object),
        "data": np.hstack([10.0 * n + k, np.broadcast_to(100.0 + k, (3, 19))]),
        "mask_new": mask,
        "bbox": np.array([[5.0, 45, 7, 17]] * 3),
        "ra": np.array([[2, 3, 1]]),
        **other,
    }


def write(folder, **other):
    path = folder / "AFLWinfo_release.mat"
    savemat(path, {name: value for name, value in variables(**other).items() if value is not None})
    return path


def read(path, **options):
    return FACES["aflw"].read(path, **options)


def test_three_faces_are_read(tmp_path):
    dataset = read(write(tmp_path))
    labels = dataset.labels
    assert dataset.skeleton.name == "aflw19"
    assert labels.files.tolist() == ["0/a.jpg", "3/b.jpg"]
    assert labels.image.tolist() == [0, 0, 1]
    assert labels.xy[:, 0].tolist() == [[0, 100], [10, 100], [20, 100]]
    assert labels.xy[2, 18].tolist() == [38, 118]
    assert labels.visible[2, 3:6].tolist() == [2, 1, 2]
    assert labels.boxes[0].tolist() == [5, 7, 45, 17]
    assert labels.extras["box_size"].tolist() == [20.0] * 3  # the root of 40 * 10
    assert dataset.notes == ()


def test_the_last_faces_of_the_order_are_for_testing_and_frontal_where_all_points_are_seen(tmp_path, monkeypatch):
    """Of the order 2, 3, 1 the first is for training; 3, whose point 4 is hidden, and 1 are tested on."""
    monkeypatch.setattr(aflw_mat, "TRAIN", 1)
    extras = read(write(tmp_path)).labels.extras
    assert extras["test"].tolist() == [True, False, True]
    assert extras["frontal"].tolist() == [True, False, False]


@pytest.mark.parametrize("place", ["data/flickr", "aflw/data/flickr", "flickr", "."])
def test_images_are_found_in_the_download_below_the_file(tmp_path, place):
    (tmp_path / place / "0").mkdir(parents=True)
    (tmp_path / place / "0" / "a.jpg").touch()
    assert read(write(tmp_path)).folder == tmp_path / place


def test_a_file_of_one_face_is_read(tmp_path):
    """MATLAB files have fewer dimensions then."""
    whole = variables()
    one = {name: whole[name][:1] for name in ("nameList", "data", "mask_new", "bbox")}
    labels = read(write(tmp_path, **one, ra=np.array([[1]]))).labels
    assert labels.xy[:, 1].tolist() == [[1, 101]]


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"bbox": None}, "has no variable bbox; expected AFLWinfo_release.mat"),
        ({"data": np.zeros((3, 37))}, "data is (3, 37), expected numbers (3, 38), a row for each face"),
        ({"data": np.zeros((38, 3))}, "data is (38, 3), expected numbers (3, 38), a row for each face"),
        ({"data": np.array([["many"] * 38] * 3, object)}, "expected numbers (3, 38), a row for each face"),
        ({"ra": np.array([[1, 2, 2]])}, "ra is no order of its 3 faces; expected each number from 1 once"),
    ],
)
@pytest.mark.parametrize("skip", [False, True])
def test_a_file_with_other_variables_is_refused(tmp_path, other, sentence, skip):
    with pytest.raises(DataError, match=re.escape(sentence)):
        read(write(tmp_path, **other), skip=skip)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("data", np.nan, "face 1: a number is not finite, expected coordinates in pixels"),
        ("bbox", 50.0, "face 1: its box has left 50, right 45, top 7, bottom 17; expected an area"),
        ("nameList", "../a.jpg", 'face 1: the file name "../a.jpg" leads out of the folder of images'),
    ],
)
def test_a_bad_face_is_named_or_left_out_and_counted(tmp_path, name, value, sentence):
    changed = variables()[name].copy()
    changed[0, 0] = value
    path = write(tmp_path, **{name: changed})
    with pytest.raises(DataError, match=re.escape(sentence)):
        read(path)
    dataset = read(path, skip=True)
    assert len(dataset.labels) == 2
    assert dataset.notes == ("left out 1 faces that are not as expected",)


def test_a_file_cut_short_is_named(tmp_path):
    path = write(tmp_path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=r"AFLWinfo_release\.mat"):
        read(path)
