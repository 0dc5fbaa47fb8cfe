"""HRNet: the names of published checkpoints, what the branches send each other, the shapes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.published_names import built, names_of, parameters, published_names, untouched
from vitruvian.errors import ShapeError
from vitruvian.models.hrnet import (
    Arrivals,
    HRNet,
    MixHead,
    advance,
    dense_step,
    hrnet_w32,
    hrnet_w48,
    hrnetv2_w18,
    transition,
)
from vitruvian.models.pose_model import Heads, PoseModel, Size

Build = Callable[[Heads, Size], PoseModel]

PUBLISHED = [
    (hrnet_w32, 17, "td_hrnetw32_coco_256x192"),
    (hrnetv2_w18, 21, "td_hrnetv2w18_onehand10k_256x256"),
    (hrnetv2_w18, 98, "td_hrnetv2w18_wflw_256x256"),
]


@pytest.mark.parametrize(("build", "keypoints", "name"), PUBLISHED)
def test_parameters_have_the_published_names_shapes_and_order(build: Build, keypoints: int, name: str, shared: Path):
    model = built(build, {"heatmap": (keypoints, 64, 64)}, (256, 256))
    assert names_of(model) == published_names(shared, name)


@pytest.mark.parametrize(("build", "millions"), [(hrnet_w32, 28.5), (hrnet_w48, 63.6)])
def test_parameters_are_those_of_table_1_of_the_paper(build: Build, millions: float):
    model = built(build, {"heatmap": (17, 64, 48)}, (192, 256))
    assert parameters(model) / 1e6 == pytest.approx(millions, abs=0.05)


@pytest.mark.parametrize(("build", "channels"), [(hrnet_w32, 32), (hrnetv2_w18, 15 * 18)])
def test_features_and_maps_are_a_quarter_of_the_image(build: Build, channels: int):
    with torch.device("meta"):
        model = build({"heatmap": (21, 64, 48)}, (192, 256))
        features = model.backbone(torch.empty(2, 3, 256, 192))
        outputs = model.head(features)
    assert features.shape == (2, channels, 64, 48)
    assert {name: tuple(maps.shape) for name, maps in outputs.items()} == {"heatmap": (2, 21, 64, 48)}


@pytest.mark.parametrize(("width", "height"), [(192, 250), (48, 64)])
def test_an_image_whose_branches_do_not_fit_each_other_is_refused(width: int, height: int):
    with torch.device("meta"), pytest.raises(ShapeError, match=f"multiples of 32, got an image of {width} x {height}"):
        HRNet(8)(torch.empty(1, 3, height, width))


@pytest.mark.parametrize("backbone", [HRNet(4), HRNet(4, outputs=4, upsampling="bilinear")], ids=["v1", "v2"])
def test_gradients_reach_every_parameter(backbone: HRNet):
    model = PoseModel(backbone, MixHead(backbone.channels, {"heatmap": (3, 16, 16)}))
    nn.init.normal_(model.head.final_layer.weight)
    generator = torch.Generator().manual_seed(0)
    answers = model(torch.randn(2, 3, 64, 64, generator=generator))["heatmap"]
    (answers * torch.randn(2, 3, 16, 16, generator=generator)).sum().backward()
    assert untouched(model) == []


def ones(module: nn.Module) -> None:
    """Convolutions that sum up, for `Module.apply`."""
    if isinstance(module, nn.Conv2d):
        nn.init.ones_(module.weight)


def test_a_branch_receives_its_own_and_what_the_coarser_one_says_at_its_four_nearest_cells():
    """One of 8 cells of the coarser branch is 1; batch norm divides by sqrt(1 + 1e-5)."""
    arrivals = Arrivals([1, 1], 0, dense_step).apply(ones).eval()
    coarse = torch.zeros(1, 1, 2, 4)
    coarse[..., 1, 2] = 1.0
    expected = torch.full((4, 8), 10.0)
    expected[2:4, 4:6] += 1.0
    torch.testing.assert_close(arrivals([torch.full((1, 1, 4, 8), 10.0), coarse])[0, 0], expected, rtol=0, atol=1e-5)


def test_bilinear_arrivals_fall_off_over_the_neighbours():
    """Twice as many cells: a 1 among zeros gives 0.25, 0.75, 0.75, 0.25 along each axis."""
    arrivals = Arrivals([1, 1], 0, dense_step, "bilinear").apply(ones).eval()
    coarse = torch.zeros(1, 1, 3, 3)
    coarse[..., 1, 1] = 1.0
    found = arrivals([torch.zeros(1, 1, 6, 6), coarse])[0, 0]
    expected = torch.tensor([0, 0.25, 0.75, 0.75, 0.25, 0])
    torch.testing.assert_close(found, torch.outer(expected, expected), rtol=0, atol=1e-5)


def test_arrivals_from_finer_branches_may_be_negative():
    """No ReLU at the end of a path of one step; one between the two steps of a longer one."""
    arrivals = Arrivals([1, 1, 1], 2, dense_step).apply(ones).eval()
    silence = [torch.zeros(1, 1, side, side) for side in (8, 4, 2)]
    below = [*silence[:1], -torch.ones(1, 1, 4, 4), *silence[2:]]
    assert arrivals(below)[0, 0, 1, 1].item() == pytest.approx(-9.0, abs=1e-3)
    below = [-torch.ones(1, 1, 8, 8), *silence[1:]]
    assert not arrivals(below).any()


def test_a_transition_keeps_branches_that_fit_and_makes_the_new_one_of_the_coarsest():
    layers = transition([2, 4], [2, 4, 8], dense_step).eval()
    fine, coarse = torch.randn(1, 2, 8, 8), torch.randn(1, 4, 4, 4)
    kept, also_kept, new = advance(layers, [fine, coarse])
    assert kept is fine
    assert also_kept is coarse
    assert torch.equal(new, layers[2](coarse))
    assert new.shape == (1, 8, 2, 2)


def test_one_final_layer_serves_all_outputs_in_their_order():
    head = MixHead(8, {"heatmap": (2, 4, 4), "tag": (3, 4, 4)}).eval()
    features = torch.randn(1, 8, 4, 4)
    outputs, together = head(features), head.final_layer(head.conv_layers(features))
    assert list(outputs) == ["heatmap", "tag"]
    assert torch.equal(torch.cat(list(outputs.values()), dim=1), together)


def test_the_first_maps_are_close_to_zero():
    torch.manual_seed(0)
    for build in (hrnet_w32, hrnetv2_w18):
        layer = build({"heatmap": (17, 64, 48)}, (192, 256)).head.final_layer
        assert layer.weight.std().item() == pytest.approx(0.001, rel=0.1)
        assert not layer.bias.any()
