"""ViPNAS: the names of published checkpoints, the two attentions, the groups."""

import pytest
import torch
from torch import Tensor, nn

from tests.published_names import built, names_of, parameters, published_names, untouched
from vitruvian.models.simple_baseline import DeconvHead
from vitruvian.models.vipnas import (
    MOBILE_STAGES,
    Bottleneck,
    GlobalContext,
    InvertedResidual,
    MobileStage,
    Squeeze,
    ViPNASMobileNetV3,
    ViPNASResNet,
    vipnas_mobilenet_v3,
    vipnas_resnet50,
)

HEADS = {"heatmap": (17, 64, 48)}
BOTH = pytest.mark.parametrize("build", [vipnas_resnet50, vipnas_mobilenet_v3])


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_parameters_have_the_published_names_shapes_and_order(shared):
    names = names_of(built(vipnas_resnet50, HEADS, (192, 256)))
    assert names == published_names(shared, "td_vipnas_res50_coco_256x192")


def test_parameters_of_a_block_have_the_names_of_published_checkpoints():
    """Convolutions only; norms lie beside them. Without expansion there is no `expand_conv`, and not every `se`."""

    def convolutions(block: nn.Module) -> list[str]:
        return [name.removesuffix(".conv.weight") for name, _ in block.named_parameters() if "conv.weight" in name]

    with torch.device("meta"):
        backbone = ViPNASMobileNetV3()
    assert convolutions(backbone.layer1) == ["depthwise_conv", "se.conv1", "se.conv2", "linear_conv"]
    assert convolutions(backbone.layer2) == ["expand_conv", "depthwise_conv", "se.conv1", "se.conv2", "linear_conv"]
    assert convolutions(backbone.layer6) == ["expand_conv", "depthwise_conv", "linear_conv"]
    assert [name for name, _ in backbone.named_children()] == ["conv1", *(f"layer{n}" for n in range(1, 22))]


@BOTH
def test_maps_are_a_quarter_of_the_image(build):
    outputs = built(build, HEADS, (192, 256))(torch.empty(2, 3, 256, 192, device="meta"))
    assert {name: tuple(maps.shape) for name, maps in outputs.items()} == {"heatmap": (2, 17, 64, 48)}


@pytest.mark.parametrize("build", [ViPNASResNet, ViPNASMobileNetV3])
def test_features_are_a_thirty_second_of_the_image(build):
    with torch.device("meta"):
        backbone = build()
        assert backbone(torch.empty(2, 3, 256, 192)).shape == (2, backbone.channels, 8, 6)


def test_stages_change_resolution_and_width_as_searched():
    with torch.device("meta"):
        backbone, x = ViPNASMobileNetV3(), torch.empty(1, 3, 64, 64)
        found = []
        for layer in backbone.children():
            x = layer(x)
            found.append((x.shape[1], x.shape[2]))
    ends = [found[end] for end in (0, 1, 5, 9, 13, 17, 21)]
    assert ends == [(16, 32), (16, 32), (24, 16), (40, 8), (80, 4), (112, 4), (160, 2)]


def test_groups_divide_the_channels():
    assert all(stage.width * stage.expansion % stage.groups == 0 for stage in MOBILE_STAGES)


@BOTH
def test_gradients_reach_every_parameter(build):
    torch.manual_seed(0)
    model = build({"heatmap": (3, 16, 16)}, (64, 64))
    (model(noise(2, 3, 64, 64))["heatmap"] * noise(2, 3, 16, 16)).sum().backward()
    assert untouched(model) == []


def test_context_adds_the_same_to_every_cell():
    x = noise(2, 32, 5, 3)
    with torch.no_grad():
        added = GlobalContext(32)(x) - x
    assert added.std(dim=1).min() > 0
    torch.testing.assert_close(added, added[:, :, :1, :1].expand_as(added))


