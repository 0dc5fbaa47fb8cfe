"""What every loss of the table promises."""

import pytest
import torch
from torch import Tensor

from vitruvian.errors import ShapeError
from vitruvian.models import LOSSES, SUMMED

every_loss = pytest.mark.parametrize("name", sorted(LOSSES))

COORDINATES = {"l1", "mse", "smooth_l1", "soft_weight_smooth_l1", "soft_wing", "wing"}
VECTORS = {"kl_discretised", "kl_discretised_sharp"}


def shape_of(name: str) -> tuple[int, ...]:
    """(B, channels, ...) of what the loss is for: 2 people, 12 keypoints."""
    if name in COORDINATES:
        return 2, 12, 2
    if name in VECTORS:
        return 2, 12, 20
    return (2, 36, 4, 5) if name == "combined_target_mse" else (2, 12, 4, 5)


def example(name: str, seed: int = 0) -> tuple[Tensor, Tensor]:
    """An answer and a target, of which both are distributions or not, as the loss expects."""
    generator = torch.Generator().manual_seed(seed)
    output, target = (torch.randn(shape_of(name), generator=generator) for _ in range(2))
    if name == "js_discretised":
        output = spread(output)
    if name in {"heatmap_cross_entropy", "js_discretised", "kl_discretised"}:
        target = spread(target)
    elif name not in COORDINATES:
        target = target.sigmoid()
    return output.requires_grad_(), target


def spread(values: Tensor) -> Tensor:
    """Values (B, K, ...) -> distributions."""
    return values.flatten(2).softmax(-1).reshape(values.shape)


@every_loss
def test_nothing_known_is_no_loss_and_no_gradient(name: str):
    output, target = example(name)
    value = LOSSES[name](output, target, torch.zeros(2, 12))
    value.backward()
    assert value.item() == 0
    assert not output.grad.any()


@every_loss
def test_the_losses_of_parts_add_up_to_that_of_the_whole(name: str):
    """Also of parts in which unequal numbers of keypoints are known. A mean counts as the share of crops it is over."""
    output, target = example(name)
    weight = torch.ones(2, 12)
    weight[0, 2:] = 0
    share = 1.0 if name in SUMMED else 0.5
    parts = [LOSSES[name](output[[one]], target[[one]], weight[[one]]) * share for one in range(2)]
    assert sum(parts).item() == pytest.approx(LOSSES[name](output, target, weight).item(), rel=1e-5)


@every_loss
def test_a_keypoint_without_weight_gets_no_gradient(name: str):
    output, target = example(name)
    weight = torch.ones(2, 12)
    weight[0, 3] = 0
    LOSSES[name](output, target, weight).backward()
    each = output.grad.unflatten(1, (12, -1)).flatten(2).abs().sum(-1)
    assert each[0, 3] == 0
    assert (each > 0).sum() > 12  # of 23; mining leaves out a third


@every_loss
def test_the_target_itself_is_no_worse_than_a_step_away(name: str):
    """A softmax has its target at the logarithm; the sharp one at the target, before it softens both."""
    _, target = example(name)
    best = target.log() if name in {"heatmap_cross_entropy", "kl_discretised"} else target
    weight = torch.ones(2, 12)
    lowest = LOSSES[name](best, target, weight)
    assert lowest.item() == pytest.approx(0, abs=1e-5)
    assert LOSSES[name](best + 0.1 * example(name, seed=1)[0].detach(), target, weight) > lowest + 1e-6


@every_loss
def test_a_value_is_a_number_whose_gradient_is_finite(name: str):
    output, target = example(name)
    value = LOSSES[name](output, target, torch.ones(2, 12))
    value.backward()
    assert value.shape == ()
    assert value > 0
    assert output.grad.isfinite().all()


@every_loss
@pytest.mark.parametrize("change", ["one keypoint", "sides exchanged", "one weight a keypoint", "weight exchanged"])
def test_shapes_that_do_not_fit_are_refused(name: str, change: str):
    """Some of them would broadcast."""
    output, target = example(name)
    weight = torch.ones(2, 12)
    if change == "one keypoint":
        target = target[:, :1]
    elif change == "sides exchanged":
        target = target.transpose(-1, -2)
    else:
        weight = weight[0] if change == "one weight a keypoint" else weight.T
    with pytest.raises(ShapeError, match=r"the codec expects|weight must be"):
        LOSSES[name](output, target, weight)
