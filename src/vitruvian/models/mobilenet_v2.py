"""MobileNetV2 backbone (Sandler et al., "Inverted Residuals and Linear Bottlenecks", arXiv:1801.04381).

As in table 2 of the paper, at width 1, up to the last 1x1 convolution; pooling and classifier are left out.
"""

from torch import Tensor, nn

from vitruvian.models.conv_norm import ConvNorm
from vitruvian.models.initialise import kaiming

# Table 2: expansion, channels, blocks, stride of the first block; one row a stage.
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def _conv(channels_in: int, channels_out: int, kernel: int, stride: int = 1, groups: int = 1) -> ConvNorm:
    return ConvNorm(channels_in, channels_out, kernel, stride, groups, activation=nn.ReLU6)


class InvertedResidual(nn.Module):
    """Widen with 1x1, filter each channel with 3x3, narrow with 1x1; the input is added where its shape fits.

    (B, in, H, W) -> (B, out, H / stride, W / stride). Without expansion there is no widening convolution.
    """

    def __init__(self, channels_in: int, channels_out: int, stride: int, expansion: int):
        super().__init__()
        wide = channels_in * expansion
        widen = [] if expansion == 1 else [_conv(channels_in, wide, 1)]
        self.conv = nn.Sequential(
            *widen,
            _conv(wide, wide, 3, stride, groups=wide),
            ConvNorm(wide, channels_out, 1, activation=nn.Identity),
        )
        self.residual = stride == 1 and channels_in == channels_out

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(x)
        return x + out if self.residual else out


class MobileNetV2(nn.Module):
    """image (B, 3, H, W) -> (B, 1280, H / 32, W / 32). 2.2 M parameters."""

    channels = 1280

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = _conv(3, 32, 3, stride=2)
        self.layer1 = _stage(32, *STAGES[0])
        self.layer2 = _stage(16, *STAGES[1])
        self.layer3 = _stage(24, *STAGES[2])
        self.layer4 = _stage(32, *STAGES[3])
        self.layer5 = _stage(64, *STAGES[4])
        self.layer6 = _stage(96, *STAGES[5])
        self.layer7 = _stage(160, *STAGES[6])
        self.conv2 = _conv(320, self.channels, 1)
        self.apply(kaiming)

    def forward(self, image: Tensor) -> Tensor:
        x = self.layer3(self.layer2(self.layer1(self.conv1(image))))  # (B, 32, H / 8, W / 8)
        x = self.layer7(self.layer6(self.layer5(self.layer4(x))))  # (B, 320, H / 32, W / 32)
        features: Tensor = self.conv2(x)
        return features


def _stage(channels_in: int, expansion: int, channels: int, blocks: int, stride: int) -> nn.Sequential:
    """One row of `STAGES`; only its first block changes resolution and channels."""
    first = InvertedResidual(channels_in, channels, stride, expansion)
    return nn.Sequential(first, *(InvertedResidual(channels, channels, 1, expansion) for _ in range(blocks - 1)))
