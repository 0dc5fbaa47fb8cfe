"""HRNet (Sun et al., "Deep High-Resolution Representation Learning for Human Pose Estimation", arXiv:1902.09212).

Branches at strides 4, 8, 16 and 32 run side by side, and exchange what they know after every four residual blocks.
HRNet answers from the finest branch alone; HRNetV2 (Sun et al., arXiv:1904.04514) from all four, brought to the finest
resolution and concatenated.

Published weights rely on what the papers leave open: paths between branches end without a ReLU, which comes after the
sum; they go up with nearest neighbours in HRNet, but bilinearly in HRNetV2, whose concatenation is bilinear as well.
"""

from collections.abc import Callable, Sequence
from functools import reduce

import torch
from torch import Tensor, nn
from torch.nn import functional

from vitruvian.errors import ShapeError
from vitruvian.models.initialise import kaiming, small_gaussian
from vitruvian.models.pose_model import Heads, MapHead, PoseModel, Size, by_name, total_channels
from vitruvian.models.resnet import Basic, Bottleneck

Step = Callable[[int, int, int, bool], nn.Sequential]  # channels in, channels out, stride, ReLU at the end -> layers
STRIDE = 32  # of the coarsest branch
EXCHANGES = (1, 4, 3)  # exchange blocks of the stages with two, three and four branches
BLOCKS = 4  # residual blocks of a branch in one exchange block


def check_sides(image: Tensor) -> None:
    """Raises ShapeError unless all branches of an image (B, 3, H, W) have whole sides, so that they can be added."""
    height, width = image.shape[-2:]
    if height % STRIDE or width % STRIDE:
        raise ShapeError(
            f"width and height must be multiples of {STRIDE}, got an image of {width} x {height}; "
            f"choose such an input_size"
        )


def transition(before: Sequence[int], after: Sequence[int], step: Step) -> nn.ModuleList:
    """Layers that give every branch its channels, and add one branch at half the last resolution; for `advance`.

    before, after: the channels of all branches, finest first; `after` has one more.
    """
    kept = (nn.Identity() if old == new else step(old, new, 1, True) for old, new in zip(before, after, strict=False))
    return nn.ModuleList([*kept, nn.Sequential(step(before[-1], after[-1], 2, True))])


def advance(layers: nn.ModuleList, branches: Sequence[Tensor]) -> list[Tensor]:
    """Every branch through its layer of a `transition`, the new branch from the coarsest old one."""
    return [layer(branches[min(i, len(branches) - 1)]) for i, layer in enumerate(layers)]


class Arrivals(nn.ModuleList):
    """What all branches send to one of them, summed.

    branches: (B, channels[j], h / 2^j, w / 2^j) for each j -> (B, channels[target], h / 2^target, w / 2^target).
    """

    def __init__(self, channels: Sequence[int], target: int, step: Step, upsampling: str = "nearest"):
        super().__init__(_path(channels, source, target, step, upsampling) for source in range(len(channels)))

    def forward(self, branches: Sequence[Tensor]) -> Tensor:
        return reduce(torch.add, (path(x) for path, x in zip(self, branches, strict=True)))


def _path(channels: Sequence[int], source: int, target: int, step: Step, upsampling: str) -> nn.Module:
    """Upwards a 1x1 convolution and an interpolation; downwards one step of stride 2 for each halving."""
    if source == target:
        return nn.Identity()
    if source > target:
        return nn.Sequential(
            nn.Conv2d(channels[source], channels[target], 1, bias=False),
            nn.BatchNorm2d(channels[target]),
            nn.Upsample(scale_factor=2 ** (source - target), mode=upsampling),
        )
    halvings = (step(channels[source], channels[source], 2, True) for _ in range(target - source - 1))
    return nn.Sequential(*halvings, step(channels[source], channels[target], 2, False))


