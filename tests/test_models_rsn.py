"""RSN: the names of published checkpoints, the residual steps block."""

import pytest
import torch
from torch import Tensor

from tests.published_names import built, names_of, published_names, untouched
from vitruvian.models.rsn import StepsBlock, rsn18, rsn50, rsn50_x2, rsn50_x3

STAGES = [(rsn18, 1), (rsn50, 1), (rsn50_x2, 2), (rsn50_x3, 3)]
HEADS = {"heatmap": (17, 64, 48)}


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_parameters_have_the_published_names_shapes_and_order(shared):
    assert names_of(built(rsn18, HEADS, (192, 256))) == published_names(shared, "td_rsn18_coco_256x192")


@pytest.mark.parametrize(("build", "stages"), STAGES)
def test_every_level_answers_at_a_quarter_of_the_image(build, stages: int):
    found = built(build, HEADS, (192, 256)).stages(torch.empty(2, 3, 256, 192, device="meta"))
    assert [tuple(stage["heatmap"].shape) for stage in found] == [(2, 17, 64, 48)] * 4 * stages


def ends_of(block: StepsBlock, x: Tensor) -> list[Tensor]:
    """What the four branches end in."""
    seen: list[Tensor] = []
    handle = block.conv_bn3.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        block(x)
    handle.remove()
    return list(seen[0].chunk(4, dim=1))


def positive(block: StepsBlock) -> StepsBlock:
    """A block in which nothing cancels out."""
    with torch.no_grad():
        for name, parameter in block.named_parameters():
            if name.endswith("conv.weight"):
                parameter.abs_()
    return block.eval()


def test_branches_see_3_7_11_and_15_cells_across():
    """The largest of the paper's table, since each step is given what the branch before found at its depth."""
    x = torch.zeros(1, 64, 21, 21)
    x[..., 10, 10] = 1.0
    ends = ends_of(positive(StepsBlock(64, 64, stride=1)), x)
    across = [int((end[0].sum(0) > 0).any(0).sum()) for end in ends]
    assert across == [3, 7, 11, 15]


def test_a_branch_is_given_what_the_earlier_ones_found_and_not_the_later_ones():
    block = positive(StepsBlock(64, 64, stride=1))
    x = noise(1, 64, 8, 8)
    before = ends_of(block, x)
    for changed in range(4):
        norm = block.conv_bn_relu1.bn
        torch.nn.init.zeros_(norm.bias)
        norm.bias.data[26 * changed : 26 * (changed + 1)] = 0.5
        after = ends_of(block, x)
        assert [torch.equal(a, b) for a, b in zip(before, after, strict=True)] == [i < changed for i in range(4)]


@pytest.mark.parametrize(("channels", "width"), [(64, 26), (128, 52), (10, 4)])
def test_a_branch_has_26_of_64_channels_rounded_down(channels: int, width: int):
    block = StepsBlock(channels, channels, stride=1)
    assert block.conv_bn_relu2_4_4.conv.out_channels == width
    assert block.conv_bn3.conv.in_channels == 4 * width


def test_a_block_has_ten_convolutions_of_3x3():
    """One for each step: 1 + 2 + 3 + 4."""
    convolutions = [m for m in StepsBlock(64, 64, 1).modules() if isinstance(m, torch.nn.Conv2d)]
    assert sum(each.kernel_size == (3, 3) for each in convolutions) == 10


def test_a_block_has_a_shortcut_of_its_own_only_where_the_shape_changes():
    assert StepsBlock(64, 64, stride=1).downsample is None
    assert StepsBlock(64, 64, stride=2).downsample is not None
    assert StepsBlock(64, 128, stride=1).downsample is not None


def test_a_block_whose_last_norm_is_zero_passes_on_what_is_positive():
    block = StepsBlock(64, 64, stride=1).eval()
    torch.nn.init.zeros_(block.conv_bn3.bn.weight)
    x = noise(2, 64, 4, 4)
    assert torch.equal(block(x), x.relu())


def test_gradients_of_all_answers_reach_every_parameter():
    torch.manual_seed(0)
    model = rsn18({"heatmap": (3, 16, 16)}, (64, 64))
    sum((stage["heatmap"] * noise(2, 3, 16, 16)).sum() for stage in model.stages(noise(2, 3, 64, 64))).backward()
    assert untouched(model) == []
