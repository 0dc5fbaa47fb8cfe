"""ProbabilityHeatmap: its targets, and the meaning of its score."""

import math

import pytest
import torch

from vitruvian.codecs import ProbabilityHeatmap
from vitruvian.errors import RecipeError

NAN = math.nan


def points(*xy: tuple[float, float]) -> torch.Tensor:
    """(1, K, 2)"""
    return torch.tensor([xy], dtype=torch.float32)


def test_a_cell_covers_the_pixels_around_its_middle():
    """Stride 4: cell 2 covers pixels 8 to 11, whose middle is 9.5. There the bump is symmetric, and sums to 1."""
    codec = ProbabilityHeatmap((64, 64))
    assert codec.grid == (4.0, 4.0, 1.5, 1.5)
    heatmap = codec.encode(points((9.5, 21.5)))["heatmap"][0, 0]
    assert heatmap.sum().item() == pytest.approx(1)
    assert heatmap.argmax() == 5 * 16 + 2
    assert heatmap[5, 1].item() == pytest.approx(heatmap[5, 3].item())
    assert (heatmap[5, 3] / heatmap[5, 2]).item() == pytest.approx(math.exp(-1 / 2))


@pytest.mark.parametrize("xy", [(-0.6, 20.0), (20.0, 63.6), (-500.0, 20.0), (20.0, 1e30)])
def test_a_joint_outside_the_input_could_be_at_any_cell(xy: tuple[float, float]):
    encoded = ProbabilityHeatmap((64, 64)).encode(points(xy))
    assert encoded["weight"].tolist() == [[1]]
    assert encoded["heatmap"].flatten().tolist() == pytest.approx([1 / 256] * 256)


@pytest.mark.parametrize("xy", [(-0.4, 20.0), (63.4, 63.4)])
def test_a_joint_on_the_border_pixels_is_inside(xy: tuple[float, float]):
    assert ProbabilityHeatmap((64, 64)).encode(points(xy))["heatmap"].max() > 0.1


@pytest.mark.parametrize("xy", [(NAN, NAN), (NAN, 5.0), (math.inf, 5.0)])
def test_an_unknown_joint_has_no_weight(xy: tuple[float, float]):
    encoded = ProbabilityHeatmap((64, 64)).encode(points(xy, (5, 5)))
    assert encoded["weight"].tolist() == [[0, 1]]
    assert encoded["heatmap"].isfinite().all()


def test_the_point_is_the_centre_of_mass_and_the_score_the_mass_of_the_best_square():
    """0.6 in cell (3, 2) and 0.2 in cell (4, 2), the rest far away: x = (0.6 * 3 + 0.2 * 4) / 0.8 = 3.25 cells."""
    probability = torch.zeros(16, 16)
    probability[2, 3], probability[2, 4], probability[12, 12] = 0.6, 0.2, 0.2
    xy, score = ProbabilityHeatmap((64, 64)).decode({"heatmap": probability.log()[None, None]})
    assert score.item() == pytest.approx(0.8)
    assert xy[0, 0].tolist() == pytest.approx([4 * 3.75 - 0.5, 4 * 2.5 - 0.5])


def test_two_small_peaks_in_one_square_outweigh_a_higher_one():
    probability = torch.zeros(16, 16)
    probability[2, 3], probability[2, 4], probability[12, 12] = 0.3, 0.3, 0.4
    xy, score = ProbabilityHeatmap((64, 64)).decode({"heatmap": probability.log()[None, None]})
    assert score.item() == pytest.approx(0.6)
    assert xy[0, 0, 0].item() == pytest.approx(4 * 4 - 0.5)


def test_a_network_that_knows_nothing_scores_the_share_of_the_square():
    _, score = ProbabilityHeatmap((64, 64)).decode({"heatmap": torch.full((1, 2, 16, 16), 7.0)})
    assert score.flatten().tolist() == pytest.approx([25 / 256] * 2)


def test_adding_a_constant_to_a_map_changes_nothing():
    codec = ProbabilityHeatmap((64, 64))
    maps = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    (xy, score), (other_xy, other_score) = (codec.decode({"heatmap": maps + shift}) for shift in (0.0, 5.0))
    assert torch.allclose(xy, other_xy, atol=1e-3)
    assert torch.allclose(score, other_score, atol=1e-5)


def test_a_wider_square_cuts_less_of_the_bump_off():
    """The worst point of a cell, on its border: 0.23 cells off with reach 1, 0.05 with reach 2."""
    xy = points((21.5 + 1.99, 29.5))
    for reach, cells in ((1, 0.233), (2, 0.044)):
        codec = ProbabilityHeatmap((64, 64), reach=reach)
        found, _ = codec.decode({"heatmap": codec.encode(xy)["heatmap"].log()})
        assert (found - xy)[0, 0, 0].abs().item() / 4 == pytest.approx(cells, abs=0.005)


def test_a_square_smaller_than_a_cell_is_refused():
    with pytest.raises(RecipeError, match="reach must be 0 or more cells, got -1"):
        ProbabilityHeatmap((64, 64), reach=-1)


def test_the_likelihood_peaks_at_the_score():
    codec = ProbabilityHeatmap((64, 64))
    outputs = {"heatmap": torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))}
    assert torch.equal(codec.likelihood(outputs).amax((-1, -2)), codec.decode(outputs)[1])