def dense_step(channels_in: int, channels_out: int, stride: int, activate: bool) -> nn.Sequential:
    """A 3x3 convolution and batch norm: (B, in, h, w) -> (B, out, h / stride, w / stride)."""
    layers = [
        nn.Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if activate else nn.Sequential(*layers)


class ExchangeBlock(nn.Module):
    """Four residual blocks in every branch, then each branch becomes the sum of all of them.

    branches: a list of (B, channels[i], h / 2^i, w / 2^i) -> the first `outputs` of these.
    """

    def __init__(self, channels: Sequence[int], outputs: int, upsampling: str):
        super().__init__()
        self.branches = nn.ModuleList(nn.Sequential(*(Basic(c, c, stride=1) for _ in range(BLOCKS))) for c in channels)
        self.fuse_layers = nn.ModuleList(Arrivals(channels, i, dense_step, upsampling) for i in range(outputs))

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        refined = [blocks(x) for blocks, x in zip(self.branches, branches, strict=True)]
        return [functional.relu(arrivals(refined), inplace=True) for arrivals in self.fuse_layers]


class HRNet(nn.Module):
    """image (B, 3, H, W) -> (B, channels, H / 4, W / 4). Raises ShapeError unless H and W are multiples of 32.

    width:      channels of the finest branch; the coarser ones have 2, 4 and 8 times as many.
    outputs:    how many branches the features are made of, the finest first.
    upsampling: how a branch is brought to the resolution of a finer one, "nearest" or "bilinear".
    """

    def __init__(self, width: int, outputs: int = 1, upsampling: str = "nearest"):
        super().__init__()
        widths = [width, 2 * width, 4 * width, 8 * width]
        self.channels = sum(widths[:outputs])
        self.conv1 = nn.Conv2d(3, 64, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.conv2 = nn.Conv2d(64, 64, 3, stride=2, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(Bottleneck(64, 64, stride=1), *(Bottleneck(256, 64, stride=1) for _ in range(3)))
        self.transition1 = transition([256], widths[:2], dense_step)
        self.stage2 = _stage(widths[:2], EXCHANGES[0], 2, upsampling)
        self.transition2 = transition(widths[:2], widths[:3], dense_step)
        self.stage3 = _stage(widths[:3], EXCHANGES[1], 3, upsampling)
        self.transition3 = transition(widths[:3], widths, dense_step)
        self.stage4 = _stage(widths, EXCHANGES[2], outputs, upsampling)
        self.apply(kaiming)

    def forward(self, image: Tensor) -> Tensor:
        check_sides(image)
        x = self.relu(self.bn1(self.conv1(image)))
        x = self.layer1(self.relu(self.bn2(self.conv2(x))))  # (B, 256, H / 4, W / 4)
        branches = self.stage2(advance(self.transition1, [x]))
        branches = self.stage3(advance(self.transition2, branches))
        finest, *coarser = self.stage4(advance(self.transition3, branches))
        size = finest.shape[-2:]
        return torch.cat([finest, *(functional.interpolate(x, size, mode="bilinear") for x in coarser)], dim=1)


def _stage(channels: Sequence[int], exchanges: int, outputs: int, upsampling: str) -> nn.Sequential:
    """Exchange blocks one after the other, of which the last gives `outputs` branches."""
    whole = (ExchangeBlock(channels, len(channels), upsampling) for _ in range(exchanges - 1))
    return nn.Sequential(*whole, ExchangeBlock(channels, outputs, upsampling))


class MixHead(nn.Module):
    """features (B, channels, h, w) -> {name: (B, its channels, h, w)}, by two 1x1 convolutions.

    The first one mixes the branches of HRNetV2 and keeps their channels; batch norm and ReLU follow it.
    """

    def __init__(self, channels: int, heads: Heads):
        super().__init__()
        self.heads = dict(heads)
        self.conv_layers = nn.Sequential(
            nn.Conv2d(channels, channels, 1), nn.BatchNorm2d(channels), nn.ReLU(inplace=True)
        )
        self.final_layer = nn.Conv2d(channels, total_channels(heads), 1)
        self.apply(small_gaussian)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        return by_name(self.final_layer(self.conv_layers(features)), self.heads)


def _hrnet(width: int, heads: Heads) -> PoseModel:
    backbone = HRNet(width)
    return PoseModel(backbone, MapHead(backbone.channels, heads).apply(small_gaussian))


def _hrnetv2(width: int, heads: Heads) -> PoseModel:
    backbone = HRNet(width, outputs=4, upsampling="bilinear")
    return PoseModel(backbone, MixHead(backbone.channels, heads))


def hrnet_w32(heads: Heads, input_size: Size) -> PoseModel:
    """28.5 M parameters with 17 keypoints."""
    return _hrnet(32, heads)


def hrnet_w48(heads: Heads, input_size: Size) -> PoseModel:
    """63.6 M parameters with 17 keypoints."""
    return _hrnet(48, heads)


def hrnetv2_w18(heads: Heads, input_size: Size) -> PoseModel:
    """9.6 M parameters with 17 keypoints; the network of published models of hands and faces."""
    return _hrnetv2(18, heads)


def hrnetv2_w32(heads: Heads, input_size: Size) -> PoseModel:
    """29.5 M parameters with 17 keypoints."""
    return _hrnetv2(32, heads)


def hrnetv2_w48(heads: Heads, input_size: Size) -> PoseModel:
    """65.9 M parameters with 17 keypoints."""
    return _hrnetv2(48, heads)
