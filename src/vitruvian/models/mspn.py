"""MSPN (Li et al., "Rethinking on Multi-Stage Networks for Human Pose Estimation", arXiv:1901.00148).

Each stage is a feature pyramid: a ResNet-50 down to a 32nd of the image, and back up to a quarter. A stage gives the
next one its finest features and, at every resolution, a sum of what it had there on the way down and on the way up
(cross-stage feature aggregation). All four levels of all stages give maps, and all of them are trained, towards the end
against narrower bumps (coarse-to-fine supervision).

What the paper leaves open and published weights rely on: levels are enlarged bilinearly with their corners aligned,
before a 1x1 convolution; so are the maps of coarse levels; the convolution that gives maps ends in a batch norm.

`Stage`, `run_stages` and `LevelHead` serve RSN as well (rsn.py).
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Protocol

from torch import Tensor, nn
from torch.nn import functional

from vitruvian.models.conv_norm import ConvNorm
from vitruvian.models.initialise import kaiming
from vitruvian.models.pose_model import Heads, PoseModel, Size, by_name, total_channels
from vitruvian.models.resnet import Bottleneck

TOP = 64  # channels at a quarter of the image, before every stage
WIDTH = 256  # channels of every level on the way up
LEVELS = 4
DEPTHS = (3, 4, 6, 3)  # blocks at each resolution on the way down, as in ResNet-50


class BlockType(Protocol):
    """A class of blocks: (B, in, H, W) -> (B, expansion * width, H / stride, W / stride)."""

    expansion: int

    def __call__(self, channels_in: int, width: int, stride: int) -> nn.Module: ...


class NamedBottleneck(Bottleneck):
    """The bottleneck of ResNet, its shortcut under the names of published checkpoints."""

    def __init__(self, channels_in: int, width: int, stride: int):
        super().__init__(channels_in, width, stride)
        if self.downsample is not None:
            convolution, norm = self.downsample
            self.downsample = nn.Sequential(OrderedDict(conv=convolution, bn=norm))


class Top(nn.Module):
    """image (B, 3, H, W) -> (B, 64, H / 4, W / 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.top = nn.Sequential(ConvNorm(3, TOP, 7, stride=2), nn.MaxPool2d(3, stride=2, padding=1))

    def forward(self, image: Tensor) -> Tensor:
        out: Tensor = self.top(image)
        return out


class Down(nn.Module):
    """x (B, 64, h, w) -> features at h, h / 2, h / 4 and h / 8, of `expansion` times 64, 128, 256 and 512 channels.

    skips: what the stage before adds to the features at each resolution; none in the first stage.
    """

    def __init__(self, block: BlockType, depths: tuple[int, int, int, int]):
        super().__init__()
        self.layer1 = _blocks(block, TOP, TOP, depths[0], stride=1)
        self.layer2 = _blocks(block, TOP * block.expansion, 2 * TOP, depths[1], stride=2)
        self.layer3 = _blocks(block, 2 * TOP * block.expansion, 4 * TOP, depths[2], stride=2)
        self.layer4 = _blocks(block, 4 * TOP * block.expansion, 8 * TOP, depths[3], stride=2)

    def forward(self, x: Tensor, skips: list[Tensor]) -> list[Tensor]:
        features: list[Tensor] = []
        for level, layer in enumerate((self.layer1, self.layer2, self.layer3, self.layer4)):
            x = layer(x)
            if skips:
                x = x + skips[level]
            features.append(x)
        return features


def _blocks(block: BlockType, channels_in: int, width: int, depth: int, stride: int) -> nn.Sequential:
    """`depth` blocks; the first one changes resolution and channels."""
    rest = (block(width * block.expansion, width, stride=1) for _ in range(depth - 1))
    return nn.Sequential(block(channels_in, width, stride), *rest)


class UpUnit(nn.Module):
    """One resolution on the way up: features (B, channels, h, w), level below (B, 256, h / 2, w / 2) -> (B, 256, h, w).

    followed: another stage follows, and is given `skip` and, of the finest resolution, `cross_conv` of the level.
    coarsest: there is no level below.
    """

    def __init__(self, channels: int, followed: bool, coarsest: bool = False, finest: bool = False):
        super().__init__()
        self.in_skip = ConvNorm(channels, WIDTH, 1, activation=nn.Identity)
        if not coarsest:
            self.up_conv = ConvNorm(WIDTH, WIDTH, 1, activation=nn.Identity)
        if followed:
            self.out_skip1 = ConvNorm(channels, channels, 1)
            self.out_skip2 = ConvNorm(WIDTH, channels, 1)
        if followed and finest:
            self.cross_conv = ConvNorm(WIDTH, TOP, 1)

    def forward(self, feature: Tensor, below: Tensor | None = None) -> Tensor:
        out: Tensor = self.in_skip(feature)
        if below is not None:
            out = out + self.up_conv(enlarge(below, like=feature))
        return functional.relu(out)

    def skip(self, feature: Tensor, level: Tensor) -> Tensor:
        """What the next stage adds to its features at this resolution: (B, channels, h, w)."""
        skip: Tensor = self.out_skip1(feature) + self.out_skip2(level)
        return skip


class Up(nn.Module):
    """Features, the finest first -> levels (B, 256, h, w), the coarsest first.

    channels: of the finest features; each coarser one has twice as many.
    """

    def __init__(self, channels: int, followed: bool):
        super().__init__()
        self.up1 = UpUnit(8 * channels, followed, coarsest=True)
        self.up2 = UpUnit(4 * channels, followed)
        self.up3 = UpUnit(2 * channels, followed)
        self.up4 = UpUnit(channels, followed, finest=True)

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        level1 = self.up1(features[3])
        level2 = self.up2(features[2], level1)
        level3 = self.up3(features[1], level2)
        return [level1, level2, level3, self.up4(features[0], level3)]

    def hand_on(self, features: list[Tensor], levels: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """What the next stage is given: its x, and its skips, the finest first."""
        units = (self.up4, self.up3, self.up2, self.up1)
        skips = [unit.skip(*both) for unit, *both in zip(units, features, reversed(levels), strict=True)]
        return self.up4.cross_conv(levels[-1]), skips


class Stage(nn.Module):
    """One pyramid: x (B, 64, h, w) and skips -> levels, the coarsest first, and the x and skips of the next stage.

    followed: another stage follows; otherwise there is nothing to give it.
    """

    def __init__(self, block: BlockType, depths: tuple[int, int, int, int], followed: bool):
        super().__init__()
        self.downsample = Down(block, depths)
        self.upsample = Up(TOP * block.expansion, followed)
        self.followed = followed

    def forward(self, x: Tensor, skips: list[Tensor]) -> tuple[list[Tensor], Tensor, list[Tensor]]:
        features = self.downsample(x, skips)
        levels = self.upsample(features)
        if not self.followed:
            return levels, x, skips
        return levels, *self.upsample.hand_on(features, levels)


def make_stages(stages: int, block: BlockType, depths: tuple[int, int, int, int]) -> nn.ModuleList:
    """`stages` pyramids, each but the last followed by another."""
    return nn.ModuleList(Stage(block, depths, followed=stage < stages) for stage in range(1, stages + 1))


def run_stages(stages: Iterable[nn.Module], x: Tensor) -> tuple[Tensor, ...]:
    """x (B, 64, h, w) -> the levels of all stages: of each stage the coarsest first, the last stage's last."""
    skips: list[Tensor] = []
    found: list[Tensor] = []
    for stage in stages:
        levels, x, skips = stage(x, skips)
        found += levels
    return tuple(found)


def enlarge(x: Tensor, like: Tensor) -> Tensor:
    """Bilinear, the corners of both aligned: (B, C, h, w) -> (B, C, H, W) of `like`."""
    return functional.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=True)


class MSPN(nn.Module):
    """image (B, 3, H, W) -> four levels of every stage, each (B, 256, h, w), as `run_stages` orders them."""

    def __init__(self, stages: int):
        super().__init__()
        self.top = Top()
        self.multi_stage_mspn = make_stages(stages, NamedBottleneck, DEPTHS)
        self.apply(kaiming)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        return run_stages(self.multi_stage_mspn, self.top(image))


class Predict(nn.Module):
    """level (B, 256, h, w) -> maps (B, channels, h, w)."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv_layers = nn.Sequential(
            ConvNorm(WIDTH, WIDTH, 1),
            ConvNorm(WIDTH, channels, 3, activation=nn.Identity),
        )

    def forward(self, level: Tensor) -> Tensor:
        maps: Tensor = self.conv_layers(level)
        return maps


class LevelHead(nn.Module):
    """Levels of all stages -> [{name: (B, its channels, h, w)}], one for each level, all as large as the finest one."""

    def __init__(self, stages: int, heads: Heads):
        super().__init__()
        self.heads = dict(heads)
        self.predict_layers = nn.ModuleList(Predict(total_channels(heads)) for _ in range(stages * LEVELS))
        self.apply(kaiming)

    def forward(self, levels: tuple[Tensor, ...]) -> list[dict[str, Tensor]]:
        predictions = zip(self.predict_layers, levels, strict=True)
        return [by_name(enlarge(predict(level), like=levels[-1]), self.heads) for predict, level in predictions]


def _mspn50(stages: int, heads: Heads) -> PoseModel:
    return PoseModel(MSPN(stages), LevelHead(stages, heads))


def mspn50(heads: Heads, input_size: Size) -> PoseModel:
    """25.1 M parameters with 17 keypoints; one stage."""
    return _mspn50(1, heads)


def mspn50_x2(heads: Heads, input_size: Size) -> PoseModel:
    """56.8 M parameters with 17 keypoints; two stages."""
    return _mspn50(2, heads)


def mspn50_x3(heads: Heads, input_size: Size) -> PoseModel:
    """88.5 M parameters with 17 keypoints; three stages."""
    return _mspn50(3, heads)


def mspn50_x4(heads: Heads, input_size: Size) -> PoseModel:
    """120.2 M parameters with 17 keypoints; four stages."""
    return _mspn50(4, heads)
