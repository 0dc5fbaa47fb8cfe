"""Stances: the body as segments, turned from the neutral stance, and what becomes of the mesh's bones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("anny")
pytest.importorskip("numba")

from vitruvian.synthesis.human.anatomy import anatomy
from vitruvian.synthesis.human.pose import matrices, posed
from vitruvian.synthesis.poses.segments import (
    PARENT,
    ROW,
    SEGMENTS,
    SIDES,
    about,
    along,
    angles,
    mirrored,
    neutral_frame,
    points,
    roll,
    shortest,
    stance_of,
    world_turns,
)

NUMBERS = st.lists(st.floats(-1, 1), min_size=63, max_size=63).map(lambda n: np.array(n).reshape(21, 3))
QUARTER = np.pi / 2


def stance(**turns: tuple[float, float, float]) -> np.ndarray:
    """A stance in which a few segments, written upperarm_L, are turned, in degrees."""
    found = np.zeros((len(SEGMENTS), 3))
    for name, degrees in turns.items():
        found[ROW[name.replace("_", ".")]] = np.radians(degrees)
    return found


def joint(name: str, given: np.ndarray) -> np.ndarray:
    """Where a bone of the person of middling traits begins in a stance."""
    person = anatomy()
    return posed(person, person.middle, angles(person, given), np.zeros(3)).joints[person.bone(name)]


def test_parents_come_before_their_children():
    assert (np.arange(len(SEGMENTS)) > PARENT).all()
    assert PARENT[ROW["hand.R"]] == ROW["forearm.R"]
    assert PARENT[ROW["thigh.L"]] == ROW["pelvis"]


def test_in_the_neutral_stance_arms_and_legs_hang_straight_down():
    neutral = stance()
    for side in SIDES:
        for top, bottom in (("upperarm01", "wrist"), ("upperleg01", "foot")):
            down = joint(f"{bottom}.{side}", neutral) - joint(f"{top}.{side}", neutral)
            assert down[2] / np.linalg.norm(down) == pytest.approx(-1, abs=1e-4)


def test_the_turns_of_rest_give_rest():
    person = anatomy()
    frame = neutral_frame(person)
    turns = np.swapaxes(frame.neutral, 1, 2).copy()
    forearms = [ROW["forearm.L"], ROW["forearm.R"]]
    turns[forearms] = turns[forearms] @ about("z", frame.rolled)
    np.testing.assert_allclose(angles(person, stance_of(turns)), 0, atol=1e-6)


@pytest.mark.parametrize(
    ("turned", "start", "end", "direction"),
    [
        ({"upperarm_L": (-90, 0, 0)}, "upperarm01.L", "wrist.L", (0, -1, 0)),  # to the front
        ({"upperarm_L": (0, -90, 0)}, "upperarm01.L", "wrist.L", (1, 0, 0)),  # to the left
        ({"upperarm_R": (0, 90, 0)}, "upperarm01.R", "wrist.R", (-1, 0, 0)),  # to the right
        ({"forearm_R": (-90, 0, 0)}, "lowerarm01.R", "wrist.R", (0, -1, 0)),  # elbow bent
        ({"shin_L": (90, 0, 0)}, "lowerleg01.L", "foot.L", (0, 1, 0)),  # knee bent
        ({"thigh_R": (-90, 0, 0)}, "upperleg01.R", "lowerleg01.R", (0, -1, 0)),  # sitting
        ({"pelvis": (-90, 0, 0)}, "upperleg01.R", "foot.R", (0, -1, 0)),  # lying on the back, feet to the front
    ],
)
def test_signs_of_turns(turned, start, end, direction):
    given = stance(**turned)
    limb = joint(end, given) - joint(start, given)
    np.testing.assert_allclose(limb / np.linalg.norm(limb), direction, atol=0.02)


def test_a_head_turned_left_looks_left_and_one_bent_forwards_down():
    rest = joint("eye.L", stance()) + joint("eye.R", stance()) - 2 * joint("head", stance())
    for turned, axis in (({"neck": (0, 0, 35), "head": (0, 0, 35)}, (1, 0, 0)), ({"head": (40, 0, 0)}, (0, 0, -1))):
        given = stance(**turned)
        eyes = joint("eye.L", given) + joint("eye.R", given) - 2 * joint("head", given)
        assert (eyes - rest) @ axis > 0.05


@settings(max_examples=25, deadline=None)
@given(NUMBERS)
def test_segments_and_bones_agree_about_arms_and_legs(numbers):
    """But for what the middle of a limb, at which half of its roll happens, lies beside its axis; the trunk is bent in
    more places by bones, so it is left straight."""
    person = anatomy()
    given = numbers * 0.9
    given[[ROW["loin"], ROW["chest"]]] = 0
    found = posed(person, person.middle, angles(person, given), np.zeros(3)).joints
    begin, _ = points(neutral_frame(person), world_turns(given))
    for name, bone in (("forearm", "lowerarm01"), ("hand", "wrist"), ("shin", "lowerleg01"), ("foot", "foot")):
        for side in SIDES:
            np.testing.assert_allclose(found[person.bone(f"{bone}.{side}")], begin[ROW[f"{name}.{side}"]], atol=0.03)


@settings(max_examples=25, deadline=None)
@given(NUMBERS)
def test_stance_of_undoes_world_turns(numbers):
    np.testing.assert_allclose(stance_of(world_turns(numbers)), numbers, atol=1e-4)


@settings(max_examples=10, deadline=None)
@given(NUMBERS)
def test_the_mirror_image_has_left_and_right_exchanged(numbers):
    frame = neutral_frame(anatomy())
    given, image = (points(frame, world_turns(one))[1] for one in (numbers, mirrored(numbers)))
    np.testing.assert_allclose(given[ROW["hand.L"]] * (-1, 1, 1), image[ROW["hand.R"]], atol=2e-3)
    np.testing.assert_array_equal(mirrored(mirrored(numbers)), numbers)


def test_rolling_a_hand_leaves_the_elbow_and_rolls_half_of_the_forearm():
    person = anatomy()
    turned = posed(person, person.middle, angles(person, stance(forearm_L=(0, 0, 80))), np.zeros(3)).turns
    still = posed(person, person.middle, angles(person, stance()), np.zeros(3)).turns
    rolled = [np.degrees(roll(turned[row] @ still[row].T)) for row in
              (person.bone(f"{name}.L") for name in ("upperarm02", "lowerarm01", "lowerarm02", "wrist"))]  # fmt: skip
    np.testing.assert_allclose(rolled, (0, 0, 40, 80), atol=0.1)


@given(st.floats(-3, 3), st.floats(-1.4, 1.4))
@settings(max_examples=25, deadline=None)
def test_roll_is_what_a_turn_does_about_z_before_it_swings(angle, swing):
    assert roll(about("x", swing) @ about("z", angle)) == pytest.approx(angle, abs=1e-9)


def test_about_is_a_rotation_vector_along_an_axis():
    np.testing.assert_allclose(about("y", 0.3), matrices(np.array([0, 0.3, 0])), atol=1e-6)
    np.testing.assert_allclose(about("z", QUARTER) @ (1, 0, 0), (0, 1, 0), atol=1e-12)


def test_along_takes_down_and_left_to_the_limb_and_its_hinge():
    turn = along(np.array([0.0, -2.0, 0.0]), np.array([1.0, 1.0, 0.0]))
    np.testing.assert_allclose(turn @ (0, 0, -1), (0, -1, 0), atol=1e-12)
    np.testing.assert_allclose(turn @ (1, 0, 0), (1, 0, 0), atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1)


def test_shortest_turns_by_the_angle_between():
    turn = shortest(np.array([1.0, 0, 0]), np.array([0, 0, 2.0]))
    np.testing.assert_allclose(turn, about("y", -QUARTER), atol=1e-12)
