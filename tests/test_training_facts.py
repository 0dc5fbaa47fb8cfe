"""What labels show of their subject."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.labels import labels
from vitruvian.datasets import Dataset
from vitruvian.structures import Skeleton
from vitruvian.training.facts import facts_of, fitted, mirrors_well, turn_of, usual_pose

HAND = Skeleton.define("hand", ("wrist", "thumb", "index", "little"))  # a hand has no other side
FACE = Skeleton.define("face", ("left_eye", "right_eye", "left_mouth", "right_mouth", "nose"))
HAND_POSE = np.array([0, -30 + 20j, -10 + 60j, 25 + 45j])
FACE_POSE = np.array([-20, 20, -12 + 40j, 12 + 40j, 20j])


def turned(pose: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """(N, K) the pose turned by each of the angles, with a little noise."""
    noise = np.random.default_rng(0).normal(0, 0.5, (len(degrees), len(pose), 2)) @ [1, 1j]
    return pose * np.exp(1j * np.deg2rad(degrees))[:, None] + noise


def test_poses_turned_evenly_up_to_40_degrees_turn_by_36_for_nine_of_ten():
    assert turn_of(turned(FACE_POSE, np.linspace(-40, 40, 201))) == pytest.approx(36, abs=2)


def test_poses_turned_all_around_turn_by_nearly_180():
    assert turn_of(turned(FACE_POSE, np.linspace(-180, 180, 201))) > 150


def test_a_face_may_be_mirrored_and_a_right_hand_may_not():
    angles = np.linspace(-20, 20, 30)
    assert mirrors_well(turned(FACE_POSE, angles), FACE) is True
    assert mirrors_well(turned(HAND_POSE, angles), HAND) is False


def test_hands_of_both_sides_may_be_mirrored():
    angles = np.linspace(-20, 20, 30)
    both = np.concatenate([turned(HAND_POSE, angles), -np.conj(turned(HAND_POSE, angles))])
    assert mirrors_well(both, HAND) is True


def test_a_mirror_with_wrong_pairs_is_not_believed():
    wrong = Skeleton("face", FACE.names, (), (2, 3, 0, 1, 4), FACE.sigmas)  # eyes and mouth exchanged
    assert mirrors_well(turned(FACE_POSE, np.linspace(-20, 20, 30)), wrong) is False


def test_of_few_poses_nothing_is_said():
    few = turned(FACE_POSE, np.zeros(4))
    assert turn_of(few) is None
    assert mirrors_well(few, FACE) is None


@given(
    st.floats(-3, 3),
    st.floats(0.1, 10),
    st.complex_numbers(max_magnitude=100, allow_nan=False, allow_infinity=False),
)
def test_a_pose_that_is_turned_scaled_and_moved_fits_itself(angle, scale, shift):
    pose = FACE_POSE * scale * np.exp(1j * angle) + shift
    turn, left = fitted(pose[None], FACE_POSE)
    assert np.exp(1j * (turn[0] + angle)) == pytest.approx(1, abs=1e-6)
    assert left[0] == pytest.approx(0, abs=1e-9)


def test_the_usual_pose_has_points_that_no_single_pose_has_all_of():
    poses = turned(FACE_POSE, np.linspace(-10, 10, 40))
    poses[::2, 0], poses[1::2, 4] = np.nan, np.nan
    usual = usual_pose(poses)
    assert np.isfinite(usual).all()
    assert fitted(usual[None], FACE_POSE)[1][0] < 0.01


def test_facts_count_images_people_and_boxes():
    """Three people in two images, in boxes 30 x 40, 20 x 20 and 40 x 80: the median is 30 x 40."""
    xy = np.zeros((3, 5, 2))
    boxes = np.array([[0, 0, 30, 40], [5, 5, 25, 25], [0, 10, 40, 90]], float)
    found = facts_of(Dataset("own", FACE, labels([0, 0, 1], xy, boxes=boxes), None))
    assert (found.images, found.people, found.keypoints, found.size, found.pairs) == (2, 3, 5, (30, 40), 4)
    assert (found.turn, found.mirrors) == (None, None)
