"""Errors in space, worked by hand."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.errors import DataError, ShapeError
from vitruvian.metrics import aligned, auc_3d, distances_3d, mpjpe, mpjve, n_mpjpe, p_mpjpe, pck_3d, scaled
from vitruvian.structures import Labels, Predictions, Skeleton

from .labels import labels, predictions

NAN = np.nan
BODY = Skeleton.define("body", ["root", "head", "hand", "foot"])
LOOSE = Skeleton.define("loose", ["a", "b", "c", "d"])  # without a root
POSE = np.array([[0, 0, 0], [0, 0, 500], [300, 0, 0], [0, 400, 0]], float)  # mm


def scene(true: np.ndarray, pred: np.ndarray, **columns: object) -> tuple[Labels, Predictions]:
    """People of an image each, with poses (N, 4, 3)."""
    truth = labels(list(range(len(true))), true[..., :2], xyz=true, **columns)
    return truth, predictions(truth, pred[..., :2], xyz=pred)


def off(*millimetres: float) -> np.ndarray:
    """POSE with its joints moved to the side by so much."""
    return POSE + np.array(millimetres)[:, None] * [1, 0, 0]


def test_mpjpe_is_relative_to_the_root():
    """All moved by 70, the hand by 40 more: 0, 0, 40 and 0."""
    values = mpjpe(*scene(POSE[None], off(70, 70, 110, 70)[None]), BODY).values()
    assert values == {
        "MPJPE": 10.0,
        "missing": 0.0,
        "MPJPE root": 0.0,
        "MPJPE head": 0.0,
        "MPJPE hand": 40.0,
        "MPJPE foot": 0.0,
    }


def test_mpjpe_of_a_skeleton_without_root_or_where_poses_stand_is_absolute():
    people = scene(POSE[None], off(70, 70, 110, 70)[None])
    assert mpjpe(*people, LOOSE).values()["MPJPE"] == 80
    assert mpjpe(*people, BODY, absolute=True).values()["MPJPE"] == 80


def test_each_of_two_hands_is_relative_to_its_own_wrist():
    """The left hand is moved by 50, the right one by 90, its tip by 8 more: 8 of four labels."""
    hands = Skeleton.define("hands", ["left_wrist", "left_tip", "right_wrist", "right_tip"])
    values = mpjpe(*scene(POSE[None], off(50, 50, 90, 98)[None]), hands).values()
    assert (values["MPJPE"], values["MPJPE right_tip"]) == (2.0, 8.0)


def test_a_body_without_a_root_is_not_taken_for_hands():
    body = Skeleton.define("body", ["left_wrist", "right_wrist", "left_hip", "right_hip"])
    assert mpjpe(*scene(POSE[None], off(70, 70, 70, 70)[None]), body).values()["MPJPE"] == 70


def test_what_is_missing_is_counted_apart():
    """The head is not labelled, the hand not predicted: 0 and 20 are left of three labels."""
    true, pred = POSE.copy(), off(0, 0, 0, 20)
    true[1], pred[2] = NAN, NAN
    values = mpjpe(*scene(true[None], pred[None]), BODY).values()
    assert (values["MPJPE"], values["missing"]) == (10.0, pytest.approx(1 / 3))


def test_without_a_labelled_root_a_pose_does_not_count_and_without_a_predicted_one_it_is_missing():
    lost = POSE.copy()
    lost[0] = NAN
    assert np.isnan(mpjpe(*scene(lost[None], POSE[None]), BODY).values()["MPJPE"])
    assert mpjpe(*scene(POSE[None], lost[None]), BODY).values()["missing"] == 1


def test_actions_are_scored_apart_and_averaged():
    """Walking is 10 and 30 off, sitting 100: 140 / 3 over people, 60 over actions; the last image is of no action."""
    true = np.stack([POSE] * 4)
    pred = np.stack([off(0, 0, 0, 4 * one) for one in (10, 30, 100, 0)])
    actions = np.array(["walking", "walking", "sitting", ""])
    values = mpjpe(*scene(true, pred, image_extras={"action": actions}), BODY).values()
    assert (values["MPJPE walking"], values["MPJPE sitting"], values["MPJPE mean of actions"]) == (20, 100, 60)
    assert values["MPJPE"] == 35
    assert "MPJPE " not in values


def test_n_mpjpe_forgives_the_size():
    values = n_mpjpe(*scene(POSE[None], POSE[None] * 3), BODY).values()
    assert values["N-MPJPE"] == pytest.approx(0, abs=1e-9)


def test_the_best_size_is_the_one_of_least_squares():
    """pred (2, 0) and (0, 1), true (4, 0) and (0, 0): 8 / 5, and 2 · 1.6 = 3.2."""
    pred, true = np.array([[[2.0, 0, 0], [0, 1, 0]]]), np.array([[[4.0, 0, 0], [0, 0, 0]]])
    np.testing.assert_allclose(scaled(pred, true), [[[3.2, 0, 0], [0, 1.6, 0]]])


def test_a_pose_of_zeros_has_no_size_to_change():
    np.testing.assert_array_equal(scaled(np.zeros((1, 4, 3)), POSE[None]), np.zeros((1, 4, 3)))


def turn(degrees: float) -> np.ndarray:
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])


@settings(max_examples=30)
@given(st.floats(-180, 180), st.floats(0.1, 10), st.floats(-1000, 1000))
def test_p_mpjpe_forgives_turns_sizes_and_places(degrees, size, shift):
    pred = size * POSE @ turn(degrees) + shift
    assert p_mpjpe(*scene(POSE[None], pred[None]), BODY).values()["P-MPJPE"] == pytest.approx(0, abs=1e-6)


def test_p_mpjpe_does_not_forgive_a_mirror_image():
    pred = POSE * [-1, 1, 1]
    assert p_mpjpe(*scene(POSE[None], pred[None]), BODY).values()["P-MPJPE"] > 50


def test_aligning_uses_the_keypoints_that_both_have():
    """The hand is wild in the label of one and in the prediction of the other, but unknown on the other side."""
    true, pred = np.stack([POSE, POSE]), np.stack([2 * POSE + 5, 2 * POSE + 5])
    true[0, 2], pred[0, 2] = NAN, 9999
    pred[1, 2], true[1, 2] = NAN, 9999
    fitted = aligned(pred, true)
    np.testing.assert_allclose(fitted[:, [0, 1, 3]], np.stack([POSE, POSE])[:, [0, 1, 3]], atol=1e-9)
    assert np.isnan(fitted[1, 2]).all()


@settings(max_examples=30)
@given(st.lists(st.integers(-9, 9), min_size=12, max_size=12), st.lists(st.integers(-9, 9), min_size=12, max_size=12))
def test_aligning_never_makes_the_squared_error_larger(pred, true):
    pred, true = (np.array(one, float).reshape(1, 4, 3) for one in (pred, true))
    assert ((aligned(pred, true) - true) ** 2).sum() <= ((pred - true) ** 2).sum() + 1e-6


def test_a_pose_of_one_known_point_is_only_moved():
    true = POSE[None].copy()
    true[0, 1:] = NAN
    np.testing.assert_allclose(aligned(POSE[None] + 7, true), POSE[None], atol=1e-9)


def test_a_pose_of_which_nothing_is_known_in_both_stays_where_it_is():
    np.testing.assert_array_equal(aligned(POSE[None] + 7, np.full((1, 4, 3), NAN)), POSE[None] + 7)


def test_velocity_error_is_of_the_change_from_frame_to_frame():
    """Off by 0, 30 and 30 mm to the side: the change is off by 30, then by 0; the mean over the hand's steps is 15."""
    pred = np.stack([off(0, 0, 0, 0), off(0, 0, 30, 0), off(0, 0, 30, 0)])
    clip = {"groups": np.zeros(3, int), "tracks": np.zeros(3, int)}
    values = mpjve(*scene(np.stack([POSE] * 3), pred, **clip), BODY).values()
    assert (values["MPJVE hand"], values["MPJVE foot"]) == (15, 0)
    assert values["MPJVE"] == pytest.approx(30 / 8)


