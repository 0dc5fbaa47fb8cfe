"""CSPNeXt backbone (Lyu et al., "RTMDet", arXiv:2212.07784), as RTMPose uses it (arXiv:2303.07399).

Four stages of cross-stage-partial layers (arXiv:1911.11929) of blocks with 5x5 depthwise kernels, channel attention
after each, and spatial pyramid pooling in the last.

What published weights rely on and the papers leave open: the stem has three convolutions; a block's first one is a
dense 3x3; batch norms add 1e-5 to the variance; the last stage's blocks have no shortcut.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from vitruvian.models.conv_norm import ConvNorm
from vitruvian.models.pose_model import Heads, PoseModel, Size
from vitruvian.models.simple_baseline import DeconvHead


def conv_silu(channels_in: int, channels_out: int, kernel: int, stride: int = 1, groups: int = 1) -> ConvNorm:
    """The layer that all is made of: (B, in, H, W) -> (B, out, H / stride, W / stride)."""
    return ConvNorm(channels_in, channels_out, kernel, stride, groups, activation=nn.SiLU)


class Separable(nn.Module):
    """A 5x5 convolution of each channel by itself, then a 1x1 one across channels: (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels: int):
        super().__init__()
        self.depthwise_conv = conv_silu(channels, channels, 5, groups=channels)
        self.pointwise_conv = conv_silu(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.pointwise_conv(self.depthwise_conv(x))
        return out


class Block(nn.Module):
    """A dense 3x3 and a separable 5x5 convolution; the input is added if `shortcut`: (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels: int, shortcut: bool):
        super().__init__()
        self.conv1 = conv_silu(channels, channels, 3)
        self.conv2 = Separable(channels)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv2(self.conv1(x))
        return x + out if self.shortcut else out


class ChannelAttention(nn.Module):
    """Scales every channel by a number in [0, 1] that follows from the means of all: (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels: int):
        super().__init__()
        self.fc = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * functional.hardsigmoid(self.fc(x.mean((2, 3), keepdim=True)))


class PartialLayer(nn.Module):
    """One half of the channels passes through blocks, the other by them: (B, in, H, W) -> (B, out, H, W).

    blocks: how many blocks; shortcut: whether they add their input; attention: whether channel attention follows.
    """

    def __init__(self, channels_in: int, channels_out: int, blocks: int, shortcut: bool, attention: bool):
        super().__init__()
        half = channels_out // 2
        self.main_conv = conv_silu(channels_in, half, 1)
        self.short_conv = conv_silu(channels_in, half, 1)
        self.final_conv = conv_silu(2 * half, channels_out, 1)
        self.blocks = nn.Sequential(*(Block(half, shortcut) for _ in range(blocks)))
        self.attention = ChannelAttention(2 * half) if attention else None

    def forward(self, x: Tensor) -> Tensor:
        both = torch.cat([self.blocks(self.main_conv(x)), self.short_conv(x)], dim=1)
        out: Tensor = self.final_conv(both if self.attention is None else self.attention(both))
        return out


class PyramidPooling(nn.Module):
    """Largest values of squares of 1, 5, 9 and 13 cells side by side: (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = conv_silu(channels, channels // 2, 1)
        self.conv2 = conv_silu(channels // 2 * 4, channels, 1)
        self.pool = nn.MaxPool2d(5, stride=1, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        pooled = [self.conv1(x)]
        for _ in range(3):
            pooled.append(self.pool(pooled[-1]))  # two maxima of 5 cells span 9, three 13
        out: Tensor = self.conv2(torch.cat(pooled, dim=1))
        return out


class CSPNeXt(nn.Module):
    """image (B, 3, H, W) -> the features of the last stages, coarsest last.

    width:  channels of the stem; the stages at strides 4, 8, 16 and 32 have 2, 4, 8 and 16 times as many.
    blocks: how many each stage has.
    levels: how many stages to give: 1 gives the tensor (B, 16 width, H / 32, W / 32), more give a tuple of tensors.
    """

    def __init__(self, width: int, blocks: tuple[int, int, int, int], levels: int = 1):
        super().__init__()
        self.stem = nn.Sequential(
            conv_silu(3, width // 2, 3, stride=2), conv_silu(width // 2, width // 2, 3), conv_silu(width // 2, width, 3)
        )
        self.stage1 = _stage(width, blocks[0])
        self.stage2 = _stage(2 * width, blocks[1])
        self.stage3 = _stage(4 * width, blocks[2])
        self.stage4 = _stage(8 * width, blocks[3], last=True)
        self.levels = levels
        self.channels = 16 * width

    def forward(self, image: Tensor) -> Tensor | tuple[Tensor, ...]:
        features = [self.stem(image)]
        for stage in (self.stage1, self.stage2, self.stage3, self.stage4):
            features.append(stage(features[-1]))
        return features[-1] if self.levels == 1 else tuple(features[-self.levels :])


def _stage(channels_in: int, blocks: int, last: bool = False) -> nn.Sequential:
    """(B, in, H, W) -> (B, 2 in, H / 2, W / 2)."""
    channels = 2 * channels_in
    layers: list[nn.Module] = [conv_silu(channels_in, channels, 3, stride=2)]
    if last:
        layers.append(PyramidPooling(channels))
    layers.append(PartialLayer(channels, channels, blocks, shortcut=not last, attention=True))
    return nn.Sequential(*layers)


def cspnext_t(levels: int = 1) -> CSPNeXt:
    """2.3 M parameters, 384 channels."""
    return CSPNeXt(24, (1, 1, 1, 1), levels)


def cspnext_s(levels: int = 1) -> CSPNeXt:
    """4.4 M parameters, 512 channels."""
    return CSPNeXt(32, (1, 2, 2, 1), levels)


def cspnext_m(levels: int = 1) -> CSPNeXt:
    """12.3 M parameters, 768 channels."""
    return CSPNeXt(48, (2, 4, 4, 2), levels)


def cspnext_l(levels: int = 1) -> CSPNeXt:
    """26.1 M parameters, 1024 channels."""
    return CSPNeXt(64, (3, 6, 6, 3), levels)


def cspnext_x(levels: int = 1) -> CSPNeXt:
    """47.6 M parameters, 1280 channels."""
    return CSPNeXt(80, (4, 8, 8, 4), levels)


def _simple_baseline(backbone: CSPNeXt, heads: Heads) -> PoseModel:
    """With the head of arXiv:1804.06208, as the backbones of RTMPose were trained on poses first."""
    return PoseModel(backbone, DeconvHead(backbone.channels, heads))


def simple_baseline_cspnext_t(heads: Heads, input_size: Size) -> PoseModel:
    """6.0 M parameters with 17 keypoints."""
    return _simple_baseline(cspnext_t(), heads)


def simple_baseline_cspnext_s(heads: Heads, input_size: Size) -> PoseModel:
    """8.6 M parameters with 17 keypoints."""
    return _simple_baseline(cspnext_s(), heads)


def simple_baseline_cspnext_m(heads: Heads, input_size: Size) -> PoseModel:
    """17.5 M parameters with 17 keypoints."""
    return _simple_baseline(cspnext_m(), heads)


def simple_baseline_cspnext_l(heads: Heads, input_size: Size) -> PoseModel:
    """32.4 M parameters with 17 keypoints."""
    return _simple_baseline(cspnext_l(), heads)
