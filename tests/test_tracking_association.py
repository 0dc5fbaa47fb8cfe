"""Who is whom from frame to frame, worked by hand."""

import numpy as np
import pytest

from vitruvian.errors import ShapeError
from vitruvian.tracking import associate, pose_likeness

NAN = np.nan


def test_each_takes_the_most_alike_that_is_free():
    """Row 0 takes column 1, so that row 1 is left with column 0, and row 2 with nobody."""
    likeness = np.array([[0.5, 0.9], [0.4, 0.95], [0.8, 0.8]])
    assert associate(likeness, 0.3).tolist() == [1, 0, -1]


def test_it_must_be_more_than_the_threshold():
    assert associate(np.array([[0.3], [0.31]]), 0.3).tolist() == [-1, 0]


def test_of_equals_the_first_is_taken_and_the_unknown_never():
    assert associate(np.array([[NAN, 0.5, 0.5]]), 0.3).tolist() == [1]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_nobody_to_associate(shape):
    assert associate(np.zeros(shape), 0.3).tolist() == [-1] * shape[0]


def test_it_changes_nothing_that_it_is_given():
    likeness = np.ones((2, 2))
    associate(likeness, 0.3)
    assert (likeness == 1).all()


def test_one_keypoint_ten_pixels_off():
    """Areas of 50 and 150, sigma 0.5: exp(-100 / (2 · 100 · 1)) = exp(-1/2)."""
    first, second = np.array([[[10.0, 0.0]]]), np.array([[[0.0, 0.0]]])
    areas = (np.array([50.0]), np.array([150.0]))
    assert pose_likeness(first, second, areas, np.array([0.5])).item() == pytest.approx(0.6065307)


def test_only_keypoints_known_in_both_count():
    """The first coincides, the second is unknown on one side; nothing is known of the last pair."""
    first = np.array([[[1.0, 1.0], [5.0, 5.0]]])
    second = np.array([[[1.0, 1.0], [NAN, NAN]], [[NAN, NAN], [NAN, NAN]]])
    likeness = pose_likeness(first, second, (np.ones(1), np.ones(2)), np.array([0.1, 0.1]))
    np.testing.assert_array_equal(likeness, [[1.0, NAN]])


def test_people_without_area_are_alike_only_where_they_coincide():
    points = np.array([[[0.0, 0.0]], [[1.0, 0.0]]])
    np.testing.assert_array_equal(pose_likeness(points, points, (np.zeros(2), np.zeros(2)), np.array([0.1])), np.eye(2))


def test_other_keypoints_are_refused():
    with pytest.raises(ShapeError, match=r"with the 2 keypoints of sigmas, got \(1, 2, 2\) and \(1, 3, 2\)$"):
        pose_likeness(np.zeros((1, 2, 2)), np.zeros((1, 3, 2)), (np.ones(1), np.ones(1)), np.ones(2))
