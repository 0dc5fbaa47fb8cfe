"""Losses of coordinates (B, K, 2), or of other numbers of which each keypoint has a few.

All take weight (B, K) or in the shape of the output, 1 where omitted, and raise ShapeError when shapes do not fit each
other. Unless a docstring says otherwise the mean is over all numbers, those of weight 0 included, and output and target
are multiplied by the weight, as published models were trained.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from vitruvian.models.losses.shapes import check_pair, weighted_pair, weights_for


def l1(output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """The mean absolute difference."""
    return functional.l1_loss(*weighted_pair(output, target, weight))


def mse(output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """The mean squared difference."""
    return functional.mse_loss(*weighted_pair(output, target, weight))


def smooth_l1(output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """Half the square of differences below 1, and the difference less a half above (arXiv:1504.08083, eq. 3)."""
    return functional.smooth_l1_loss(*weighted_pair(output, target, weight))


def soft_weight_smooth_l1(
    output: Tensor, target: Tensor, weight: Tensor | None = None, beta: float = 1.0, count_unknown: bool = True
) -> Tensor:
    """`smooth_l1`, square below `beta`, times the weight: for weights between 0 and 1.

    count_unknown: take the mean over all numbers; otherwise over those of positive weight.
    """
    check_pair(output, target)
    each = functional.smooth_l1_loss(output, target, reduction="none", beta=beta)
    factor = weights_for(weight, output)
    if factor is None:
        return each.mean()
    each = each * factor
    return each.mean() if count_unknown else each.sum() / (factor.expand_as(each) > 0).sum().clamp(min=1)


def wing(
    output: Tensor, target: Tensor, weight: Tensor | None = None, omega: float = 10.0, epsilon: float = 2.0
) -> Tensor:
    """Logarithmic below `omega`, for small errors of faces, and straight above (arXiv:1711.06753).

    With d the absolute difference: omega log(1 + d / epsilon) below omega. Summed over the numbers of a person, mean
    over people, as in the reference implementation.
    """
    output, target = weighted_pair(output, target, weight)
    distance = (target - output).abs()
    near = omega * torch.log1p(distance / epsilon)
    far = distance - omega + omega * math.log1p(omega / epsilon)
    return torch.where(distance < omega, near, far).flatten(1).sum(1).mean()


def soft_wing(
    output: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    straight: float = 2.0,
    scale: float = 20.0,
    epsilon: float = 0.5,
) -> Tensor:
    """Straight for small differences and logarithmic for large ones (Lin et al., IEEE TIP 2021).

    From "Structure-Coherent Deep Feature Learning for Robust Face Alignment". With d the absolute difference: d below
    `straight`; scale log(1 + d / epsilon) above, moved to meet it there. Summed over the numbers of a person, mean over
    people, as in the reference implementation.
    """
    output, target = weighted_pair(output, target, weight)
    distance = (target - output).abs()
    far = straight + scale * (torch.log1p(distance / epsilon) - math.log1p(straight / epsilon))
    return torch.where(distance < straight, distance, far).flatten(1).sum(1).mean()
