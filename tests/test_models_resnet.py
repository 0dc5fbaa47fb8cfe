"""ResNet backbones."""

import math

import pytest
import torch

from vitruvian.models.resnet import Basic, Bottleneck, resnet18, resnet34, resnet50, resnet101, resnet152

# Build, channels, parameters of the published classifier; its last layer has (channels + 1) * 1000 of these.
SIZES = [
    (resnet18, 512, 11_689_512),
    (resnet34, 512, 21_797_672),
    (resnet50, 2048, 25_557_032),
    (resnet101, 2048, 44_549_160),
    (resnet152, 2048, 60_192_808),
]


@pytest.mark.parametrize(("build", "channels", "classifier"), SIZES)
def test_parameters_are_those_of_the_classifier_without_its_last_layer(build, channels, classifier):
    with torch.device("meta"):
        backbone = build()
    assert sum(p.numel() for p in backbone.parameters()) == classifier - 1000 * (channels + 1)


@pytest.mark.parametrize(("build", "channels", "classifier"), SIZES)
def test_features_are_a_thirty_second_of_the_image(build, channels, classifier):
    with torch.device("meta"):
        features = build()(torch.empty(2, 3, 256, 192))
    assert features.shape == (2, channels, 8, 6)


def test_the_channels_are_told():
    with torch.device("meta"):
        assert (resnet18().channels, resnet50().channels) == (512, 2048)


def test_a_bottleneck_halves_the_resolution_in_its_3x3_convolution():
    block = Bottleneck(64, 16, stride=2)
    assert [conv.stride for conv in (block.conv1, block.conv2, block.conv3)] == [(1, 1), (2, 2), (1, 1)]


@pytest.mark.parametrize("block", [Basic(8, 8, stride=1), Bottleneck(32, 8, stride=1)])
def test_a_block_whose_convolutions_are_zero_passes_on_what_is_positive(block):
    for name, parameter in block.named_parameters():
        if "conv" in name:
            torch.nn.init.zeros_(parameter)
    x = torch.randn(2, 8 * block.expansion, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block.eval()(x), x.relu())


def test_a_block_has_a_shortcut_of_its_own_only_where_the_shape_changes():
    assert Basic(8, 8, stride=1).downsample is None
    assert Basic(8, 8, stride=2).downsample is not None
    assert Bottleneck(8, 8, stride=1).downsample is not None


def test_convolutions_start_with_the_deviation_that_keeps_the_variance_of_gradients():
    """conv1 has 64 outputs of 7 x 7: sqrt(2 / (64 * 49)) = 0.02525."""
    torch.manual_seed(0)
    weight = resnet18().conv1.weight
    assert weight.std().item() == pytest.approx(math.sqrt(2 / (64 * 49)), rel=0.05)
