"""What falls on a scene."""

import numpy as np
import pytest

pytest.importorskip("numba")

from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.light import Light, falling, sky_turn
from vitruvian.synthesis.rendering.light_conditions import CONDITIONS, Stand, random_light

AHEAD = Camera.at(np.array([0.0, -5.0, 1.0]), np.array([0.0, 0.0, 1.0]), 0.0, 100.0, (32, 32))  # looks along y
GREY = np.full((32, 32, 3), 0.2, np.float32)


def dim(**others) -> Light:
    return Light(np.array([0.0, 0, 1]), np.zeros(3), **{"ambient": 0.5, "above": 0.0, **others})


def test_a_grey_background_lights_alike_from_all_sides():
    around = falling(dim(), GREY, AHEAD).around
    assert around[0] == pytest.approx(0.5)
    assert around[1:] == pytest.approx(0)


def test_light_from_above_is_stronger_by_two_thirds_of_its_contrast():
    """Brightness 0.5 (1 + 0.3 cos) gives a matt surface that looks up 0.5 (1 + 0.2)."""
    assert falling(dim(above=0.3), GREY, AHEAD).around[3] == pytest.approx(0.1)


def test_a_background_bright_on_the_right_lights_right_sides():
    """The camera looks along y, so that right is x; 0.1 on the left, 0.3 on the right: half of 0.2 to each side."""
    background = GREY.copy()
    background[:, :16], background[:, 16:] = 0.1, 0.3
    around = falling(dim(), background, AHEAD).around
    assert around[1] == pytest.approx(2 / 3 * 0.5 * 0.5)
    assert around[2:] == pytest.approx(0)


def test_a_red_background_lights_in_a_paler_red():
    red, green, blue = falling(dim(), GREY * np.array([2, 1, 1], np.float32), AHEAD).around[0]
    assert 1 < red / green < 2
    assert green == blue
    assert np.dot((red, green, blue), (0.2126, 0.7152, 0.0722)) == pytest.approx(0.5)


def test_light_that_fits_is_proportional_to_the_background():
    darker = falling(dim(fit=1.0), GREY / 2, AHEAD)
    assert falling(dim(fit=1.0), GREY, AHEAD).around[0] == pytest.approx(0.5)
    assert darker.around[0] == pytest.approx(0.25)


def test_a_black_background_gives_finite_light():
    assert np.isfinite(falling(dim(fit=1.0), GREY * 0, AHEAD).around).all()


@pytest.mark.parametrize("sun", [(0, 0, 1), (0, 0, -1), (1, 0, 0), (0.6, 0, 0.8)])
def test_the_axes_of_a_light_are_a_rotation_that_ends_with_it(sun):
    turn = sky_turn(np.array(sun, np.float64))
    assert turn @ turn.T == pytest.approx(np.eye(3))
    assert np.linalg.det(turn) == pytest.approx(1)
    assert turn[2] == pytest.approx(np.array(sun))


@pytest.mark.parametrize("name", sorted(CONDITIONS))
def test_every_condition_is_of_unit_direction_and_no_negative_light(name):
    rng = np.random.default_rng(0)
    for _ in range(20):
        light = CONDITIONS[name][0](rng, Stand(np.array([0.0, 0, 1]), AHEAD.place))
        assert np.linalg.norm(light.sun) == pytest.approx(1)
        assert (light.sunlight >= 0).all()
        assert light.lamps.shape[1] == 6
        assert (light.lamps[:, 3:] >= 0).all()
        assert light.ambient > 0
        assert np.isfinite(falling(light, GREY, AHEAD).around).all()


def test_a_flash_shines_from_the_camera_and_backlight_from_behind():
    rng, stand = np.random.default_rng(0), Stand(np.array([0.0, 0, 1]), AHEAD.place)
    assert all(CONDITIONS["flash"][0](rng, stand).sun @ stand.back > 0.99 for _ in range(20))
    assert all(CONDITIONS["backlit"][0](rng, stand).sun @ stand.back < 0 for _ in range(20))


def test_the_same_seed_draws_the_same_light():
    first, second = (random_light(np.random.default_rng(3), AHEAD, np.zeros(3)) for _ in range(2))
    assert (first.sun == second.sun).all()
    assert (first.lamps == second.lamps).all()
