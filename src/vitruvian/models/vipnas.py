"""ViPNAS (Xu et al., "ViPNAS: Efficient Video Pose Estimation via Neural Architecture Search", arXiv:2105.10154).

The two networks that the paper's search found for single images: S-ViPNAS-Res50, a ResNet with grouped convolutions and
global context attention (arXiv:1904.11492), and S-ViPNAS-MobileNetV3, inverted residuals with squeeze and excitation
(arXiv:1905.02244). Both end in grouped deconvolutions.

What published weights rely on: the middle convolution of an inverted residual has fewer groups than channels; its
squeeze ends in the hard sigmoid (x + 1) / 2, not MobileNetV3's (x + 3) / 6.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from vitruvian.models.conv_norm import ConvNorm, plain_conv
from vitruvian.models.initialise import small_gaussian
from vitruvian.models.pose_model import Heads, PoseModel, Size
from vitruvian.models.simple_baseline import DeconvHead


class GlobalContext(nn.Module):
    """Adds to every cell what follows from a weighted mean of all cells: (B, C, H, W) -> (B, C, H, W).

    The bias of `conv_mask` is that of published weights, but frozen: it changes nothing, since the softmax after it
    ignores what all cells have in common.
    """

    def __init__(self, channels: int):
        super().__init__()
        narrow = max(channels // 16, 16)
        self.conv_mask = nn.Conv2d(channels, 1, 1)
        assert self.conv_mask.bias is not None
        self.conv_mask.bias.requires_grad_(False)
        self.channel_add_conv = nn.Sequential(
            nn.Conv2d(channels, narrow, 1),
            nn.LayerNorm([narrow, 1, 1]),
            nn.ReLU(inplace=True),
            nn.Conv2d(narrow, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        weight = self.conv_mask(x).flatten(2).softmax(dim=-1)  # (B, 1, H * W)
        mean = x.flatten(2) @ weight.transpose(1, 2)  # (B, C, 1)
        out: Tensor = x + self.channel_add_conv(mean[..., None])
        return out


class Bottleneck(nn.Module):
    """A bottleneck of one width, with a grouped convolution: (B, in, H, W) -> (B, width, H / stride, W / stride)."""

    def __init__(self, channels_in: int, width: int, kernel: int, stride: int, attention: bool):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, kernel, stride, kernel // 2, groups=16, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        self.attention = GlobalContext(width) if attention else nn.Identity()
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or channels_in != width:
            self.downsample = nn.Sequential(nn.Conv2d(channels_in, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.attention(self.bn3(self.conv3(out)))
        result: Tensor = self.relu(out + self.downsample(x))
        return result


class ViPNASResNet(nn.Module):
    """image (B, 3, H, W) -> (B, 608, H / 32, W / 32). 7.2 M parameters."""

    channels = 608

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 48, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(48)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = _bottlenecks(48, 80, 4, kernel=3, stride=1, attention=True)
        self.layer2 = _bottlenecks(80, 160, 6, kernel=5, stride=2, attention=False)
        self.layer3 = _bottlenecks(160, 304, 7, kernel=5, stride=2, attention=True)
        self.layer4 = _bottlenecks(304, self.channels, 3, kernel=5, stride=2, attention=True)
        self.apply(small_gaussian)

    def forward(self, image: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(image))))  # (B, 48, H / 4, W / 4)
        features: Tensor = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return features


def _bottlenecks(channels_in: int, width: int, depth: int, kernel: int, stride: int, attention: bool) -> nn.Sequential:
    """`depth` blocks; the first one changes resolution and channels."""
    first = Bottleneck(channels_in, width, kernel, stride, attention)
    return nn.Sequential(first, *(Bottleneck(width, width, kernel, 1, attention) for _ in range(depth - 1)))


@dataclass(frozen=True)
class MobileStage:
    """Inverted residuals of one resolution. groups: of the middle convolution; stride: of the first block."""

    width: int
    expansion: int
    depth: int
    kernel: int
    groups: int
    stride: int
    squeeze: bool
    activation: type[nn.Module]


MOBILE_STAGES = (
    MobileStage(16, 1, depth=1, kernel=3, groups=8, stride=1, squeeze=True, activation=nn.ReLU),
    MobileStage(24, 5, depth=4, kernel=7, groups=120, stride=2, squeeze=True, activation=nn.ReLU),
    MobileStage(40, 4, depth=4, kernel=7, groups=20, stride=2, squeeze=False, activation=nn.ReLU),
    MobileStage(80, 5, depth=4, kernel=5, groups=100, stride=2, squeeze=True, activation=nn.Hardswish),
    MobileStage(112, 5, depth=4, kernel=7, groups=280, stride=1, squeeze=True, activation=nn.Hardswish),
    MobileStage(160, 6, depth=4, kernel=5, groups=240, stride=2, squeeze=True, activation=nn.Hardswish),
)


class Squeeze(nn.Module):
    """Scales every channel by a number in [0, 1] that follows from the means of all: (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = plain_conv(channels, channels // 4)
        self.conv2 = plain_conv(channels // 4, channels)

    def forward(self, x: Tensor) -> Tensor:
        scale = self.conv2(functional.relu(self.conv1(x.mean((2, 3), keepdim=True))))
        return x * ((scale + 1) / 2).clamp(0, 1)


class InvertedResidual(nn.Module):
    """Widen with 1x1, filter in groups, squeeze, narrow with 1x1; the input is added where its shape fits.

    (B, in, H, W) -> (B, stage.width, H / stride, W / stride). Without expansion there is no widening convolution.
    """

    def __init__(self, channels_in: int, stage: MobileStage, stride: int):
        super().__init__()
        wide = stage.width * stage.expansion
        self.expand_conv: nn.Module = nn.Identity()
        if stage.expansion > 1:
            self.expand_conv = ConvNorm(channels_in, wide, 1, activation=stage.activation)
        self.depthwise_conv = ConvNorm(wide, wide, stage.kernel, stride, stage.groups, stage.activation)
        self.se = Squeeze(wide) if stage.squeeze else nn.Identity()
        self.linear_conv = ConvNorm(wide, stage.width, 1, activation=nn.Identity)
        self.residual = stride == 1 and channels_in == stage.width

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.linear_conv(self.se(self.depthwise_conv(self.expand_conv(x))))
        return x + out if self.residual else out


class ViPNASMobileNetV3(nn.Module):
    """image (B, 3, H, W) -> (B, 160, H / 32, W / 32). 5.9 M parameters."""

    channels = 160

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ConvNorm(3, 16, 3, stride=2, activation=nn.Hardswish)
        for number, block in enumerate(_inverted_residuals(16), start=1):
            self.add_module(f"layer{number}", block)
        self.apply(small_gaussian)

    def forward(self, image: Tensor) -> Tensor:
        x = image
        for layer in self.children():
            x = layer(x)
        return x


def _inverted_residuals(channels: int) -> Iterator[InvertedResidual]:
    """The blocks of all stages, one after the other."""
    for stage in MOBILE_STAGES:
        for block in range(stage.depth):
            yield InvertedResidual(channels, stage, stage.stride if block == 0 else 1)
            channels = stage.width


def vipnas_resnet50(heads: Heads, input_size: Size) -> PoseModel:
    """7.3 M parameters with 17 keypoints; S-ViPNAS-Res50 of the paper."""
    backbone = ViPNASResNet()
    return PoseModel(backbone, DeconvHead(backbone.channels, heads, width=144, groups=16))


def vipnas_mobilenet_v3(heads: Heads, input_size: Size) -> PoseModel:
    """5.9 M parameters with 17 keypoints; S-ViPNAS-MobileNetV3 of the paper."""
    backbone = ViPNASMobileNetV3()
    return PoseModel(backbone, DeconvHead(backbone.channels, heads, width=160, groups=160))
