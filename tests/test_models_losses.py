"""Losses, by hand."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.errors import ShapeError
from vitruvian.models import LOSSES, heatmap_cross_entropy, heatmap_mse

every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


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


def test_cross_entropy_is_the_mean_over_maps_by_weight():
    """Weights 1 and 3: (1 · a + 3 · b) / 4; a map of weight 0 does not count in the mean."""
    output, target = maps([0.0, 1.0], [0.0, 2.0], [9.0, 0.0]), maps([0.5, 0.5], [0.5, 0.5], [0.0, 1.0])
    one, other, _ = (heatmap_cross_entropy(output[:, [k]], target[:, [k]], torch.ones(1, 1)) for k in range(3))
    found = heatmap_cross_entropy(output, target, torch.tensor([[1.0, 3.0, 0.0]]))
    assert found.item() == pytest.approx(((one + 3 * other) / 4).item())


def test_cross_entropy_gradient_is_softmax_minus_target():
    output, target = maps([0.0, math.log(3)]).requires_grad_(), maps([0.5, 0.5])
    heatmap_cross_entropy(output, target, torch.ones(1, 1)).backward()
    assert output.grad.flatten().tolist() == pytest.approx([0.25 - 0.5, 0.75 - 0.5])


def test_cross_entropy_of_half_precision_outputs_is_summed_in_float32():
    output, target = random_maps(0, 1, 2, 32, 32), torch.full((1, 2, 32, 32), 1 / 1024)
    exact = heatmap_cross_entropy(output.bfloat16().float(), target, torch.ones(1, 2))
    assert heatmap_cross_entropy(output.bfloat16(), target, torch.ones(1, 2)).item() == exact.item()


@every_loss
def test_nothing_known_is_no_loss_and_no_gradient(loss):
    output = random_maps(0, 2, 3, 4, 5).requires_grad_()
    target = torch.full((2, 3, 4, 5), 1 / 20)
    value = loss(output, target, torch.zeros(2, 3))
    value.backward()
    assert value.item() == 0
    assert not output.grad.any()


@every_loss
def test_a_map_without_weight_gets_no_gradient(loss):
    output = random_maps(0, 1, 2, 4, 5).requires_grad_()
    loss(output, torch.full((1, 2, 4, 5), 1 / 20), torch.tensor([[1.0, 0.0]])).backward()
    assert output.grad[0, 0].any()
    assert not output.grad[0, 1].any()


@every_loss
def test_steps_downhill_lead_to_the_target(loss):
    target = torch.full((1, 1, 2, 2), 0.25)
    output = random_maps(0, 1, 1, 2, 2).requires_grad_()
    optimizer = torch.optim.SGD([output], lr=1.0)
    for _ in range(60):
        optimizer.zero_grad()
        loss(output, target, torch.ones(1, 1)).backward()
        optimizer.step()
    assert loss(output, target, torch.ones(1, 1)).item() == pytest.approx(0, abs=1e-4)


@every_loss
@pytest.mark.parametrize(
    ("target", "weight"),
    [
        ((2, 1, 4, 5), (2, 3)),  # would broadcast
        ((2, 3, 5, 4), (2, 3)),
        ((2, 3, 4, 5), (3,)),  # would broadcast
        ((2, 3, 4, 5), (3, 2)),
    ],
)
def test_shapes_that_do_not_fit_are_refused(loss, target: tuple[int, ...], weight: tuple[int, ...]):
    with pytest.raises(ShapeError, match=r"the codec expects|weight must be"):
        loss(torch.zeros(2, 3, 4, 5), torch.ones(target), torch.ones(weight))
