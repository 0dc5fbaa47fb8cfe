"""Stacked hourglasses (Newell et al., "Stacked Hourglass Networks for Human Pose Estimation", arXiv:1603.06937).

An hourglass halves the resolution of its features again and again, comes back up, and adds at every resolution what it
had there on the way down. A stack passes features from one hourglass to the next and trains the maps of each.

Published weights have the hourglasses of CornerNet (arXiv:1808.01244), which differ from the paper's: five halvings
instead of four, of 256 to 512 channels instead of 256; convolutions of stride 2 instead of max pooling; basic residual
blocks instead of bottlenecks; the next hourglass is given the features of this one, but not its maps. Of a single stack
they hold a block for the way to the next one all the same: it is there, frozen, and nothing uses it.
"""

from torch import Tensor, nn
from torch.nn import functional

from vitruvian.models.conv_norm import ConvNorm
from vitruvian.models.initialise import small_gaussian
from vitruvian.models.pose_model import Heads, PoseModel, Size, by_name, total_channels
from vitruvian.models.resnet import Basic

Levels = tuple[tuple[int, int], ...]  # channels and residual blocks at each resolution, the finest first

LEVELS = ((256, 2), (256, 2), (384, 2), (384, 2), (384, 2), (512, 4))  # each at half the resolution of the one before


class Hourglass(nn.Module):
    """(B, C, H, W) -> (B, C, H, W), with C of the first level.

    levels: two or more.
    """

    def __init__(self, levels: Levels):
        super().__init__()
        (channels, depth), (below, depth_below) = levels[:2]
        self.up1 = _residuals(channels, channels, depth)
        self.low1 = _residuals(channels, below, depth, stride=2)
        self.low2 = Hourglass(levels[1:]) if len(levels) > 2 else _residuals(below, below, depth_below)
        self.low3 = nn.Sequential(*(Basic(below, below, 1) for _ in range(depth - 1)), Basic(below, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        kept: Tensor = self.up1(x)
        low = self.low3(self.low2(self.low1(x)))
        return kept + functional.interpolate(low, size=kept.shape[-2:])  # by size: an odd side was rounded up


def _residuals(channels_in: int, channels: int, depth: int, stride: int = 1) -> nn.Sequential:
    """`depth` residual blocks; the first one changes resolution and channels."""
    rest = (Basic(channels, channels, 1) for _ in range(depth - 1))
    return nn.Sequential(Basic(channels_in, channels, stride), *rest)


class StackedHourglass(nn.Module):
    """image (B, 3, H, W) -> the features of every stack, each (B, channels, H / 4, W / 4), the last stack's last.

    channels: of the first level.
    """

    def __init__(self, stacks: int, levels: Levels = LEVELS):
        super().__init__()
        between = stacks - 1
        self.channels = width = levels[0][0]
        self.stem = nn.Sequential(ConvNorm(3, 128, 7, stride=2), _residuals(128, width, 1, stride=2))
        self.hourglass_modules = nn.ModuleList(Hourglass(levels) for _ in range(stacks))
        self.inters = _residuals(width, width, max(between, 1))
        self.conv1x1s = nn.ModuleList(ConvNorm(width, width, 1, activation=nn.Identity) for _ in range(between))
        self.out_convs = nn.ModuleList(ConvNorm(width, width, 3) for _ in range(stacks))
        self.remap_convs = nn.ModuleList(ConvNorm(width, width, 1, activation=nn.Identity) for _ in range(between))
        self.apply(small_gaussian)
        if between == 0:
            self.inters.requires_grad_(False)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        x = self.stem(image)
        features: list[Tensor] = []
        for stack, (hourglass, out_conv) in enumerate(zip(self.hourglass_modules, self.out_convs, strict=True)):
            if stack > 0:
                x = functional.relu(self.conv1x1s[stack - 1](x) + self.remap_convs[stack - 1](features[-1]))
                x = self.inters[stack - 1](x)
            features.append(out_conv(hourglass(x)))
        return tuple(features)


class StackHead(nn.Module):
    """The features of every stack, each (B, channels, h, w) -> [{name: (B, its channels, h, w)}], an answer a stack."""

    def __init__(self, channels: int, stacks: int, heads: Heads):
        super().__init__()
        self.heads = dict(heads)
        self.multi_final_layers = nn.ModuleList(nn.Conv2d(channels, total_channels(heads), 1) for _ in range(stacks))
        self.apply(small_gaussian)

    def forward(self, features: tuple[Tensor, ...]) -> list[dict[str, Tensor]]:
        stacks = zip(self.multi_final_layers, features, strict=True)
        return [by_name(final_layer(x), self.heads) for final_layer, x in stacks]


def _stacked(stacks: int, heads: Heads) -> PoseModel:
    backbone = StackedHourglass(stacks)
    return PoseModel(backbone, StackHead(backbone.channels, stacks, heads))


def hourglass52(heads: Heads, input_size: Size) -> PoseModel:
    """94.8 M parameters with 17 keypoints, 1.2 M of them unused; one stack."""
    return _stacked(1, heads)


def hourglass52_x2(heads: Heads, input_size: Size) -> PoseModel:
    """187.7 M parameters with 17 keypoints; two stacks."""
    return _stacked(2, heads)


def hourglass52_x4(heads: Heads, input_size: Size) -> PoseModel:
    """375.8 M parameters with 17 keypoints; four stacks."""
    return _stacked(4, heads)


def hourglass52_x8(heads: Heads, input_size: Size) -> PoseModel:
    """752.0 M parameters with 17 keypoints; eight stacks, as the paper trains."""
    return _stacked(8, heads)
