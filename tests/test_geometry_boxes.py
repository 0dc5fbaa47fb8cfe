"""Boxes: x0 y0 x1 y1, worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vitruvian.geometry import around_points, from_xywh, to_xywh, usable, whole_image

IMAGE = np.zeros((40, 60, 3), np.uint8)
NAN = np.nan


def test_the_box_of_an_image_reaches_to_the_outer_edges_of_its_pixels():
    """60 wide, 40 high; pixel centres at 0 to 59 and 0 to 39, half a pixel around them."""
    boxes = whole_image(IMAGE)
    assert boxes.tolist() == [[-0.5, -0.5, 59.5, 39.5]]
    assert boxes.dtype == np.float32


def test_the_whole_image_is_usable():
    assert usable(whole_image(IMAGE), IMAGE).tolist() == [True]


def test_around_points_is_tight_and_leaves_unknown_points_out():
    """Person 0: (1, 9), (5, 2) and one unknown. Person 1: one point, a box without size. Person 2: nobody labelled."""
    xy = np.array(
        [
            [[1, 9], [NAN, NAN], [5, 2]],
            [[NAN, NAN], [7, 8], [NAN, NAN]],
            [[NAN, NAN], [NAN, NAN], [NAN, NAN]],
        ]
    )
    boxes = around_points(xy)
    np.testing.assert_array_equal(boxes, [[1, 2, 5, 9], [7, 8, 7, 8], [NAN] * 4])
    assert boxes.dtype == np.float32


def test_a_point_known_on_one_axis_only_is_unknown():
    xy = np.array([[[1.0, 2.0], [100.0, NAN], [3.0, 4.0]]])
    assert around_points(xy).tolist() == [[1, 2, 3, 4]]


def test_nobody_has_no_boxes():
    assert around_points(np.zeros((0, 14, 2))).shape == (0, 4)
    assert usable(np.zeros((0, 4)), IMAGE).shape == (0,)


@given(arrays(np.float32, (3, 5, 2), elements=st.floats(-1000, 1000, width=32)))
def test_every_point_is_in_its_box_and_every_side_touches_one(xy):
    boxes = around_points(xy)
    for points, box in zip(xy, boxes, strict=True):
        assert ((box[:2] <= points) & (points <= box[2:])).all()
        assert {box[0], box[2]} <= set(points[:, 0])
        assert {box[1], box[3]} <= set(points[:, 1])


def test_xywh_of_a_box():
    """From (2, 3) to (12, 8) is 10 wide and 5 high."""
    assert to_xywh(np.array([2, 3, 12, 8])).tolist() == [2, 3, 10, 5]
    assert from_xywh(np.array([2, 3, 10, 5])).tolist() == [2, 3, 12, 8]


@given(arrays(np.float64, (2, 3, 4), elements=st.integers(-1000, 1000).map(float)))
def test_from_xywh_inverts_to_xywh_for_any_batch_shape(boxes):
    np.testing.assert_array_equal(from_xywh(to_xywh(boxes)), boxes)


@pytest.mark.parametrize(
    ("box", "good"),
    [
        ([0, 0, 10, 10], True),
        ([-100, -100, 200, 200], True),
        ([59, 39, 90, 90], True),
        ([-9, -9, 0, 0], True),
        ([59.5, 0, 70, 10], False),  # right of the last column, which ends at 59.5
        ([0, 39.5, 10, 50], False),
        ([-10, 0, -0.5, 10], False),
        ([0, -10, 10, -0.5], False),
        ([5, 5, 5, 9], False),
        ([5, 5, 9, 5], False),
        ([9, 9, 5, 5], False),
        ([NAN, 0, 10, 10], False),
        ([0, 0, 10, NAN], False),
        ([0, 0, np.inf, 10], False),
        ([-np.inf, 0, 10, 10], False),
    ],
)
def test_a_box_is_usable_when_it_is_finite_has_a_size_and_touches_the_image(box, good):
    """The image is 60 x 40."""
    assert usable(np.array([box], np.float32), IMAGE).tolist() == [good]
