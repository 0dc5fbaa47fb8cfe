"""Drawing poses: which pixels change, in which colour, and that nothing can crash it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.draw import draw_poses
from vitruvian.draw.ink import clip_segment
from vitruvian.draw.skeletons import COLOURS
from vitruvian.errors import ShapeError
from vitruvian.structures import SKELETONS, Poses, Skeleton

LEFT, RIGHT, CENTRE = (np.array(COLOURS[side][:3]) for side in ("left", "right", "centre"))
ARMS = Skeleton.define(
    "arms",
    ("neck", "left_hand", "right_hand", "left_foot", "right_foot"),
    limbs=(("neck", "left_hand"), ("neck", "right_hand"), ("left_foot", "right_foot")),
)
POINTS = [[60, 20], [100, 20], [20, 20], [100, 60], [20, 60]]  # limbs: 20 to 60, 60 to 100, and 20 to 100 below


def person(points, score=None, box=(10, 10, 110, 70)) -> Poses:
    xy = np.array([points], np.float32)
    known = np.ones(xy.shape[:2], np.float32) if score is None else np.array([score], np.float32)
    return Poses(xy, known, np.array([box], np.float32))


def backdrop(value: int = 128, width: int = 120, height: int = 80) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def changed(drawn: np.ndarray, image: np.ndarray) -> np.ndarray:
    """(H, W) bool."""
    return (drawn != image).any(-1)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_the_sides_have_their_colours_on_any_background(value):
    drawn = draw_poses(backdrop(value), person(POINTS), ARMS)
    for (x, y), colour in {
        (80, 20): LEFT, (100, 20): LEFT, (40, 20): RIGHT, (20, 60): RIGHT, (60, 20): CENTRE, (60, 60): CENTRE,
    }.items():  # fmt: skip
        np.testing.assert_allclose(drawn[y, x], colour, atol=2)


def test_a_line_on_white_has_a_dark_edge():
    drawn = draw_poses(backdrop(255), person(POINTS), ARMS)
    column = drawn[10:31, 80].sum(-1)  # across the left arm
    assert column[0] == column[-1] == 3 * 255
    assert column.min() < 3 * 160 < LEFT.sum()


def test_the_image_itself_and_the_pixels_far_from_the_pose_stay_as_they_are():
    image = np.random.default_rng(0).integers(0, 256, (80, 120, 3), np.uint8)
    before = image.copy()
    touched = changed(draw_poses(image, person(POINTS), ARMS), before)
    np.testing.assert_array_equal(image, before)
    assert touched[14:27, 14:107].any()
    assert touched[54:67, 14:107].any()
    touched[14:27, 14:107] = touched[54:67, 14:107] = False
    assert not touched.any()


def test_a_pose_is_centred_on_its_sub_pixel_position():
    """The centre of gravity of a single dot, on black, is where the joint is."""
    dot = Skeleton.define("dot", ("nose",))
    for x, y in [(30, 40), (30.25, 40.5), (30.5, 40.75), (29.6, 39.9)]:
        drawn = draw_poses(backdrop(0), person([[x, y]]), dot).sum(-1).astype(float)
        rows, columns = np.indices(drawn.shape)
        assert (drawn * columns).sum() / drawn.sum() == pytest.approx(x, abs=0.05)
        assert (drawn * rows).sum() / drawn.sum() == pytest.approx(y, abs=0.05)


def test_a_mirrored_pose_gives_the_mirrored_drawing():
    mirrored = [[119 - x, y] for x, y in POINTS]
    drawn = draw_poses(backdrop(), person(POINTS), ARMS).astype(int)
    difference = np.abs(draw_poses(backdrop(), person(mirrored), ARMS)[:, ::-1] - drawn)
    assert difference.max() <= 10
    assert difference.mean() < 0.1


@pytest.mark.parametrize("unknown", [np.nan, np.inf, -np.inf])
def test_an_unknown_joint_and_its_limbs_are_not_drawn(unknown):
    points = [*POINTS[:1], [unknown, 20], *POINTS[2:]]
    drawn = draw_poses(backdrop(), person(points), ARMS)
    np.testing.assert_array_equal(drawn[20, 80], [128] * 3)  # the left arm
    np.testing.assert_allclose(drawn[20, 40], RIGHT, atol=2)


@pytest.mark.parametrize(("score", "seen"), [(0.29, False), (0.3, True), (np.nan, False)])
def test_a_joint_is_drawn_from_the_threshold_on(score, seen):
    drawn = draw_poses(backdrop(), person(POINTS, [1, score, 1, 1, 1]), ARMS)
    assert bool(changed(drawn, backdrop())[20, 100]) is seen


def test_nobody_and_nothing_known_leave_the_image_as_it_is():
    for poses in (Poses.nobody(5), person(np.full((5, 2), np.nan)), person(POINTS, [0] * 5)):
        np.testing.assert_array_equal(draw_poses(backdrop(), poses, ARMS), backdrop())


def test_the_box_is_drawn_when_asked_for():
    poses = person(np.full((5, 2), np.nan), box=(10, 10, 110, 70))
    drawn = draw_poses(backdrop(), poses, ARMS, boxes=True)
    for x, y in [(60, 10), (60, 70), (10, 40), (110, 40), (10, 10)]:
        assert changed(drawn, backdrop())[y, x]
    assert not changed(drawn, backdrop())[20:60, 20:100].any()


def test_a_box_without_numbers_is_left_out():
    poses = person(POINTS, box=(np.nan, 0, np.inf, 1))
    np.testing.assert_array_equal(draw_poses(backdrop(), poses, ARMS, boxes=True), draw_poses(backdrop(), poses, ARMS))


def test_a_limb_that_crosses_the_image_between_joints_outside_is_drawn():
    points = [[np.nan, 0]] * 3 + [[-1e7, 40], [1e7, 40]]
    drawn = draw_poses(backdrop(), person(points), ARMS)
    np.testing.assert_allclose(drawn[40], np.tile(CENTRE, (120, 1)), atol=2)


def test_lines_grow_with_the_image():
    def thickness(scale: int) -> int:
        image = backdrop(255, 120 * scale, 80 * scale)
        drawn = draw_poses(image, person(np.array(POINTS) * scale), ARMS)
        return int(changed(drawn, image)[: 40 * scale, 80 * scale].sum())

    assert thickness(1) < thickness(10) / 2
    assert 3 <= thickness(1) <= 6


def ring(points: int, diameter: float) -> tuple[Skeleton, np.ndarray]:
    """A closed outline, as of a face."""
    names = [f"point_{k}" for k in range(points)]
    angle = np.arange(points) * 2 * np.pi / points
    limbs = [(names[k - 1], names[k]) for k in range(points)]
    return Skeleton.define("ring", names, limbs), 320 + diameter / 2 * np.column_stack([np.cos(angle), np.sin(angle)])


def test_a_small_dense_outline_stays_an_outline():
    """68 points around a circle 40 pixels wide, in an image where lines are 3.5 pixels thick: a thin ring."""
    skeleton, xy = ring(68, 40)
    image = backdrop(128, 640, 640)
    touched = changed(draw_poses(image, person(xy), skeleton), image)
    assert not touched[308:333, 308:333].any()
    assert touched.sum() < np.pi * (24**2 - 16**2)


def test_dense_points_without_limbs_stay_apart():
    grid = np.stack(np.meshgrid(np.arange(8.0), np.arange(8.0)), -1).reshape(-1, 2) * 6 + 100
    names = [f"point_{k}" for k in range(64)]
    drawn = draw_poses(backdrop(255, 640, 640), person(grid), Skeleton.define("grid", names)).astype(int)
    np.testing.assert_array_equal(drawn[103:140:6, 103:140:6], 255)  # half-way between four points


@pytest.mark.parametrize("name", sorted(SKELETONS))
@pytest.mark.parametrize("size", [(40, 30), (640, 480)])
def test_every_skeleton_of_the_table_is_drawn(name, size):
    skeleton = SKELETONS[name]
    xy = np.random.default_rng(0).uniform(0.2, 0.8, (len(skeleton), 2)) * size
    image = backdrop(128, *size)
    assert changed(draw_poses(image, person(xy), skeleton), image).any()


COORDINATE = st.floats(width=32) | st.floats(-200, 200, width=32)


@given(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=5, max_size=5), st.tuples(*[COORDINATE] * 4))
@settings(max_examples=200, deadline=None)
def test_no_coordinate_whatever_crashes_it(points, box):
    image = backdrop()
    assert draw_poses(image, person(points, box=box), ARMS, boxes=True).shape == image.shape


@given(*[st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))] * 2)
@settings(max_examples=200, deadline=None)
def test_a_clipped_segment_lies_on_the_segment_and_within_the_rectangle(a, b):
    inside = clip_segment(a, b, (0, 0, 100, 50), margin=10)
    for x, y in inside or ():
        assert -10.001 <= x <= 110.001
        assert -10.001 <= y <= 60.001
        assert (
            abs((x - a[0]) * (b[1] - a[1]) - (y - a[1]) * (b[0] - a[0]))
            <= 1e-6 * (np.hypot(*a) + np.hypot(*b) + 1) ** 2
        )


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((10, 10), (20, 20), ((10, 10), (20, 20))),
        ((-50, 25), (150, 25), ((0, 25), (100, 25))),
        ((50, -50), (50, 100), ((50, 0), (50, 50))),
        ((-10, 25), (-5, 25), None),
        ((-10, 20), (10, -40), None),
        ((-5, 5), (-5, 5), None),
    ],
)
def test_a_segment_is_clipped_to_a_rectangle(a, b, expected):
    assert clip_segment(a, b, (0, 0, 100, 50), margin=0) == expected


def test_a_view_of_an_image_can_be_drawn_on():
    np.testing.assert_array_equal(
        draw_poses(backdrop()[::-1, ::-1], person(POINTS), ARMS), draw_poses(backdrop(), person(POINTS), ARMS)
    )


@pytest.mark.parametrize("image", [backdrop()[..., 0], backdrop().astype(float), backdrop()[:0], backdrop()[..., :2]])
def test_only_rgb_bytes_are_drawn_on(image):
    with pytest.raises(ShapeError, match=r"an image to draw on must be \(H, W, 3\) uint8 RGB, got \("):
        draw_poses(image, person(POINTS), ARMS)


def test_another_skeleton_is_refused():
    with pytest.raises(
        ShapeError, match="the poses have 5 keypoints, the skeleton lsp14 has 14; pass the skeleton that"
    ):
        draw_poses(backdrop(), person(POINTS), SKELETONS["lsp14"])
