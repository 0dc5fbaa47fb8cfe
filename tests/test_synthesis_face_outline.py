"""The far half of a turned face's jaw is where the picture's outline is; all else stays."""

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("numba")

from vitruvian.synthesis import Posed, anatomy, posed
from vitruvian.synthesis.human.face_outline import cheek_lines, outlined
from vitruvian.synthesis.human.landmarks import landmarks
from vitruvian.synthesis.rendering.camera import Camera


def person() -> Posed:
    human = anatomy()
    return posed(human, human.middle, np.zeros((len(human.bones), 3), np.float32), np.zeros(3))


def camera(degrees: float) -> Camera:
    """Before the face at 0, to the person's left of it above."""
    angle, middle = np.radians(degrees), np.array([0, -0.1, 1.71])
    return Camera.at(middle + 1.5 * np.array([np.sin(angle), -np.cos(angle), 0]), middle, 0.0, 1000.0, (200, 200))


def seen(degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Points of a face (68, 3), and the same with the outline."""
    points = landmarks("face68", anatomy(), person())
    return points, outlined(points, anatomy(), person(), camera(degrees))


@pytest.mark.parametrize(("degrees", "far"), [(40, range(8)), (-40, range(9, 17))])
def test_only_the_far_half_of_the_jaw_moves(degrees, far):
    points, found = seen(degrees)
    moved = np.flatnonzero(np.abs(found - points).max(1) > 1e-6)
    assert set(moved) <= set(far)
    assert len(moved) >= 6


def test_from_the_front_the_jaw_stays_within_millimetres():
    points, found = seen(0)
    aside = camera(0).project(found)[0] - camera(0).project(points)[0]
    assert np.abs(aside).max() < 5  # pixels, of which a metre has 670


@pytest.mark.parametrize("degrees", [25, 45, 70])
def test_the_far_jaw_lies_on_the_outline_of_the_head(degrees):
    """No skin in front of the ears, at the point's height, is further out in the picture."""
    _, found = seen(degrees)
    view, skin = camera(degrees), person().vertices[anatomy().groups["body"]]
    skin = skin[(skin[:, 0] < -0.022) & (skin[:, 1] < -0.066)]  # of the right cheek, which is far
    for point in found[1:5]:
        level = skin[np.abs(skin[:, 2] - point[2]) < 0.004]
        left = view.project(level)[0][:, 0].min()
        assert view.project(point[None])[0][0, 0] < left + 6


def test_lines_run_over_the_cheek_of_their_own_side():
    lines, skin = cheek_lines(anatomy()), anatomy().middle.vertices
    assert len(lines) == 17
    assert len(lines[8]) == 0
    for row in (0, 3, 6, 7):
        assert (skin[lines[row], 0] < 0).all()
        assert (skin[lines[16 - row], 0] > 0).all()
        assert len(lines[row]) >= 4


def test_the_points_given_are_left_as_they_were():
    points = landmarks("face68", anatomy(), person())
    before = points.copy()
    outlined(points, anatomy(), person(), camera(30))
    np.testing.assert_array_equal(points, before)
