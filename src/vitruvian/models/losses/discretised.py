"""Losses of discretised coordinates: distributions over the bins of x and of y, or over the cells of a map."""

from typing import Literal

import torch
from torch import Tensor

from vitruvian.errors import RecipeError
from vitruvian.models.losses.shapes import check_pair, weights_for

TINY = 1e-24  # beside a probability, so that its logarithm is finite


def kl_discretised(
    output: Tensor, target: Tensor, weight: Tensor | None = None, beta: float = 1.0, soften: bool = False
) -> Tensor:
    """The Kullback-Leibler divergence of the softmax of each vector from its target (SimCC, arXiv:2107.03332).

    output: (B, K, bins), unnormalised log-probabilities; target: (B, K, bins); weight: (B, K), 1 where omitted.
    beta:   what the output, and with `soften` the target, is multiplied by before its softmax; 10 in RTMPose
            (arXiv:2303.07399).
    soften: make a distribution of the target by a softmax, too.

    Mean over bins, sum over people, mean over keypoints, as in the reference implementation: twice the people have
    twice the loss. Raises ShapeError when shapes do not fit each other.
    """
    check_pair(output, target)
    log = (beta * output).log_softmax(-1)
    goal = (beta * target).softmax(-1) if soften else target
    each = (torch.special.xlogy(goal, goal) - goal * log).mean(-1)  # (B, K)
    if weight is not None:
        weights_for(weight, output, whole=False)
        each = each * weight
    return each.sum() / output.shape[1]


def kl_discretised_sharp(output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """`kl_discretised` as RTMPose is trained (arXiv:2303.07399): both sides are softmaxes, ten times as sharp."""
    return kl_discretised(output, target, weight, beta=10.0, soften=True)


def js_discretised(output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """The Jensen-Shannon divergence of maps or vectors of probabilities (DSNT, arXiv:1801.07372).

    output, target: (B, K, ...), not negative; weight: (B, K), 1 where omitted, times output and target. Sum over cells
    and keypoints, mean over people. Zero probabilities have finite gradients, where those of the reference are NaN.
    Raises ShapeError when shapes do not fit each other.
    """
    check_pair(output, target)
    factor = weights_for(weight, output, whole=False)
    if factor is not None:
        output, target = output * factor, target * factor
    middle = torch.log((output + target) / 2 + TINY)
    each = output * (torch.log(output + TINY) - middle) + target * (torch.log(target + TINY) - middle)
    return each.sum() / (2 * max(1, len(output)))


def coordinate_classification(
    output: tuple[Tensor, Tensor],
    target: tuple[Tensor, Tensor],
    weight: Tensor | None = None,
    mode: Literal["linear", "square", "log"] = "log",
) -> Tensor:
    """How unlikely the true place is by the probabilities of x and of y (RTMO, arXiv:2312.07526).

    output, target: two of (N, K, bins), for x and y; weight: (N, K), 1 where omitted. With p the product over both of
    sum of output times target: 1 - p, 1 - p² or -log(p + 1e-4). Returns (N,), the mean over keypoints, those of weight
    0 included. Raises RecipeError for an unknown mode, ShapeError when shapes do not fit each other.
    """
    likelihood: Tensor | float = 1.0
    for found, goal in zip(output, target, strict=True):
        check_pair(found, goal)
        likelihood = likelihood * (found * goal).sum(-1)
    assert isinstance(likelihood, Tensor)
    if weight is not None:
        weights_for(weight, output[0], whole=False)
        likelihood = likelihood * weight
    each = _unlikely(likelihood, mode)
    return (each if weight is None else torch.where(weight > 0, each, 0.0)).mean(1)


def _unlikely(likelihood: Tensor, mode: str) -> Tensor:
    if mode == "linear":
        return 1 - likelihood
    if mode == "square":
        return 1 - likelihood**2
    if mode == "log":
        return -torch.log(likelihood + 1e-4)
    raise RecipeError(f'mode must be linear, square or log, got "{mode}"')
