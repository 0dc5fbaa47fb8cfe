"""Data sets of animals: species, groups, and the real samples."""

import json

import numpy as np
import pytest

from vitruvian.datasets.animals import ANIMALS
from vitruvian.errors import DataError

from . import published_sets

SAMPLES = "realdata/mmpose_samples"


@pytest.mark.parametrize(("name", "keypoints"), [("ap10k", 17), ("animalpose", 20)])
def test_each_animal_has_its_species(tmp_path, name, keypoints):
    """The second has no category; the third is of a category without a name."""
    path = published_sets.converted(keypoints)(tmp_path)
    content = json.loads(path.read_text())
    del content["annotations"][1]["category_id"]
    content["annotations"][2]["category_id"] = 2
    content["categories"].append({"id": 2})
    path.write_text(json.dumps(content))
    assert ANIMALS[name].read(path).labels.extras["species"].tolist() == ["otter", "", ""]


def test_images_of_ap10k_have_their_background(tmp_path):
    path = published_sets.converted(17)(tmp_path)
    content = json.loads(path.read_text())
    content["images"][1]["background"] = 4
    path.write_text(json.dumps(content))
    assert ANIMALS["ap10k"].read(path).labels.image_extras["background"].tolist() == [0, 4, 0]


def test_frames_of_a_video_of_horse10_are_a_group(tmp_path):
    path = published_sets.converted(22)(tmp_path)
    path.write_text(path.read_text().replace("0.png", "Brown/0.png").replace("2.png", "Brown/2.png"))
    assert ANIMALS["horse10"].read(path).labels.groups.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("name", "file", "images", "first", "labelled"),
    [
        ("animalpose", "animalpose/test_animalpose.json", 2, (117, 95), 17),
        ("ap10k", "ap10k/test_ap10k.json", 2, (134, 415), 16),
        ("horse10", "horse10/test_horse10.json", 3, (126, 71.1), 22),
        ("macaque", "macaque/test_macaque.json", 2, (641.06, 308.89), 16),
    ],
)
def test_the_real_samples_read_as_their_files_say(shared, name, file, images, first, labelled):
    """labelled: the first annotation's num_keypoints."""
    dataset = ANIMALS[name].read(shared / SAMPLES / file)
    labels = dataset.labels
    assert (len(dataset), len(labels), dataset.notes) == (images, images, ())
    assert labels.xy[0, 0].tolist() == pytest.approx(first)
    assert np.isfinite(labels.xy[0]).all(-1).sum() == labelled
    for row, sample in enumerate(dataset):
        assert sample.load().shape[1::-1] == tuple(labels.sizes[row])


def test_the_real_animals_of_ap10k_are_a_jaguar_and_an_antelope(shared):
    labels = ANIMALS["ap10k"].read(shared / SAMPLES / "ap10k/test_ap10k.json").labels
    assert labels.extras["species"].tolist() == ["jaguar", "antelope"]
    assert labels.image_extras["background"].tolist() == [5, 1]


def test_a_file_of_animal_pose_with_other_keypoints_is_refused(tmp_path):
    path = published_sets.animalpose(tmp_path)
    path.write_text(path.read_text().replace("withers", "shoulders"))
    with pytest.raises(DataError, match=r"names the keypoints .*shoulders.*; expected, in any order, left_eye"):
        ANIMALS["animalpose"].read(path)


def test_an_animal_without_its_image_is_named_or_counted(tmp_path):
    path = published_sets.animalpose(tmp_path)
    path.write_text(path.read_text().replace('"image_id": 6', '"image_id": 66'))
    with pytest.raises(DataError, match=r"annotation 1 of its list: there is no image 66"):
        ANIMALS["animalpose"].read(path)
    some = ANIMALS["animalpose"].read(path, skip=True)
    assert len(some.labels) == 2
    assert some.notes == ("left out 1 animals that cannot be read",)
    assert some.labels.extras["species"].tolist() == ["dog", "dog"]
    assert some.labels.boxes.tolist() == [[1, 2, 31, 42]] * 2
