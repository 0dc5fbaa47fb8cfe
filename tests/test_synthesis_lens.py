import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")

from vitruvian.errors import ShapeError
from vitruvian.synthesis.rendering.lens import Lens, bent, random_lens, straightened, through

SIZE = (160, 120)


def test_a_bend_by_hand():
    """Half a half diagonal from the middle, k1 = 0.1: 0.5 (1 + 0.1 / 4) / 1.1 of a half diagonal of 100."""
    middle = np.array([79.5, 59.5])
    found = bent(middle + np.array([[50.0, 0.0], [0.0, 0.0]]), Lens(bend=(0.1, 0.0)), SIZE)
    assert found == pytest.approx(middle + np.array([[100 * 0.5 * 1.025 / 1.1, 0.0], [0.0, 0.0]]))


@given(st.floats(-0.15, 0.15), st.floats(-0.05, 0.05), st.floats(-300, 500), st.floats(-300, 500))
def test_straightened_inverts_bent_inside_and_outside_the_picture(first, second, x, y):
    lens, point = Lens(bend=(first, second)), np.array([x, y])
    assert straightened(bent(point, lens, SIZE), lens, SIZE) == pytest.approx(point, abs=1e-5)
    assert bent(straightened(point, lens, SIZE), lens, SIZE) == pytest.approx(point, abs=1e-5)


def test_unknown_points_stay_unknown():
    assert np.isnan(bent(np.array([[np.nan, np.nan]]), Lens(bend=(0.1, 0.0)), SIZE)).all()


@pytest.mark.parametrize("bend", [(0.12, 0.03), (-0.15, 0.0), (0.0, 0.0)])
def test_what_is_seen_in_the_picture_goes_where_the_points_go(bend):
    place, lens = np.array([120.0, 30.0]), Lens(bend=bend)
    down, across = np.mgrid[: SIZE[1], : SIZE[0]]
    spot = 255 * np.exp(-((across - place[0]) ** 2 + (down - place[1]) ** 2) / 18)
    seen = through(np.repeat(spot[..., None], 3, axis=2).astype(np.uint8), lens)[..., 0].astype(float)
    centre = np.array([(seen * across).sum(), (seen * down).sum()]) / seen.sum()
    assert centre == pytest.approx(bent(place, lens, SIZE), abs=0.15)


def test_a_fringe_enlarges_red_and_leaves_green():
    """A white spot 60 pixels to the right of the middle: red moves by 1 % of it, blue as much back."""
    down, across = np.mgrid[: SIZE[1], : SIZE[0]]
    spot = 255 * np.exp(-((across - 139.5) ** 2 + (down - 59.5) ** 2) / 18)
    seen = through(np.repeat(spot[..., None], 3, axis=2).astype(np.uint8), Lens(fringe=0.01)).astype(float)
    centres = [(seen[..., c] * across).sum() / seen[..., c].sum() for c in range(3)]
    assert centres == pytest.approx([140.1, 139.5, 138.9], abs=0.05)


def test_a_vignette_darkens_the_corners_by_its_share_and_a_cast_tints():
    seen = through(np.full((61, 61, 3), 200, np.uint8), Lens(vignette=0.5, cast=(1.0, 0.5, 1.2)))
    assert seen[0, 0].tolist() == [100, 50, 120]
    assert seen[30, 30].tolist() == [200, 100, 240]


def test_a_smear_spreads_a_point_over_its_length():
    image = np.zeros((21, 41, 3), np.uint8)
    image[10, 20] = 250
    seen = through(image, Lens(smear=(9.0, 0.0)))
    assert np.flatnonzero(seen[10, :, 0] > 5)[[0, -1]] == pytest.approx([15.5, 24.5], abs=1)
    assert (seen[[8, 12]] <= 2).all()


def test_a_plain_lens_changes_nothing():
    image = np.random.default_rng(0).integers(0, 255, (20, 30, 3)).astype(np.uint8)
    assert (through(image, Lens()) == image).all()


def test_random_lenses_are_equal_for_a_seed_and_can_be_undone():
    for seed in range(50):
        lens = random_lens(np.random.default_rng(seed), SIZE)
        assert lens == random_lens(np.random.default_rng(seed), SIZE)
        assert straightened(bent(np.zeros(2), lens, SIZE), lens, SIZE) == pytest.approx([0, 0], abs=1e-6)


@pytest.mark.parametrize("bend", [(-0.3, 0.0), (0.0, -0.2), (np.nan, 0.0)])
def test_a_bend_that_folds_the_picture_is_refused(bend):
    with pytest.raises(ShapeError, match="folds the picture; take numbers nearer to 0"):
        Lens(bend=bend)
