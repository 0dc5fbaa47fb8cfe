"""FastPose, the network of AlphaPose (Fang et al., "RMPE: Regional Multi-person Pose Estimation", arXiv:1612.00137, and
"AlphaPose: Whole-Body Regional Multi-Person Pose Estimation and Tracking in Real-Time", arXiv:2211.03375).

A ResNet whose features are brought back to a quarter of the image by dense upsampling convolutions (DUC,
arXiv:1702.08502): a 3x3 convolution gives four times the channels, and a pixel shuffle (arXiv:1609.05158) lays each
four of them out as 2 x 2 cells.

What the papers leave open, as the released code has it (https://github.com/MVIG-SJTU/AlphaPose): the features are
shuffled once before the first convolution, two DUCs follow, and a 3x3 convolution gives the maps; the first block of
each stage of the ResNet is squeezed and excited (arXiv:1709.01507) by two linear layers of the same width, where that
paper narrows 16 times between them. The `simple` sizes leave that out, which saves 11 M parameters. The `duc` size
shuffles three times, with 4, 2 and 1 convolutions after, as the larger network of the code.

The `si` sizes answer with coordinates too, trained by the symmetric gradient of `symmetric_integral`.

State-dict names are those of released checkpoints after `preact.` became `backbone.`, and the rest got `head.` before.
No table of parameters or operations was found to hold them against; the tests add them up from the layers.
"""

from torch import Tensor, nn

from vitruvian.errors import RecipeError
from vitruvian.models.initialise import kaiming, small_gaussian
from vitruvian.models.pose_model import Heads, PoseModel, Size, by_name, total_channels
from vitruvian.models.resnet import Bottleneck, ResNet, resnet50, resnet152
from vitruvian.models.shapes import check_grid, grid_of, keypoints_of
from vitruvian.models.symmetric_integral import sigmoid_normalised, symmetric_mean

STRIDE = 32  # of the features


