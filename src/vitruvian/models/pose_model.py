"""PoseModel: a backbone and a head, from an image to named answers."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from vitruvian.errors import RecipeError

Heads = Mapping[str, tuple[int, ...]]  # output name -> shape of the answer to one image, as `codec.heads` gives it
Size = tuple[int, int]  # (width, height) in pixels


class PoseModel(nn.Module):
    """image (B, 3, H, W), normalised -> {name: (B, *shape)}, such as "heatmap": (B, K, h, w). Knows no coordinates.

    backbone: image -> features, one tensor or a tuple of several scales.
    neck:     features -> features; most models have none.
    head:     features -> {name: answer}, or a list of such answers where several stages are trained, the last of them
              the answer of the model.

    The three names, with those inside them, are the state-dict names of published checkpoints.
    """

    def __init__(self, backbone: nn.Module, head: nn.Module, neck: nn.Module | None = None):
        super().__init__()
        self.backbone = backbone
        self.neck = neck
        self.head = head

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        return self.stages(image)[-1]

    def stages(self, image: Tensor) -> list[dict[str, Tensor]]:
        """What every stage says that is trained, the model's own answer last."""
        features: Any = self.backbone(image)
        if self.neck is not None:
            features = self.neck(features)
        answers = self.head(features)
        return answers if isinstance(answers, list) else [answers]


class MapHead(nn.Module):
    """features (B, channels, h, w) -> {name: (B, its channels, h, w)}, by one 1x1 convolution for all outputs.

    heads: output name -> (channels, h, w), as `codec.heads` gives it; their channels lie in `final_layer` in this
    order.
    """

    def __init__(self, channels: int, heads: Heads):
        super().__init__()
        self.heads = dict(heads)
        self.final_layer = nn.Conv2d(channels, total_channels(heads), 1)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        return by_name(self.final_layer(features), self.heads)


def total_channels(heads: Heads) -> int:
    """How many channels one final layer needs for all outputs. Raises RecipeError for no output or an empty one."""
    empty = [name for name, shape in heads.items() if not shape or min(shape) < 1]
    if empty or not heads:
        raise RecipeError(
            f"heads must give every output a shape of positive sides, got {dict(heads)}; "
            f"codec.heads(keypoints) says what a codec needs"
        )
    return sum(shape[0] for shape in heads.values())


def by_name(maps: Tensor, heads: Heads) -> dict[str, Tensor]:
    """The channels of one final layer (B, sum of channels, h, w), cut into the named outputs in their order."""
    return dict(zip(heads, maps.split([shape[0] for shape in heads.values()], dim=1), strict=True))
