"""IntegralRegression: a map that sums to 1, its mean, and the score."""

import math

import pytest
import torch

from vitruvian.codecs import IntegralRegression
from vitruvian.errors import RecipeError

NAN = math.nan
CODEC = IntegralRegression((96, 128))


def points(*xy: tuple[float, float]) -> torch.Tensor:
    """(1, K, 2)"""
    return torch.tensor([xy], dtype=torch.float32)


def half_and_half(first: tuple[int, int], second: tuple[int, int]) -> torch.Tensor:
    """A map (1, 1, 32, 24) with half its probability in each of two cells (x, y)."""
    heatmap = torch.zeros(1, 1, 32, 24)
    for x, y in (first, second):
        heatmap[0, 0, y, x] = 0.5
    return heatmap


def test_a_target_is_a_distribution_and_a_point():
    encoded = CODEC.encode(points((40, 60)))
    heatmap = encoded["heatmap"][0, 0]
    assert heatmap.sum().item() == pytest.approx(1)
    assert heatmap.argmax() == 15 * 24 + 10
    assert (heatmap[15, 12] / heatmap[15, 10]).item() == pytest.approx(math.exp(-1 / 2))
    assert encoded["xy"].tolist() == [[[pytest.approx(40 / 96), pytest.approx(60 / 128)]]]


def test_a_joint_outside_may_have_a_map_but_does_not_count():
    """8 px left of the input its bump still reaches it; 80 px left it does not, and the map is 0."""
    encoded = CODEC.encode(points((-8, 60), (-80, 60), (NAN, 60)))
    assert encoded["weight"].tolist() == [[0, 0, 0]]
    assert encoded["heatmap"][0].sum((1, 2)).tolist() == [pytest.approx(1), 0, 0]


def test_the_score_is_the_probability_near_the_point():
    """The mean of cells 4 and 8 is cell 6, pixel 24; both are within 6 cells. Of cells 4 and 20 none is."""
    for second, expected in ((8, 1.0), (20, 0.0)):
        xy = points(((4 + second) / 2 / 24, 15 / 32))
        found, score = CODEC.decode({"heatmap": half_and_half((4, 15), (second, 15)), "xy": xy})
        assert score.tolist() == [[expected]]
        if expected:
            assert found.tolist() == [[[24, 60]]]
        else:
            assert found.isnan().all()


def test_without_a_reach_every_score_is_one():
    codec = IntegralRegression((96, 128), reach=None)
    xy, score = codec.decode({"heatmap": half_and_half((4, 15), (20, 15)), "xy": points((0.5, 0.5))})
    assert xy.tolist() == [[[48, 64]]]
    assert score.tolist() == [[1]]


def test_a_mirrored_map_moves_by_a_cell_and_a_mirrored_point_by_a_pixel():
    outputs = {"heatmap": half_and_half((4, 15), (4, 15)), "xy": points((16 / 96, 0.5))}
    flipped = CODEC.flip(outputs, [0])
    assert flipped["heatmap"].argmax() == 15 * 24 + 20  # column 23 - 4, and one further
    assert (96 * flipped["xy"][0, 0, 0]).item() == pytest.approx(95 - 16)


def test_the_likelihood_is_as_high_as_the_score():
    shown = CODEC.likelihood({"heatmap": half_and_half((4, 15), (8, 15)), "xy": points((6 / 24, 15 / 32))})[0, 0]
    assert shown[15, [4, 8, 6]].tolist() == [1, 1, 0]


@pytest.mark.parametrize("reach", [0.0, -1.0, NAN])
def test_a_reach_of_nothing_is_refused(reach: float):
    with pytest.raises(RecipeError, match="reach must be positive or None"):
        IntegralRegression((96, 128), reach=reach)
