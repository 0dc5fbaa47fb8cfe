"""Random poses of bodies: within what joints can do, not through themselves, on the ground, the same for a seed."""

import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("numba")

from vitruvian.errors import DataError
from vitruvian.synthesis.human.anatomy import anatomy
from vitruvian.synthesis.human.pose import posed
from vitruvian.synthesis.poses.arm_reach import PLACES, reached
from vitruvian.synthesis.poses.body_poses import (
    blended,
    facing,
    fitted_library,
    grounded,
    random_pose,
    random_stance,
    with_captures,
    with_fits,
)
from vitruvian.synthesis.poses.pose_ranges import LIMITS, arms_can, believable, clamped, excess
from vitruvian.synthesis.poses.postures import POSTURES, drawn, random_posture
from vitruvian.synthesis.poses.segments import ROW, SEGMENTS, SIDES, mirrored, neutral_frame, points, world_turns
from vitruvian.synthesis.poses.self_contact import clear, distance

CAPTURES = Path(os.environ.get("VITRUVIAN_SHARED", Path(__file__).parents[2] / "shared")) / "realdata/mocap_bvh"
UPRIGHT = ("standing", "feet apart", "weight on one leg", "walking")


@pytest.fixture(scope="module")
def frame():
    return neutral_frame(anatomy())


def test_limits_of_the_right_are_the_mirror_image_of_those_of_the_left():
    low, high = LIMITS[..., 0], LIMITS[..., 1]
    assert (low <= high).all()
    np.testing.assert_allclose(np.minimum(mirrored(low), mirrored(high)), low)


def test_excess_is_what_clamping_takes_away():
    """A knee bent 20 degrees to the front, where 3 are allowed: 17 too many."""
    stance = np.zeros((len(SEGMENTS), 3))
    stance[ROW["shin.L"], 0] = np.radians(-20)
    assert np.degrees(excess(stance)[ROW["shin.L"], 0]) == pytest.approx(17)
    assert excess(clamped(stance)).max() == 0
    assert believable(stance)
    assert not believable(2 * stance)


@pytest.mark.parametrize(
    ("degrees", "can"),
    [((0, 0, 0), True), ((-179, 0, 0), True), ((0, -120, 0), True), ((-80, 30, 0), True), ((40, 0, 0), True),
     ((60, 0, 0), False), ((0, 60, 0), False), ((20, 20, 0), False)],
)  # fmt: skip
def test_arms_point_forwards_up_and_aside_but_hardly_back(degrees, can):
    stance = np.zeros((len(SEGMENTS), 3))
    stance[ROW["upperarm.L"]] = np.radians(degrees)
    assert arms_can(stance) == arms_can(mirrored(stance)) == can


@pytest.mark.parametrize("name", sorted(POSTURES))
def test_every_posture_keeps_to_the_limits_and_its_knees_bend_back(frame, name):
    for seed in range(4):
        stance = drawn(frame, POSTURES[name][0], np.random.default_rng(seed))
        assert stance.shape == (len(SEGMENTS), 3)
        assert excess(stance).max() < 1e-6
        begin, end = points(frame, world_turns(stance))
        for side in SIDES:
            thigh, shin = ROW[f"thigh.{side}"], ROW[f"shin.{side}"]
            bend = np.cross(end[thigh] - begin[thigh], end[shin] - begin[shin])
            assert bend @ world_turns(stance)[thigh][:, 0] > -0.02


@pytest.mark.parametrize("name", UPRIGHT)
def test_people_who_stand_have_the_head_on_top_and_a_foot_below(frame, name):
    for seed in range(4):
        _, end = points(frame, world_turns(drawn(frame, POSTURES[name][0], np.random.default_rng(seed))))
        assert end[ROW["head"], 2] == end[[ROW["head"], ROW["chest"], ROW["shin.L"], ROW["shin.R"]], 2].max()
        assert end[ROW["head"], 2] - end[[ROW["shin.L"], ROW["shin.R"]], 2].min() > 1.3


@pytest.mark.parametrize("side", SIDES)
def test_a_hand_reaches_what_is_within_reach_and_stops_short_of_what_is_not(frame, side):
    sign = 1.0 if side == "L" else -1.0
    for target, within in (
        ((0.3 * sign, -0.3, 1.3), True),
        ((0.4 * sign, -0.1, 1.7), True),
        ((0.2 * sign, -2, 1), False),
    ):
        turns = world_turns(np.zeros((len(SEGMENTS), 3)))
        reached(frame, turns, side, np.array(target), 0.0)
        wrist = points(frame, turns)[0][ROW[f"hand.{side}"]]
        assert (np.linalg.norm(wrist - target) < 0.02) == within
        np.testing.assert_allclose(np.linalg.det(turns), 1, atol=1e-6)


@pytest.mark.parametrize("name", sorted(PLACES))
def test_places_for_hands_mirror_each_other(frame, name):
    turns = world_turns(np.zeros((len(SEGMENTS), 3)))
    left, right = (PLACES[name][0](np.random.default_rng(5), frame, turns, side) for side in SIDES)
    if name == "ground":
        assert left[2] == pytest.approx(right[2], abs=1e-6)
    else:
        np.testing.assert_allclose(left * (-1, 1, 1), right, atol=5e-3)


