"""MobileNetV2 backbone."""

import torch

from vitruvian.models.conv_norm import ConvNorm
from vitruvian.models.mobilenet_v2 import InvertedResidual, MobileNetV2


def test_parameters_are_those_of_the_classifier_without_its_last_layer():
    """The published classifier has 3,504,872; its last layer 1000 * (1280 + 1)."""
    with torch.device("meta"):
        backbone = MobileNetV2()
    assert sum(p.numel() for p in backbone.parameters()) == 3_504_872 - 1_281_000


def test_features_are_a_thirty_second_of_the_image():
    with torch.device("meta"):
        backbone = MobileNetV2()
        assert backbone(torch.empty(2, 3, 256, 192)).shape == (2, backbone.channels, 8, 6)


def test_resolution_halves_where_the_paper_says():
    """Strides of table 2: 2 in the first convolution, then 1, 2, 2, 2, 1, 2, 1."""
    heights = []
    with torch.device("meta"):
        backbone, x = MobileNetV2(), torch.empty(1, 3, 64, 64)
        for name, layer in backbone.named_children():
            x = layer(x)
            heights.append((name, x.shape[1], x.shape[2]))
    assert heights == [
        ("conv1", 32, 32),
        ("layer1", 16, 32),
        ("layer2", 24, 16),
        ("layer3", 32, 8),
        ("layer4", 64, 4),
        ("layer5", 96, 4),
        ("layer6", 160, 2),
        ("layer7", 320, 2),
        ("conv2", 1280, 2),
    ]


def identity(layer: ConvNorm) -> ConvNorm:
    """A 1x1 layer of equal width that changes nothing but by its activation."""
    torch.nn.init.dirac_(layer.conv.weight)
    layer.bn.eps = 0.0
    return layer.eval()


def test_an_activation_ends_at_six():
    x = torch.tensor([-1.0, 3.0, 7.0]).view(1, 1, 1, 3)
    assert identity(ConvNorm(1, 1, 1, activation=torch.nn.ReLU6))(x).flatten().tolist() == [0.0, 3.0, 6.0]


def test_a_linear_layer_has_no_activation():
    x = torch.tensor([-1.0, 3.0, 7.0]).view(1, 1, 1, 3)
    assert identity(ConvNorm(1, 1, 1, activation=torch.nn.Identity))(x).flatten().tolist() == [-1.0, 3.0, 7.0]


def test_a_block_whose_convolutions_are_zero_passes_its_input_on():
    """Negative values, too: there is no activation after the sum."""
    block = InvertedResidual(8, 8, stride=1, expansion=6).eval()
    for parameter in block.parameters():
        torch.nn.init.zeros_(parameter)
    x = torch.randn(2, 8, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block(x), x)


def test_a_block_that_changes_the_shape_does_not_add_its_input():
    assert not InvertedResidual(8, 8, stride=2, expansion=6).residual
    assert not InvertedResidual(8, 16, stride=1, expansion=6).residual


def test_a_block_without_expansion_has_no_widening_convolution():
    assert len(InvertedResidual(8, 8, stride=1, expansion=1).conv) == 2
    assert len(InvertedResidual(8, 8, stride=1, expansion=6).conv) == 3
