"""Flips: coordinates must do what `image[:, ::-1]` does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vitruvian.errors import ShapeError
from vitruvian.geometry import flip_boxes, flip_points
from vitruvian.structures import SKELETONS

LSP = SKELETONS["lsp14"].mirror


def test_left_and_right_exchange_rows_and_the_middle_stays():
    """Width 10: x becomes 9 - x. Keypoints nose, left, right."""
    xy = np.array([[4.0, 1.0], [7.0, 2.0], [1.0, 3.0]])
    assert flip_points(xy, 10, (0, 2, 1)).tolist() == [[5, 1], [8, 3], [2, 2]]


def test_the_argument_is_left_alone():
    xy = np.array([[4.0, 1.0]])
    flip_points(xy, 10, (0,))
    flip_boxes(boxes := np.array([1.0, 2.0, 3.0, 4.0]), 10)
    assert (xy.tolist(), boxes.tolist()) == ([[4, 1]], [1, 2, 3, 4])


@given(st.integers(1, 20), st.integers(1, 20), st.data())
def test_a_point_goes_where_its_pixel_goes(width, height, data):
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    image = np.zeros((height, width))
    image[y, x] = 1
    row, column = np.argwhere(image[:, ::-1])[0]
    assert flip_points(np.array([[x, y]]), width, (0,)).tolist() == [[column, row]]


@given(arrays(np.float64, (2, 14, 2), elements=st.integers(-500, 500)), st.integers(1, 1000))
def test_flipping_points_twice_changes_nothing(xy, width):
    np.testing.assert_array_equal(flip_points(flip_points(xy, width, LSP), width, LSP), xy)


@given(arrays(np.float64, (3, 4), elements=st.integers(-500, 500)), st.integers(1, 1000))
def test_flipping_boxes_twice_changes_nothing(boxes, width):
    np.testing.assert_array_equal(flip_boxes(flip_boxes(boxes, width), width), boxes)


def test_the_corners_of_a_box_stay_in_order():
    """Width 10: 1 to 4 becomes 5 to 8."""
    assert flip_boxes(np.array([[1.0, 2.0, 4.0, 6.0]]), 10).tolist() == [[5, 2, 8, 6]]


def test_unknown_points_stay_unknown_under_their_new_name():
    flipped = flip_points(np.array([[np.nan, np.nan], [1.0, 2.0]]), 10, (1, 0))
    np.testing.assert_array_equal(flipped, [[8, 2], [np.nan, np.nan]])


@pytest.mark.parametrize("mirror", [(0,), (0, 2, 1)])
def test_a_mirror_of_another_skeleton_is_refused(mirror):
    sentence = f"^mirror must have one index for each of the 2 points, got {len(mirror)}$"
    with pytest.raises(ShapeError, match=sentence):
        flip_points(np.zeros((5, 2, 2)), 10, mirror)