def test_a_step_over_several_frames_is_divided_by_them_and_clips_and_people_are_apart():
    """Frames 0 and 10 of one clip: 30 in ten frames. The other clip and the other person have no second frame."""
    pred = np.stack([off(0, 0, 0, 0), off(0, 0, 30, 0), off(0, 0, 900, 0), off(0, 0, 900, 0)])
    clip = {"groups": np.array([0, 0, 1, 0]), "tracks": np.array([0, 0, 0, 1])}
    people = scene(np.stack([POSE] * 4), pred, **clip, image_extras={"frame": np.array([0, 10, 0, 20])})
    assert mpjve(*people, BODY).values()["MPJVE hand"] == pytest.approx(3)


def test_labels_of_one_person_an_image_need_no_tracks_and_others_do():
    people = scene(np.stack([POSE] * 2), np.stack([POSE, off(0, 0, 30, 0)]), groups=np.zeros(2, int))
    assert mpjve(*people, BODY).values()["MPJVE hand"] == 30
    crowded = labels([0, 0], np.zeros((2, 4, 2)), xyz=np.stack([POSE] * 2))
    with pytest.raises(DataError, match=r"^the labels have no tracks, so nobody is known from frame to frame"):
        mpjve(crowded, predictions(crowded, crowded.xy, xyz=crowded.xyz), BODY)


