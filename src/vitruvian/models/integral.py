"""Integral regression: the coordinates are the means of a map that a softmax makes a probability distribution.

Sun et al., "Integral Human Pose Regression", arXiv:1711.08229, eq. 2 and 3; Luvizon et al., arXiv:1710.02322;
Nibali et al., "Numerical Coordinate Regression with CNNs" (DSNT), arXiv:1801.07372. The networks of the three are the
same; DSNT differs in its loss, which also compares the maps with Gaussians. The maps come from a ResNet and the three
deconvolutions of SimpleBaseline (arXiv:1804.06208).

What published weights rely on: column i of w stands for i / w of the width, from 0 to (w - 1) / w, where DSNT's paper
counts from -1 to 1 between the sides. The debiased model (Gu et al., "Removing the Bias of Integral Pose Regression",
ICCV 2021) sharpens the softmax 10 times, but takes the amount of bias from the maps before that.

A model is built for one input size, whose sides are multiples of 32.
"""

import torch
from torch import Tensor, nn

from vitruvian.errors import RecipeError
from vitruvian.models.pose_model import Heads, PoseModel, Size
from vitruvian.models.resnet import ResNet, resnet50, resnet101, resnet152
from vitruvian.models.shapes import check_grid, grid_of, keypoints_of
from vitruvian.models.simple_baseline import DeconvHead

STRIDE = 32  # of the features


class IntegralHead(nn.Module):
    """features (B, channels, h, w) -> {"heatmap": (B, K, 8 h, 8 w), "xy": (B, K, 2)}.

    heatmap: sums to 1 over each map; xy: shares of the input's width and height.

    grid:     (width, height) of the features. Called, raises ShapeError for features of another.
    beta:     what the maps are multiplied by before the softmax.
    debiased: whether the pull of the flat part of the softmax towards the centre is taken out of xy.
    Raises RecipeError for heads other than these two outputs of these shapes.
    """

    def __init__(self, channels: int, heads: Heads, grid: Size, beta: float = 1.0, debiased: bool = False):
        super().__init__()
        width, height = 8 * grid[0], 8 * grid[1]
        keypoints = keypoints_of(heads, "heatmap", "xy")
        expected = {"heatmap": (keypoints, height, width), "xy": (keypoints, 2)}
        if dict(heads) != expected:
            raise RecipeError(
                f"for inputs of {grid[0] * STRIDE} x {grid[1] * STRIDE} heads must be {expected}, got {dict(heads)}"
            )
        self.grid = grid
        self.beta = beta
        self.debiased = debiased
        # Parameters, as in published checkpoints, though nothing trains them.
        self.linspace_x = _constant((torch.arange(width) / width).view(1, 1, 1, width))
        self.linspace_y = _constant((torch.arange(height) / height).view(1, 1, height, 1))
        self.simplebaseline_head = DeconvHead(channels, {"heatmap": heads["heatmap"]})

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        check_grid(features, self.grid, STRIDE)
        maps = self.simplebaseline_head(features)["heatmap"].float()
        heatmap = (self.beta * maps).flatten(2).softmax(dim=-1).unflatten(2, maps.shape[2:])
        xy = torch.stack([(heatmap * axis).sum((2, 3)) for axis in (self.linspace_x, self.linspace_y)], dim=-1)
        return {"heatmap": heatmap, "xy": _unbiased(xy, maps) if self.debiased else xy}


def _unbiased(xy: Tensor, maps: Tensor) -> Tensor:
    """xy (B, K, 2) without the share that a map of zeros, whose softmax is flat, has in it; maps (B, K, H, W).

    With C = sum of exp(map), C / (C - 1) * (xy - 1 / (2 C)), arranged so that C cannot overflow.
    """
    share = torch.exp(-maps.flatten(2).logsumexp(-1, keepdim=True))  # 1 / C
    return (xy - share / 2) / (1 - share)


def _constant(values: Tensor) -> nn.Parameter:
    return nn.Parameter(values, requires_grad=False)


def _integral(backbone: ResNet, heads: Heads, size: Size, beta: float = 1.0, debiased: bool = False) -> PoseModel:
    return PoseModel(backbone, IntegralHead(backbone.channels, heads, grid_of(size, STRIDE), beta, debiased))


def integral_resnet50(heads: Heads, input_size: Size) -> PoseModel:
    """34.0 M parameters with 17 keypoints."""
    return _integral(resnet50(), heads, input_size)


def integral_resnet101(heads: Heads, input_size: Size) -> PoseModel:
    """53.0 M parameters with 17 keypoints."""
    return _integral(resnet101(), heads, input_size)


def integral_resnet152(heads: Heads, input_size: Size) -> PoseModel:
    """68.6 M parameters with 17 keypoints."""
    return _integral(resnet152(), heads, input_size)


def integral_resnet50_debiased(heads: Heads, input_size: Size) -> PoseModel:
    """34.0 M parameters with 17 keypoints; a softmax 10 times as sharp, and its pull to the centre taken out."""
    return _integral(resnet50(), heads, input_size, beta=10.0, debiased=True)


def dsnt_resnet50(heads: Heads, input_size: Size) -> PoseModel:
    """34.0 M parameters with 17 keypoints; the network of `integral_resnet50`, trained on its maps, too."""
    return _integral(resnet50(), heads, input_size)
