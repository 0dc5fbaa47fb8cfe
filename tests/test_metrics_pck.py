"""PCK and its scales, worked by hand."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vitruvian.errors import ShapeError, SkeletonError
from vitruvian.metrics import box_scale, distances, pck, pck_box, pck_torso, torso_scale
from vitruvian.structures import Skeleton

from .labels import labels, predictions

NAN = np.nan


def test_a_distance_is_in_units_of_the_scale():
    """3 right and 4 down is 5 pixels; a scale of 10 makes it 0.5, of 2 it is 2.5."""
    pred, true = np.array([[[3.0, 4.0]], [[3.0, 4.0]]]), np.zeros((2, 1, 2))
    assert distances(pred, true, np.array([10.0, 2.0])).tolist() == [[0.5], [2.5]]


def test_what_has_no_label_does_not_count_and_what_was_missed_is_infinitely_far():
    """Joints: both known, label only, prediction only, neither, label on one axis only."""
    pred = np.array([[[0, 0], [NAN, NAN], [0, 0], [NAN, NAN], [0, 0]]], float)
    true = np.array([[[0, 1], [0, 0], [NAN, NAN], [NAN, NAN], [0, NAN]]], float)
    np.testing.assert_array_equal(distances(pred, true, np.array([1.0])), [[1, np.inf, NAN, NAN, NAN]])


@pytest.mark.parametrize("scale", [NAN, 0.0, -1.0, np.inf])
def test_a_person_without_a_scale_does_not_count(scale):
    """Whether right, wrong or missed."""
    pred = np.array([[[0.0, 0.0], [9.0, 9.0], [NAN, NAN]]])
    assert np.isnan(distances(pred, np.zeros((1, 3, 2)), np.array([scale]))).all()


def test_pck_of_two_people_and_three_joints():
    """Threshold 0.2 of the scales 10 and 20, so 2 and 4 pixels, and the limit itself is correct.

    Joint 0: off by 2 and 4, both correct. Joint 1: off by 2.5 of 2, wrong; the other has no label. Joint 2: nobody.
    All: 2 of 3 labels.
    """
    pred = np.array([[[2, 0], [0, 2.5], [0, 0]], [[0, 4], [0, 0], [0, 0]]], float)
    true = np.array([[[0, 0], [0, 0], [NAN, NAN]], [[0, 0], [NAN, NAN], [NAN, NAN]]], float)
    np.testing.assert_allclose(pck(pred, true, np.array([10.0, 20.0])), [1, 0, NAN, 2 / 3])


def test_the_last_value_is_over_labels_and_not_over_joints():
    """Joint 0 correct for 3 people, joint 1 wrong for the one that has it: 3 of 4, where the joints' mean is 0.5."""
    true = np.zeros((3, 2, 2))
    true[1:, 1] = NAN
    pred = np.zeros((3, 2, 2))
    pred[0, 1] = 100
    assert pck(pred, true, np.ones(3)).tolist() == [1, 0, 0.75]


def test_a_missed_joint_is_wrong():
    pred = np.full((1, 1, 2), NAN)
    assert pck(pred, np.zeros((1, 1, 2)), np.ones(1), threshold=1e9).tolist() == [0, 0]


def test_nobody_scores_nan():
    assert np.isnan(pck(np.zeros((0, 2, 2)), np.zeros((0, 2, 2)), np.zeros(0))).tolist() == [True] * 3


COORDINATES = arrays(np.float64, (4, 3, 2), elements=st.integers(-50, 50).map(float) | st.just(NAN))


@given(COORDINATES, COORDINATES, st.integers(-3, 6), st.integers(-1000, 1000))
def test_pck_does_not_depend_on_units_or_place(pred, true, power, shift):
    """Powers of two and whole pixels, so that nothing is rounded."""
    scale, unit = np.array([16.0, 32.0, 8.0, NAN]), 2.0**power
    moved = pck(unit * (pred + shift), unit * (true + shift), unit * scale, 0.25)
    np.testing.assert_array_equal(moved, pck(pred, true, scale, 0.25))


@given(COORDINATES, COORDINATES, st.floats(0, 2), st.floats(0, 2))
def test_a_larger_threshold_is_never_worse(pred, true, one, other):
    scale = np.array([16.0, 32.0, 8.0, NAN])
    strict, loose = (pck(pred, true, scale, limit) for limit in sorted((one, other)))
    assert not (strict > loose).any()
    np.testing.assert_array_equal(np.isnan(strict), np.isnan(loose))


def test_the_scale_of_a_box_is_its_longer_side():
    """10 x 20, 30 x 5, and one without size, which is no scale."""
    boxes = np.array([[0, 0, 10, 20], [5, 5, 35, 10], [3, 3, 3, 3]], float)
    assert box_scale(boxes).tolist() == [20, 30, 0]
    np.testing.assert_array_equal(
        distances(np.ones((3, 1, 2)), np.ones((3, 1, 2)), box_scale(boxes)), [[0], [0], [NAN]]
    )


