"""Bottom-up HRNets: the names of published checkpoints, the stages, how they become one answer."""

from pathlib import Path

import pytest
import torch
from torch import nn

from tests.published_names import built, names_of, parameters, published_names, untouched
from vitruvian.errors import RecipeError
from vitruvian.models.higher_hrnet import HigherHead, ae_hrnet_w32, higher_hrnet_w32
from vitruvian.models.hrnet import HRNet
from vitruvian.models.pose_model import PoseModel

HEADS = {"heatmap": (17, 64, 64), "tag": (17, 64, 64)}


def test_parameters_have_the_published_names_shapes_and_order(shared: Path):
    model = built(ae_hrnet_w32, HEADS, (256, 256))
    assert names_of(model) == published_names(shared, "ae_hrnetw32_coco_512x512")
    model = built(higher_hrnet_w32, HEADS, (128, 128))
    theirs = nn.ModuleDict({"backbone": model.backbone, "keypoint_head": model.head})
    assert names_of(theirs) == published_names(shared, "higherhrnet_w32")


def test_the_head_of_higher_hrnet_adds_a_deconvolution_and_four_residual_blocks():
    """32 features and 34 maps to 32 channels with 4 x 4 kernels; blocks of two 3 x 3 convolutions; two final layers."""
    deconvolution = 16 * 66 * 32 + 2 * 32
    blocks = 4 * 2 * (9 * 32 * 32 + 2 * 32)
    assert parameters(HigherHead(32, HEADS)) == deconvolution + blocks + 33 * 34 + 33 * 17


def test_stages_are_a_quarter_and_a_half_of_the_image_and_the_answer_a_half():
    with torch.device("meta"):
        stages = higher_hrnet_w32(HEADS, (256, 128)).stages(torch.empty(2, 3, 128, 256))
    shapes = [{name: tuple(maps.shape) for name, maps in stage.items()} for stage in stages]
    half = {"heatmap": (2, 17, 64, 128), "tag": (2, 17, 64, 128)}
    assert shapes == [dict.fromkeys(HEADS, (2, 17, 32, 64)), {"heatmap": half["heatmap"]}, half]


def test_the_answer_is_the_mean_of_both_heatmaps_and_the_tags_of_the_first_stage():
    """Where the maps of a stage are 4 or 2 everywhere, the mean is 3."""
    head = HigherHead(2, {"heatmap": (1, 4, 4), "tag": (3, 4, 4)}).eval()
    for layer, value in zip(head.final_layers, (4.0, 2.0), strict=True):
        nn.init.zeros_(layer.weight)
        nn.init.constant_(layer.bias, value)
    answer = head(torch.randn(1, 2, 2, 2))[-1]
    assert torch.equal(answer["heatmap"], torch.full((1, 1, 4, 4), 3.0))
    assert torch.equal(answer["tag"], torch.full((1, 3, 4, 4), 4.0))


def test_gradients_of_the_answer_reach_every_parameter():
    torch.manual_seed(0)
    backbone = HRNet(4)
    model = PoseModel(backbone, HigherHead(4, {"heatmap": (2, 16, 16), "tag": (2, 16, 16)}))
    answer = model(torch.randn(2, 3, 64, 64))
    sum((maps * torch.randn_like(maps)).sum() for maps in answer.values()).backward()
    assert untouched(model) == []


def test_a_head_without_heatmaps_is_refused():
    with pytest.raises(RecipeError, match='must have an output "heatmap", was asked for tag'):
        HigherHead(32, {"tag": (17, 64, 64)})
