"""Losses of heatmaps (B, K, H, W)."""

import torch
from torch import Tensor

from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models.losses.shapes import check_pair, weighted_pair, weights_for


def heatmap_mse(
    output: Tensor, target: Tensor, weight: Tensor | None = None, mask: Tensor | None = None, skip_empty: bool = False
) -> Tensor:
    """The mean squared difference of heatmaps, as published top-down models were trained (arXiv:1804.06208, sec. 2).

    output, target: (B, K, H, W); weight: (B, K) or (B, K, H, W), 1 where omitted; mask: (B, 1 or K, H, W).
    skip_empty: do not count maps whose target is zero everywhere.

    The mean is over all cells of all maps, those of weight 0 included, as in the reference implementation: a batch in
    which half the keypoints are unknown has half the loss. Raises ShapeError when shapes do not fit each other.
    """
    check_pair(output, target)
    squared = (output - target) ** 2
    factor = weights_for(weight, output)
    if factor is not None:
        squared = squared * factor
    if mask is not None:
        squared = squared * mask
    if skip_empty:
        squared = squared * (target != 0).flatten(2).any(-1)[..., None, None]
    return squared.mean()


def heatmap_cross_entropy(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """The Kullback-Leibler divergence, in nats, of the softmax of each map from its target.

    output: (B, K, H, W) unnormalised log-probabilities; target: (B, K, H, W), each map summing to 1; weight: (B, K).
    The mean is over all maps, those of weight 0 included: a batch in which half the keypoints are unknown has half the
    loss. Minimal (0) where the softmax equals the target. Raises ShapeError when shapes do not fit each other.
    """
    check_pair(output, target)
    weights_for(weight, output, whole=False)
    log = output.flatten(-2).float().log_softmax(dim=-1)
    goal = target.flatten(-2)
    divergence = (torch.special.xlogy(goal, goal) - goal * log).sum(-1)
    return (divergence * weight).mean()


def heatmap_ohkm_mse(output: Tensor, target: Tensor, weight: Tensor | None = None, hardest: int = 8) -> Tensor:
    """`heatmap_mse` of the `hardest` keypoints of each person only: online hard keypoint mining (arXiv:1711.07319).

    output, target: (B, K, H, W); weight: (B, K) or (B, K, H, W), 1 where omitted, and as published times output and
    target, so that it counts squared. The mean is over people, these keypoints and cells.
    Raises RecipeError where there are fewer keypoints than `hardest`, ShapeError when shapes do not fit each other.
    """
    output, target = weighted_pair(output, target, weight)
    if not 1 <= hardest <= output.shape[1]:
        raise RecipeError(f"hardest must be 1 to {output.shape[1]}, the number of keypoints, got {hardest}")
    return ((output - target) ** 2).mean((2, 3)).topk(hardest, dim=1).values.mean()


def adaptive_wing(
    output: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    alpha: float = 2.1,
    omega: float = 14.0,
    epsilon: float = 1.0,
    theta: float = 0.5,
) -> Tensor:
    """Wing loss for heatmaps, steep near the target where it is high, flat where it is background (arXiv:1904.07399).

    output, target: (B, K, H, W), targets in [0, 1]; weight: (B, K) or (B, K, H, W), 1 where omitted, and as published
    times output and target. The mean is over all cells. With d = |target - output| and p = alpha - target:
    omega log(1 + (d / epsilon)^p) below theta, and above it the straight line that goes on from there.
    Raises ShapeError when shapes do not fit each other.
    """
    output, target = weighted_pair(output, target, weight)
    distance = (target - output).abs()
    power = alpha - target
    edge = (theta / epsilon) ** power
    slope = omega * power * (theta / epsilon) ** (power - 1) / (epsilon * (1 + edge))
    near = omega * torch.log1p((distance / epsilon) ** power)
    far = slope * (distance - theta) + omega * torch.log1p(edge)
    return torch.where(distance < theta, near, far).mean()


def combined_target_mse(output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """The loss of UDP's discs and offsets (arXiv:1911.07524): offsets count inside the disc only.

    output, target: (B, 3K, H, W): disc, x offset, y offset of keypoint 0, then 1, ...; weight: (B, K), 1 where
    omitted. Half the mean squared difference of each of the three, summed. As in the reference implementation, a disc
    counts with the square of its weight. Raises ShapeError when shapes do not fit each other.
    """
    check_pair(output, target)
    if output.ndim != 4 or output.shape[1] % 3:
        raise ShapeError(f"combined maps must be (B, 3 * K, H, W), got {tuple(output.shape)}")
    found, goal = (maps.unflatten(1, (-1, 3)).unbind(2) for maps in (output, target))
    weight = weights_for(weight, found[0], whole=False)
    factor: Tensor | float = 1.0 if weight is None else weight
    disc = factor * goal[0]
    offsets = [(disc * (a - b)) ** 2 for a, b in zip(found[1:], goal[1:], strict=True)]
    return 0.5 * torch.stack([(factor * found[0] - disc) ** 2, *offsets]).mean((1, 2, 3, 4)).sum()


def focal_heatmap(
    output: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    mask: Tensor | None = None,
    alpha: float = 2.0,
    beta: float = 4.0,
) -> Tensor:
    """The focal loss of centre heatmaps (CornerNet, arXiv:1808.01244, eq. 1; CenterNet, arXiv:1904.07850, eq. 1).

    output: (B, K, H, W), probabilities, more than 0 and less than 1; target: (B, K, H, W), exactly 1 at the keypoint;
    weight: (B, K) or (B, K, H, W), 1 where omitted; mask: (B, 1 or K, H, W). The sum over all cells is divided by the
    number of ones in the target, counted by weight and mask. Raises ShapeError when shapes do not fit each other.
    """
    check_pair(output, target)
    peak = target == 1
    hit = output.log() * (1 - output) ** alpha
    background = (1 - output).log() * output**alpha * (1 - target) ** beta
    each, counted = torch.where(peak, hit, background), peak.to(output.dtype)
    for factor in (weights_for(weight, output), mask):
        if factor is not None:
            each, counted = each * factor, counted * factor
    peaks = counted.sum()
    return -each.sum() / torch.where(peaks > 0, peaks, 1.0)
