"""PoseModel: a backbone and a head, from an image to named maps."""

from collections.abc import Mapping

from torch import Tensor, nn

from vitruvian.errors import RecipeError


class PoseModel(nn.Module):
    """image (B, 3, H, W), normalised -> {name: (B, channels, h, w)}. Knows nothing of coordinates.

    backbone: image -> features.
    head:     features -> {name: map}, one for each output that the codec asks for.

    The two names, with those inside them, are the state-dict names of published checkpoints.
    """

    def __init__(self, backbone: nn.Module, head: nn.Module):
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        maps: dict[str, Tensor] = self.head(self.backbone(image))
        return maps


class MapHead(nn.Module):
    """features (B, channels, h, w) -> {name: (B, its channels, h, w)}, by one 1x1 convolution for all outputs.

    heads: output name -> channels, as `codec.heads` gives it; their channels lie in `final_layer` in this order.
    """

    def __init__(self, channels: int, heads: Mapping[str, int]):
        super().__init__()
        self.heads = dict(heads)
        self.final_layer = nn.Conv2d(channels, total_channels(heads), 1)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        return by_name(self.final_layer(features), self.heads)


def total_channels(heads: Mapping[str, int]) -> int:
    """How many channels one final layer needs for all outputs. Raises RecipeError for no output or an empty one."""
    empty = [name for name, channels in heads.items() if channels < 1]
    if empty or not heads:
        raise RecipeError(
            f"heads must give every output at least one channel, got {dict(heads)}; "
            f"codec.heads(keypoints) says what a codec needs"
        )
    return sum(heads.values())


def by_name(maps: Tensor, heads: Mapping[str, int]) -> dict[str, Tensor]:
    """The channels of one final layer (B, sum of channels, h, w), cut into the named outputs in their order."""
    return dict(zip(heads, maps.split(list(heads.values()), dim=1), strict=True))
