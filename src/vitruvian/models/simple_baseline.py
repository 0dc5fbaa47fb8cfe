"""SimpleBaseline (Xiao et al., "Simple Baselines for Human Pose Estimation and Tracking", arXiv:1804.06208).

A classification backbone, three deconvolutions of 256 channels that bring its features back to a quarter of the image,
and a 1x1 convolution. The paper uses ResNet-50, 101 and 152; the smaller backbones keep its head.
"""

from torch import Tensor, nn

from vitruvian.models.initialise import small_gaussian
from vitruvian.models.mobilenet_v2 import MobileNetV2
from vitruvian.models.pose_model import Heads, PoseModel, Size, by_name, total_channels
from vitruvian.models.resnet import ResNet, resnet18, resnet34, resnet50, resnet101, resnet152


class DeconvHead(nn.Module):
    """features (B, channels, h, w) -> {name: (B, its channels, 8 h, 8 w)}; 2^layers in general.

    width: channels of the deconvolutions; layers: how many there are; groups: into which each of them is divided.

    One final layer gives the channels of all outputs, in their order, so that its parameters are those of published
    checkpoints.
    """

    def __init__(self, channels: int, heads: Heads, width: int = 256, layers: int = 3, groups: int = 1):
        super().__init__()
        self.heads = dict(heads)
        before = (channels, *(width for _ in range(layers - 1)))
        self.deconv_layers = nn.Sequential(*(layer for count in before for layer in _upsample(count, width, groups)))
        self.final_layer = nn.Conv2d(width, total_channels(heads), 1)
        self.apply(small_gaussian)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        return by_name(self.final_layer(self.deconv_layers(features)), self.heads)


def _upsample(channels_in: int, channels_out: int, groups: int) -> tuple[nn.Module, ...]:
    """Twice the resolution: (B, in, h, w) -> (B, out, 2 h, 2 w)."""
    return (
        nn.ConvTranspose2d(channels_in, channels_out, 4, stride=2, padding=1, groups=groups, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )


def _simple_baseline(backbone: ResNet | MobileNetV2, heads: Heads) -> PoseModel:
    return PoseModel(backbone, DeconvHead(backbone.channels, heads))


def simple_baseline_resnet18(heads: Heads, input_size: Size) -> PoseModel:
    """15.4 M parameters with 17 keypoints."""
    return _simple_baseline(resnet18(), heads)


def simple_baseline_resnet34(heads: Heads, input_size: Size) -> PoseModel:
    """25.5 M parameters with 17 keypoints."""
    return _simple_baseline(resnet34(), heads)


def simple_baseline_resnet50(heads: Heads, input_size: Size) -> PoseModel:
    """34.0 M parameters with 17 keypoints."""
    return _simple_baseline(resnet50(), heads)


def simple_baseline_resnet101(heads: Heads, input_size: Size) -> PoseModel:
    """53.0 M parameters with 17 keypoints."""
    return _simple_baseline(resnet101(), heads)


def simple_baseline_resnet152(heads: Heads, input_size: Size) -> PoseModel:
    """68.6 M parameters with 17 keypoints."""
    return _simple_baseline(resnet152(), heads)


def simple_baseline_mobilenetv2(heads: Heads, input_size: Size) -> PoseModel:
    """9.6 M parameters with 17 keypoints."""
    return _simple_baseline(MobileNetV2(), heads)
