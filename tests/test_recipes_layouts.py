"""Names of other code for the same tensors: our names, taken back to theirs by hand, must come back."""

import re

import pytest
import torch
from torch import Tensor

from vitruvian.errors import WeightsError
from vitruvian.models import MODELS, PoseModel
from vitruvian.recipes import fit, load_weights, to_our_names

SIZE = (64, 64)


@pytest.fixture(scope="module", autouse=True)
def _same_weights():
    torch.manual_seed(0)


def model(name: str) -> PoseModel:
    return MODELS[name]({"heatmap": (17, 16, 16)}, SIZE).eval()


def renamed(weights: dict[str, Tensor], *rules: tuple[str, str]) -> dict[str, Tensor]:
    """The names after every rule, a pattern and what replaces it."""
    result = dict(weights)
    for pattern, replacement in rules:
        result = {re.sub(pattern, replacement, name): value for name, value in result.items()}
    return result


def check_same_answers(name: str, theirs: dict[str, Tensor], layout: str, unused: tuple[str, ...] = ()) -> None:
    """A model with other weights, given `theirs`, must answer as the one they were taken from."""
    names, found = to_our_names(theirs)
    assert found == layout
    own = model(name)
    used, left, absent = fit(names, own.state_dict())
    assert (left, absent) == (unused, ())
    load_weights(own, used, "theirs")
    wanted = {key: value for key, value in names.items() if key not in unused}
    assert own.state_dict().keys() == wanted.keys()
    assert all(torch.equal(value, wanted[key]) for key, value in own.state_dict().items())


def test_hrnets_own_repository():
    """There, nothing has a prefix: conv1.weight, stage2.0.branches..., final_layer.weight."""
    weights = renamed(model("hrnet_w32").state_dict(), (r"^(backbone|head)\.", ""))
    assert {"conv1.weight", "stage4.2.fuse_layers.0.3.0.weight", "final_layer.bias"} <= weights.keys()
    check_same_answers("hrnet_w32", weights, "HRNet")


def test_simple_baselines_own_repository_trained_on_several_devices():
    weights = renamed(model("simple_baseline_resnet18").state_dict(), (r"^(backbone|head)\.", "module."))
    assert {"module.conv1.weight", "module.deconv_layers.0.weight", "module.final_layer.bias"} <= weights.keys()
    check_same_answers("simple_baseline_resnet18", weights, "HRNet")


@pytest.mark.parametrize("token", [False, True], ids=["as published", "with a class token"])
@pytest.mark.parametrize("name", ["vitpose_small", "vitpose_small_simple"])
def test_vitposes_own_repository(name: str, token: bool):
    """There, the first position is that of a class token, which need not be there, and is added to all others."""
    weights = renamed(
        model(name).state_dict(),
        (r"^head\.", "keypoint_head."),
        (r"^backbone\.ln1\.", "backbone.last_norm."),
        (r"\.layers\.(\d+)\.ln([12])\.", r".blocks.\1.norm\2."),
        (r"\.layers\.(\d+)\.ffn\.layers\.0\.0\.", r".blocks.\1.mlp.fc1."),
        (r"\.layers\.(\d+)\.ffn\.layers\.1\.", r".blocks.\1.mlp.fc2."),
        (r"backbone\.layers\.", "backbone.blocks."),
        (r"patch_embed\.projection", "patch_embed.proj"),
    )
    assert {"backbone.blocks.11.attn.qkv.weight", "backbone.last_norm.bias"} <= weights.keys()
    position = weights["backbone.pos_embed"]
    first = torch.full((1, 1, position.shape[-1]), 0.25)
    theirs = weights | {"backbone.pos_embed": torch.cat([first, position], dim=1)}
    extra = {"backbone.cls_token": torch.ones(1, 1, position.shape[-1])} if token else {}
    names, _ = to_our_names(theirs | extra)
    assert torch.equal(names["backbone.pos_embed"], position + 0.25)
    check_same_answers(name, theirs | extra, "ViTPose", tuple(extra))


def test_mmpose_0_with_a_head_of_one_layer():
    weights = renamed(model("simple_baseline_mobilenetv2").state_dict(), (r"^head\.", "keypoint_head."))
    check_same_answers("simple_baseline_mobilenetv2", weights, "MMPose 0.x")


def test_mmpose_0_with_a_head_of_several_layers():
    """HRNetV2: convolution 0, norm 1, ReLU 2 and convolution 3, all of them called final_layer."""
    weights = renamed(
        model("hrnetv2_w18").state_dict(),
        (r"^head\.final_layer\.", "keypoint_head.final_layer.3."),
        (r"^head\.conv_layers\.", "keypoint_head.final_layer."),
    )
    assert {"keypoint_head.final_layer.1.running_mean", "keypoint_head.final_layer.3.bias"} <= weights.keys()
    check_same_answers("hrnetv2_w18", weights, "MMPose 0.x")


def test_mmpose_0_with_a_flow():
    own = MODELS["deep_pose_mobilenetv2_rle"]({"xy": (17, 2), "spread": (17, 2)}, SIZE).state_dict()
    theirs = renamed(own, (r"^head\.loss_module\.", "keypoint_head.loss."), (r"^head\.", "keypoint_head."))
    names, layout = to_our_names(theirs)
    assert (list(names), layout) == (list(own), "MMPose 0.x")


def test_our_own_names_stay():
    weights = model("simple_baseline_resnet18").state_dict()
    extra = weights | {"data_preprocessor.mean": torch.zeros(3)}
    check_same_answers("simple_baseline_resnet18", extra, "MMPose 1.x", ("data_preprocessor.mean",))


def test_counters_that_old_checkpoints_lack_are_filled_in():
    own = model("simple_baseline_resnet18").state_dict()
    old = {name: value for name, value in own.items() if not name.endswith("num_batches_tracked")}
    used, unused, absent = fit(old, own)
    assert unused == ()
    assert len(absent) == len(own) - len(old) > 0
    assert used.keys() == own.keys()


def test_anything_else_is_left_for_the_loader_to_name():
    own = model("simple_baseline_resnet18")
    weights = dict(own.state_dict())
    del weights["head.final_layer.bias"]
    weights["head.extra.weight"] = torch.zeros(1)
    used, _, _ = fit(weights, own.state_dict())
    with pytest.raises(WeightsError, match=r"without head\.final_layer\.bias; with unknown head\.extra\.weight"):
        load_weights(own, used, "a.pth")


def test_names_of_nobody_are_left_as_they_are():
    weights = {"encoder.weight": torch.zeros(1)}
    assert to_our_names(weights) == (weights, "as they are")
