"""DeepPose: coordinates by regression, with and without their spread."""

import pytest
import torch

from vitruvian.errors import RecipeError
from vitruvian.models import deep_pose
from vitruvian.models.deep_pose import LikelihoodHead, Pooled, RegressionHead

from .published_names import built, names_of, parameters, published_names, untouched

POINTS = {"xy": (17, 2)}
SPREAD = {"xy": (17, 2), "spread": (17, 2)}
SIZE = (192, 256)
PLAIN = [deep_pose.deep_pose_resnet50, deep_pose.deep_pose_resnet101, deep_pose.deep_pose_resnet152]
RLE = [
    deep_pose.deep_pose_resnet50_rle,
    deep_pose.deep_pose_resnet101_rle,
    deep_pose.deep_pose_resnet152_rle,
    deep_pose.deep_pose_mobilenetv2_rle,
]


@pytest.mark.parametrize(
    ("build", "heads", "name"),
    [
        (deep_pose.deep_pose_resnet50, POINTS, "deeppose_res50_coco_256x192"),
        (deep_pose.deep_pose_resnet50_rle, SPREAD, "deeppose_res50_rle_coco_256x192"),
    ],
)
def test_parameters_have_the_published_names_shapes_and_order(shared, build, heads, name: str):
    assert names_of(built(build, heads, SIZE)) == published_names(shared, name)


@pytest.mark.parametrize(
    ("build", "heads"), [*((build, POINTS) for build in PLAIN), *((build, SPREAD) for build in RLE)]
)
def test_answers_are_two_numbers_a_keypoint_at_any_size(build, heads):
    outputs = built(build, heads, SIZE)(torch.empty(2, 3, 100, 70, device="meta"))
    assert {name: points.shape for name, points in outputs.items()} == dict.fromkeys(heads, (2, 17, 2))


def test_the_flow_has_twelve_small_networks():
    """2 to 64 to 64 to 2 with biases: 192 + 4160 + 130."""
    assert parameters(LikelihoodHead(8, SPREAD).loss_module) == 12 * 4482


def test_features_are_averaged():
    assert Pooled()(torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])).tolist() == [[3.0]]


def test_rows_of_the_layer_are_x_and_y_of_each_keypoint():
    head = RegressionHead(1, {"xy": (2, 2)})
    head.fc.weight.data = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    assert head(torch.ones(1, 1))["xy"].tolist() == [[[1.0, 2.0], [3.0, 4.0]]]


def test_rows_of_the_layer_are_x_and_y_and_their_spread_of_each_keypoint():
    head = LikelihoodHead(1, {"xy": (2, 2), "spread": (2, 2)})
    head.fc.weight.data = torch.arange(1.0, 9.0)[:, None]
    outputs = head(torch.ones(1, 1))
    assert outputs["xy"].tolist() == [[[1.0, 2.0], [5.0, 6.0]]]
    assert outputs["spread"].tolist() == [[[3.0, 4.0], [7.0, 8.0]]]


def test_gradients_reach_every_parameter_and_the_flow_by_the_log_density():
    torch.manual_seed(0)
    model = deep_pose.deep_pose_mobilenetv2_rle({"xy": (3, 2), "spread": (3, 2)}, (64, 64))
    outputs = model(torch.randn(2, 3, 64, 64))
    (outputs["spread"].sum() - model.head.log_prob(outputs["xy"].flatten(0, 1)).sum()).backward()
    assert untouched(model) == []


@pytest.mark.parametrize("heads", [{"xy": (17, 3)}, {"xy": (17, 2, 1)}, {"heatmap": (17, 64, 48)}, SPREAD, {}])
def test_other_answers_are_refused(heads):
    with pytest.raises(RecipeError, match="xy"):
        built(deep_pose.deep_pose_resnet50, heads, SIZE)
