import numpy as np
import pytest

pytest.importorskip("numba")

from vitruvian.synthesis.places.materials import KINDS, Material
from vitruvian.synthesis.places.scenery import FAR, Box, Scenery, Sky, View, drawn
from vitruvian.synthesis.rendering.camera import Camera

GREY = Material("plain", (0.5, 0.5, 0.5), grain=0.0)
EYE = View(horizon=10.0, focal=50.0, height=2.0)


def test_the_ground_is_as_far_as_the_rows_below_the_horizon_say():
    """A row 20 pixels below the horizon: 2 m down over a slope of 20 / 50 is 5 m ahead."""
    _, ahead = drawn(Scenery(GREY), EYE, (9, 40), 0)
    assert ahead[30] == pytest.approx(5.0)
    assert (ahead[:10] == FAR).all()


def test_a_box_hides_what_is_behind_it():
    """Its front is 4 m ahead, 2 m wide and high: 25 pixels; its top is at the height of the eye, in row 10."""
    box = Box((-1.0, 4.0, 0.0), (1.0, 5.0, 2.0), Material("plain", (1.0, 0.0, 0.0), grain=0.0), GREY)
    picture, ahead = drawn(Scenery(GREY, boxes=[box]), EYE, (41, 60), 0)
    front = ahead == 4.0
    assert np.flatnonzero(front[20]).tolist() == list(range(8, 33))  # 12.5 to both sides of column 20
    assert front[11:35, 20].all()
    assert not front[[9, 36], 20].any()
    assert (picture[15, 20, 0] > 0.5, picture[15, 20, 1]) == (True, 0.0)


def test_a_room_ends_at_its_walls():
    _, ahead = drawn(Scenery(GREY, room=(-3.0, 3.0, -1.0, 6.0, 2.5)), EYE, (21, 21), 0)
    assert ahead[10, 10] == pytest.approx(6.0)
    assert ahead.max() <= 6.0 + 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_material_gives_colours(kind):
    material = Material(kind, (0.6, 0.5, 0.4), (0.2, 0.3, 0.4), variety=0.2)
    picture, _ = drawn(Scenery(material, room=(-2.0, 2.0, -1.0, 4.0, 3.0), walls=(material,) * 4), EYE, (32, 32), 3)
    assert np.isfinite(picture).all()
    assert picture.min() >= -0.2
    assert picture.max() < 3


def test_a_skyline_stands_above_the_horizon():
    low, high = (drawn(Scenery(GREY, sky=Sky(skyline=s, ridge=(0, 0, 0))), EYE, (32, 20), 1)[0] for s in (0.0, 5.0))
    assert low[9].min() > 0.5
    assert high[9].max() < 0.1


def test_a_view_becomes_a_camera_and_back():
    view = View(horizon=30.0, focal=200.0, height=1.6)
    again = View.of(view.camera((160, 120)))
    assert (again.horizon, again.focal, again.height) == pytest.approx((30.0, 200.0, 1.6), abs=1e-3)


def test_a_camera_over_a_floor_sees_its_horizon_at_the_row_of_its_own_height():
    camera = Camera.at(np.array([3.0, -4.0, 2.5]), np.array([0.0, 0.0, 1.5]), 0.0, 150.0, (100, 100))
    view = View.of(camera, floor=0.5)
    (_, row), _ = camera.project(np.array([-3e5, 4e5, 2.5]))
    assert (view.horizon, view.height) == (pytest.approx(row, abs=1e-3), 2.0)
