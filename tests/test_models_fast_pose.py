"""FastPose: its size, its shuffles, its gates, its coordinates."""

import pytest
import torch
from torch import nn

from tests.multiply_adds import multiply_adds
from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models.fast_pose import (
    DUC,
    DUCHead,
    SqueezedBottleneck,
    SqueezeExcite,
    SymmetricHead,
    fast_pose_duc_resnet152,
    fast_pose_resnet50,
    fast_pose_resnet101,
    fast_pose_resnet152,
    fast_pose_si_resnet50,
    fast_pose_si_resnet152,
    fast_pose_simple_resnet50,
    fast_pose_simple_resnet152,
)
from vitruvian.models.resnet import Bottleneck

HEADS = {"heatmap": (17, 64, 48)}
SIZE = (192, 256)

# Parameters of ResNet (test_models_resnet.py).
RESNET50, RESNET101, RESNET152 = 23_508_032, 42_500_160, 58_143_808
# Two linear layers with biases in the first block of each stage.
GATES = sum(2 * (width * width + width) for width in (256, 512, 1024, 2048))
# 3x3 convolutions from 512 to 1024 channels and from 256 to 512, their norms, and 17 maps from 128 channels.
HEAD = 9 * (512 * 1024 + 256 * 512) + 2 * (1024 + 512) + 17 * (9 * 128 + 1)
# After the first shuffle 512 channels, three times kept and then 1024; 256, once kept and then 512; 128, then 256.
WIDTHS = [(512, 512)] * 3 + [(512, 1024), (256, 256), (256, 512), (128, 256)]
DEEP_HEAD = sum(9 * before * after + 2 * after for before, after in WIDTHS) + 17 * (9 * 256 + 1)

SIZES = [
    (fast_pose_resnet50, RESNET50 + GATES + HEAD),
    (fast_pose_resnet101, RESNET101 + GATES + HEAD),
    (fast_pose_resnet152, RESNET152 + GATES + HEAD),
    (fast_pose_duc_resnet152, RESNET152 + GATES + DEEP_HEAD),
    (fast_pose_simple_resnet50, RESNET50 + HEAD),
    (fast_pose_simple_resnet152, RESNET152 + HEAD),
]


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("build", "parameters"), SIZES)
def test_parameters_are_those_of_the_layers(build, parameters: int):
    with torch.device("meta"):
        model = build(HEADS, SIZE)
    assert sum(p.numel() for p in model.parameters()) == parameters


@pytest.mark.parametrize("build", [build for build, _ in SIZES])
def test_maps_are_a_quarter_of_the_image_and_cost_what_is_said(build):
    with torch.device("meta"):
        model, image = build({"heatmap": (17, 64, 48), "tag": (1, 64, 48)}, SIZE).eval(), torch.empty(2, 3, 256, 192)
        shapes = {name: tuple(maps.shape) for name, maps in model(image).items()}
        found = multiply_adds(build(HEADS, SIZE).eval(), image[:1])
    assert shapes == {"heatmap": (2, 17, 64, 48), "tag": (2, 1, 64, 48)}
    assert f"{found / 1e9:.1f} G multiply-adds at 192 x 256" in build.__doc__


def test_a_duc_lays_four_channels_out_as_two_by_two_cells():
    """An identity convolution on channels 1, 2, 3, 4, ...: cell (0, 0) becomes 1 2 / 3 4 in the first map."""
    duc = DUC(8, 2).eval()
    nn.init.dirac_(duc.conv.weight)
    nn.init.constant_(duc.bn.running_var, 1 - duc.bn.eps)
    x = torch.arange(1.0, 9.0).view(1, 8, 1, 1)
    assert duc(x).tolist() == [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]


def test_a_gate_without_weights_halves_every_channel():
    """sigmoid(0) = 1/2."""
    gate = SqueezeExcite(4)
    for parameter in gate.parameters():
        nn.init.zeros_(parameter)
    x = noise(2, 4, 3, 5)
    assert torch.equal(gate(x), x / 2)


