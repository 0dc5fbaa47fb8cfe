"""COFW as it is downloaded: HDF5 files of MATLAB with the images inside."""

import re

import h5py
import numpy as np
import pytest

from vitruvian.datasets.faces import FACES
from vitruvian.errors import DataError

SIZES = [(6, 4), (5, 7), (8, 8)]  # width, height of the images; the second is grey


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("VITRUVIAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def picture(n):
    """(H, W, 3) or, for the second, (H, W): each pixel says its row, column and channel."""
    width, height = SIZES[n]
    rows, columns = np.mgrid[:height, :width]
    return (rows * 10 + columns).astype(np.uint8) if n == 1 else np.stack([rows, columns, rows * 0 + n], 2).astype("u1")


def numbers():
    """(3, 87): point k of face n is at (10 n + k, 20 + k), the last one is hidden."""
    k, n = np.arange(29), np.arange(3)[:, None]
    hidden = np.tile(k == 28, (3, 1))
    return np.hstack([10.0 * n + k, np.broadcast_to(20.0 + k, (3, 29)), hidden])


def write(folder, ending="T", phis=None, boxes=None, images=None):
    """As MATLAB writes it: all axes in reverse, images behind references."""
    path = folder / "COFW_color.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        images = [picture(n) for n in range(3)] if images is None else images
        cells = file.create_dataset(f"Is{ending}", (1, len(images)), h5py.ref_dtype)
        for n, image in enumerate(images):
            cells[0, n] = file.create_dataset(f"#refs#/{n}", data=image.T).ref
        file[f"phis{ending}"] = (numbers() if phis is None else phis).T
        file[f"bboxes{ending}"] = (np.array([[1.0, 2, 30, 40]] * 3) if boxes is None else boxes).T
    return path


def read(path, **options):
    return FACES["cofw"].read(path, **options)


def test_three_faces_are_read(tmp_path):
    dataset = read(write(tmp_path))
    labels = dataset.labels
    assert dataset.skeleton.name == "cofw29"
    assert labels.files.tolist() == ["test_0001.png", "test_0002.png", "test_0003.png"]
    assert labels.xy[:, 0].tolist() == [[0, 20], [10, 20], [20, 20]]
    assert labels.xy[2, 28].tolist() == [48, 48]
    assert labels.visible[0, 27:].tolist() == [2, 1]
    assert labels.boxes[0].tolist() == [1, 2, 31, 42]
    assert labels.sizes.tolist() == [list(size) for size in SIZES]


def test_images_are_unpacked_pixel_for_pixel(tmp_path, home):
    dataset = read(write(tmp_path, "Tr"))
    assert dataset.labels.files[0] == "train_0001.png"
    for n, sample in enumerate(dataset):
        expected = picture(n)
        np.testing.assert_array_equal(sample.load(), np.dstack([expected] * 3) if n == 1 else expected)
    assert dataset.folder.parent == home / "datasets"
    assert dataset.notes == (f"the images, which are inside COFW_color.mat, are unpacked in {dataset.folder}",)


def test_images_are_unpacked_once_and_again_where_one_is_missing(tmp_path):
    path = write(tmp_path)
    folder = read(path).folder
    times = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert {file.name: file.stat().st_mtime_ns for file in read(path).folder.iterdir()} == times
    (folder / "test_0002.png").unlink()
    assert read(path)[1].load().shape == (7, 5, 3)
    assert not list(folder.parent.glob(".*.partial"))


def test_nothing_is_unpacked_where_the_caller_has_the_images(tmp_path, home):
    dataset = read(write(tmp_path), folder=tmp_path / "mine")
    assert dataset.folder == tmp_path / "mine"
    assert dataset.notes == ()
    assert not home.exists()


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"ending": "X"}, "has the variables #refs#, IsX, bboxesX, phisX; expected IsTr, phisTr and bboxesTr"),
        ({"phis": np.zeros((3, 58))}, "phisT is (3, 58), expected (3, 87)"),
        ({"boxes": np.zeros((2, 4))}, "bboxesT is (2, 4), expected (3, 4)"),
    ],
)
@pytest.mark.parametrize("skip", [False, True])
def test_a_file_with_other_variables_is_refused(tmp_path, other, sentence, skip):
    with pytest.raises(DataError, match=re.escape(sentence)):
        read(write(tmp_path, **other), skip=skip)


def with_number(column, value):
    changed = numbers()
    changed[1, column] = value
    return {"phis": changed}


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (with_number(3, np.nan), "face 2: a number is not finite, expected coordinates in pixels"),
        (with_number(60, 2), "face 2: a point is hidden by 2, expected 0 or 1"),
        (
            {"images": [picture(0), picture(0)[..., :2], picture(2)]},
            "face 2: its image is (4, 6, 2), expected height x width x 3 or height x width of uint8",
        ),
        ({"images": [picture(0), picture(1) / 255, picture(2)]}, "face 2: its image is (), expected height x width"),
    ],
)
def test_a_bad_face_is_named_or_left_out_and_counted(tmp_path, other, sentence):
    """The images keep their numbers."""
    path = write(tmp_path, **other)
    with pytest.raises(DataError, match=re.escape(sentence)):
        read(path)
    dataset = read(path, skip=True)
    assert dataset.labels.files.tolist() == ["test_0001.png", "test_0003.png"]
    assert dataset.notes[0] == "left out 1 faces that are not as expected"
    np.testing.assert_array_equal(dataset[1].load(), picture(2))


def test_what_is_no_such_file_is_named(tmp_path):
    path = write(tmp_path)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(DataError, match=r"COFW_color\.mat is no whole MATLAB file of version 7\.3 .*cut short"):
        read(path)
    path.unlink()
    with pytest.raises(DataError, match=r"COFW_color\.mat is not there; expected a MATLAB file"):
        read(path)