class SqueezeExcite(nn.Module):
    """Weighs each channel by what all channels are on average (arXiv:1709.01507, eq. 2 to 4): (B, C, H, W), as before.

    The weights lie between 0 and 1.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(channels, channels), nn.ReLU(inplace=True), nn.Linear(channels, channels), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        weight: Tensor = self.fc(x.mean((2, 3)))
        return x * weight[..., None, None]


class SqueezedBottleneck(Bottleneck):
    """A bottleneck whose branch is squeezed and excited where it changes the number of channels or the resolution."""

    def __init__(self, channels_in: int, width: int, stride: int):
        super().__init__(channels_in, width, stride)
        self.se = None if self.downsample is None else SqueezeExcite(width * self.expansion)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        if self.se is not None:
            out = self.se(out)
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class DUC(nn.Module):
    """A dense upsampling convolution: (B, in, h, w) -> (B, out, 2 h, 2 w)."""

    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, 4 * channels_out, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(4 * channels_out)
        self.relu = nn.ReLU()
        self.pixel_shuffle = nn.PixelShuffle(2)

    def forward(self, x: Tensor) -> Tensor:
        enlarged: Tensor = self.pixel_shuffle(self.relu(self.bn(self.conv(x))))
        return enlarged


class DUCHead(nn.Module):
    """features (B, 2048, h, w) -> {name: (B, its channels, 8 h, 8 w)}, by a pixel shuffle and two DUCs."""

    def __init__(self, heads: Heads):
        super().__init__()
        self.heads = dict(heads)
        self.shuffle1 = nn.PixelShuffle(2)
        self.duc1 = DUC(512, 256)
        self.duc2 = DUC(256, 128)
        self.conv_out = nn.Conv2d(128, total_channels(heads), 3, padding=1)
        self.apply(kaiming)
        self.conv_out.apply(small_gaussian)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        x = self.duc2(self.duc1(self.shuffle1(features)))
        return by_name(self.conv_out(x), self.heads)


class DeepDUCHead(nn.Module):
    """features (B, 2048, h, w) -> {name: (B, its channels, 8 h, 8 w)}, by three shuffles and seven convolutions."""

    def __init__(self, heads: Heads):
        super().__init__()
        self.heads = dict(heads)
        self.duc1 = _shuffled(2048, 1024, convolutions=4)
        self.duc2 = _shuffled(1024, 512, convolutions=2)
        self.duc3 = _shuffled(512, 256, convolutions=1)
        self.conv_out = nn.Conv2d(256, total_channels(heads), 3, padding=1)
        self.apply(kaiming)
        self.conv_out.apply(small_gaussian)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        x = self.duc3(self.duc2(self.duc1(features)))
        return by_name(self.conv_out(x), self.heads)


def _shuffled(channels_in: int, channels_out: int, convolutions: int) -> nn.Sequential:
    """A pixel shuffle and 3x3 convolutions, of which the last changes the channels: (B, out, 2 h, 2 w)."""
    width = channels_in // 4
    layers: list[nn.Module] = [nn.PixelShuffle(2)]
    for count in [width] * (convolutions - 1) + [channels_out]:
        layers += [nn.Conv2d(width, count, 3, padding=1, bias=False), nn.BatchNorm2d(count), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class SymmetricHead(nn.Module):
    """features (B, 2048, h, w) -> {"heatmap": (B, K, 8 h, 8 w), "xy": (B, K, 2)}.

    heatmap: sums to 1 over each map; xy: its mean, in shares of the input's width and height, where column i of w
    stands for i / w. The gradient of xy is the symmetric one.

    grid: (width, height) of the features. Called, raises ShapeError for features of another.
    Raises RecipeError for heads other than these two outputs of these shapes.
    """

    def __init__(self, heads: Heads, grid: Size):
        super().__init__()
        self.grid = grid
        self.size = 8 * grid[0], 8 * grid[1]
        keypoints = keypoints_of(heads, "heatmap", "xy")
        expected = {"heatmap": (keypoints, self.size[1], self.size[0]), "xy": (keypoints, 2)}
        if dict(heads) != expected:
            raise RecipeError(
                f"for inputs of {grid[0] * STRIDE} x {grid[1] * STRIDE} heads must be {expected}, got {dict(heads)}"
            )
        self.maps = DUCHead({"heatmap": heads["heatmap"]})

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        check_grid(features, self.grid, STRIDE)
        probability, _ = sigmoid_normalised(self.maps(features)["heatmap"])
        return {"heatmap": probability, "xy": symmetric_mean(probability) / probability.new_tensor(self.size)}


def fast_pose_resnet50(heads: Heads, input_size: Size) -> PoseModel:
    """40.6 M parameters with 17 keypoints; 5.9 G multiply-adds at 192 x 256."""
    return PoseModel(ResNet(SqueezedBottleneck, (3, 4, 6, 3)), DUCHead(heads))


def fast_pose_resnet101(heads: Heads, input_size: Size) -> PoseModel:
    """59.6 M parameters with 17 keypoints; 9.5 G multiply-adds at 192 x 256."""
    return PoseModel(ResNet(SqueezedBottleneck, (3, 4, 23, 3)), DUCHead(heads))


def fast_pose_resnet152(heads: Heads, input_size: Size) -> PoseModel:
    """75.2 M parameters with 17 keypoints; 13.2 G multiply-adds at 192 x 256."""
    return PoseModel(ResNet(SqueezedBottleneck, (3, 8, 36, 3)), DUCHead(heads))


def fast_pose_duc_resnet152(heads: Heads, input_size: Size) -> PoseModel:
    """83.2 M parameters with 17 keypoints; 15.9 G multiply-adds at 192 x 256."""
    return PoseModel(ResNet(SqueezedBottleneck, (3, 8, 36, 3)), DeepDUCHead(heads))


def fast_pose_simple_resnet50(heads: Heads, input_size: Size) -> PoseModel:
    """29.4 M parameters with 17 keypoints; 5.9 G multiply-adds at 192 x 256."""
    return PoseModel(resnet50(), DUCHead(heads))


def fast_pose_simple_resnet152(heads: Heads, input_size: Size) -> PoseModel:
    """64.1 M parameters with 17 keypoints; 13.1 G multiply-adds at 192 x 256."""
    return PoseModel(resnet152(), DUCHead(heads))


def fast_pose_si_resnet50(heads: Heads, input_size: Size) -> PoseModel:
    """40.6 M parameters with 17 keypoints; answers "heatmap" and "xy"."""
    return PoseModel(ResNet(SqueezedBottleneck, (3, 4, 6, 3)), SymmetricHead(heads, grid_of(input_size, STRIDE)))


def fast_pose_si_resnet152(heads: Heads, input_size: Size) -> PoseModel:
    """75.2 M parameters with 17 keypoints; answers "heatmap" and "xy"."""
    return PoseModel(ResNet(SqueezedBottleneck, (3, 8, 36, 3)), SymmetricHead(heads, grid_of(input_size, STRIDE)))
