"""Lite-HRNet: the names of published checkpoints, the weightings, the sums that count the finest branch twice."""

from pathlib import Path

import pytest
import torch
from torch import nn

from tests.published_names import built, names_of, parameters, published_names, untouched
from vitruvian.errors import ShapeError
from vitruvian.models.lite_hrnet import (
    ConditionalChannelWeighting,
    CrossResolutionWeighting,
    DoubleArrivals,
    ExchangeBlock,
    LiteHRNet,
    SpatialWeighting,
    interleave,
    lite_hrnet_18,
    lite_hrnet_30,
)
from vitruvian.models.pose_model import MapHead, PoseModel


def test_parameters_have_the_published_names_shapes_and_order(shared: Path):
    model = built(lite_hrnet_18, {"heatmap": (17, 64, 48)}, (192, 256))
    assert names_of(model) == published_names(shared, "td_litehrnet18_coco_256x192")


@pytest.mark.parametrize(("build", "millions"), [(lite_hrnet_18, 1.1), (lite_hrnet_30, 1.8)])
def test_parameters_are_those_of_the_paper(build, millions: float):
    model = built(build, {"heatmap": (17, 64, 48)}, (192, 256))
    assert parameters(model) / 1e6 == pytest.approx(millions, abs=0.05)


def test_features_and_maps_are_a_quarter_of_the_image():
    with torch.device("meta"):
        model = lite_hrnet_18({"heatmap": (21, 64, 48)}, (192, 256))
        features = model.backbone(torch.empty(2, 3, 256, 192))
        outputs = model.head(features)
    assert features.shape == (2, 40, 64, 48)
    assert outputs["heatmap"].shape == (2, 21, 64, 48)


def test_an_image_whose_branches_do_not_fit_each_other_is_refused():
    with torch.device("meta"), pytest.raises(ShapeError, match="multiples of 32, got an image of 192 x 250"):
        LiteHRNet((1, 1, 1))(torch.empty(1, 3, 250, 192))


def test_gradients_reach_every_parameter():
    """In eval mode, because a batch norm gives no gradient to what is the same in all cells of a batch."""
    torch.manual_seed(0)
    backbone = LiteHRNet((1, 1, 1))
    model = PoseModel(backbone, MapHead(backbone.channels, {"heatmap": (3, 16, 16)})).eval()
    generator = torch.Generator().manual_seed(0)
    answers = model(torch.randn(4, 3, 64, 64, generator=generator))["heatmap"]
    (answers * torch.randn(4, 3, 16, 16, generator=generator)).sum().backward()
    assert untouched(model) == []


def test_channels_are_interleaved():
    first, second = torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0])
    found = interleave(first[None, :, None, None], second[None, :, None, None])
    assert found.flatten().tolist() == [1, 10, 2, 20]


def test_weights_are_one_half_where_nothing_is_learnt():
    x = torch.randn(1, 8, 4, 4)
    spatial = SpatialWeighting(8)
    for parameter in spatial.parameters():
        nn.init.zeros_(parameter)
    torch.testing.assert_close(spatial(x), x / 2)
    cross = CrossResolutionWeighting([8, 16])
    nn.init.zeros_(cross.conv2.bn.weight)
    branches = [x, torch.randn(1, 16, 2, 2)]
    for found, given in zip(cross(branches), branches, strict=True):
        torch.testing.assert_close(found, given / 2)


def test_a_weight_of_a_coarse_cell_holds_for_all_fine_cells_in_it():
    torch.manual_seed(0)
    cross = CrossResolutionWeighting([8, 16]).eval()
    branches = [torch.rand(1, 8, 4, 4) + 1, torch.rand(1, 16, 2, 2) + 1]
    weights = cross(branches)[0] / branches[0]
    torch.testing.assert_close(weights, weights[..., ::2, ::2].repeat_interleave(2, -1).repeat_interleave(2, -2))
    assert weights.flatten(2).std(-1).min() > 0


def test_the_first_half_of_the_channels_passes_unchanged_at_even_places():
    block = ConditionalChannelWeighting([16, 32]).eval()
    branches = [torch.randn(1, 16, 4, 4), torch.randn(1, 32, 2, 2)]
    for found, given in zip(block(branches), branches, strict=True):
        assert found.shape == given.shape
        assert torch.equal(found[:, ::2], given[:, : given.shape[1] // 2])


def test_the_finest_branch_counts_twice():
    arrivals = DoubleArrivals([2, 4], 0)
    nn.init.zeros_(arrivals[1][1].weight)  # the coarser branch says nothing
    fine = torch.randn(1, 2, 4, 4)
    torch.testing.assert_close(arrivals([fine, torch.randn(1, 4, 2, 2)]), 2 * fine)


def test_coarser_branches_receive_the_sum_of_the_finest():
    """With x what the weightings give: the finest becomes s = 2 x0 + up(x1), the other 2 down(s) + x1, then ReLU."""
    torch.manual_seed(0)
    block = ExchangeBlock([16, 32]).eval()
    branches = [torch.randn(1, 16, 4, 4), torch.randn(1, 32, 2, 2)]
    fine, coarse = block.layers(branches)
    total = 2 * fine + block.fuse_layers[0][1](coarse)
    expected = [total.relu(), (2 * block.fuse_layers[1][0](total) + coarse).relu()]
    for found, wanted in zip(block(branches), expected, strict=True):
        torch.testing.assert_close(found, wanted)


def test_statistics_of_paths_from_the_finest_branch_move_as_far_as_in_two_updates():
    arrivals = DoubleArrivals([2, 4], 1)
    norm = arrivals[0][0][1]
    branches = [torch.randn(8, 2, 4, 4) + 5, torch.zeros(8, 4, 2, 2)]
    mean = arrivals[0][0][0](branches[0]).mean((0, 2, 3))
    arrivals(branches)
    torch.testing.assert_close(norm.running_mean, (0.9 * 0.1 + 0.1) * mean)
