"""Symmetric integral regression: coordinates are the means of maps, but are trained as if translation did not matter.

Fang et al., "AlphaPose: Whole-Body Regional Multi-Person Pose Estimation and Tracking in Real-Time", arXiv:2211.03375,
section "Symmetric Integral Keypoints Regression". The mean of a probability map is mu = sum of x p(x), so that the
gradient of |mu - target| by p(x) is x sgn(mu - target): it grows with x, from the left to the right of the image. The
paper puts in its place A sgn(x - mu) sgn(mu - target), which is the same on both sides of the mean.

Maps become probabilities in two steps, a sigmoid and a division by the sum: the score of a keypoint is the highest
value after the first, and does not depend on how wide the peak is, as it would after a softmax.

The paper sets A to an eighth of the map's size, taken here for each axis by itself; the released code
(https://github.com/MVIG-SJTU/AlphaPose) has 2 for every size, and moves the cell exactly at the mean to the right. Here
that cell stays: the sign of 0 is 0.
"""

import torch
from torch import Tensor

from vitruvian.errors import ShapeError

TINY = 1e-6  # of a sum of sigmoids; a map that is zero everywhere stays so


def sigmoid_normalised(maps: Tensor) -> tuple[Tensor, Tensor]:
    """maps (B, K, H, W), any numbers -> probability (B, K, H, W), which sums to 1 over each map, and score (B, K).

    The score is the highest sigmoid of each map, in [0, 1].
    """
    confidence = _checked(maps).float().sigmoid()
    score = confidence.amax((2, 3))
    return confidence / confidence.sum((2, 3), keepdim=True).clamp(min=TINY), score


def symmetric_mean(probability: Tensor, amplitude: tuple[float, float] | None = None) -> Tensor:
    """probability (B, K, H, W), each map summing to 1 -> its mean (B, K, 2) in cells; xy (x, y), from 0 to size - 1.

    The value is sum of x p(x); the gradient by p(x) is amplitude * sgn(x - mean).

    amplitude: of the gradients of x and y, in cells; (W / 8, H / 8) where omitted, as in the paper.
    """
    height, width = _checked(probability).shape[2:]
    across, down = (width / 8, height / 8) if amplitude is None else amplitude
    return torch.stack(
        [_symmetric(probability.sum(2), across), _symmetric(probability.sum(3), down)],
        dim=-1,
    )


def _symmetric(probability: Tensor, amplitude: float) -> Tensor:
    """The mean (...) of probability (..., N) over places 0 to N - 1, with its symmetric gradient."""
    place = torch.arange(probability.shape[-1], device=probability.device, dtype=probability.dtype)
    mean = (place * probability).sum(-1).detach()
    surrogate = (amplitude * (place - mean[..., None]).sign() * probability).sum(-1)
    return mean + (surrogate - surrogate.detach())  # adds 0, and the gradient


def _checked(maps: Tensor) -> Tensor:
    if maps.ndim != 4:
        raise ShapeError(f"maps must be (B, K, H, W), got {tuple(maps.shape)}")
    return maps
