"""CPN: its size and operations against the paper's tables, its stages, its parts."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.multiply_adds import multiply_adds
from vitruvian.models.cpn import (
    Bottleneck,
    CascadeHead,
    GlobalNet,
    Levels,
    RefineNet,
    cpn_resnet50,
    cpn_resnet101,
    resized,
)

HEADS = {"heatmap": (17, 64, 48)}
CHANNELS = Levels.channels_of_levels
GIBI = 2**30  # what the paper calls G


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def features(count: int = 4, batch: int = 1) -> list[torch.Tensor]:
    """What a ResNet makes of an image of 192 x 256, shapes only."""
    return [torch.empty(batch, CHANNELS[i], 64 >> i, 48 >> i, device="meta") for i in range(count)]


@pytest.mark.published
def test_the_answer_needs_the_parameters_of_the_paper():
    """102 MB of four-byte numbers in table 3, and 27.0 M in table 1 of HRNet's paper (arXiv:1902.09212).

    Without the maps of GlobalNet, which only training needs.
    """
    with torch.device("meta"):
        model = cpn_resnet50(HEADS, (192, 256))
    needed = sum(p.numel() for name, p in model.named_parameters() if ".predict." not in name)
    assert needed / 1e6 == pytest.approx(27.0, abs=0.05)
    assert int(4 * needed / 2**20) == 102


@pytest.mark.published
@pytest.mark.parametrize(("levels", "table"), [(1, 5.02), (2, 5.50), (3, 5.88), (4, 6.20)])
def test_the_operations_are_those_of_table_5(levels: int, table: float):
    """RefineNet from C2 only, from C2 and C3, and so on: GIBI multiply-adds at 192 x 256, to the digits of the table.

    The table leaves out the maps of GlobalNet, its ResNet halves in the 1x1 convolution before the 3x3 one, three
    times (256 to 128 channels at 64 x 48 cells becomes 32 x 24, and so on: always the same number), and it merges
    levels after enlarging them, four times as many cells (1x1, 256 to 256).
    """
    with torch.device("meta"):
        resnet, pyramid, refine = (
            Levels((3, 4, 6, 3)).eval(),
            GlobalNet(CHANNELS, 17).eval(),
            RefineNet(levels, 17).eval(),
        )
        pyramid.predict = nn.ModuleList(nn.Identity() for _ in CHANNELS)
        found = multiply_adds(resnet, torch.empty(1, 3, 256, 192)) + multiply_adds(pyramid, features())
        found += multiply_adds(refine, [torch.empty(1, 256, 64 >> i, 48 >> i) for i in range(levels)])
    halved_late = 3 * 256 * 128 * (64 * 48 - 32 * 24)
    merged_early = 256 * 256 * (64 * 48 + 32 * 24 + 16 * 12) * 3 // 4
    assert (found - halved_late + merged_early) / GIBI == pytest.approx(table, abs=0.01)


@pytest.mark.published
def test_the_larger_input_needs_13_9_giga():
    """The paper's number for 288 x 384: 2.25 times 6.20, as every layer sees 2.25 times the cells."""
    with torch.device("meta"):
        model = cpn_resnet50(HEADS, (192, 256)).eval()
        small, large = (multiply_adds(model, torch.empty(1, 3, h, w)) for h, w in [(256, 192), (384, 288)])
    assert large / small == 2.25


@pytest.mark.parametrize("build", [cpn_resnet50, cpn_resnet101])
def test_five_stages_answer_at_a_quarter_of_the_image(build):
    with torch.device("meta"):
        stages = build({"heatmap": (17, 64, 48), "tag": (2, 64, 48)}, (192, 256)).stages(torch.empty(2, 3, 256, 192))
    shapes = [{name: tuple(maps.shape) for name, maps in stage.items()} for stage in stages]
    assert shapes == 5 * [{"heatmap": (2, 17, 64, 48), "tag": (2, 2, 64, 48)}]


def test_stages_run_from_the_coarsest_level_to_the_answer():
    """A batch norm that gives its bias marks who spoke: 0 for C2 to 3 for C5, and 4 for RefineNet."""
    head = CascadeHead(CHANNELS, {"heatmap": (1, 8, 8)}).eval()
    for value, speaker in enumerate([*head.global_net.predict, head.refine_net.final]):
        nn.init.zeros_(speaker[-1].bn.weight)
        nn.init.constant_(speaker[-1].bn.bias, value)
    stages = head([noise(1, channels, 8 >> i, 8 >> i) for i, channels in enumerate(CHANNELS)])
    assert [stage["heatmap"].mean().item() for stage in stages] == [3, 2, 1, 0, 4]


def test_merging_before_enlarging_gives_the_same_sums():
    """A 1x1 convolution mixes channels and `resized` cells, with weights that sum to 1; their order does not matter."""
    torch.manual_seed(0)
    convolution, small, large = nn.Conv2d(8, 8, 1), noise(1, 8, 4, 3), torch.empty(1, 1, 8, 6)
    torch.testing.assert_close(resized(convolution(small), large), convolution(resized(small, large)))


def test_enlarging_takes_cells_for_squares():
    """0 and 4 in two cells become 0, 1, 3, 4 in four: centres at 1/4 and 3/4 of the way."""
    assert resized(torch.tensor([[[[0.0, 4.0]]]]), torch.empty(1, 4)).flatten().tolist() == [0, 1, 3, 4]


def test_every_level_holds_what_coarser_levels_know():
    """The top of the pyramid reaches its bottom, and not the other way round."""
    torch.manual_seed(0)
    pyramid = GlobalNet((4, 4, 4), 2).eval()
    before = [noise(1, 4, 8 >> i, 8 >> i) for i in range(3)]
    changed = [before[0] + 1, *before[1:]], [*before[:2], before[2] + 1]
    levels = pyramid(before)[0]
    finest, coarsest = (
        [not torch.equal(new, old) for new, old in zip(pyramid(inputs)[0], levels, strict=True)] for inputs in changed
    )
    assert finest == [True, False, False]
    assert coarsest == [True, True, True]


def test_coarser_levels_pass_more_bottlenecks():
    refine = RefineNet(4, 17)
    assert [len(blocks) for blocks in refine.refine] == [0, 1, 2, 3]
    assert refine.final[0].shortcut.conv.in_channels == 4 * 256


def test_a_bottleneck_adds_its_shortcut():
    torch.manual_seed(0)
    block = Bottleneck(8).eval()
    nn.init.zeros_(block.branch[2].bn.weight)
    x = noise(1, 8, 4, 4)
    assert torch.equal(block(x), functional.relu(block.shortcut(x)))


def test_gradients_of_all_stages_reach_every_parameter():
    torch.manual_seed(0)
    model = cpn_resnet50({"heatmap": (3, 16, 16)}, (64, 64))
    answers = torch.stack([stage["heatmap"] for stage in model.stages(noise(2, 3, 64, 64))])
    (answers * noise(5, 2, 3, 16, 16)).sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []
