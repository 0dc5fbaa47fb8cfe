"""ResNet backbones (He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385).

One difference from the paper: a bottleneck that halves the resolution does so in its 3x3 convolution, not in its first
1x1. Published PyTorch weights are trained that way; some call it "pytorch style" or v1.5.
"""

from torch import Tensor, nn

from vitruvian.models.initialise import kaiming


class Basic(nn.Module):
    """Two 3x3 convolutions and a shortcut: (B, in, H, W) -> (B, width, H / stride, W / stride)."""

    expansion = 1

    def __init__(self, channels_in: int, width: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(channels_in, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions and a shortcut: (B, in, H, W) -> (B, 4 * width, H / stride, W / stride)."""

    expansion = 4

    def __init__(self, channels_in: int, width: int, stride: int):
        super().__init__()
        channels_out = width * self.expansion
        self.conv1 = nn.Conv2d(channels_in, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, channels_out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(channels_out)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(channels_in, channels_out, stride)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


def _shortcut(channels_in: int, channels_out: int, stride: int) -> nn.Sequential | None:
    """What makes the input fit the output of a block; None where it fits already."""
    if stride == 1 and channels_in == channels_out:
        return None
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 1, stride, bias=False),
        nn.BatchNorm2d(channels_out),
    )


class ResNet(nn.Module):
    """image (B, 3, H, W) -> (B, channels, H / 32, W / 32), the features of the last of four stages.

    block:  what the stages are made of.
    depths: how many blocks each stage has.
    """

    def __init__(self, block: type[Basic] | type[Bottleneck], depths: tuple[int, int, int, int]):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = _stage(block, 64, 64, depths[0], stride=1)
        self.layer2 = _stage(block, 64 * block.expansion, 128, depths[1], stride=2)
        self.layer3 = _stage(block, 128 * block.expansion, 256, depths[2], stride=2)
        self.layer4 = _stage(block, 256 * block.expansion, 512, depths[3], stride=2)
        self.channels = 512 * block.expansion
        self.apply(kaiming)

    def forward(self, image: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(image))))  # (B, 64, H / 4, W / 4)
        features: Tensor = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return features


def _stage(
    block: type[Basic] | type[Bottleneck], channels_in: int, width: int, depth: int, stride: int
) -> nn.Sequential:
    """`depth` blocks; the first one changes resolution and channels."""
    first = block(channels_in, width, stride)
    return nn.Sequential(first, *(block(width * block.expansion, width, stride=1) for _ in range(depth - 1)))


def resnet18() -> ResNet:
    """11.2 M parameters, 512 channels."""
    return ResNet(Basic, (2, 2, 2, 2))


def resnet34() -> ResNet:
    """21.3 M parameters, 512 channels."""
    return ResNet(Basic, (3, 4, 6, 3))


def resnet50() -> ResNet:
    """23.5 M parameters, 2048 channels."""
    return ResNet(Bottleneck, (3, 4, 6, 3))


def resnet101() -> ResNet:
    """42.5 M parameters, 2048 channels."""
    return ResNet(Bottleneck, (3, 4, 23, 3))


def resnet152() -> ResNet:
    """58.1 M parameters, 2048 channels."""
    return ResNet(Bottleneck, (3, 8, 36, 3))
