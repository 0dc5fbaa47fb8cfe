"""The calibration error, worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.errors import ShapeError
from vitruvian.metrics import reliability, score_groups


def _error(score: list[float], correct: list[bool]) -> float:
    """The error for one joint of as many people; a wrong point is 9 scales off."""
    pred = np.array([[[0.0 if right else 9.0, 0.0]] for right in correct])
    return reliability(pred, np.array(score)[:, None], np.zeros_like(pred), np.ones(len(score)))


def test_scores_of_one_half_of_which_one_half_are_right_have_no_error():
    """Whatever the order: the first ten right here, or every second one."""
    assert _error([0.5] * 20, [True] * 10 + [False] * 10) == pytest.approx(0)
    assert _error([0.5] * 20, [True, False] * 10) == pytest.approx(0)


def test_sure_and_always_wrong_is_the_worst():
    assert _error([1.0] * 30, [False] * 30) == 1


def test_sure_of_being_wrong_and_always_right_is_as_bad():
    assert _error([0.0] * 30, [True] * 30) == 1


def test_groups_are_of_like_score():
    """Ten points of 0.2, of which 1 is right, and ten of 0.9, all right: |0.2 - 0.1| / 2 + |0.9 - 1| / 2 = 0.1.

    One group of all of them would have |0.55 - 0.55| = 0.
    """
    assert _error([0.2] * 10 + [0.9] * 10, [True] + [False] * 9 + [True] * 10) == pytest.approx(0.1)


def test_there_are_ten_groups_of_equal_size():
    """Twenty scores 0.00, 0.05, ... 0.95; in each pair of neighbours, the lower is wrong and the higher right.

    The mean scores of the pairs are 0.025, 0.125, ..., 0.925 and their shares 0.5. The differences are 0.475, 0.375,
    0.275, 0.175, 0.075, then 0.025, 0.125, 0.225, 0.325, 0.425; their mean is 0.25.
    """
    assert _error([0.05 * k for k in range(20)], [False, True] * 10) == pytest.approx(0.25)


def test_fewer_points_than_groups_stand_for_themselves():
    """0.75 right and 0.5 wrong: (0.25 + 0.5) / 2."""
    assert _error([0.75, 0.5], [True, False]) == pytest.approx(0.375)


def test_points_without_a_label_do_not_count():
    """Of two joints the second is not labelled; the first is right with a score of 0.75."""
    true = np.array([[[0.0, 0.0], [np.nan, np.nan]]])
    assert reliability(np.zeros((1, 2, 2)), np.array([[0.75, 0.1]]), true, np.ones(1)) == pytest.approx(0.25)


def test_a_missed_point_is_wrong():
    missed = np.full((1, 1, 2), np.nan)
    assert reliability(missed, np.array([[0.25]]), np.zeros((1, 1, 2)), np.ones(1)) == pytest.approx(0.25)


def test_without_labels_there_is_no_error_to_tell():
    nothing = np.full((3, 2, 2), np.nan)
    assert np.isnan(reliability(np.zeros((3, 2, 2)), np.zeros((3, 2)), nothing, np.ones(3)))


@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=40), st.randoms())
def test_the_order_of_the_people_does_not_matter(points, random):
    """Scores in eighths, so that many are equal."""
    shuffled = random.sample(points, len(points))
    one, other = (_error([s / 8 for s, _ in rows], [c for _, c in rows]) for rows in (points, shuffled))
    assert one == pytest.approx(other)
    assert 0 <= one <= 1


def test_scores_of_another_shape_are_refused():
    with pytest.raises(ShapeError, match=r"^score must be \(3, 2\) to match the labels, got \(3, 1\)$"):
        reliability(np.zeros((3, 2, 2)), np.zeros((3, 1)), np.zeros((3, 2, 2)), np.ones(3))


def test_points_of_like_score_are_grouped_with_how_often_they_are_right():
    """Four points in two groups: scores 0.1 and 0.3, one of two within 0.2; 0.8 and 1, both. One without a label."""
    groups = score_groups(np.array([[0.5, 0.1, 0.2, 0.0, np.nan]]), np.array([[0.1, 0.3, 0.8, 1.0, 0.5]]), groups=2)
    assert groups.score.tolist() == pytest.approx([0.2, 0.9])
    assert groups.share.tolist() == [0.5, 1.0]
    assert groups.count.tolist() == [2, 2]
    assert groups.error == pytest.approx((2 * 0.3 + 2 * 0.1) / 4)
