"""CPN (Chen et al., "Cascaded Pyramid Network for Multi-Person Pose Estimation", arXiv:1711.07319).

GlobalNet (sec. 3.2.1) is a feature pyramid over the four stages of a ResNet with a 1x1 convolution before each sum;
every level of it says maps. RefineNet (sec. 3.2.2) passes the levels through the more bottlenecks the coarser they are,
enlarges and concatenates them, and says the maps that are the answer, to be trained on the M = 8 hardest keypoints of
each person only (sec. 4.2.3).

What the paper leaves open, as its released code has it (https://github.com/chenyilun95/tf-cpn): levels have 256
channels and are enlarged bilinearly, a level's maps come from a 1x1 and a 3x3 convolution and are enlarged to the size
of the finest, bottlenecks are 128 wide, and maps end in a batch norm. Where code and tables disagree, the tables
decide: the numbers of operations in tables 4 and 5 (CVPR 2018) come out only if every bottleneck has a 1x1 convolution
in its shortcut.

Different from both: maps are enlarged as if cells were squares, with half a cell between the first and the border,
where the code takes the first cell for the border; and a level is enlarged after the 1x1 convolution instead of before
it, which gives the same sums for a quarter of the work. The code trains the levels on bumps of different widths; what
the stages are trained on is not decided here.

The tables say 6.20 G for ResNet-50 at 192 x 256. That is in units of 2^30 multiply-adds, without the maps of GlobalNet,
for a ResNet that halves in its 1x1 convolutions. Counted like that this file has the same number; as it is, it needs
7.1 G (10^9), of which the maps of GlobalNet are 0.4 G. The 3.90 G of GlobalNet alone are not reached: so counted it
needs 4.11 G.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from vitruvian.models.conv_norm import ConvNorm
from vitruvian.models.initialise import kaiming
from vitruvian.models.pose_model import Heads, PoseModel, Size, by_name, total_channels
from vitruvian.models.resnet import Bottleneck as ResNetBottleneck
from vitruvian.models.resnet import ResNet

WIDTH = 256  # channels of every level of the pyramid


class Levels(ResNet):
    """image (B, 3, H, W) -> the features of all four stages, finest first: C2 at H / 4 to C5 at H / 32."""

    channels_of_levels = (256, 512, 1024, 2048)

    def __init__(self, depths: tuple[int, int, int, int]):
        super().__init__(ResNetBottleneck, depths)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]  # the same network, more of it
        c2 = self.layer1(self.maxpool(self.relu(self.bn1(self.conv1(image)))))
        c3 = self.layer2(c2)
        c4 = self.layer3(c3)
        return c2, c3, c4, self.layer4(c4)


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions, 128 wide, and a 1x1 one beside them: (B, in, h, w) -> (B, 256, h, w)."""

    def __init__(self, channels_in: int):
        super().__init__()
        self.branch = nn.Sequential(
            ConvNorm(channels_in, WIDTH // 2, 1),
            ConvNorm(WIDTH // 2, WIDTH // 2, 3),
            ConvNorm(WIDTH // 2, WIDTH, 1, activation=nn.Identity),
        )
        self.shortcut = ConvNorm(channels_in, WIDTH, 1, activation=nn.Identity)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.branch(x) + self.shortcut(x), inplace=True)


def resized(x: Tensor, like: Tensor) -> Tensor:
    """(B, C, h, w) -> (B, C, H, W), bilinear, to the height and width of `like`."""
    return functional.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)


class GlobalNet(nn.Module):
    """Features of several strides, finest first -> (levels of the pyramid, their maps), finest first, too.

    The levels are (B, 256, h, w) at the size of their features, the maps (B, maps, h, w) all at the size of the finest.

    channels: of the features; maps: how many each level says.
    """

    def __init__(self, channels: Sequence[int], maps: int):
        super().__init__()
        self.lateral = nn.ModuleList(ConvNorm(count, WIDTH, 1) for count in channels)
        self.merge = nn.ModuleList(nn.Conv2d(WIDTH, WIDTH, 1) for _ in channels[1:])
        self.predict = nn.ModuleList(
            nn.Sequential(ConvNorm(WIDTH, WIDTH, 1), ConvNorm(WIDTH, maps, 3, activation=nn.Identity)) for _ in channels
        )

    def forward(self, features: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        levels = [lateral(feature) for lateral, feature in zip(self.lateral, features, strict=True)]
        for index in reversed(range(len(self.merge))):  # from the coarsest up
            levels[index] = levels[index] + resized(self.merge[index](levels[index + 1]), levels[index])
        maps = [predict(level) for predict, level in zip(self.predict, levels, strict=True)]
        return levels, [resized(each, levels[0]) for each in maps]


class RefineNet(nn.Module):
    """Levels of a pyramid, finest first -> maps (B, maps, h, w) at the size of the finest.

    The finest level passes no bottleneck, the next one, and so on: they are cheap where the map is small.
    """

    def __init__(self, levels: int, maps: int):
        super().__init__()
        self.refine = nn.ModuleList(
            nn.Sequential(*(Bottleneck(WIDTH) for _ in range(level))) for level in range(levels)
        )
        self.final = nn.Sequential(Bottleneck(levels * WIDTH), ConvNorm(WIDTH, maps, 3, activation=nn.Identity))

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        refined = [resized(refine(level), levels[0]) for refine, level in zip(self.refine, levels, strict=True)]
        maps: Tensor = self.final(torch.cat(refined, dim=1))
        return maps


class CascadeHead(nn.Module):
    """Features of several strides, finest first -> a list of answers {name: (B, its channels, h, w)}, as fine.

    First what the levels of GlobalNet say, from the coarsest to the finest, then RefineNet, whose answer is the
    network's.
    """

    def __init__(self, channels: Sequence[int], heads: Heads):
        super().__init__()
        self.heads = dict(heads)
        self.global_net = GlobalNet(channels, total_channels(heads))
        self.refine_net = RefineNet(len(channels), total_channels(heads))
        self.apply(kaiming)

    def forward(self, features: Sequence[Tensor]) -> list[dict[str, Tensor]]:
        levels, maps = self.global_net(features)
        return [by_name(each, self.heads) for each in (*reversed(maps), self.refine_net(levels))]


def _cpn(depths: tuple[int, int, int, int], heads: Heads) -> PoseModel:
    return PoseModel(Levels(depths), CascadeHead(Levels.channels_of_levels, heads))


def cpn_resnet50(heads: Heads, input_size: Size) -> PoseModel:
    """27.4 M parameters with 17 keypoints, 27.0 M of which the answer needs; 7.1 G multiply-adds at 192 x 256."""
    return _cpn((3, 4, 6, 3), heads)


def cpn_resnet101(heads: Heads, input_size: Size) -> PoseModel:
    """46.4 M parameters with 17 keypoints, 46.0 M of which the answer needs; 10.8 G multiply-adds at 192 x 256."""
    return _cpn((3, 4, 23, 3), heads)
