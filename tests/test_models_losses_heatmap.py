"""Losses of heatmaps, by hand."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models.losses import (
    adaptive_wing,
    combined_target_mse,
    focal_heatmap,
    heatmap_cross_entropy,
    heatmap_mse,
    heatmap_ohkm_mse,
)


def maps(*values: list[float]) -> torch.Tensor:
    """One person, a map of 1 x 2 cells per pair of values -> (1, K, 1, 2)."""
    return torch.tensor(values)[None, :, None, :]


def random_maps(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_mse_is_the_mean_over_all_cells():
    """Differences 1, 2, 0 and 3: (1 + 4 + 0 + 9) / 4."""
    output, target = maps([1.0, 2.0], [5.0, 0.0]), maps([0.0, 0.0], [5.0, 3.0])
    assert heatmap_mse(output, target).item() == 14 / 4


def test_mse_counts_the_cells_of_a_map_without_weight():
    """Only (1 + 4) is left, still over four cells: half the keypoints known, half the loss."""
    output, target = maps([1.0, 2.0], [5.0, 0.0]), maps([0.0, 0.0], [5.0, 3.0])
    assert heatmap_mse(output, target, torch.tensor([[1.0, 0.0]])).item() == 5 / 4


def test_mse_weights_each_cell_where_the_weight_is_a_map():
    output, target = maps([1.0, 2.0], [5.0, 0.0]), maps([0.0, 0.0], [5.0, 3.0])
    weight = maps([2.0, 1.0], [0.0, 0.5])
    assert heatmap_mse(output, target, weight).item() == (2 * 1 + 4 + 4.5) / 4


def test_mse_leaves_out_what_the_mask_hides():
    output, target = maps([1.0, 2.0], [5.0, 0.0]), maps([0.0, 0.0], [5.0, 3.0])
    assert heatmap_mse(output, target, mask=torch.tensor([[[[1.0, 0.0]]]])).item() == 1 / 4


def test_mse_can_leave_out_maps_that_should_be_empty():
    output, target = maps([1.0, 2.0], [5.0, 0.0]), maps([0.0, 0.0], [5.0, 3.0])
    assert heatmap_mse(output, target, skip_empty=True).item() == 9 / 4


def test_mse_gradient_by_hand():
    """d/dx of (x - 1)² / 2 cells at x = 3 is 2."""
    output = maps([3.0, 0.0]).requires_grad_()
    heatmap_mse(output, maps([1.0, 0.0])).backward()
    assert output.grad.flatten().tolist() == [2, 0]


def test_cross_entropy_by_hand():
    """Softmax of (0, ln 3) is (1/4, 3/4). From (1/2, 1/2): half of ln 2 and half of ln(2/3)."""
    output, target = maps([0.0, math.log(3)]), maps([0.5, 0.5])
    expected = 0.5 * math.log(0.5 / 0.25) + 0.5 * math.log(0.5 / 0.75)
    assert heatmap_cross_entropy(output, target, torch.ones(1, 1)).item() == pytest.approx(expected)


def test_cross_entropy_from_a_single_cell():
    """0 · ln 0 is 0: what is left is -ln(3/4)."""
    output, target = maps([0.0, math.log(3)]), maps([0.0, 1.0])
    assert heatmap_cross_entropy(output, target, torch.ones(1, 1)).item() == pytest.approx(math.log(4 / 3))


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(-50, 50))
def test_cross_entropy_of_equal_distributions_is_zero_and_of_others_more(seed: int, shift: float):
    target = random_maps(seed, 2, 3, 4, 5).flatten(2).softmax(-1).reshape(2, 3, 4, 5)
    weight = torch.ones(2, 3)
    assert heatmap_cross_entropy(target.log() + shift, target, weight).item() == pytest.approx(0, abs=2e-5)
    assert heatmap_cross_entropy(random_maps(seed + 1, 2, 3, 4, 5), target, weight) > 0.01


def test_cross_entropy_is_the_mean_over_all_maps_times_their_weights():
    """Weights 1, 3 and 0: (1 · a + 3 · b + 0 · c) / 3."""
    output, target = maps([0.0, 1.0], [0.0, 2.0], [9.0, 0.0]), maps([0.5, 0.5], [0.5, 0.5], [0.0, 1.0])
    one, other, _ = (heatmap_cross_entropy(output[:, [k]], target[:, [k]], torch.ones(1, 1)) for k in range(3))
    found = heatmap_cross_entropy(output, target, torch.tensor([[1.0, 3.0, 0.0]]))
    assert found.item() == pytest.approx(((one + 3 * other) / 3).item())


def test_cross_entropy_gradient_is_softmax_minus_target():
    output, target = maps([0.0, math.log(3)]).requires_grad_(), maps([0.5, 0.5])
    heatmap_cross_entropy(output, target, torch.ones(1, 1)).backward()
    assert output.grad.flatten().tolist() == pytest.approx([0.25 - 0.5, 0.75 - 0.5])


def test_cross_entropy_of_half_precision_outputs_is_summed_in_float32():
    output, target = random_maps(0, 1, 2, 32, 32), torch.full((1, 2, 32, 32), 1 / 1024)
    exact = heatmap_cross_entropy(output.bfloat16().float(), target, torch.ones(1, 2))
    assert heatmap_cross_entropy(output.bfloat16(), target, torch.ones(1, 2)).item() == exact.item()


def test_hard_keypoints_alone_count_in_mining():
    """Mean squares of three maps are 1, 9 and 4; the two hardest have a mean of 13 / 2."""
    output, target = maps([1.0, 1.0], [3.0, 3.0], [2.0, 2.0]), maps([0.0, 0.0], [0.0, 0.0], [0.0, 0.0])
    assert heatmap_ohkm_mse(output, target, hardest=2).item() == 13 / 2
    assert heatmap_ohkm_mse(output, target, torch.tensor([[1.0, 0.0, 1.0]]), hardest=2).item() == 5 / 2


@pytest.mark.parametrize("hardest", [0, 3])
def test_mining_more_keypoints_than_there_are_is_refused(hardest: int):
    with pytest.raises(RecipeError, match=f"hardest must be 1 to 2, the number of keypoints, got {hardest}"):
        heatmap_ohkm_mse(maps([1.0, 1.0], [3.0, 3.0]), maps([0.0, 0.0], [0.0, 0.0]), hardest=hardest)


def test_adaptive_wing_by_hand():
    """Target 1, so that the power is 1.1: 14 ln(1 + 0.25^1.1) at 0.25, and a straight line from 0.5 on."""
    at = [adaptive_wing(maps([1 - d, 1.0]), maps([1.0, 1.0])).item() * 2 for d in (0.25, 0.5, 1.0, 1.5)]
    assert at[0] == pytest.approx(14 * math.log(1 + 0.25**1.1))
    assert at[1] == pytest.approx(14 * math.log(1 + 0.5**1.1))
    slope = 14 * 1.1 * 0.5**0.1 / (1 + 0.5**1.1)  # of the curve at 0.5
    assert at[2] - at[1] == pytest.approx(slope / 2, rel=1e-5)
    assert at[3] - at[2] == pytest.approx(slope / 2, rel=1e-5)


def test_offsets_count_inside_the_disc_only():
    """One keypoint, two cells, the disc in the first. Half of: disc 1 / 2, x offset 4 / 2, y offset 0."""
    target = maps([1.0, 0.0], [0.5, 9.0], [0.0, 0.0])
    output = maps([0.0, 0.0], [2.5, -9.0], [0.0, 7.0])
    assert combined_target_mse(output, target).item() == pytest.approx((1 / 2 + 4 / 2) / 2)
    assert combined_target_mse(output, target, torch.zeros(1, 1)).item() == 0


def test_combined_maps_come_in_threes():
    with pytest.raises(ShapeError, match=r"must be \(B, 3 \* K, H, W\), got \(1, 2, 1, 2\)"):
        combined_target_mse(maps([0.0, 0.0], [0.0, 0.0]), maps([0.0, 0.0], [0.0, 0.0]))


def test_focal_loss_by_hand():
    """At the keypoint p = 1/4: -ln(1/4) (3/4)². Beside it p = 1/2, target 1/2: -ln(1/2) (1/2)² (1/2)⁴. One keypoint."""
    output, target = maps([0.25, 0.5]), maps([1.0, 0.5])
    expected = math.log(4) * (3 / 4) ** 2 + math.log(2) / 64
    assert focal_heatmap(output, target).item() == pytest.approx(expected)
    twice = focal_heatmap(torch.cat([output, output]), torch.cat([target, target]))
    assert twice.item() == pytest.approx(expected)
    hidden = focal_heatmap(output, target, mask=torch.tensor([[[[1.0, 0.0]]]]))
    assert hidden.item() == pytest.approx(math.log(4) * (3 / 4) ** 2)


def test_focal_loss_without_a_keypoint_is_the_sum_of_the_background():
    assert focal_heatmap(maps([0.5, 0.5]), maps([0.0, 0.0])).item() == pytest.approx(2 * math.log(2) / 4)
