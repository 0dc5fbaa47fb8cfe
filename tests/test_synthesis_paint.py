"""What paint makes of a point: values a person can check."""

import numpy as np
import pytest

pytest.importorskip("numba")

from vitruvian.synthesis.rendering.paint import BADGES, PATTERNS, Mark, Paint, painted

WHITE = (1.0, 1.0, 1.0)


def colour(paint, x=0.0, y=-0.1, z=1.0, own=WHITE):
    return painted(paint.row(), x, y, z, *own)[:3]


def test_plain_paint_multiplies_the_surface_s_own_colour():
    found = painted(Paint(tint=(0.5, 1.0, 0.25), gloss=0.3, sharpness=12.0).row(), 0.1, 0.2, 0.3, 0.4, 0.5, 0.8)
    assert found == pytest.approx((0.2, 0.5, 0.2, 0.3, 12.0))


def test_stripes_change_at_every_half_of_their_scale():
    paint = Paint("stripes", (1.0, 0.0, 0.0), other=(0.0, 0.0, 1.0), scale=0.1)
    assert [colour(paint, z=z)[0] for z in (1.01, 1.06, 1.11, 1.16)] == [0, 1, 0, 1]


def test_stripes_follow_one_another_in_their_direction():
    paint = Paint("stripes", other=(0.0, 0.0, 0.0), scale=0.1, direction=(1.0, 0.0, 0.0))
    assert colour(paint, x=0.01) == colour(paint, x=0.01, z=1.06)
    assert colour(paint, x=0.01) != colour(paint, x=0.06)


def test_halves_part_where_they_are_told_to():
    paint = Paint("halves", (1.0, 0.0, 0.0), other=(0.0, 1.0, 0.0), scale=1.3)
    assert colour(paint, z=1.31) == (0, 1, 0)
    assert colour(paint, z=1.29) == (1, 0, 0)


def test_an_eye_is_a_pupil_in_an_iris_in_white():
    eye = Paint("eye", (0.1, 0.2, 0.6), other=(0.8, 0.8, 0.8), scale=0.15, strength=0.4)
    pupil, iris, white, behind = (
        colour(eye, x=x, y=y, z=0.0) for x, y in ((0.1, -1), (0.3, -1), (0.6, -0.8), (0.1, 1))
    )
    assert max(pupil) < 0.01
    assert iris[2] > 2 * iris[0]
    assert min(white) > 0.5
    assert min(behind) > 0.5


@pytest.mark.parametrize(("digit", "dark"), [(1, "010110010010111"), (7, "111001010010010")])
def test_a_number_reads_as_its_digit(digit, dark):
    """Three columns and five rows of ink: each 0.18 wide and 0.2 high, of a digit 0.64 wide in all."""
    paint = Paint(tint=(0.0, 0.0, 0.0), mark=Mark("number", digit, (0.0, 1.0), 1.0, 0))
    cells = [(-0.32 + 0.18 * column + 0.09, 1.4 - 0.2 * line) for line in range(5) for column in range(3)]
    assert "".join(str(int(colour(paint, x=x, z=z)[0])) for x, z in cells) == dark


def test_a_number_on_the_back_reads_from_behind():
    """There a reader's right is the person's right: -x."""
    paint = Paint(tint=(0.0, 0.0, 0.0), mark=Mark("number", 7, (0.0, 1.0), 1.0, 1))
    assert colour(paint, x=-0.2, y=0.1, z=0.6)[0] == 0
    assert colour(paint, x=0.05, y=0.1, z=0.6)[0] == 1
    assert colour(paint, x=0.05, y=-0.1, z=0.6)[0] == 0


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("badge", BADGES)
def test_every_pattern_gives_light_between_none_and_little_more_than_white(pattern, badge):
    rng = np.random.default_rng(0)
    paint = Paint(pattern, (0.9, 0.5, 0.2), 0.1, 20.0, (0.2, 0.5, 0.9), 0.04, folds=0.3, dirt=0.4, mark=Mark(badge, 12))
    points = rng.uniform(-1, 2, (300, 3))
    found = np.array([painted(paint.row(), *point, *WHITE) for point in points])
    assert np.isfinite(found).all()
    assert found[:, :3].min() >= 0
    assert found[:, :3].max() < 2
    assert (found == [painted(paint.row(), *point, *WHITE) for point in points]).all()


def test_rows_of_all_paints_are_equally_long():
    assert len({len(Paint(pattern).row()) for pattern in PATTERNS}) == 1
