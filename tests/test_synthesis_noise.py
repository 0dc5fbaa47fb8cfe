import numpy as np
import pytest

pytest.importorskip("numba")

from vitruvian.synthesis.places.noise import SIDE, chance, cloud, clouds


def test_the_power_of_the_noise_falls_with_the_square_of_the_frequency():
    """Four times less at twice the frequency: a slope of -2 between waves of 64 and of 4 texels."""
    level = clouds()[: SIDE * SIDE].reshape(SIDE, SIDE)
    power = np.abs(np.fft.fft2(level)) ** 2
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE))
    means = [power[(frequency > low) & (frequency < 1.2 * low)].mean() for low in (1 / 64, 1 / 4)]
    assert np.log(means[1] / means[0]) / np.log(16) == pytest.approx(-2, abs=0.15)


def test_the_noise_has_deviation_one_and_repeats_after_its_side():
    level = clouds()[: SIDE * SIDE]
    assert (level.mean(), level.std()) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-4))
    assert cloud(clouds(), 3.25, 7.5, 1.0) == pytest.approx(cloud(clouds(), 3.25 - SIDE, 7.5 + 2 * SIDE, 1.0), abs=1e-5)


def test_a_wide_foot_smooths_the_noise():
    places = np.random.default_rng(0).uniform(0, SIDE, (200, 2))
    sharp, smooth = ([cloud(clouds(), u, v, foot) for u, v in places] for foot in (1.0, 200.0))
    assert np.std(smooth) < 0.5 * np.std(sharp)


def test_chances_of_cells_are_spread_evenly_over_0_to_1():
    drawn = np.array([chance(i, j, 5) for i in range(-50, 50) for j in range(-50, 50)])
    assert np.histogram(drawn, 10, (0, 1))[0] == pytest.approx(1000, abs=130)
