"""Charts of errors: what is drawn where."""

import numpy as np
import pytest

from vitruvian.draw import draw_error_histograms, draw_pck_curve, draw_reliability

RNG = np.random.default_rng(0)
DISTANCE = np.abs(RNG.normal(0, 0.15, (60, 3)))


def blue(image: np.ndarray) -> int:
    """How many pixels are clearly blue."""
    red, green, blue = image[..., 0].astype(int), image[..., 1].astype(int), image[..., 2].astype(int)
    return int(((blue > red + 60) & (blue > green + 20)).sum())


@pytest.mark.parametrize("found", [DISTANCE, np.full((2, 3), np.nan), np.full((2, 3), np.inf), np.zeros((0, 3))])
def test_any_distances_can_be_drawn(found):
    for image in (draw_pck_curve({"model": found}, "torso"), draw_error_histograms(found, ["a", "b", "c"], "box")):
        assert image.dtype == np.uint8
        assert image.ndim == 3
        assert image.shape[2] == 3


def test_the_curve_of_a_perfect_model_runs_along_the_top():
    """A curve at 1 from the first distance on is drawn above the middle; one that never rises, below it."""
    perfect, hopeless = (draw_pck_curve({"m": np.full((9, 3), value)}, "box") for value in (0.0, np.inf))
    half = perfect.shape[0] // 2
    left = slice(perfect.shape[1] // 4, perfect.shape[1] // 2)  # beside the legend
    assert blue(perfect[:half, left]) > 0
    assert blue(hopeless[:half, left]) == 0


def test_there_is_a_row_for_every_joint():
    short, tall = (draw_error_histograms(np.tile(DISTANCE, n), ["joint"] * 3 * n, "box").shape[0] for n in (1, 10))
    assert tall > 3 * short


def test_a_joint_that_nobody_labelled_is_left_blank():
    known = draw_error_histograms(np.zeros((9, 1)), ["a"], "box")
    unknown = draw_error_histograms(np.full((9, 1), np.nan), ["a"], "box")
    part = np.s_[:, : known.shape[1] * 3 // 4]  # beside the scale of colours
    assert blue(known[part]) > 100 * (1 + blue(unknown[part]))


def test_groups_of_points_are_drawn_and_none_is_no_error():
    image = draw_reliability(np.array([0.2, 0.8]), np.array([0.1, 0.9]), np.array([10, 20]))
    none = draw_reliability(np.zeros(0), np.zeros(0), np.zeros(0, int))
    assert blue(image) > blue(none)
