"""The residual U-Net: its shape, its start, its size."""

import pytest
import torch
from torch import nn

from vitruvian.errors import ShapeError
from vitruvian.models.residual_unet import Block, ResidualUNet, residual_unet_small


def tiny() -> ResidualUNet:
    torch.manual_seed(0)
    return ResidualUNet(stem=4, widths=(8, 12, 16), depths=(1, 2, 1))


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_the_feature_is_a_quarter_of_the_image_and_has_the_first_width():
    net = tiny().eval()
    assert net(noise(2, 3, 32, 48)).shape == (2, 8, 8, 12)
    assert net.channels == 8


def test_a_level_goes_down_twice_and_comes_up_once_for_each():
    net = tiny()
    assert [len(stage) for stage in net.down] == [1, 2, 1]
    assert [(conv.in_channels, conv.out_channels) for conv in net.lateral] == [(16, 12), (12, 8)]
    assert len(net.up) == 2


@pytest.mark.parametrize("size", [(32, 40), (40, 32), (8, 16)])
def test_a_size_that_does_not_halve_evenly_is_refused(size: tuple[int, int]):
    """Three levels: strides 4, 8 and 16."""
    with pytest.raises(ShapeError, match=f"multiples of 16, got an image of {size[1]} x {size[0]}"):
        tiny()(noise(1, 3, *size))


def test_the_named_size_wants_multiples_of_32():
    with pytest.raises(ShapeError, match="multiples of 32, got an image of 80 x 64"):
        residual_unet_small({"heatmap": (14, 16, 20)}, (80, 64))(noise(1, 3, 64, 80))


def test_a_fresh_block_passes_on_what_is_positive():
    x = noise(2, 8, 4, 4)
    assert torch.equal(Block(8, 8).eval()(x), x.relu())


def test_a_block_changes_resolution_and_channels_by_its_shortcut():
    assert isinstance(Block(8, 8).shortcut, nn.Identity)
    assert Block(8, 12, stride=2)(noise(2, 8, 4, 4)).shape == (2, 12, 2, 2)


def test_gradients_reach_every_parameter_once_the_blocks_have_woken():
    """The last scale of a fresh block is 0, and holds the others' gradients back for one step."""
    torch.manual_seed(0)
    model = residual_unet_small({"heatmap": (3, 16, 16)}, (64, 64))
    for module in model.modules():
        if isinstance(module, Block):
            nn.init.ones_(module.bn2.weight)
    (model(noise(2, 3, 64, 64))["heatmap"] * noise(2, 3, 16, 16)).sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_the_multiply_adds_are_those_of_its_description():
    """A convolution multiplies its whole kernel once for every cell of its output: 0.30 G at 128 x 128."""
    with torch.device("meta"):
        model = residual_unet_small({"heatmap": (14, 32, 32)}, (128, 128))
    total = 0

    def count(conv: nn.Conv2d, _: object, output: torch.Tensor) -> None:
        nonlocal total
        total += conv.weight.numel() * output.shape[-1] * output.shape[-2]

    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(count)
    model(torch.empty(1, 3, 128, 128, device="meta"))
    assert f"{total / 1e9:.2f} G multiply-adds at 128 x 128" in (residual_unet_small.__doc__ or "")
