"""The names that other code gives the tensors of the same networks, and what they are called here.

Our names are those of MMPose 1.x. Its 0.x checkpoints, those of ViTPose's own repository and those of HRNet's and
SimpleBaseline's own ones differ by the rules below, which follow from the names in such files.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

Weights = Mapping[str, Tensor]
Rule = tuple[str, str]  # a pattern that is searched in a name, and what replaces it

# Not part of the network: statistics of the input, and the class token that ViTPose never looks at.
NO_WEIGHTS = re.compile(r"^data_preprocessor\.|^backbone\.cls_token$")
COUNTER = ".num_batches_tracked"  # of a batch norm; it matters in training only, and old checkpoints lack it


@dataclass(frozen=True)
class Layout:
    """One way to name the tensors. rules: applied to every name, one after the other; fits: whether names are so."""

    name: str
    fits: Callable[[Weights], bool]
    rules: tuple[Rule, ...]


MMPOSE_0: tuple[Rule, ...] = (
    (r"^keypoint_head\.loss\.", "head.loss_module."),
    (r"^keypoint_head\.", "head."),
)
VITPOSE: tuple[Rule, ...] = (
    *MMPOSE_0,
    (r"^backbone\.patch_embed\.proj\.", "backbone.patch_embed.projection."),
    (r"^backbone\.last_norm\.", "backbone.ln1."),
    (r"^backbone\.blocks\.(\d+)\.norm([12])\.", r"backbone.layers.\1.ln\2."),
    (r"^backbone\.blocks\.(\d+)\.mlp\.fc1\.", r"backbone.layers.\1.ffn.layers.0.0."),
    (r"^backbone\.blocks\.(\d+)\.mlp\.fc2\.", r"backbone.layers.\1.ffn.layers.1."),
    (r"^backbone\.blocks\.", "backbone.layers."),
)
HRNET: tuple[Rule, ...] = (
    (r"^(final_layer|deconv_layers)\.", r"head.\1."),
    (r"^(?!head\.)", "backbone."),
)

LAYOUTS = (
    Layout("ViTPose", lambda weights: any(name.startswith("backbone.blocks.") for name in weights), VITPOSE),
    Layout("MMPose 0.x", lambda weights: any(name.startswith("keypoint_head.") for name in weights), MMPOSE_0),
    Layout("MMPose 1.x", lambda weights: any(name.startswith("backbone.") for name in weights), ()),
    Layout("HRNet", lambda weights: "conv1.weight" in weights and "final_layer.weight" in weights, HRNET),
)


def to_our_names(weights: Weights) -> tuple[dict[str, Tensor], str]:
    """The same tensors under our names, and the name of the layout they were in: "as they are" for an unknown one."""
    bare = {name.removeprefix("module."): value for name, value in weights.items()}  # trained on several devices
    layout = next((layout for layout in LAYOUTS if layout.fits(bare)), Layout("as they are", bool, ()))
    renamed = {_renamed(name, layout.rules): value for name, value in bare.items()}
    if layout.name == "ViTPose":
        _add_class_position(renamed)
    return _numbered_head(renamed), layout.name


def fit(weights: Weights, own: Weights) -> tuple[dict[str, Tensor], tuple[str, ...], tuple[str, ...]]:
    """What a model with the tensors `own` takes, the names it leaves, and the names that are filled in.

    Only what cannot change an answer is left or filled in; everything else that differs stays, for the loader to name.
    """
    unused = tuple(name for name in weights if NO_WEIGHTS.search(name) and name not in own)
    absent = tuple(name for name in own if name.endswith(COUNTER) and name not in weights)
    used = {name: value for name, value in weights.items() if name not in unused}
    return used | {name: torch.zeros_like(own[name]) for name in absent}, unused, absent


def _renamed(name: str, rules: tuple[Rule, ...]) -> str:
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


def _add_class_position(weights: dict[str, Tensor]) -> None:
    """ViTPose adds the position of a class token to that of every patch; here they are one tensor from the start.

    The position is always there, the token itself only in files that kept it from the weights it was trained from.
    """
    position = weights.get("backbone.pos_embed")
    if position is not None and position.ndim == 3:
        weights["backbone.pos_embed"] = position[:, 1:] + position[:, :1]


def _numbered_head(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """MMPose 0.x numbers the layers of a head of several: the last is our final_layer, the others conv_layers."""
    numbered = re.compile(r"^head\.final_layer\.(\d+)\.")
    numbers = [int(match[1]) for name in weights if (match := numbered.match(name))]
    if not numbers:
        return weights
    last = max(numbers)

    def place(match: re.Match[str]) -> str:
        return "head.final_layer." if int(match[1]) == last else f"head.conv_layers.{match[1]}."

    return {numbered.sub(place, name): value for name, value in weights.items()}
