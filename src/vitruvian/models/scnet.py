"""SCNet (Liu et al., "Improving Convolutional Networks with Self-Calibrated Convolutions", CVPR 2020).

ResNet, with the 3x3 convolution of every bottleneck cut in two halves: an ordinary one, and one that weighs its result
by what the surroundings say. The head that finds poses is that of SimpleBaseline, as in the paper.

Published weights rely on nearest neighbours where the paper interpolates bilinearly, after the pooling.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from vitruvian.errors import ShapeError
from vitruvian.models.pose_model import Heads, PoseModel, Size
from vitruvian.models.resnet import Bottleneck, ResNet
from vitruvian.models.simple_baseline import DeconvHead

POOLING = 4  # cells in a row, at every resolution, that are looked at together
STRIDE = 32  # of the coarsest features


def _conv3x3(width: int, stride: int = 1) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(width, width, 3, stride, padding=1, bias=False), nn.BatchNorm2d(width)


class SelfCalibrated(nn.Module):
    """A 3x3 convolution whose result is weighed at each cell: (B, C, h, w) -> (B, C, h / stride, w / stride).

    With x the input: k4(k3(x) * sigmoid(x + k2(x))), equations 2 to 5 of the paper; k2 sees means of 4 x 4 cells.
    """

    def __init__(self, width: int, stride: int):
        super().__init__()
        self.k2 = nn.Sequential(nn.AvgPool2d(POOLING), *_conv3x3(width))
        self.k3 = nn.Sequential(*_conv3x3(width))
        self.k4 = nn.Sequential(*_conv3x3(width, stride), nn.ReLU(inplace=True))

    def forward(self, x: Tensor) -> Tensor:
        around = functional.interpolate(self.k2(x), x.shape[-2:])
        weighed: Tensor = self.k4(self.k3(x) * torch.sigmoid(x + around))
        return weighed


class SelfCalibratedBottleneck(Bottleneck):
    """A bottleneck one half of which is self-calibrated: (B, in, H, W) -> (B, 4 * width, H / stride, W / stride)."""

    def __init__(self, channels_in: int, width: int, stride: int):
        super().__init__(channels_in, width, stride)
        half = width // 2
        self.conv1, self.bn1 = nn.Conv2d(channels_in, half, 1, bias=False), nn.BatchNorm2d(half)
        self.conv2, self.bn2 = nn.Conv2d(channels_in, half, 1, bias=False), nn.BatchNorm2d(half)
        self.k1 = nn.Sequential(*_conv3x3(half, stride), nn.ReLU(inplace=True))
        self.scconv = SelfCalibrated(half, stride)

    def forward(self, x: Tensor) -> Tensor:
        plain = self.k1(self.relu(self.bn1(self.conv1(x))))
        calibrated = self.scconv(self.relu(self.bn2(self.conv2(x))))
        out = self.bn3(self.conv3(torch.cat([plain, calibrated], dim=1)))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class SCNet(ResNet):
    """image (B, 3, H, W) -> (B, 2048, H / 32, W / 32).

    depths: how many blocks each of the four stages has.

    Raises ShapeError where H or W is 96 or less, so that the last stage has no 4 x 4 cells to pool.
    """

    def __init__(self, depths: tuple[int, int, int, int]):
        super().__init__(SelfCalibratedBottleneck, depths)

    def forward(self, image: Tensor) -> Tensor:
        height, width = image.shape[-2:]
        least = (POOLING - 1) * STRIDE + 1
        if min(height, width) < least:
            raise ShapeError(f"width and height must be {least} at least, got an image of {width} x {height}")
        return super().forward(image)


def _scnet(depths: tuple[int, int, int, int], heads: Heads) -> PoseModel:
    backbone = SCNet(depths)
    return PoseModel(backbone, DeconvHead(backbone.channels, heads))


def scnet50(heads: Heads, input_size: Size) -> PoseModel:
    """34.0 M parameters with 17 keypoints."""
    return _scnet((3, 4, 6, 3), heads)


def scnet101(heads: Heads, input_size: Size) -> PoseModel:
    """53.0 M parameters with 17 keypoints."""
    return _scnet((3, 4, 23, 3), heads)
