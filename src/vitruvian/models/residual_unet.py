"""Residual U-Net: a small heatmap network to be trained from scratch, and fast on a CPU.

An encoder of basic residual blocks (arXiv:1512.03385) at strides 4, 8, 16 and 32; a decoder that goes back up to
stride 4 by a 1x1 convolution, nearest-neighbour doubling, adding the encoder's feature of that size
(arXiv:1505.04597, with sums for concatenations) and one residual block. All wide convolutions are dense, because
depthwise ones leave most of a CPU idle in training.
"""

from torch import Tensor, nn
from torch.nn import functional

from vitruvian.errors import ShapeError
from vitruvian.models.pose_model import Heads, MapHead, PoseModel, Size


class Block(nn.Module):
    """Two 3x3 convolutions and a shortcut: (B, cin, H, W) -> (B, cout, H / stride, W / stride)."""

    def __init__(self, cin: int, cout: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        nn.init.zeros_(self.bn2.weight)  # a fresh block passes its input on
        self.shortcut: nn.Module = nn.Identity()
        if cin != cout or stride != 1:
            self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x: Tensor) -> Tensor:
        out = functional.relu(self.bn1(self.conv1(x)), inplace=True)
        return functional.relu(self.bn2(self.conv2(out)) + self.shortcut(x), inplace=True)


class ResidualUNet(nn.Module):
    """image (B, 3, H, W) -> feature (B, widths[0], H / 4, W / 4).

    stem:   channels at stride 2.
    widths: channels of the levels, at strides 4, 8, 16, ...
    depths: residual blocks of the levels, on the way down.

    Raises ShapeError unless H and W are multiples of the last level's stride (32 for four levels).
    """

    def __init__(self, stem: int, widths: tuple[int, ...], depths: tuple[int, ...]):
        super().__init__()
        self.stem = nn.Sequential(_conv(3, stem), _conv(stem, widths[0]))
        self.down = nn.ModuleList()
        for level, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            first = Block(width if level == 0 else widths[level - 1], width, stride=1 if level == 0 else 2)
            self.down.append(nn.Sequential(first, *(Block(width, width) for _ in range(depth - 1))))
        upward = list(zip(widths[:0:-1], widths[-2::-1], strict=True))
        self.lateral = nn.ModuleList(nn.Conv2d(cin, cout, 1) for cin, cout in upward)
        self.up = nn.ModuleList(Block(cout, cout) for _, cout in upward)
        self.channels = widths[0]
        self.stride = 2 ** (len(widths) + 1)

    def forward(self, image: Tensor) -> Tensor:
        height, width = image.shape[-2:]
        if height % self.stride or width % self.stride:
            raise ShapeError(f"width and height must be multiples of {self.stride}, got an image of {width} x {height}")
        features = [self.stem(image)]
        for stage in self.down:
            features.append(stage(features[-1]))
        x = features.pop()
        for lateral, block in zip(self.lateral, self.up, strict=True):
            x = block(functional.interpolate(lateral(x), scale_factor=2.0) + features.pop())
        return x


def _conv(cin: int, cout: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(cin, cout, 3, 2, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True))


def residual_unet_small(heads: Heads, input_size: Size) -> PoseModel:
    """4.1 M parameters with 17 keypoints; 0.33 G multiply-adds at 128 x 128."""
    backbone = ResidualUNet(stem=16, widths=(48, 96, 160, 256), depths=(1, 2, 2, 2))
    return PoseModel(backbone, MapHead(backbone.channels, heads))
