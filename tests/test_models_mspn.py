"""MSPN: the names of published checkpoints, the levels, what a stage hands on."""

import pytest
import torch
from torch import Tensor, nn

from tests.published_names import built, names_of, parameters, published_names, untouched
from vitruvian.models.mspn import (
    Down,
    LevelHead,
    NamedBottleneck,
    Stage,
    Up,
    enlarge,
    make_stages,
    mspn50,
    mspn50_x2,
    mspn50_x3,
    mspn50_x4,
    run_stages,
)
from vitruvian.models.resnet import Basic

STAGES = [(mspn50, 1), (mspn50_x2, 2), (mspn50_x3, 3), (mspn50_x4, 4)]
HEADS = {"heatmap": (17, 64, 48)}
SHALLOW = (1, 1, 1, 1)


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_parameters_have_the_published_names_shapes_and_order(shared):
    assert names_of(built(mspn50, HEADS, (192, 256))) == published_names(shared, "td_mspn50_coco_256x192")


def test_a_stage_that_is_followed_has_the_published_names_of_what_it_hands_on():
    with torch.device("meta"):
        followed, last = Up(256, followed=True), Up(256, followed=False)
    parts = ["in_skip", "up_conv", "out_skip1", "out_skip2", "cross_conv"]
    assert [name for name, _ in followed.up4.named_children()] == parts
    assert [name for name, _ in followed.up1.named_children()] == ["in_skip", "out_skip1", "out_skip2"]
    assert [name for name, _ in last.up4.named_children()] == ["in_skip", "up_conv"]


@pytest.mark.parametrize(("build", "stages"), STAGES)
def test_every_level_answers_at_a_quarter_of_the_image(build, stages: int):
    model = built(build, HEADS, (192, 256))
    found = model.stages(torch.empty(2, 3, 256, 192, device="meta"))
    assert [tuple(stage["heatmap"].shape) for stage in found] == [(2, 17, 64, 48)] * 4 * stages


def test_levels_go_from_a_32nd_to_a_quarter_of_the_image_in_every_stage():
    levels = built(mspn50_x2, HEADS, (192, 256)).backbone(torch.empty(2, 3, 256, 192, device="meta"))
    sizes = [(2, 256, 8, 6), (2, 256, 16, 12), (2, 256, 32, 24), (2, 256, 64, 48)]
    assert [tuple(level.shape) for level in levels] == 2 * sizes


def test_a_further_stage_adds_as_much_each_time():
    two, three, four = (parameters(built(build, HEADS, (192, 256))) for build, _ in STAGES[1:])
    assert three - two == four - three


def test_enlarging_keeps_the_corners():
    """0 and 3 at the ends of two cells, so 1 and 2 between them."""
    found = enlarge(torch.tensor([[[[0.0, 3.0]]]]), like=torch.empty(1, 1, 1, 4))
    torch.testing.assert_close(found.flatten(), torch.tensor([0.0, 1.0, 2.0, 3.0]))


def test_enlarging_to_the_same_size_changes_nothing():
    x = noise(1, 2, 5, 3)
    torch.testing.assert_close(enlarge(x, like=x), x)


def test_a_shortcut_has_the_published_names():
    block = NamedBottleneck(8, 8, stride=2)
    assert [name for name, _ in block.downsample.named_children()] == ["conv", "bn"]
    assert NamedBottleneck(32, 8, stride=1).downsample is None


def test_skips_are_added_to_the_features_of_their_resolution():
    """With convolutions of zero there is nothing else in the features."""
    down = Down(Basic, SHALLOW).eval()
    for name, parameter in down.named_parameters():
        if "conv" in name or "downsample.0" in name:
            nn.init.zeros_(parameter)
    skips = [noise(1, 64 * 2**level, 8 >> level, 8 >> level) for level in range(4)]
    features = down(torch.zeros(1, 64, 8, 8), skips)
    assert all(torch.equal(feature, skip) for feature, skip in zip(features, skips, strict=True))


def test_the_first_stage_has_no_skips():
    down = Down(Basic, SHALLOW).eval()
    x = noise(1, 64, 8, 8)
    nothing = [torch.zeros(1, 64 * 2**level, 8 >> level, 8 >> level) for level in range(4)]
    assert all(torch.equal(a, b) for a, b in zip(down(x, []), down(x, nothing), strict=True))


def test_a_stage_hands_on_64_channels_and_a_skip_for_each_resolution():
    with torch.device("meta"):
        stage = Stage(NamedBottleneck, SHALLOW, followed=True)
        _, x, skips = stage(torch.empty(2, 64, 16, 12), [])
    assert x.shape == (2, 64, 16, 12)
    assert [tuple(skip.shape) for skip in skips] == [(2, 256, 16, 12), (2, 512, 8, 6), (2, 1024, 4, 3), (2, 2048, 2, 2)]


def test_an_answer_depends_on_its_own_stage_and_the_ones_before():
    stages = make_stages(2, Basic, SHALLOW)
    x = noise(2, 64, 8, 8)
    run_stages(stages, x)[3].square().sum().backward()
    assert not any(p.grad is not None and p.grad.any() for p in stages[1].parameters())
    run_stages(stages, x)[7].square().sum().backward()
    assert untouched(stages) == []


def test_gradients_of_all_answers_reach_every_parameter():
    torch.manual_seed(0)
    model = mspn50({"heatmap": (3, 16, 16)}, (64, 64))
    sum((stage["heatmap"] * noise(2, 3, 16, 16)).sum() for stage in model.stages(noise(2, 3, 64, 64))).backward()
    assert untouched(model) == []


def test_a_head_answers_each_level_by_layers_of_its_own():
    head = LevelHead(1, {"heatmap": (2, 8, 8), "tag": (1, 8, 8)}).eval()
    levels = tuple(noise(1, 256, size, size) for size in (1, 2, 4, 8))
    answers = head(levels)
    assert [list(answer) for answer in answers] == [["heatmap", "tag"]] * 4
    alone = head.predict_layers[0](levels[0])  # one cell, which fills the whole map
    torch.testing.assert_close(answers[0]["heatmap"], alone[:, :2].expand(1, 2, 8, 8))
    torch.testing.assert_close(answers[3]["tag"], head.predict_layers[3](levels[3])[:, 2:])