def test_segments_that_cross_are_at_no_distance_and_parallel_ones_at_their_gap():
    a, b = np.array([[0.0, 0, 0], [0, 0, 0]]), np.array([[2.0, 0, 0], [2, 0, 0]])
    c, d = np.array([[1.0, -1, 0], [0, 3, 0]]), np.array([[1.0, 1, 0], [2, 3, 0]])
    np.testing.assert_allclose(distance(a, b, c, d), (0, 3), atol=1e-9)


def test_hands_in_the_belly_and_crossed_shins_are_not_clear(frame):
    stance = np.zeros((len(SEGMENTS), 3))
    stance[[ROW["upperarm.L"], ROW["upperarm.R"]], 1] = np.radians((-6, 6))
    assert clear(frame, stance)
    inside = stance.copy()
    inside[ROW["forearm.L"]] = np.radians((0, 80, 0))
    assert not clear(frame, inside)
    crossed = stance.copy()
    crossed[[ROW["thigh.L"], ROW["thigh.R"]], 1] = np.radians((12, -12))
    assert not clear(frame, crossed)


def test_the_fits_of_the_package_are_many_and_within_limits():
    fitted = fitted_library().fitted
    assert len(fitted) > 3000
    assert np.isfinite(fitted).all()
    assert np.degrees(excess(fitted)).max() < 25
    for side in SIDES:
        assert np.degrees(fitted[:, ROW[f"shin.{side}"], 0]).min() > -15


def test_facing_leaves_only_what_is_not_about_the_vertical():
    stance = np.zeros((len(SEGMENTS), 3))
    stance[0] = (0, 0, 2.0)
    np.testing.assert_allclose(facing(stance), 0, atol=1e-6)
    stance[0] = (-1.2, 0, 0)
    np.testing.assert_allclose(facing(stance), stance, atol=1e-6)


def test_a_blend_is_between_its_two_stances():
    first, second = np.zeros((len(SEGMENTS), 3)), np.zeros((len(SEGMENTS), 3))
    second[ROW["shin.L"], 0] = 1.0
    np.testing.assert_allclose(blended(first, second, 0.25)[ROW["shin.L"]], (0.25, 0, 0), atol=1e-6)
    np.testing.assert_allclose(blended(first, second, 1.0), second, atol=1e-6)


def test_random_stances_face_the_front_are_within_limits_and_mostly_clear(frame):
    rng, library = np.random.default_rng(3), fitted_library()
    stances = np.array([random_stance(frame, rng, library) for _ in range(60)])
    assert np.degrees(excess(stances)).max() < 1e-4
    assert sum(clear(frame, stance) for stance in stances) == 60
    turned = world_turns(stances)[:, 0]
    np.testing.assert_allclose(turned[:, 1, 0], turned[:, 0, 1], atol=1e-3)  # no turn about the vertical
    assert len(np.unique(stances.round(3), axis=0)) == 60


def test_the_same_seed_gives_the_same_pose():
    first, second, other = (random_pose(anatomy(), np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.shape == (104, 3)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 0.1


def test_grounded_people_touch_the_ground_with_their_lowest_point():
    person = anatomy()
    angles = random_pose(person, np.random.default_rng(4))
    found = grounded(person, posed(person, person.middle, angles, np.array([1.0, 2, 3])), 0.1)
    assert found.vertices[person.groups["body"], 2].min() == pytest.approx(0.1, abs=1e-5)
    np.testing.assert_allclose(found.joints[0, :2], (1, 2), atol=1e-6)


@pytest.mark.skipif(not CAPTURES.exists(), reason=f"no motion capture at {CAPTURES}; set VITRUVIAN_SHARED")
def test_captured_motion_joins_the_library():
    library = with_captures(
        fitted_library(), [CAPTURES / "cmu/07_09.bvh", CAPTURES / "animated_drawings/fair1/dab.bvh"]
    )
    assert 10 + 40 < len(library.captured) <= 11 + 43 + 2  # four a second, of 2.5 and of 11 seconds
    assert len(library.fitted) == len(fitted_library().fitted)


def test_other_fits_join_the_library(tmp_path):
    np.save(tmp_path / "more.npy", np.zeros((5, 13, 3), np.float16))
    assert len(with_fits(fitted_library(), [tmp_path / "more.npy"]).fitted) == len(fitted_library().fitted) + 5


def test_captures_that_are_none_are_named(tmp_path):
    (tmp_path / "a.bvh").write_text("HELLO")
    with pytest.raises(DataError, match=r"a.bvh:1: "):
        with_captures(fitted_library(), [tmp_path / "a.bvh"])


def test_postures_are_mirrored_half_of_the_time(frame):
    """Nothing else tells left from right, so over many the arms are lifted alike."""
    stances = np.array([random_posture(frame, np.random.default_rng(seed)) for seed in range(120)])
    lifted = world_turns(stances)[:, [ROW["upperarm.L"], ROW["upperarm.R"]], 2, 2]
    assert abs(np.subtract(*lifted.mean(0))) < 0.2