def test_a_gate_weighs_channels_by_their_means():
    """The first linear layer passes channel 0 on, the second gives it to channel 1: sigmoid(mean of channel 0)."""
    gate = SqueezeExcite(2)
    for parameter in gate.parameters():
        nn.init.zeros_(parameter)
    with torch.no_grad():
        gate.fc[0].weight[0, 0] = gate.fc[2].weight[1, 0] = 1
    x = torch.tensor([[[[1.0, 3.0]], [[4.0, 8.0]]]])
    share = torch.sigmoid(torch.tensor(2.0))
    torch.testing.assert_close(
        gate(x), torch.tensor([[[[0.5, 1.5]], [[0.0, 0.0]]]]) + torch.stack([0 * x[:, 0], share * x[:, 1]], 1)
    )


def test_only_the_first_block_of_a_stage_has_a_gate():
    with torch.device("meta"):
        backbone = fast_pose_resnet50(HEADS, SIZE).backbone
    for stage in (backbone.layer1, backbone.layer2, backbone.layer3, backbone.layer4):
        assert [block.se is not None for block in stage] == [True] + [False] * (len(stage) - 1)


def test_a_block_with_an_open_gate_is_a_bottleneck():
    torch.manual_seed(0)
    gated, plain = SqueezedBottleneck(8, 4, 2).eval(), Bottleneck(8, 4, 2).eval()
    plain.load_state_dict(gated.state_dict(), strict=False)
    for parameter in gated.se.parameters():
        nn.init.zeros_(parameter)
    nn.init.constant_(gated.se.fc[2].bias, 100)  # sigmoid(100) is 1 in float32
    x = noise(1, 8, 6, 6)
    assert torch.equal(gated(x), plain(x))


def test_the_first_maps_are_close_to_zero():
    torch.manual_seed(0)
    head = DUCHead({"heatmap": (17, 32, 24)}).eval()
    assert head(noise(1, 2048, 4, 3))["heatmap"].abs().max() < 0.3


@pytest.mark.parametrize("build", [fast_pose_si_resnet50, fast_pose_si_resnet152])
def test_integral_sizes_answer_with_coordinates(build):
    heads = {"heatmap": (17, 64, 48), "xy": (17, 2)}
    with torch.device("meta"):
        outputs = build(heads, SIZE)(torch.empty(2, 3, 256, 192))
    assert {name: tuple(value.shape) for name, value in outputs.items()} == {
        "heatmap": (2, 17, 64, 48),
        "xy": (2, 17, 2),
    }


def test_coordinates_are_the_means_of_the_maps_in_shares_of_the_input():
    """The same everywhere in a map 16 wide and 8 high: its mean is column 7.5 of 16 and row 3.5 of 8."""
    head = SymmetricHead({"heatmap": (2, 8, 16), "xy": (2, 2)}, grid=(2, 1)).eval()
    nn.init.zeros_(head.maps.conv_out.weight)
    outputs = head(noise(1, 2048, 1, 2))
    torch.testing.assert_close(outputs["heatmap"], torch.full((1, 2, 8, 16), 1 / 128))
    torch.testing.assert_close(outputs["xy"], torch.tensor([7.5 / 16, 3.5 / 8]).expand(1, 2, 2))


def test_other_outputs_and_sizes_are_refused():
    with pytest.raises(RecipeError, match="gives heatmap and xy for a number of keypoints"):
        fast_pose_si_resnet50(HEADS, SIZE)
    with pytest.raises(RecipeError, match="for inputs of 192 x 256 heads must be"):
        fast_pose_si_resnet50({"heatmap": (17, 48, 64), "xy": (17, 2)}, SIZE)
    head = SymmetricHead({"heatmap": (2, 8, 16), "xy": (2, 2)}, grid=(2, 1))
    with pytest.raises(ShapeError, match="built for images of 64 x 32, got one of 32 x 64"):
        head(noise(1, 2048, 2, 1))


@pytest.mark.parametrize("build", [fast_pose_resnet50, fast_pose_simple_resnet50])
def test_gradients_reach_every_parameter(build):
    torch.manual_seed(0)
    model = build({"heatmap": (3, 16, 16)}, (64, 64))
    (model(noise(2, 3, 64, 64))["heatmap"] * noise(2, 3, 16, 16)).sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_gradients_of_coordinates_reach_every_parameter():
    torch.manual_seed(0)
    model = fast_pose_si_resnet50({"heatmap": (3, 16, 16), "xy": (3, 2)}, (64, 64))
    (model(noise(2, 3, 64, 64))["xy"] - 0.1).abs().sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []
