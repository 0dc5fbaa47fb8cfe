"""Bottom-up networks: HRNet for associative embedding, and HigherHRNet (Cheng et al., arXiv:1908.10357).

Both answer with heatmaps of all people at once, and with tags that are alike where keypoints belong to one person
(Newell et al., "Associative Embedding", arXiv:1611.05424). HigherHRNet adds heatmaps of twice the resolution, for small
people; its tags come from the coarser resolution alone.

Published weights of HigherHRNet rely on this order: the coarser maps, tags included, are joined to the features before
the deconvolution, in the order features, heatmaps, tags. Their checkpoints say `keypoint_head` where `head` is here.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from vitruvian.errors import RecipeError
from vitruvian.models.hrnet import HRNet, hrnet_w32, hrnet_w48
from vitruvian.models.initialise import kaiming, small_gaussian
from vitruvian.models.pose_model import Heads, PoseModel, Size, by_name, total_channels
from vitruvian.models.resnet import Basic

BLOCKS = 4  # residual blocks after the deconvolution


class HigherHead(nn.Module):
    """features (B, channels, h, w) -> three answers, of which the first two are to be trained.

    1. All outputs, at (h, w).
    2. "heatmap" alone, at (2 h, 2 w).
    3. What follows from these, at (2 h, 2 w): the mean of both heatmaps, which the paper calls heatmap aggregation, and
       the other outputs of the first; interpolated bilinearly.

    Raises RecipeError unless `heads` has an output "heatmap".
    """

    def __init__(self, channels: int, heads: Heads):
        super().__init__()
        if "heatmap" not in heads:
            raise RecipeError(
                f'HigherHRNet must have an output "heatmap", was asked for {", ".join(heads) or "nothing"}; '
                f"codec.heads(keypoints) of a bottom-up codec gives what it needs"
            )
        self.heads = dict(heads)
        joined = channels + total_channels(heads)
        self.final_layers = nn.ModuleList(
            [nn.Conv2d(channels, total_channels(heads), 1), nn.Conv2d(channels, heads["heatmap"][0], 1)]
        )
        double = nn.Sequential(
            nn.ConvTranspose2d(joined, channels, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        )
        blocks = (nn.Sequential(Basic(channels, channels, stride=1)) for _ in range(BLOCKS))
        self.deconv_layers = nn.ModuleList([nn.Sequential(double, *blocks)])
        self.apply(kaiming)
        self.final_layers.apply(small_gaussian)

    def forward(self, features: Tensor) -> list[dict[str, Tensor]]:
        maps = self.final_layers[0](features)
        finer = self.deconv_layers[0](torch.cat([features, maps], dim=1))
        fine = self.final_layers[1](finer)
        enlarged = by_name(functional.interpolate(maps, fine.shape[-2:], mode="bilinear"), self.heads)
        answer = enlarged | {"heatmap": (enlarged["heatmap"] + fine) / 2}
        return [by_name(maps, self.heads), {"heatmap": fine}, answer]


def _higher_hrnet(width: int, heads: Heads) -> PoseModel:
    backbone = HRNet(width)
    return PoseModel(backbone, HigherHead(backbone.channels, heads))


def ae_hrnet_w32(heads: Heads, input_size: Size) -> PoseModel:
    """28.5 M parameters with 17 keypoints; `hrnet_w32` under the name it has where tags are among its outputs."""
    return hrnet_w32(heads, input_size)


def ae_hrnet_w48(heads: Heads, input_size: Size) -> PoseModel:
    """63.6 M parameters with 17 keypoints; `hrnet_w48` under the name it has where tags are among its outputs."""
    return hrnet_w48(heads, input_size)


def higher_hrnet_w32(heads: Heads, input_size: Size) -> PoseModel:
    """28.6 M parameters with 17 keypoints; answers at half the resolution of the image."""
    return _higher_hrnet(32, heads)


def higher_hrnet_w48(heads: Heads, input_size: Size) -> PoseModel:
    """63.8 M parameters with 17 keypoints; answers at half the resolution of the image."""
    return _higher_hrnet(48, heads)