def test_context_weighs_cells_alike_where_the_mask_says_nothing():
    """Then the order of the cells does not matter, and otherwise it does."""
    context, x = GlobalContext(32).eval(), noise(1, 32, 2, 2)
    moved = torch.zeros_like(x)
    moved[..., 0, 0] = x.sum((2, 3))  # of the same mean
    with torch.no_grad():
        assert not torch.allclose(context(x) - x, context(moved) - moved, atol=1e-4)
        nn.init.zeros_(context.conv_mask.weight)
        torch.testing.assert_close(context(x) - x, context(moved) - moved)


def test_the_bias_of_the_mask_changes_nothing_and_is_the_only_frozen_parameter():
    context, x = GlobalContext(32).eval(), noise(1, 32, 4, 4)
    assert [name for name, p in context.named_parameters() if not p.requires_grad] == ["conv_mask.bias"]
    with torch.no_grad():
        before = context(x)
        context.conv_mask.bias += 3
        torch.testing.assert_close(context(x), before)


@pytest.mark.parametrize(("channels", "narrow"), [(80, 16), (304, 19), (608, 38)])
def test_context_narrows_to_a_sixteenth_but_not_below_16_channels(channels: int, narrow: int):
    assert GlobalContext(channels).channel_add_conv[0].out_channels == narrow


@pytest.mark.parametrize(("said", "scale"), [(-2.0, 0.0), (-1.0, 0.0), (0.0, 0.5), (0.5, 0.75), (1.0, 1.0), (2.0, 1.0)])
def test_a_squeeze_scales_by_half_of_what_is_said_and_one(said: float, scale: float):
    squeeze, x = Squeeze(8), noise(2, 8, 3, 3)
    nn.init.zeros_(squeeze.conv2.conv.weight)
    nn.init.constant_(squeeze.conv2.conv.bias, said)
    torch.testing.assert_close(squeeze(x), scale * x)


def test_an_inverted_residual_whose_last_norm_is_zero_passes_its_input_on():
    """Negative values, too: there is no activation after the sum."""
    stage = MobileStage(8, 2, depth=1, kernel=3, groups=4, stride=1, squeeze=True, activation=nn.ReLU)
    block = InvertedResidual(8, stage, stride=1).eval()
    nn.init.zeros_(block.linear_conv.bn.weight)
    x = noise(2, 8, 4, 4)
    assert torch.equal(block(x), x)


@pytest.mark.parametrize(("channels", "stride"), [(8, 2), (4, 1)])
def test_an_inverted_residual_that_changes_the_shape_does_not_add_its_input(channels: int, stride: int):
    stage = MobileStage(8, 2, depth=1, kernel=3, groups=4, stride=2, squeeze=True, activation=nn.ReLU)
    block = InvertedResidual(channels, stage, stride).eval()
    nn.init.zeros_(block.linear_conv.bn.weight)
    assert not block(noise(2, channels, 4, 4)).any()


def test_a_bottleneck_whose_last_norm_is_zero_passes_on_what_is_positive():
    block = Bottleneck(16, 16, kernel=3, stride=1, attention=False).eval()
    nn.init.zeros_(block.bn3.weight)
    x = noise(2, 16, 4, 4)
    assert torch.equal(block(x), x.relu())


def test_the_head_has_the_parameters_of_its_groups():
    """4 x 4 kernels from all inputs of a group to its 144 / 16 = 9 outputs, three times, norms, and a 1x1."""
    head = DeconvHead(608, HEADS, width=144, groups=16)
    assert parameters(head) == 16 * 9 * (608 + 144 + 144) + 3 * 2 * 144 + 17 * (144 + 1)


def test_the_head_answers_eight_times_as_large_and_in_the_order_of_outputs():
    head = DeconvHead(8, {"heatmap": (2, 16, 16), "tag": (3, 16, 16)}, width=8, groups=4).eval()
    features = noise(1, 8, 2, 2)
    outputs = head(features)
    together = head.final_layer(head.deconv_layers(features))
    assert together.shape == (1, 5, 16, 16)
    assert torch.equal(torch.cat([outputs["heatmap"], outputs["tag"]], dim=1), together)
