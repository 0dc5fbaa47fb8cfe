"""What training lowers, by hand: two stages of one map, two outputs, an output that has no target."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from vitruvian.codecs import GaussianHeatmap, IntegralRegression, Regression
from vitruvian.errors import RecipeError
from vitruvian.recipes import Recipe, Stage
from vitruvian.training.objective import objective

CODEC = GaussianHeatmap((32, 32))
XY = torch.tensor([[[16.0, 16.0]]])
RECIPE = Recipe("lsp14", "hourglass52_x2", CODEC, "heatmap_mse")


def said(codec: GaussianHeatmap, error: float) -> dict[str, Tensor]:
    """The target of the codec, wrong by as much in every cell."""
    return {"heatmap": codec.encode(XY)["heatmap"] + error}


def test_a_model_of_one_stage_has_the_loss_of_its_answer():
    """Every cell is off by 3: the mean square is 9."""
    assert objective(nn.Identity(), [said(CODEC, 3.0)], XY, RECIPE).item() == pytest.approx(9.0)


def test_stages_add_up_and_are_trained_like_the_last_where_nothing_is_said():
    """1 + 4 + 9."""
    stages = [said(CODEC, error) for error in (1.0, 2.0, 3.0)]
    assert objective(nn.Identity(), stages, XY, RECIPE).item() == pytest.approx(14.0)


def test_one_stage_of_the_recipe_serves_all_before_the_last():
    """A quarter of 1 and of 4, and 9."""
    recipe = replace(RECIPE, stages=(Stage("heatmap_mse", weight=0.25),))
    stages = [said(CODEC, error) for error in (1.0, 2.0, 3.0)]
    assert objective(nn.Identity(), stages, XY, recipe).item() == pytest.approx(10.25)


def test_a_stage_is_compared_with_the_targets_of_its_own_codec():
    """Both stages say exactly what they should, although that differs."""
    wide = GaussianHeatmap((32, 32), sigma=3.0)
    recipe = replace(RECIPE, stages=(Stage("heatmap_mse", codec=wide),))
    assert objective(nn.Identity(), [said(wide, 0.0), said(CODEC, 0.0)], XY, recipe).item() == pytest.approx(0.0)
    assert objective(nn.Identity(), [said(CODEC, 0.0), said(CODEC, 0.0)], XY, recipe).item() > 1e-4


def test_an_unknown_keypoint_costs_nothing():
    answer = {"heatmap": torch.full((1, 1, 8, 8), 5.0)}
    assert objective(nn.Identity(), [answer], torch.full((1, 1, 2), torch.nan), RECIPE).item() == 0.0


def test_every_output_has_its_own_loss():
    """The point is off by half of the input's width, on both axes: l1 is 0.5. The map is what it should be."""
    codec = IntegralRegression((32, 32))
    recipe = replace(RECIPE, codec=codec, loss="l1", losses=(("heatmap", "heatmap_mse"),))
    answer = {"heatmap": codec.encode(XY)["heatmap"], "xy": torch.zeros(1, 1, 2)}
    assert objective(nn.Identity(), [answer], XY, recipe).item() == pytest.approx(0.5)


def test_a_likelihood_uses_both_outputs_and_the_flow_of_the_model():
    """Exactly right, scale sigmoid(0) = 1/2, a flow that says 0: log(1/2) + log(2 · 1/2) a coordinate, of two."""
    model = nn.Module()
    model.head = nn.Module()
    model.head.log_prob = lambda error: torch.zeros(len(error))
    recipe = replace(RECIPE, codec=Regression((32, 32), spread=True), loss="residual_log_likelihood")
    answer = {"xy": torch.full((1, 1, 2), 0.5), "spread": torch.zeros(1, 1, 2)}
    assert objective(model, [answer], XY, recipe).item() == pytest.approx(2 * -0.6931472)


def test_a_likelihood_without_a_flow_is_refused():
    recipe = replace(RECIPE, codec=Regression((32, 32), spread=True), loss="residual_log_likelihood")
    answer = {"xy": torch.zeros(1, 1, 2), "spread": torch.zeros(1, 1, 2)}
    model = nn.Module()
    model.head = nn.Identity()
    with pytest.raises(RecipeError, match="needs a model with a flow and a spread, such as deep_pose_resnet50_rle"):
        objective(model, [answer], XY, recipe)


def test_another_number_of_stages_is_refused_with_both_numbers():
    recipe = replace(RECIPE, stages=(Stage("heatmap_mse"),) * 3)
    with pytest.raises(RecipeError, match="3 stages before the last are trained, but the model hourglass52_x2 has 1"):
        objective(nn.Identity(), [said(CODEC, 0.0)] * 2, XY, recipe)


def test_a_codec_that_has_nothing_in_common_with_the_model_is_refused():
    with pytest.raises(RecipeError, match="answers with xy, but nothing trains xy: the codec encodes heatmap, weight"):
        objective(nn.Identity(), [{"xy": torch.zeros(1, 1, 2)}], XY, RECIPE)


def test_a_spread_that_no_likelihood_trains_is_refused():
    """Its scores would be those of a fresh network."""
    recipe = replace(RECIPE, codec=Regression((32, 32), spread=True), loss="smooth_l1")
    answer = {"xy": torch.zeros(1, 1, 2), "spread": torch.zeros(1, 1, 2)}
    with pytest.raises(RecipeError, match="nothing trains spread"):
        objective(nn.Identity(), [answer], XY, recipe)


def test_a_loss_for_an_output_that_is_not_there_is_refused():
    recipe = replace(RECIPE, losses=(("heatmaps", "l1"),))
    with pytest.raises(RecipeError, match="losses names heatmaps, but the model hourglass52_x2 answers with heatmap"):
        objective(nn.Identity(), [said(CODEC, 0.0)], XY, recipe)


def test_a_stage_for_a_model_of_one_stage_is_refused():
    recipe = replace(RECIPE, stages=(Stage("heatmap_mse"),))
    with pytest.raises(RecipeError, match="1 stages before the last are trained, but the model hourglass52_x2 has 0"):
        objective(nn.Identity(), [said(CODEC, 0.0)], XY, recipe)
