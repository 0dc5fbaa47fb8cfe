"""Lite-HRNet (Yu et al., "Lite-HRNet: A Lightweight High-Resolution Network", arXiv:2104.06403).

HRNet with conditional channel weighting (sec. 3.2) in place of residual blocks, and depthwise convolutions for nearly
all others wider than 1x1. An iterative head carries the coarser branches up into the finest one.

Published weights rely on what the paper does not say:

- Where branches are summed, the finest one counts twice; and the coarser branches receive it, twice, not as it was but
  as it became by its own sum, before the ReLU. The authors' code runs these paths twice, so that in training their
  batch norms move twice a step; here they are run once, and a momentum of 0.19 instead of 0.1 moves them as far.
- The head goes up with corners aligned.
"""

from collections import OrderedDict
from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor, nn
from torch.nn import functional

from vitruvian.models.conv_norm import ConvNorm
from vitruvian.models.hrnet import Arrivals, advance, check_sides, transition
from vitruvian.models.initialise import kaiming, small_gaussian
from vitruvian.models.pose_model import Heads, MapHead, PoseModel, Size

STEM = 32  # channels at stride 4
WIDTHS = (40, 80, 160, 320)  # channels of the branches
WEIGHTINGS = 2  # conditional channel weightings of an exchange block
CROSS_REDUCTION = 8  # how much narrower the hidden layer of a weighting is than its input
SPATIAL_REDUCTION = 4
TWICE = 0.19  # the momentum of two updates: 1 - (1 - 0.1) ** 2


def interleave(first: Tensor, second: Tensor) -> Tensor:
    """The channels of two (B, C, h, w) in turn: (B, 2 C, h, w), first[0], second[0], first[1], ..."""
    return torch.stack([first, second], dim=2).flatten(1, 2)


