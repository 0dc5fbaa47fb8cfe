"""Several data sets as one: whose people, in which images, of which groups."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.labels import labels
from vitruvian.datasets import Dataset, Part, joined, without_images
from vitruvian.errors import RecipeError, UnknownNameError
from vitruvian.structures import Skeleton

PAIR, OTHER = Skeleton.define("pair", ("head", "tail")), Skeleton.define("other", ("nose", "tail", "rump"))


def two(tmp_path: Path) -> tuple[Dataset, Dataset]:
    """Two people of PAIR in one image of the folder a; one of OTHER in the second of two images of the folder b."""
    one = labels([0, 0], [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], extras={"head_box": np.ones((2, 4)), "x": np.ones(2)})
    other = labels([1], [[[1, 1], [2, 2], [3, 3]]], images=2, extras={"head_box": np.zeros((1, 4))})
    return Dataset("one", PAIR, one, tmp_path / "a"), Dataset("other", OTHER, other, tmp_path / "b" / "c")


def test_people_and_images_of_both_follow_each_other(tmp_path):
    one, other = two(tmp_path)
    both = joined([Part(one), Part(other, {"head": "nose", "tail": "tail"})], PAIR)
    assert both.labels.files.tolist() == ["a/0.jpg", "b/c/0.jpg", "b/c/1.jpg"]
    assert [both.path(row) for row in range(3)] == [one.path(0), other.path(0), other.path(1)]
    assert both.labels.image.tolist() == [0, 0, 2]
    assert both.labels.xy.tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[1, 1], [2, 2]]]
    assert both.labels.extras.keys() == {"head_box"}
    assert both.labels.extras["head_box"][:, 0].tolist() == [1, 1, 0]
    assert len(np.unique(both.labels.groups)) == 3
    assert (both.name, both.skeleton) == ("one + other", PAIR)


def test_keypoints_that_a_part_does_not_have_are_unlabelled(tmp_path):
    found = joined([Part(two(tmp_path)[1])], PAIR)
    np.testing.assert_array_equal(found.labels.xy, [[[np.nan, np.nan], [2, 2]]])
    assert found.labels.visible.tolist() == [[0, 2]]


def test_an_image_of_both_is_one_image_with_the_people_of_both(tmp_path):
    one, other = two(tmp_path)
    same = replace(other, folder=one.folder)
    both = joined([Part(one), Part(same)], PAIR)
    assert both.labels.files.tolist() == ["0.jpg", "1.jpg"]
    assert both.labels.image.tolist() == [0, 0, 1]
    assert both.labels.groups.tolist() == [0, 2]


def test_one_part_keeps_what_it_has(tmp_path):
    one = two(tmp_path)[0]
    found = joined([Part(one)], replace(PAIR, name="renamed"))
    assert found.labels is one.labels
    assert (found.skeleton.name, found.folder) == ("renamed", one.folder)


def test_images_are_taken_out_by_their_files(tmp_path):
    other = two(tmp_path)[1]
    assert without_images(other, {tmp_path / "b" / "c" / "1.jpg"}).labels.files.tolist() == ["0.jpg"]
    assert without_images(other, {tmp_path / "1.jpg"}) is other


def test_joints_that_are_not_there_are_refused(tmp_path):
    one, other = two(tmp_path)
    with pytest.raises(UnknownNameError, match='keypoint of other in the joints of other "snout"'):
        joined([Part(one), Part(other, {"head": "snout"})], PAIR)
    with pytest.raises(RecipeError, match="shares no keypoint with dot"):
        joined([Part(one)], Skeleton.define("dot", ["dot"]))
