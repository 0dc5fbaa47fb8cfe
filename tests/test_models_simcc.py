"""SimCC over ResNet, MobileNetV2 and the MobileNetV3 of ViPNAS."""

import pytest
import torch

from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models import simcc
from vitruvian.models.vipnas import vipnas_mobilenet_v3

from .published_names import built, names_of, parameters, published_names, untouched

HEADS = {"x": (17, 384), "y": (17, 512)}
HEATMAPS = {"heatmap": (17, 64, 48)}
SIZE = (192, 256)
ALL = [
    simcc.simcc_resnet50,
    simcc.simcc_resnet50_plain,
    simcc.simcc_resnet101,
    simcc.simcc_resnet152,
    simcc.simcc_mobilenetv2,
    simcc.simcc_vipnas_mobilenet_v3,
]
SMALLEST = [
    simcc.simcc_resnet50,
    simcc.simcc_resnet50_plain,
    simcc.simcc_mobilenetv2,
    simcc.simcc_vipnas_mobilenet_v3,
]


def test_parameters_have_the_published_names_shapes_and_order(shared):
    assert names_of(built(simcc.simcc_resnet50, HEADS, SIZE)) == published_names(shared, "simcc_res50_coco_256x192")


def test_the_head_reads_all_cells_of_a_map():
    """48 x 64 cells after the deconvolutions, 6 x 8 without; a bias for each of the 384 and 512 bins."""
    deconv = 16 * 256 * (2048 + 512) + 3 * 512 + 17 * 257
    assert parameters(built(simcc.simcc_resnet50, HEADS, SIZE).head) == deconv + (48 * 64 + 1) * (384 + 512)
    assert parameters(built(simcc.simcc_mobilenetv2, HEADS, SIZE).head) == 17 * 1281 + (6 * 8 + 1) * (384 + 512)
    assert parameters(built(simcc.simcc_resnet50_plain, HEADS, SIZE).head) == 17 * 2049 + (6 * 8 + 1) * (384 + 512)


def test_every_channel_of_vipnas_is_deconvolved_alone():
    """Three times 160 kernels of 4 x 4, each with its batch norm; the rest as over a ResNet."""
    head = built(simcc.simcc_vipnas_mobilenet_v3, HEADS, SIZE).head
    assert parameters(head) == 3 * 160 * (16 + 2) + 17 * 161 + (48 * 64 + 1) * (384 + 512)


def test_the_backbone_of_vipnas_is_that_of_its_heatmaps():
    answers = built(simcc.simcc_vipnas_mobilenet_v3, HEADS, SIZE), built(vipnas_mobilenet_v3, HEATMAPS, SIZE)
    first, second = ([name for name in names_of(model) if name[0].startswith("backbone.")] for model in answers)
    assert first == second != []


@pytest.mark.parametrize("build", ALL, ids=lambda build: build.__name__)
def test_every_keypoint_has_its_bins_at_any_input_of_whole_cells(build):
    with torch.device("meta"):
        outputs = build({"x": (5, 300), "y": (5, 400)}, (96, 128))(torch.empty(2, 3, 128, 96))
    assert {key: bins.shape for key, bins in outputs.items()} == {"x": (2, 5, 300), "y": (2, 5, 400)}


@pytest.mark.parametrize("build", SMALLEST, ids=lambda build: build.__name__)
def test_gradients_reach_every_parameter(build):
    torch.manual_seed(0)
    model = build({"x": (3, 20), "y": (3, 24)}, (96, 64))
    outputs = model(torch.randn(2, 3, 64, 96))
    sum((bins * torch.randn_like(bins)).sum() for bins in outputs.values()).backward()
    assert untouched(model) == []


def test_a_keypoint_is_read_off_its_own_map():
    """With linear layers in common, keypoints with equal maps have equal answers, in any order."""
    torch.manual_seed(0)
    head = simcc.SimCCHead(8, {"x": (3, 20), "y": (3, 24)}, (3, 2), deconv=False)
    features = torch.randn(1, 8, 2, 3)
    before = head(features)
    head.final_layer.weight.data = head.final_layer.weight.data[[2, 0, 1]]
    after = head(features)
    for name in ("x", "y"):
        torch.testing.assert_close(after[name], before[name][:, [2, 0, 1]])


def test_an_image_of_another_size_is_refused():
    with pytest.raises(ShapeError, match="images of 192 x 256, got one of 256 x 192"):
        built(simcc.simcc_mobilenetv2, HEADS, SIZE)(torch.empty(1, 3, 192, 256, device="meta"))


def test_heatmaps_are_refused():
    with pytest.raises(RecipeError, match="gives x and y"):
        built(simcc.simcc_resnet50, {"heatmap": (17, 64, 48)}, SIZE)