def separable_step(channels_in: int, channels_out: int, stride: int, activate: bool) -> nn.Sequential:
    """Depthwise 3x3 and 1x1 convolutions, each with batch norm: (B, in, h, w) -> (B, out, h / stride, w / stride)."""
    layers = [
        nn.Conv2d(channels_in, channels_in, 3, stride, padding=1, groups=channels_in, bias=False),
        nn.BatchNorm2d(channels_in),
        nn.Conv2d(channels_in, channels_out, 1, bias=False),
        nn.BatchNorm2d(channels_out),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if activate else nn.Sequential(*layers)


def depthwise(channels: int, stride: int = 1) -> ConvNorm:
    """A 3x3 convolution of each channel by itself and batch norm, without activation."""
    return ConvNorm(channels, channels, 3, stride, groups=channels, activation=nn.Identity)


class SpatialWeighting(nn.Module):
    """Every channel times a weight in [0, 1] that follows from the means of all channels: (B, C, h, w) -> the same."""

    def __init__(self, channels: int):
        super().__init__()
        hidden = channels // SPATIAL_REDUCTION
        self.conv1 = nn.Sequential(OrderedDict(conv=nn.Conv2d(channels, hidden, 1)))
        self.conv2 = nn.Sequential(OrderedDict(conv=nn.Conv2d(hidden, channels, 1)))

    def forward(self, x: Tensor) -> Tensor:
        hidden = functional.relu(self.conv1(x.mean((-2, -1), keepdim=True)))
        return x * torch.sigmoid(self.conv2(hidden))


class CrossResolutionWeighting(nn.Module):
    """Every cell of all branches times a weight in [0, 1] that follows from all branches, pooled to the coarsest.

    branches: a list of (B, channels[i], h / 2^i, w / 2^i) -> the same shapes.
    """

    def __init__(self, channels: Sequence[int]):
        super().__init__()
        self.channels = list(channels)
        total = sum(channels)
        self.conv1 = ConvNorm(total, total // CROSS_REDUCTION, 1)
        self.conv2 = ConvNorm(total // CROSS_REDUCTION, total, 1, activation=nn.Identity)

    def forward(self, branches: Sequence[Tensor]) -> list[Tensor]:
        cells = [2**i for i in reversed(range(len(branches)))]  # in a row that make one cell of the coarsest branch
        pooled = [functional.avg_pool2d(x, n) for x, n in zip(branches, cells, strict=True)]
        weights = torch.sigmoid(self.conv2(self.conv1(torch.cat(pooled, dim=1)))).split(self.channels, dim=1)
        return [x * functional.interpolate(weight, x.shape[-2:]) for x, weight in zip(branches, weights, strict=True)]


class ConditionalChannelWeighting(nn.Module):
    """A shuffle block: half of the channels of every branch stay, the others are weighed, filtered and weighed again.

    branches: a list of (B, channels[i], h / 2^i, w / 2^i) -> the same shapes.
    """

    def __init__(self, channels: Sequence[int]):
        super().__init__()
        halves = [c // 2 for c in channels]
        self.cross_resolution_weighting = CrossResolutionWeighting(halves)
        self.depthwise_convs = nn.ModuleList(depthwise(c) for c in halves)
        self.spatial_weighting = nn.ModuleList(SpatialWeighting(c) for c in halves)

    def forward(self, branches: Sequence[Tensor]) -> list[Tensor]:
        kept, changed = zip(*(x.chunk(2, dim=1) for x in branches), strict=True)
        weighed = self.cross_resolution_weighting(changed)
        layers = zip(weighed, self.depthwise_convs, self.spatial_weighting, strict=True)
        return [interleave(same, weigh(conv(x))) for same, (x, conv, weigh) in zip(kept, layers, strict=True)]


class DoubleArrivals(Arrivals):
    """What all branches send to one of them, summed, the finest counted twice."""

    def __init__(self, channels: Sequence[int], target: int):
        super().__init__(channels, target, separable_step)
        for norm in self[0].modules():
            if isinstance(norm, nn.BatchNorm2d):
                norm.momentum = TWICE

    def forward(self, branches: Sequence[Tensor]) -> Tensor:
        arriving = [path(x) for path, x in zip(self, branches, strict=True)]
        return reduce(torch.add, arriving, arriving[0])


class ExchangeBlock(nn.Module):
    """Two conditional channel weightings, then each branch receives from all of them.

    branches: a list of (B, channels[i], h / 2^i, w / 2^i) -> the same shapes.
    """

    def __init__(self, channels: Sequence[int]):
        super().__init__()
        self.layers = nn.Sequential(*(ConditionalChannelWeighting(channels) for _ in range(WEIGHTINGS)))
        self.fuse_layers = nn.ModuleList(DoubleArrivals(channels, i) for i in range(len(channels)))

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        to_finest, *to_coarser = self.fuse_layers
        finest, *coarser = self.layers(branches)
        summed = to_finest([finest, *coarser])
        sums = [summed, *(arrivals([summed, *coarser]) for arrivals in to_coarser)]
        return [functional.relu(x) for x in sums]


class Stem(nn.Module):
    """image (B, 3, H, W) -> (B, 32, H / 4, W / 4): a strided convolution and a strided shuffle block."""

    def __init__(self) -> None:
        super().__init__()
        half = STEM // 2
        self.conv1 = ConvNorm(3, STEM, 3, stride=2)
        self.branch1 = nn.Sequential(depthwise(half, stride=2), ConvNorm(half, half, 1))
        self.expand_conv = ConvNorm(half, STEM, 1)
        self.depthwise_conv = depthwise(STEM, stride=2)
        self.linear_conv = ConvNorm(STEM, half, 1)  # so named in published weights, though a ReLU follows

    def forward(self, image: Tensor) -> Tensor:
        first, second = self.conv1(image).chunk(2, dim=1)
        return interleave(self.branch1(first), self.linear_conv(self.depthwise_conv(self.expand_conv(second))))


class Projection(nn.Module):
    """A depthwise 3x3 and a 1x1 convolution with ReLU: (B, in, h, w) -> (B, out, h, w)."""

    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.depthwise_conv = depthwise(channels_in)
        self.pointwise_conv = ConvNorm(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.pointwise_conv(self.depthwise_conv(x))
        return out


class IterativeHead(nn.Module):
    """All branches, finest first -> (B, channels[0], h, w): from the coarsest up, each is added to the next finer."""

    def __init__(self, channels: Sequence[int]):
        super().__init__()
        upwards = channels[::-1]
        pairs = zip(upwards, (*upwards[1:], channels[0]), strict=True)
        self.projects = nn.ModuleList(Projection(wide, narrow) for wide, narrow in pairs)

    def forward(self, branches: Sequence[Tensor]) -> Tensor:
        coarsest, *finer = reversed(branches)
        x: Tensor = self.projects[0](coarsest)
        for branch, project in zip(finer, self.projects[1:], strict=True):
            x = project(branch + functional.interpolate(x, branch.shape[-2:], mode="bilinear", align_corners=True))
        return x


class LiteHRNet(nn.Module):
    """image (B, 3, H, W) -> (B, 40, H / 4, W / 4). Raises ShapeError unless H and W are multiples of 32.

    exchanges: how many exchange blocks the stages with two, three and four branches have.
    """

    channels = WIDTHS[0]

    def __init__(self, exchanges: tuple[int, int, int]):
        super().__init__()
        self.stem = Stem()
        self.transition0 = transition([STEM], WIDTHS[:2], separable_step)
        self.stage0 = _stage(WIDTHS[:2], exchanges[0])
        self.transition1 = transition(WIDTHS[:2], WIDTHS[:3], separable_step)
        self.stage1 = _stage(WIDTHS[:3], exchanges[1])
        self.transition2 = transition(WIDTHS[:3], WIDTHS, separable_step)
        self.stage2 = _stage(WIDTHS, exchanges[2])
        self.head_layer = IterativeHead(WIDTHS)
        self.apply(kaiming)

    def forward(self, image: Tensor) -> Tensor:
        check_sides(image)
        branches = self.stage0(advance(self.transition0, [self.stem(image)]))
        branches = self.stage1(advance(self.transition1, branches))
        branches = self.stage2(advance(self.transition2, branches))
        features: Tensor = self.head_layer(branches)
        return features


def _stage(channels: Sequence[int], exchanges: int) -> nn.Sequential:
    return nn.Sequential(*(ExchangeBlock(channels) for _ in range(exchanges)))


def _lite_hrnet(exchanges: tuple[int, int, int], heads: Heads) -> PoseModel:
    backbone = LiteHRNet(exchanges)
    return PoseModel(backbone, MapHead(backbone.channels, heads).apply(small_gaussian))


def lite_hrnet_18(heads: Heads, input_size: Size) -> PoseModel:
    """1.1 M parameters with 17 keypoints."""
    return _lite_hrnet((2, 4, 2), heads)


def lite_hrnet_30(heads: Heads, input_size: Size) -> PoseModel:
    """1.8 M parameters with 17 keypoints."""
    return _lite_hrnet((3, 8, 3), heads)
