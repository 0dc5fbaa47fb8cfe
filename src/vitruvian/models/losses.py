"""Losses: what the network said against what the codec encoded -> a scalar tensor."""

from collections.abc import Callable

import torch
from torch import Tensor

from vitruvian.errors import ShapeError


def heatmap_mse(
    output: Tensor, target: Tensor, weight: Tensor | None = None, mask: Tensor | None = None, skip_empty: bool = False
) -> Tensor:
    """The mean squared difference of heatmaps, as published top-down models were trained (arXiv:1804.06208, sec. 2).

    output, target: (B, K, H, W); weight: (B, K) or (B, K, H, W), 1 where omitted; mask: (B, 1 or K, H, W).
    skip_empty: do not count maps whose target is zero everywhere.

    The mean is over all cells of all maps, those of weight 0 included, as in the reference implementation: a batch in
    which half the keypoints are unknown has half the loss. Raises ShapeError when shapes do not fit each other.
    """
    _check(output, target)
    if weight is not None and weight.shape not in (output.shape[:2], output.shape):
        raise ShapeError(f"weight must be (B, K) or (B, K, H, W) of {tuple(output.shape)}, got {tuple(weight.shape)}")
    squared = (output - target) ** 2
    if weight is not None:
        squared = squared * (weight if weight.ndim == 4 else weight[..., None, None])
    if mask is not None:
        squared = squared * mask
    if skip_empty:
        squared = squared * (target != 0).flatten(2).any(-1)[..., None, None]
    return squared.mean()


def heatmap_cross_entropy(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """The Kullback-Leibler divergence, in nats, of the softmax of each map from its target.

    output: (B, K, H, W) unnormalised log-probabilities; target: (B, K, H, W), each map summing to 1; weight: (B, K).
    The mean is over the maps by weight; 0 where no weight is left. Minimal (0) where the softmax equals the target.
    Raises ShapeError when shapes do not fit each other.
    """
    _check(output, target)
    if weight.shape != output.shape[:2]:
        raise ShapeError(f"weight must be (B, K) of {tuple(output.shape)}, got {tuple(weight.shape)}")
    log = output.flatten(-2).float().log_softmax(dim=-1)
    goal = target.flatten(-2)
    divergence = (torch.special.xlogy(goal, goal) - goal * log).sum(-1)
    return (divergence * weight).sum() / weight.sum().clamp(min=1e-9)


def _check(output: Tensor, target: Tensor) -> None:
    if output.shape != target.shape:  # they could broadcast
        raise ShapeError(
            f"the network gives {tuple(output.shape)}, the codec expects {tuple(target.shape)}; "
            f"build the model with codec.heads(keypoints), for inputs of codec.input_size"
        )


Loss = Callable[[Tensor, Tensor, Tensor], Tensor]

LOSSES: dict[str, Loss] = {"heatmap_mse": heatmap_mse, "heatmap_cross_entropy": heatmap_cross_entropy}
