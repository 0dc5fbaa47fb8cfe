"""SimCC (Li et al., "SimCC: a Simple Coordinate Classification Perspective", arXiv:2107.03332).

The map of each keypoint is flattened, and two linear layers say in which bin of x and of y the keypoint lies. Over a
ResNet the maps come from the three deconvolutions of SimpleBaseline (arXiv:1804.06208), over the MobileNetV3 of ViPNAS
(arXiv:2105.10154) from its grouped ones; over MobileNetV2 from one 1x1 convolution at stride 32, as the paper has it
for small networks, and over a ResNet too where its name ends in `_plain`.

A model is built for one input size, whose sides are multiples of 32.
"""

from torch import Tensor, nn

from vitruvian.models.initialise import small_gaussian
from vitruvian.models.mobilenet_v2 import MobileNetV2
from vitruvian.models.pose_model import Heads, PoseModel, Size
from vitruvian.models.resnet import ResNet, resnet50, resnet101, resnet152
from vitruvian.models.shapes import check_grid, grid_of, keypoints_of
from vitruvian.models.simple_baseline import DeconvHead
from vitruvian.models.vipnas import ViPNASMobileNetV3

STRIDE = 32  # of the features


class SimCCHead(nn.Module):
    """features (B, channels, h, w) -> {"x": (B, K, bins), "y": (B, K, bins)}, unnormalised log-probabilities.

    grid:          (width, height) of the features. Called, raises ShapeError for features of another.
    deconv:        whether maps are made 8 times finer than the features first.
    width, groups: channels of these deconvolutions, and into how many groups each is divided.
    """

    def __init__(self, channels: int, heads: Heads, grid: Size, deconv: bool = True, width: int = 256, groups: int = 1):
        super().__init__()
        keypoints = keypoints_of(heads, "x", "y")
        self.grid = grid
        cells = grid[0] * grid[1]
        if deconv:
            cells *= 64
            maps = {"maps": (keypoints, 8 * grid[1], 8 * grid[0])}
            self.deconv_head = DeconvHead(channels, maps, width, groups=groups)
        else:
            self.final_layer = nn.Conv2d(channels, keypoints, 1)
        self.deconv = deconv
        self.mlp_head_x = nn.Linear(cells, heads["x"][1])
        self.mlp_head_y = nn.Linear(cells, heads["y"][1])
        self.apply(_start)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        check_grid(features, self.grid, STRIDE)
        maps = self.deconv_head(features)["maps"] if self.deconv else self.final_layer(features)
        flat = maps.flatten(2)
        return {"x": self.mlp_head_x(flat), "y": self.mlp_head_y(flat)}


def _start(module: nn.Module) -> None:
    """Convolutions of deviation 0.001, linear layers of deviation 0.01, as in the published training."""
    small_gaussian(module)
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


def _simcc(backbone: ResNet | MobileNetV2, heads: Heads, input_size: Size, deconv: bool = True) -> PoseModel:
    return PoseModel(backbone, SimCCHead(backbone.channels, heads, grid_of(input_size, STRIDE), deconv))


def simcc_resnet50(heads: Heads, input_size: Size) -> PoseModel:
    """36.8 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256."""
    return _simcc(resnet50(), heads, input_size)


def simcc_resnet50_plain(heads: Heads, input_size: Size) -> PoseModel:
    """23.6 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256; without deconvolutions."""
    return _simcc(resnet50(), heads, input_size, deconv=False)


def simcc_resnet101(heads: Heads, input_size: Size) -> PoseModel:
    """55.7 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256."""
    return _simcc(resnet101(), heads, input_size)


def simcc_resnet152(heads: Heads, input_size: Size) -> PoseModel:
    """71.4 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256."""
    return _simcc(resnet152(), heads, input_size)


def simcc_mobilenetv2(heads: Heads, input_size: Size) -> PoseModel:
    """2.3 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256; without deconvolutions."""
    return _simcc(MobileNetV2(), heads, input_size, deconv=False)


def simcc_vipnas_mobilenet_v3(heads: Heads, input_size: Size) -> PoseModel:
    """8.6 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256; S-ViPNAS-MobileNetV3, see `vipnas`."""
    backbone = ViPNASMobileNetV3()
    head = SimCCHead(backbone.channels, heads, grid_of(input_size, STRIDE), width=160, groups=160)
    return PoseModel(backbone, head)