def test_a_track_twice_in_a_frame_is_refused():
    twice = labels([0, 0], np.zeros((2, 4, 2)), xyz=np.stack([POSE] * 2), tracks=np.array([7, 7]))
    said = "track 7 is twice in frame 0 of a clip, in image 0.jpg; give each person of a clip a number of their own"
    with pytest.raises(DataError, match=f"^{re.escape(said)}$"):
        mpjve(twice, predictions(twice, twice.xy, xyz=twice.xyz), BODY)


def test_pck_in_space_allows_less_than_150_mm():
    values = pck_3d(*scene(POSE[None], off(0, 149, 150, 300)[None]), BODY).values()
    assert values["PCK@150mm"] == 0.5
    assert [values[f"PCK@150mm {joint}"] for joint in BODY.names] == [1, 1, 0, 0]


def test_the_area_in_space_is_over_31_thresholds():
    """Off by 0: above are 5 ... 150, 30 of 31; by 5: 29; by 148: 1; by 150: none."""
    values = auc_3d(*scene(POSE[None], off(0, 5, 148, 150)[None]), BODY).values()
    assert [31 * values[f"AUC@150mm {joint}"] for joint in BODY.names] == pytest.approx([30, 29, 1, 0])


def test_a_missed_point_in_space_is_wrong():
    pred = POSE.copy()
    pred[2] = NAN
    assert pck_3d(*scene(POSE[None], pred[None]), BODY).values()["PCK@150mm"] == 0.75


def test_distances_in_space_count_as_in_the_image():
    pred, true = np.array([[[3.0, 4, 0], [NAN, 0, 0], [0, 0, 0]]]), np.array([[[0.0, 0, 0], [0, 0, 0], [0, NAN, 0]]])
    np.testing.assert_array_equal(distances_3d(pred, true), [[5, np.inf, NAN]])
    with pytest.raises(ShapeError, match=r"^pred and true must both be \(N, K, 3\), got \(1, 3, 3\) and \(1, 3, 2\)$"):
        distances_3d(pred, true[..., :2])


def test_what_has_no_depth_is_refused():
    truth, answers = scene(POSE[None], POSE[None])
    with pytest.raises(DataError, match=r"^the predictions are in the image only"):
        mpjpe(truth, replace(answers, xyz=None), BODY)
