"""Getting people's own labels ready to train on."""

from dataclasses import replace

import numpy as np
import pytest

from tests.dots import dot_data
from tests.labels import labels
from vitruvian.datasets import Dataset
from vitruvian.errors import DataError
from vitruvian.structures import Labels, Skeleton
from vitruvian.training import own_data
from vitruvian.training.own_data import choose_score, parted, readable

PAIR = Skeleton.define("pair", ("head", "tail"))


def test_unreadable_images_are_left_out_and_said(tmp_path):
    whole = dot_data(tmp_path, 4)
    (tmp_path / "1.png").write_bytes(b"nothing")
    (tmp_path / "2.png").unlink()
    left, notes = readable(whole)
    assert left.labels.files.tolist() == ["0.png", "3.png"]
    assert len(notes) == 1
    assert notes[0].startswith("2 of 4 labelled images cannot be read, left out: ")


def test_images_without_labels_are_left_out_and_sizes_are_looked_up(tmp_path):
    whole = dot_data(tmp_path, 3)
    unsized = replace(whole.labels, sizes=np.zeros((3, 2), np.int32)).of_instances(np.array([0, 2]))
    left, notes = readable(replace(whole, labels=unsized))
    assert left.labels.sizes.tolist() == [[32, 32], [32, 32]]
    assert notes == ("images without labels are left out: 1",)


def test_of_very_many_images_with_sizes_only_the_files_are_looked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(own_data, "MANY", 3)
    whole = dot_data(tmp_path, 4)
    (tmp_path / "1.png").write_bytes(b"nothing")
    (tmp_path / "2.png").unlink()
    assert readable(whole)[0].labels.files.tolist() == ["0.png", "1.png", "3.png"]


def test_nothing_to_read_and_nobody_labelled_are_refused(tmp_path):
    whole = dot_data(tmp_path, 2)
    (tmp_path / "0.png").unlink()
    (tmp_path / "1.png").unlink()
    with pytest.raises(DataError, match="none of the 2 labelled images can be read"):
        readable(whole)
    with pytest.raises(DataError, match="nobody is labelled in its 2 images"):
        readable(replace(whole, labels=whole.labels.of_instances(np.array([], int))))


def many(images: int, groups: int) -> Labels:
    xy = np.tile([[[10.0, 10.0], [30.0, 20.0]]], (images, 1, 1))
    return labels(list(range(images)), xy, groups=np.arange(images) % groups)


@pytest.mark.parametrize(("images", "held_out"), [(10, 5), (20, 5), (100, 15)])
def test_a_seventh_of_the_images_is_held_out_and_at_least_five(images, held_out):
    parts = parted(Dataset("own", PAIR, many(images, images), None))
    assert (len(parts.train), len(parts.held_out)) == (images - held_out, held_out)
    assert "--by" in parts.note


def test_groups_are_held_out_whole():
    parts = parted(Dataset("own", PAIR, many(100, 10), None))
    assert not set(parts.train.labels.groups) & set(parts.held_out.labels.groups)
    assert len(parts.held_out) == 10  # one group; two would be farther from a seventh


def test_of_two_groups_single_images_are_held_out_and_it_says_what_follows():
    parts = parted(Dataset("own", PAIR, many(100, 2), None))
    assert len(parts.held_out) == 15
    assert "the error on other clips or people will be larger" in parts.note


@pytest.mark.parametrize("images", [1, 2, 5, 9])
def test_of_few_images_none_is_held_out(images):
    parts = parted(Dataset("own", PAIR, many(images, images), None))
    assert (len(parts.train), parts.held_out) == (images, None)
    assert "label 10 or more" in parts.note


def test_checkpoints_are_compared_by_the_fields_score_where_labels_allow_it():
    whole = Dataset("own", PAIR, many(3, 3), None)
    assert choose_score(whole) == "nme_box"
    assert choose_score(whole, "coco") == "oks_ap"
    assert choose_score(whole, "wflw") == "nme_box"  # it has no eyes
