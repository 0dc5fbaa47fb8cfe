"""Convolutional pose machines (Wei et al., arXiv:1602.00134).

The first stage gives maps from what it sees of the image around each cell; every later stage sees the maps of the one
before, and features of the image, through large kernels. The maps of all six stages are trained.

Differences from the paper, both of them what published weights rely on: batch norms, and no map of the background.
"""

import torch
from torch import Tensor, nn

from vitruvian.models.conv_norm import ConvNorm, plain_conv
from vitruvian.models.initialise import small_gaussian
from vitruvian.models.pose_model import Heads, PoseModel, Size, by_name, total_channels

WIDTH = 128  # channels of most layers
CONTEXT = 32  # channels of image features that a later stage is given beside the maps
STAGES = 6


class PoseMachine(nn.Module):
    """image (B, 3, H, W) -> the maps of every stage, each (B, channels, H / 8, W / 8), the last stage's last."""

    def __init__(self, channels: int):
        super().__init__()
        later = STAGES - 1
        self.stem = nn.Sequential(
            *_down_to_an_eighth(),
            ConvNorm(WIDTH, 32, 5),
            ConvNorm(32, 512, 9),
            ConvNorm(512, 512, 1),
            plain_conv(512, channels),
        )
        self.middle = nn.Sequential(*_down_to_an_eighth())
        self.cpm_stages = nn.ModuleList(LargeKernels(CONTEXT + channels) for _ in range(later))
        self.middle_conv = nn.ModuleList(nn.Sequential(ConvNorm(WIDTH, CONTEXT, 5)) for _ in range(later))
        self.out_convs = nn.ModuleList(
            nn.Sequential(ConvNorm(WIDTH, WIDTH, 1), plain_conv(WIDTH, channels)) for _ in range(later)
        )
        self.apply(small_gaussian)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        maps = [self.stem(image)]
        middle = self.middle(image)
        for stage, context, out_conv in zip(self.cpm_stages, self.middle_conv, self.out_convs, strict=True):
            maps.append(out_conv(stage(torch.cat([maps[-1], context(middle)], dim=1))))
        return tuple(maps)


class LargeKernels(nn.Module):
    """Three 11x11 convolutions: (B, channels, h, w) -> (B, 128, h, w)."""

    def __init__(self, channels: int):
        super().__init__()
        self.model = nn.Sequential(
            ConvNorm(channels, WIDTH, 11),
            ConvNorm(WIDTH, WIDTH, 11),
            ConvNorm(WIDTH, WIDTH, 11),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.model(x)
        return out


def _down_to_an_eighth() -> tuple[nn.Module, ...]:
    """image (B, 3, H, W) -> (B, 128, H / 8, W / 8)."""
    channels = (3, WIDTH, WIDTH)
    return tuple(
        layer for each in channels for layer in (ConvNorm(each, WIDTH, 9), nn.MaxPool2d(3, stride=2, padding=1))
    )


class StageMaps(nn.Module):
    """The maps of every stage (B, sum of channels, h, w) -> [{name: (B, its channels, h, w)}]. No parameters."""

    def __init__(self, heads: Heads):
        super().__init__()
        self.heads = dict(heads)

    def forward(self, stages: tuple[Tensor, ...]) -> list[dict[str, Tensor]]:
        return [by_name(maps, self.heads) for maps in stages]


def cpm(heads: Heads, input_size: Size) -> PoseModel:
    """31.3 M parameters with 17 keypoints; six stages, maps of an eighth of the image."""
    return PoseModel(PoseMachine(total_channels(heads)), StageMaps(heads))
