"""SimpleBaseline: the names of published checkpoints, the shapes, the start."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from vitruvian.errors import RecipeError
from vitruvian.models.pose_model import Heads, MapHead, PoseModel, Size
from vitruvian.models.simple_baseline import (
    DeconvHead,
    simple_baseline_mobilenetv2,
    simple_baseline_resnet18,
    simple_baseline_resnet34,
    simple_baseline_resnet50,
    simple_baseline_resnet101,
    simple_baseline_resnet152,
)

Build = Callable[[Heads, Size], PoseModel]

# Build, channels and parameters of the backbone.
SIZES = [
    (simple_baseline_resnet18, 512, 11_176_512),
    (simple_baseline_resnet34, 512, 21_284_672),
    (simple_baseline_resnet50, 2048, 23_508_032),
    (simple_baseline_resnet101, 2048, 42_500_160),
    (simple_baseline_resnet152, 2048, 58_143_808),
    (simple_baseline_mobilenetv2, 1280, 2_223_872),
]
PUBLISHED = [
    (simple_baseline_resnet50, "td_resnet50_coco_256x192.state.json"),
    (simple_baseline_mobilenetv2, "td_mobilenetv2_coco_256x192.state.json"),
]


@pytest.mark.parametrize(("build", "name"), PUBLISHED)
def test_parameters_have_the_published_names_shapes_and_order(build: Build, name: str):
    published = json.loads((Path(__file__).parent / "golden/model" / name).read_text())
    with torch.device("meta"):
        model = build({"heatmap": (17, 64, 48)}, (192, 256))
    state = [
        [key, list(value.shape), str(value.dtype).removeprefix("torch.")] for key, value in model.state_dict().items()
    ]
    assert state == published["state_dict"]
    assert sum(p.numel() for p in model.parameters()) == published["parameters"]


@pytest.mark.parametrize(("build", "channels", "backbone"), SIZES)
def test_the_head_adds_three_deconvolutions_and_a_convolution(build: Build, channels: int, backbone: int):
    """4 x 4 kernels from the backbone's channels to 256, then 256 to 256 twice, with 256 scales and shifts each."""
    with torch.device("meta"):
        model = build({"heatmap": (17, 64, 48)}, (192, 256))
    deconvolutions = 16 * 256 * (channels + 256 + 256) + 3 * 2 * 256
    final_layer = 17 * (256 + 1)
    assert sum(p.numel() for p in model.parameters()) == backbone + deconvolutions + final_layer


@pytest.mark.parametrize(("build", "channels", "backbone"), SIZES)
def test_maps_are_a_quarter_of_the_image(build: Build, channels: int, backbone: int):
    with torch.device("meta"):
        outputs = build({"heatmap": (21, 64, 48)}, (192, 256))(torch.empty(2, 3, 256, 192))
    assert {name: tuple(maps.shape) for name, maps in outputs.items()} == {"heatmap": (2, 21, 64, 48)}


@pytest.mark.parametrize("build", [simple_baseline_resnet18, simple_baseline_resnet50, simple_baseline_mobilenetv2])
def test_gradients_reach_every_parameter(build: Build):
    torch.manual_seed(0)
    model = build({"heatmap": (3, 16, 16)}, (64, 64))
    (model(torch.randn(2, 3, 64, 64))["heatmap"] * torch.randn(2, 3, 16, 16)).sum().backward()
    untouched = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert untouched == []


def test_one_final_layer_serves_all_outputs_in_their_order():
    torch.manual_seed(0)
    head = DeconvHead(8, {"heatmap": (2, 16, 16), "tag": (3, 16, 16)}).eval()
    features = torch.randn(1, 8, 2, 2)
    outputs = head(features)
    together = head.final_layer(head.deconv_layers(features))
    assert list(outputs) == ["heatmap", "tag"]
    assert torch.equal(outputs["heatmap"], together[:, :2])
    assert torch.equal(outputs["tag"], together[:, 2:])


def test_a_map_head_keeps_the_resolution():
    outputs = MapHead(8, {"heatmap": (2, 5, 4), "tag": (1, 5, 4)})(torch.zeros(1, 8, 5, 4))
    assert {name: tuple(maps.shape) for name, maps in outputs.items()} == {"heatmap": (1, 2, 5, 4), "tag": (1, 1, 5, 4)}


@pytest.mark.parametrize(
    "heads", [{}, {"heatmap": ()}, {"heatmap": (0, 8, 8)}, {"heatmap": (17, 8, 8), "tag": (-1, 8, 8)}]
)
def test_an_output_without_channels_is_refused(heads: Heads):
    with pytest.raises(RecipeError, match="a shape of positive sides"):
        MapHead(8, heads)


def test_the_first_maps_are_close_to_zero():
    """Deviation 0.001 in the head, as in the paper's code, so that training starts from empty maps."""
    torch.manual_seed(0)
    head = DeconvHead(64, {"heatmap": (17, 32, 32)})
    for layer in (head.deconv_layers[0], head.deconv_layers[6], head.final_layer):
        assert layer.weight.std().item() == pytest.approx(0.001, rel=0.05)
    assert not head.final_layer.bias.any()
    assert head(torch.randn(2, 64, 4, 4))["heatmap"].abs().max() < 0.1
