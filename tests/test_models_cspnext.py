"""CSPNeXt backbone."""

import pytest
import torch
from torch.nn.functional import max_pool2d

from vitruvian.models import cspnext
from vitruvian.models.cspnext import Block, ChannelAttention, PartialLayer, PyramidPooling

from .published_names import built, parameters

SIZES = [("t", 384), ("s", 512), ("m", 768), ("l", 1024), ("x", 1280)]


@pytest.mark.parametrize(("name", "channels"), SIZES)
def test_features_are_a_thirty_second_of_the_image(name: str, channels: int):
    with torch.device("meta"):
        backbone = getattr(cspnext, f"cspnext_{name}")()
        assert backbone(torch.empty(2, 3, 256, 192)).shape == (2, channels, 8, 6)
    assert backbone.channels == channels


@pytest.mark.parametrize(("name", "channels"), SIZES)
def test_parameters_are_as_many_as_the_description_says(name: str, channels: int):
    build = getattr(cspnext, f"cspnext_{name}")
    with torch.device("meta"):
        count = parameters(build())
    assert build.__doc__.startswith(f"{count / 1e6:.1f} M parameters, {channels} channels")


def test_three_levels_are_at_strides_eight_to_thirty_two():
    with torch.device("meta"):
        features = cspnext.cspnext_m(levels=3)(torch.empty(1, 3, 64, 96))
    assert [tuple(level.shape) for level in features] == [(1, 192, 8, 12), (1, 384, 4, 6), (1, 768, 2, 3)]


def test_pyramid_pooling_takes_maxima_of_five_nine_and_thirteen_cells():
    torch.manual_seed(0)
    layer, x = PyramidPooling(8).eval(), torch.randn(1, 8, 16, 16)
    narrow = layer.conv1(x)
    pooled = [narrow, *(max_pool2d(narrow, side, 1, side // 2) for side in (5, 9, 13))]
    assert torch.equal(layer(x), layer.conv2(torch.cat(pooled, dim=1)))


def test_channel_attention_scales_each_channel_by_its_number():
    """hardsigmoid(b) is (b + 3) / 6 between -3 and 3."""
    attention = ChannelAttention(4)
    torch.nn.init.zeros_(attention.fc.weight)
    attention.fc.bias.data = torch.tensor([-9.0, -1.5, 0.0, 9.0])
    assert attention(torch.ones(1, 4, 2, 2))[0, :, 0, 1].tolist() == [0.0, 0.25, 0.5, 1.0]


@pytest.mark.parametrize("shortcut", [True, False])
def test_a_shortcut_adds_the_input(shortcut: bool):
    torch.manual_seed(0)
    block, x = Block(4, shortcut).eval(), torch.randn(1, 4, 5, 5)
    assert torch.equal(block(x), block.conv2(block.conv1(x)) + (x if shortcut else 0))


def test_half_of_the_channels_passes_by_the_blocks():
    torch.manual_seed(0)
    layer, x = PartialLayer(6, 8, blocks=1, shortcut=True, attention=False).eval(), torch.randn(1, 6, 5, 5)
    torch.nn.init.zeros_(
        layer.blocks[0].conv2.pointwise_conv.bn.weight
    )  # its activation of 0 is 0: the block adds none
    expected = layer.final_conv(torch.cat([layer.main_conv(x), layer.short_conv(x)], dim=1))
    assert torch.equal(layer(x), expected)


@pytest.mark.parametrize(("name", "channels"), SIZES[:4])
def test_the_heatmap_model_adds_three_deconvolutions_and_a_convolution(name: str, channels: int):
    model = built(getattr(cspnext, f"simple_baseline_cspnext_{name}"), {"heatmap": (17, 64, 48)}, (192, 256))
    assert parameters(model.head) == 16 * 256 * (channels + 512) + 3 * 512 + 17 * 257
