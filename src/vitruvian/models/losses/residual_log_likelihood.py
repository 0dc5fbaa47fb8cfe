"""Residual log-likelihood estimation: coordinates, and how far each may be off (Li et al., arXiv:2107.11291)."""

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from vitruvian.errors import RecipeError
from vitruvian.models.losses.shapes import check_pair, weights_for


def residual_log_likelihood(
    xy: Tensor,
    spread: Tensor,
    target: Tensor,
    log_prob: Callable[[Tensor], Tensor],
    weight: Tensor | None = None,
    base: Literal["laplace", "gaussian"] | None = "laplace",
) -> Tensor:
    """The negative logarithm of the density that the model gives to the true coordinates (arXiv:2107.11291).

    xy, target: (B, K, 2); spread: (B, K, 2), logits of the scale s of each error; weight: (B, K) or (B, K, 2), 1 where
    omitted. With e = (xy - target) / s, for each coordinate: log s - log_prob(e), and, unless `base` is None, minus the
    logarithm of a Laplace or standard normal density, so that the flow learns the rest only.

    log_prob: (N, 2) -> (N,), the log-density of a pair of errors, as `head.log_prob` of a model with a flow gives it.
              As in the reference implementation it counts for x and once more for y.

    Sum over keypoints and coordinates, mean over people. May be negative.
    Raises RecipeError for an unknown base, ShapeError when shapes do not fit each other.
    """
    check_pair(xy, target)
    check_pair(spread, target)
    scale = spread.sigmoid()
    error = (xy - target) / (scale + 1e-9)
    flow = log_prob(error.reshape(-1, 2)).reshape(*error.shape[:-1], 1)
    each = scale.log() - flow
    if base is not None:
        each = each + _negative_log_density(error, scale, base)
    factor = weights_for(weight, each)
    if factor is not None:
        each = each * factor
    return each.sum() / max(1, len(xy))


def _negative_log_density(error: Tensor, scale: Tensor, base: str) -> Tensor:
    if base == "laplace":
        return torch.log(2 * scale) + error.abs()
    if base == "gaussian":
        return torch.log(scale * math.sqrt(2 * math.pi)) + 0.5 * error**2
    raise RecipeError(f'base must be laplace, gaussian or None, got "{base}"')
