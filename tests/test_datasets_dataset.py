"""Dataset: images with their people, read when they are asked for."""

from pathlib import Path

import numpy as np
import pytest

from tests.labels import labels
from vitruvian.datasets import Dataset
from vitruvian.errors import DataError, ImageError, ShapeError
from vitruvian.media import write_image
from vitruvian.structures import Skeleton

PAIR = Skeleton.define("pair", ["left", "right"])
XY = np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [np.nan, np.nan]], [[7.0, 8.0], [9.0, 10.0]]])


def dataset(folder: Path = Path("nowhere"), **columns: object) -> Dataset:
    """Three instances, the first in image 2, the others in image 0; image 1 has nobody."""
    return Dataset("three", PAIR, labels([2, 0, 0], XY, images=3, **columns), folder)


def test_a_sample_has_the_people_of_its_image():
    sample = dataset()[0]
    assert sample.name == "0.jpg"
    assert np.array_equal(sample.poses.xy, XY[1:].astype(np.float32), equal_nan=True)
    assert sample.poses.score.tolist() == [[1, 0], [1, 1]]


def test_iterating_gives_every_image_those_without_people_too():
    assert [len(sample.poses) for sample in dataset()] == [2, 0, 1]
    assert len(dataset()) == 3


def test_a_crowd_is_no_person_of_the_sample_but_an_instance():
    some = dataset(crowd=np.array([False, True, False]))
    assert len(some[0].poses) == 1
    assert some.instances(0).tolist() == [1, 2]


def test_track_identities_come_with_the_poses():
    assert dataset(tracks=np.array([7, 8, 9]))[0].poses.ids.tolist() == [8, 9]


def test_there_is_no_row_before_the_first_or_after_the_last():
    for row in (-1, 3):
        with pytest.raises(IndexError, match=f"three has 3 images, there is no row {row}"):
            dataset()[row]


def test_the_image_is_read_when_it_is_loaded(tmp_path):
    sample = dataset(tmp_path)[2]
    with pytest.raises(ImageError, match=r"2\.jpg"):
        sample.load()
    write_image(tmp_path / "2.jpg", np.full((4, 6, 3), 128, np.uint8))
    assert sample.load().shape == (4, 6, 3)


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/secret.jpg", "a/../../secret.jpg"])
def test_a_file_name_that_leads_out_of_the_folder_is_refused(name):
    some = dataset(files=np.array([name, "1.jpg", "2.jpg"]))
    with pytest.raises(DataError, match=r"secret\.jpg\" leads out of the folder of images, nowhere"):
        some.path(0)


def test_a_skeleton_of_another_number_of_keypoints_is_refused():
    with pytest.raises(ShapeError, match="three is labelled with 2 keypoints, its skeleton one has 1"):
        Dataset("three", Skeleton.define("one", ["nose"]), labels([0], XY[:1]), Path())


def test_a_part_is_chosen_by_a_column_of_the_images():
    part = dataset(image_extras={"test": np.array([False, True, True])}).where("test")
    assert (part.labels.files.tolist(), part.labels.ids.tolist()) == (["1.jpg", "2.jpg"], [1000])


def test_a_part_is_chosen_by_a_column_of_the_instances():
    """The third instance is in image 0; the other images have nobody left and go."""
    part = dataset(extras={"blur": np.array([False, False, True])}).where("blur")
    assert (part.labels.files.tolist(), part.labels.ids.tolist(), len(part[0].poses)) == (["0.jpg"], [1002], 1)


def test_a_part_by_a_column_that_is_not_there_is_refused_with_those_that_are():
    some = dataset(extras={"blur": np.zeros(3, bool), "scale": np.ones(3)})
    with pytest.raises(DataError, match='three has no column "scale" of truth values to choose by; it has blur'):
        some.where("scale")
