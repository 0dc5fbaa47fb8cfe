"""Hands do what their names say, bend the way fingers bend, and are the same for the same seed."""

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("numba")

from vitruvian.synthesis import anatomy, posed
from vitruvian.synthesis.human.landmarks import landmarks
from vitruvian.synthesis.poses.hand_poses import (
    DEEPEST,
    FINGER_LIMITS,
    HANDS,
    PINCHES,
    REST,
    THUMB_LIMITS,
    Hand,
    drawn_hand,
    finger_rows,
    hand_angles,
    joints,
    overlap,
    random_hand,
    random_wrist,
    wrist_angles,
)

BACK_OF_LEFT_HAND = np.array([0.77, -0.03, 0.64])


def resting(fingers=0.0, thumb=0.0) -> Hand:
    return Hand(np.zeros((4, 4)) + fingers, np.zeros(5) + thumb)


def shown(angles: np.ndarray, side: str) -> np.ndarray:
    human = anatomy()
    return landmarks(f"{side}_hand21", human, posed(human, human.middle, angles, np.zeros(3)))


def test_a_hand_of_no_angles_rests():
    assert not hand_angles(resting(), anatomy(), "left").any()
    np.testing.assert_allclose(joints(resting()), REST, atol=1e-6)


def test_the_joints_of_a_hand_are_those_of_the_mesh():
    hand = drawn_hand(np.random.default_rng(0), "holding")
    human = anatomy()
    person = posed(human, human.middle, hand_angles(hand, human, "left"), np.zeros(3))
    rows = finger_rows(human, "left")
    expected = person.joints[rows] - person.joints[human.bone("wrist.L")]
    np.testing.assert_allclose(joints(hand)[[k for k in range(1, 21) if k % 4]], expected, atol=2e-4)


@pytest.mark.parametrize("joint", [1, 2, 3])
@pytest.mark.parametrize("finger", range(4))
def test_every_joint_bends_its_fingertip_towards_the_palm(finger, joint):
    fingers = np.zeros((4, 4))
    fingers[finger, joint] = 30
    moved = joints(Hand(fingers, np.zeros(5))) - REST
    tip = 8 + 4 * finger
    assert moved[tip] @ BACK_OF_LEFT_HAND < -0.005
    assert not np.abs(np.delete(moved, range(tip - 3, tip + 1), axis=0)).max() > 1e-6  # and no other finger


def test_spreading_leads_away_from_the_middle_finger():
    spread = joints(resting([8, 0, 0, 0]))
    for finger in (0, 2, 3):
        tip = 8 + 4 * finger
        assert np.linalg.norm(spread[tip] - REST[12]) > np.linalg.norm(REST[tip] - REST[12])


def test_fists_are_round_and_flat_hands_long():
    rng = np.random.default_rng(1)
    long = [np.linalg.norm(joints(drawn_hand(rng, "flat"))[12]) for _ in range(10)]
    round_ = [np.linalg.norm(joints(drawn_hand(rng, "fist"))[12]) for _ in range(10)]
    assert min(long) > 0.18
    assert max(round_) < 0.13


@pytest.mark.parametrize("finger", range(4))
def test_a_pinch_brings_the_thumb_to_the_finger(finger):
    """The bones end inside tips about 2 cm thick: pads that touch have ends 1 to 2 cm apart."""
    fingers = np.zeros((4, 4))
    fingers[finger], thumb = PINCHES[finger]
    points = joints(Hand(fingers, np.array(thumb, float)))
    assert np.linalg.norm(points[4] - points[8 + 4 * finger]) < 0.02


@pytest.mark.parametrize("kind", sorted(HANDS))
def test_hands_of_every_kind_stay_within_the_limits_and_out_of_themselves(kind):
    rng = np.random.default_rng(2)
    deep = []
    for _ in range(25):
        hand = drawn_hand(rng, kind)
        assert (hand.fingers >= FINGER_LIMITS[:, 0]).all()
        assert (hand.fingers <= FINGER_LIMITS[:, 1]).all()
        assert (hand.thumb >= THUMB_LIMITS[:, 0]).all()
        assert (hand.thumb <= THUMB_LIMITS[:, 1]).all()
        deep.append(overlap(joints(hand)))
    assert np.mean(np.array(deep) < DEEPEST) > 0.75


def test_overlap_is_what_two_straight_fingers_share():
    """Two fingers as lines 10 mm apart, each 9.5 mm thick to either side at its first bone: 9 mm inside one another,
    or 8 where the second bones are, as first bones of neighbours do not count: 9.5 + 8.5 - 10."""
    points = np.zeros((21, 3))
    for finger in range(5):
        points[1 + 4 * finger : 5 + 4 * finger] = [(finger, x, 0) for x in (0.1, 0.13, 0.16, 0.19)]
    points[5:9, 0], points[9:13, 0] = 1.0, 1.01
    assert overlap(points) == pytest.approx(0.008)


def test_the_right_hand_is_the_mirror_of_the_left():
    hand = drawn_hand(np.random.default_rng(3))
    left, right = (shown(hand_angles(hand, anatomy(), side), side) for side in ("left", "right"))
    np.testing.assert_allclose(left * (-1, 1, 1), right, atol=2e-3)


def test_only_the_bones_of_one_hand_are_turned():
    human, rng = anatomy(), np.random.default_rng(4)
    turned = np.flatnonzero(np.abs(random_hand(human, "right", rng)).max(1))
    assert set(turned) <= set(finger_rows(human, "right"))
    turned = np.flatnonzero(np.abs(random_wrist(human, "left", rng)).max(1))
    assert {human.bones[row] for row in turned} == {"lowerarm02.L", "wrist.L"}


def test_a_seed_gives_the_same_hand_again():
    first, second = (random_hand(anatomy(), "left", np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_bent_wrist_brings_the_fingers_to_the_palms_side(side):
    back = BACK_OF_LEFT_HAND * (1 if side == "left" else np.array([-1, 1, 1]))
    rest = shown(wrist_angles(anatomy(), side, 0, 0, 0), side)
    bent = shown(wrist_angles(anatomy(), side, 50, 0, 0), side)
    assert (bent[12] - rest[12]) @ back < -0.08
    lean = shown(wrist_angles(anatomy(), side, 0, 20, 0), side)
    assert (lean[12] - rest[12]) @ (rest[17] - rest[5]) > 0  # to the pinky's side


def test_a_twist_turns_the_palm_and_leaves_the_wrist_where_it_is():
    rest = shown(wrist_angles(anatomy(), "left", 0, 0, 0), "left")
    twisted = shown(wrist_angles(anatomy(), "left", 0, 0, -90), "left")
    across, turned = rest[17] - rest[5], twisted[17] - twisted[5]
    np.testing.assert_allclose(twisted[0], rest[0], atol=5e-3)
    angle = np.degrees(np.arccos(across @ turned / np.linalg.norm(across) / np.linalg.norm(turned)))
    assert angle == pytest.approx(90, abs=15)
