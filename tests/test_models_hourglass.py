"""Stacked hourglasses: the names of published checkpoints, one hourglass, what passes from one to the next."""

import pytest
import torch
from torch import Tensor, nn

from tests.published_names import built, names_of, parameters, published_names, untouched
from vitruvian.models.hourglass import (
    Hourglass,
    StackedHourglass,
    StackHead,
    hourglass52,
    hourglass52_x2,
    hourglass52_x4,
    hourglass52_x8,
)

STACKS = [(hourglass52, 1), (hourglass52_x2, 2), (hourglass52_x4, 4), (hourglass52_x8, 8)]
HEADS = {"heatmap": (17, 64, 64)}
TINY = ((4, 1), (6, 2), (8, 1))


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_parameters_have_the_published_names_shapes_and_order(shared):
    names = names_of(built(hourglass52, HEADS, (256, 256)))
    assert names == published_names(shared, "td_hourglass52_coco_256x256")


@pytest.mark.parametrize(("build", "stacks"), STACKS)
def test_every_stack_answers_at_a_quarter_of_the_image(build, stacks: int):
    model = built(build, HEADS, (256, 256))
    found = model.stages(torch.empty(2, 3, 256, 256, device="meta"))
    assert [tuple(stage["heatmap"].shape) for stage in found] == [(2, 17, 64, 64)] * stacks


def test_a_further_stack_adds_an_hourglass_and_the_way_to_it():
    """A way: two 1x1 convolutions of 256 channels and a residual block of two 3x3, all with batch norms."""
    one, two, four = (built(build, HEADS, (256, 256)) for build, _ in STACKS[:3])
    hourglass = parameters(one.backbone.hourglass_modules[0])
    output = 256 * 256 * 9 + 2 * 256 + 17 * (256 + 1)
    way = 2 * (256 * 256 + 2 * 256)
    block = 2 * (256 * 256 * 9 + 2 * 256)
    assert parameters(two) - parameters(one) == hourglass + output + way  # one stack has the block already
    assert parameters(four) - parameters(two) == 2 * (hourglass + output + way + block)


def test_the_block_after_a_single_stack_is_frozen():
    alone, both = (StackedHourglass(stacks, TINY) for stacks in (1, 2))
    assert not any(p.requires_grad for p in alone.inters.parameters())
    assert all(p.requires_grad for name, p in alone.named_parameters() if not name.startswith("inters."))
    assert all(p.requires_grad for p in both.parameters())


@pytest.mark.parametrize("size", [(8, 8), (12, 8), (5, 7), (1, 1)])
def test_an_hourglass_comes_back_to_the_size_it_started_from(size: tuple[int, int]):
    assert Hourglass(TINY).eval()(noise(2, 4, *size)).shape == (2, 4, *size)


def test_an_hourglass_whose_convolutions_are_zero_passes_on_what_is_positive():
    """What comes back up from below is zero then: there, a convolution is on the shortcut as well."""
    hourglass = Hourglass(((4, 1), (6, 2))).eval()
    for module in hourglass.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.zeros_(module.weight)
    x = noise(2, 4, 8, 8)
    assert torch.equal(hourglass(x), x.relu())


def test_what_comes_back_up_is_repeated_for_two_by_two_cells():
    hourglass = Hourglass(((4, 1), (6, 2))).eval()
    with torch.no_grad():
        x = noise(1, 4, 8, 8)
        below = (hourglass(x) - hourglass.up1(x)).view(4, 4, 2, 4, 2)  # channel, row of blocks, row, column, column
    assert below.std() > 0
    torch.testing.assert_close(below, below[:, :, :1, :, :1].expand_as(below))


def test_an_answer_depends_on_its_own_stack_and_the_ones_before():
    model = StackedHourglass(3, TINY)
    for answer in range(3):
        model.zero_grad(set_to_none=True)
        model(noise(2, 3, 32, 32))[answer].square().sum().backward()
        reached = [any(p.grad is not None for p in stack.parameters()) for stack in model.hourglass_modules]
        assert reached == [stack <= answer for stack in range(3)]


def test_a_stack_is_given_what_the_one_before_found_and_what_that_was_given():
    model = StackedHourglass(2, TINY)

    def reached(part: nn.Module) -> bool:
        model.zero_grad(set_to_none=True)
        model(noise(2, 3, 32, 32))[1].square().sum().backward()
        return any(p.grad.any() for p in part.parameters())

    assert reached(model.out_convs[0])
    nn.init.zeros_(model.remap_convs[0].bn.weight)
    assert not reached(model.out_convs[0])
    assert reached(model.stem)
    nn.init.zeros_(model.conv1x1s[0].bn.weight)
    assert not reached(model.stem)


def test_gradients_of_all_answers_reach_every_parameter():
    torch.manual_seed(0)
    backbone = StackedHourglass(2, TINY)
    model = nn.Sequential(backbone, StackHead(backbone.channels, 2, {"heatmap": (3, 8, 8)}))
    answers = model(noise(2, 3, 32, 32))
    sum((stage["heatmap"] * noise(2, 3, 8, 8)).sum() for stage in answers).backward()
    assert untouched(model) == []


def test_a_head_answers_each_stack_by_a_convolution_of_its_own():
    head = StackHead(4, 2, {"heatmap": (2, 8, 8), "tag": (1, 8, 8)})
    first, second = noise(1, 4, 8, 8), noise(1, 4, 8, 8) + 1
    answers = head((first, second))
    assert [list(answer) for answer in answers] == [["heatmap", "tag"]] * 2
    assert torch.equal(answers[1]["heatmap"], head.multi_final_layers[1](second)[:, :2])
    assert torch.equal(answers[0]["tag"], head.multi_final_layers[0](first)[:, 2:])