def test_the_scale_of_a_torso_is_its_longer_diagonal_and_one_is_enough():
    """Shoulders 0 and 1, hips 2 and 3. Diagonals (0, 3) and (1, 2): 5 and 13; only 13; neither; both without length."""
    xy = np.array(
        [
            [[0, 0], [0, 0], [5, 12], [3, 4]],
            [[NAN, NAN], [0, 0], [5, 12], [3, 4]],
            [[NAN, NAN], [0, 0], [NAN, NAN], [3, 4]],
            [[1, 1], [1, 1], [1, 1], [1, 1]],
        ]
    )
    np.testing.assert_array_equal(torso_scale(xy, [(0, 3), (1, 2)]), [13, 13, NAN, NAN])


def test_a_skeleton_without_a_torso_has_no_torso_scale():
    np.testing.assert_array_equal(torso_scale(np.zeros((2, 4, 2)), []), [NAN, NAN])


@pytest.mark.parametrize(
    ("pred", "true", "scale"),
    [
        ((2, 1, 2), (2, 3, 2), (2,)),  # would be compared with every joint
        ((2, 3, 2), (1, 3, 2), (2,)),
        ((2, 3, 2), (2, 3, 2), (1,)),
        ((2, 3, 2), (2, 3, 2), (2, 1)),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(pred, true, scale):
    sentence = f"pred, true and scale must be (N, K, 2) twice and (N,), got {pred}, {true}, {scale}"
    with pytest.raises(ShapeError, match=f"^{re.escape(sentence)}$"):
        pck(np.zeros(pred), np.zeros(true), np.zeros(scale))


BODY = Skeleton.define("body", ["left_shoulder", "right_shoulder", "left_hip", "right_hip"])
SQUARE = np.array([[0, 0], [30, 0], [0, 40], [30, 40]], float)  # a diagonal of 50, a longer side of 40
PAIR = np.stack([SQUARE, SQUARE])
PEOPLE = labels([0, 1], np.array([SQUARE, np.where(np.arange(4)[:, None] == 1, NAN, SQUARE)]))


def test_pck_by_box_joint_by_joint():
    """0.2 of 40 is 8. Person 0: off by 8, 9, 0 and missed; person 1: all right, one not labelled: 5 of 7.

    Joints: 2 of 2, 0 of 1, 2 of 2, 1 of 2; their mean is 2.5 / 4.
    """
    pred = PAIR.copy()
    pred[0, 0] += [8, 0]
    pred[0, 1] += [0, 9]
    pred[0, 3] = NAN
    values = pck_box(PEOPLE, predictions(PEOPLE, pred), BODY).values()
    assert values == {
        "PCK@0.2": pytest.approx(5 / 7),
        "PCK@0.2 mean of joints": 0.625,
        "PCK@0.2 left_shoulder": 1.0,
        "PCK@0.2 right_shoulder": 0.0,
        "PCK@0.2 left_hip": 1.0,
        "PCK@0.2 right_hip": 0.5,
    }


def test_pck_by_torso_takes_a_longer_unit_here():
    """0.2 of 50 is 10: 9 pixels off is right by the torso and wrong by the box."""
    answers = predictions(PEOPLE, PAIR + np.array([9, 0]))
    assert pck_torso(PEOPLE, answers, BODY).values()["PCK@0.2"] == 1
    assert pck_box(PEOPLE, answers, BODY).values()["PCK@0.2"] == 0


def test_several_thresholds_are_scored_at_once():
    """5 pixels are 0.125 of a box of 40."""
    answers = predictions(PEOPLE, PAIR + np.array([5, 0]))
    values = pck_box(PEOPLE, answers, BODY, (0.1, 0.2)).values()
    assert [values["PCK@0.1"], values["PCK@0.2"]] == [0, 1]


@settings(max_examples=25)
@given(arrays(np.float64, (2, 4, 2), elements=st.integers(-50, 50).map(float) | st.just(NAN)))
def test_the_tally_of_pck_is_pck(pred):
    values = pck_box(PEOPLE, predictions(PEOPLE, pred), BODY).values()
    plain = pck(pred, PEOPLE.xy, box_scale(PEOPLE.boxes))
    assert [values[f"PCK@0.2 {joint}"] for joint in BODY.names] == pytest.approx(plain[:-1].tolist())
    assert values["PCK@0.2"] == pytest.approx(plain[-1])


def test_a_skeleton_without_a_torso_is_sent_to_the_box():
    face = Skeleton.define("face", ["a", "b", "c", "d"])
    with pytest.raises(
        SkeletonError, match=r'^skeleton "face" has no shoulder and opposite hip, so no torso; score it'
    ):
        pck_torso(PEOPLE, predictions(PEOPLE, PEOPLE.xy), face)


def test_a_skeleton_of_another_length_is_refused():
    with pytest.raises(ShapeError, match=r"^PCK@0.2 needs values \(N, 1\) for 1 keypoints, got \(2, 4\)$"):
        pck_box(PEOPLE, predictions(PEOPLE, PEOPLE.xy), Skeleton.define("one", ["a"]))
