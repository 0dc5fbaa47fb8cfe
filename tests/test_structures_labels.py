"""Labels: columns that fit each other, and choosing among them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.labels import labels
from vitruvian.errors import ShapeError

TWO = np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [np.nan, np.nan]], [[7.0, 8.0], [9.0, 10.0]]])


def test_counts_are_of_instances_images_and_keypoints():
    three = labels([0, 2, 2], TWO, images=4)
    assert (len(three), three.images, three.keypoints) == (3, 4, 2)


@pytest.mark.parametrize("name", ["sizes", "image_ids", "groups", "ids", "visible", "boxes", "area", "crowd"])
def test_a_column_of_another_length_is_named(name):
    three = labels([0, 2, 2], TWO)
    with pytest.raises(ShapeError, match=rf"^{name} must be \(\d.*\) for 3 images and 3 instances, got \("):
        replace(three, **{name: getattr(three, name)[:-1]})


def test_points_must_be_pairs():
    with pytest.raises(ShapeError, match=r"xy must be \(N, K, 2\), got \(3, 2, 3\)"):
        replace(labels([0, 2, 2], TWO), xy=np.zeros((3, 2, 3)))


@pytest.mark.parametrize(("where", "rows"), [("extras", 3), ("image_extras", 4)])
def test_a_further_column_of_another_length_is_named(where, rows):
    with pytest.raises(ShapeError, match=f'the column "head_box" must have {rows} rows, got 9'):
        replace(labels([0, 2, 2], TWO, images=4), **{where: {"head_box": np.zeros((9, 4))}})


def test_images_are_chosen_with_their_instances_in_the_order_given():
    three = labels([0, 2, 2], TWO, images=4, extras={"n": np.array([10, 20, 30])}, image_extras={"m": np.arange(4)})
    some = three.of_images(np.array([2, 3]))
    assert some.files.tolist() == ["2.jpg", "3.jpg"]
    assert some.image.tolist() == [0, 0]
    assert some.ids.tolist() == [1001, 1002]
    assert some.extras["n"].tolist() == [20, 30]
    assert some.image_extras["m"].tolist() == [2, 3]


def test_instances_are_chosen_and_all_images_stay():
    some = labels([0, 2, 2], TWO, tracks=np.array([4, 5, 6])).of_instances(np.array([False, True, False]))
    assert (len(some), some.images) == (1, 3)
    assert (some.tracks.tolist(), some.image.tolist()) == ([5], [2])


@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=8))
def test_choosing_all_images_in_another_order_keeps_who_is_where(order, image):
    some = labels(image, np.zeros((len(image), 1, 2)), images=5)
    moved = some.of_images(np.array(order))
    before = sorted((str(some.files[row]), int(key)) for row, key in zip(some.image, some.ids, strict=True))
    after = sorted((str(moved.files[row]), int(key)) for row, key in zip(moved.image, moved.ids, strict=True))
    assert before == after
