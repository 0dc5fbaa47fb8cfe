"""Faces act within what anny knows, look where they are told, and turn to the side that is named."""

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("numba")

from vitruvian.synthesis import Traits, anatomy, posed
from vitruvian.synthesis.human.landmarks import landmarks
from vitruvian.synthesis.human.pose import matrices
from vitruvian.synthesis.poses.face_poses import (
    EXPRESSIONS,
    SHUT,
    Face,
    expressed,
    eye_angles,
    head_angles,
    random_face,
    random_head,
    turned,
)

AHEAD = np.array([0.0, -1.0, 0.0])


def test_faces_use_actions_that_there_are():
    rng = np.random.default_rng(0)
    for _ in range(300):
        face = random_face(rng)
        assert set(face.actions) <= set(anatomy().actions)
        assert all(0 < value <= 1 for value in face.actions.values())
        assert max(face.actions.get(f"eyeBlink{side}", 0) for side in ("Left", "Right")) <= SHUT


@pytest.mark.parametrize("name", sorted(EXPRESSIONS))
def test_expressions_name_known_actions(name):
    expression = EXPRESSIONS[name]
    known = set(anatomy().actions)
    assert set(expression.whole) <= known
    assert {f"{action}{side}" for action in expression.both for side in ("Left", "Right")} <= known


def test_a_seed_gives_the_same_face_again():
    assert random_face(np.random.default_rng(5)) == random_face(np.random.default_rng(5))


def test_expressions_are_those_that_anny_makes():
    actions = {"jawOpen": 0.5, "mouthSmileLeft": 0.9, "eyeBlinkRight": 0.3}
    traits = Traits(gender=1.0, age=0.3, weight=0.8)
    still, acted = anatomy().shapes([traits, Traits(gender=1.0, age=0.3, weight=0.8, actions=actions)])
    np.testing.assert_allclose(expressed(anatomy(), still, actions).vertices, acted.vertices, atol=1e-6)
    np.testing.assert_array_equal(expressed(anatomy(), still, {}).vertices, still.vertices)


@pytest.mark.parametrize(
    ("left", "up", "tilt", "ahead", "above"),
    [
        (90, 0, 0, (1, 0, 0), (0, 0, 1)),
        (0, 90, 0, (0, 0, 1), (0, 1, 0)),
        (0, 0, 90, (0, -1, 0), (1, 0, 0)),
    ],
)
def test_turns_lead_to_the_left_up_and_to_the_left_shoulder(left, up, tilt, ahead, above):
    turn = matrices(turned(*np.radians((left, up, tilt))))
    np.testing.assert_allclose(turn @ AHEAD, ahead, atol=1e-6)
    np.testing.assert_allclose(turn @ (0, 0, 1), above, atol=1e-6)


def test_a_head_turned_to_the_left_shows_its_nose_there():
    human = anatomy()
    angles = head_angles(human, *np.radians((60.0, 0.0, 0.0)))
    face = landmarks("face68", human, posed(human, human.middle, angles, np.zeros(3)))
    across = face[45] - face[36]
    assert np.degrees(np.arctan2(across[1], across[0])) == pytest.approx(60, abs=2)


def test_a_neck_turns_no_further_than_necks_do():
    human = anatomy()
    far, limit = (head_angles(human, np.radians(degrees), 0, 0) for degrees in (170, 80))
    np.testing.assert_array_equal(far, limit)


def test_eyes_look_to_their_left():
    angles = eye_angles(Face({}, gaze=(30.0, 0.0)), anatomy())
    rows = [anatomy().bone("eye.L"), anatomy().bone("eye.R")]
    np.testing.assert_allclose(angles[rows], [[0, 0, np.pi / 6]] * 2, atol=1e-6)
    assert not np.delete(angles, rows, axis=0).any()


def test_most_heads_face_the_camera_and_some_turn_far():
    rng = np.random.default_rng(1)
    left = np.degrees([random_head(rng)[0] for _ in range(2000)])
    assert abs(left).max() <= 95
    assert 0.6 < np.mean(abs(left) < 25) < 0.85
    assert np.mean(abs(left) > 60) > 0.03
    assert abs(left.mean()) < 3
