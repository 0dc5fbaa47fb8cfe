"""The named recipes: each can be built, fits its codec, and has the settings that were published."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from vitruvian.codecs import CODECS
from vitruvian.models import MODELS
from vitruvian.models.losses import LIKELIHOOD, LOSSES
from vitruvian.recipes import RECIPES, RESULTS, SOURCES, Estimator, Recipe, build, estimator_of
from vitruvian.runtime import published
from vitruvian.structures import SKELETONS, skeleton
from vitruvian.training.objective import objective

NAMES = sorted(RECIPES)
CONFIGURED = {  # a published file of settings -> ours
    "coco-wholebody-hand": "coco_hand",
    "freihand2d": "freihand",
    "onehand10k": "onehand10k",
    "rhd2d": "rhd",
    "aflw": "aflw",
    "wflw": "wflw",
    "hourglass52": "hourglass52",
    "hrnetv2-w18": "hrnetv2_w18",
    "litehrnet-w18": "lite_hrnet_18",
    "mobilenetv2": "mobilenetv2",
    "res50": "resnet50",
    "scnet50": "scnet50",
}
READ = {  # name -> settings as they stand in the files of those who published them
    "coco_cpn_resnet101_384x288": {"batch_size": 24, "decay": 0.5, "weight_decay": 1e-5},
    "coco_cspnext_s_256x192": {"epochs": 210, "learning_rate": 4e-3, "weight_decay": 0.05, "average": 0.9998},
    "coco_cspnext_t_256x192": {"epochs": 210, "learning_rate": 4e-3, "weight_decay": 0.05, "average": 0.0},
    "coco_fast_pose_duc_resnet152_256x192": {"batch_size": 128, "milestones": (90, 120)},
    "coco_fast_pose_si_resnet50_256x192": {"batch_size": 128, "milestones": (170, 200)},
    "coco_mspn50_x4_256x192": {"learning_rate": 5e-3, "batch_size": 256},
    "coco_rtmpose_l_256x192": {"weight_decay": 0.05, "average": 0.9998, "batch_size": 2048},
    "coco_rtmpose_s_256x192": {"weight_decay": 0.0, "average": 0.9998, "batch_size": 2048},
    "coco_simcc_resnet152_384x288": {"batch_size": 128, "epochs": 140, "learning_rate": 1e-3},
    "coco_simcc_vipnas_mobilenet_v3_256x192": {"batch_size": 512, "epochs": 210, "learning_rate": 5e-4},
    "coco_token_pose_l_d24_256x192": {"batch_size": 64, "epochs": 300, "milestones": (200, 260)},
    "coco_token_pose_s_v2_256x192": {"batch_size": 48, "epochs": 300, "milestones": (200, 260)},
    "coco_token_pose_t_256x192": {"batch_size": 128, "epochs": 300, "milestones": (200, 260)},
    "coco_vitpose_base_simple_256x192": {"layer_decay": 0.75, "weight_decay": 0.1, "clip": 1.0},
    "coco_vitpose_huge_simple_256x192": {"layer_decay": 0.85, "weight_decay": 0.1, "clip": 1.0},
    "coco_vitpose_large_simple_256x192": {"layer_decay": 0.8, "weight_decay": 0.1, "clip": 1.0},
    "coco_wholebody_rtmw_m_256x192": {"weight_decay": 0.05, "batch_size": 8192, "clip": 35.0},
    "coco_wholebody_rtmw_x_256x192": {"weight_decay": 0.1, "batch_size": 5632, "clip": 35.0},
}
BODIES = ("coco17", "coco_wholebody133", "halpe26", "lsp14")
BOTTOM_UP = ("ae_", "higher_hrnet_")
KINDS = {"MSRAHeatmap": "gaussian_heatmap", "UDPHeatmap": "udp_heatmap"}


Shape = tuple[int, ...]


@cache
def _answers(model: str, heads: tuple[tuple[str, Shape], ...], size: tuple[int, int]) -> list[dict[str, Shape]]:
    """The shapes of what each stage of the model says, by a model without memory for its weights."""
    with torch.device("meta"):
        built = MODELS[model](dict(heads), size).eval()
        stages = built.stages(torch.zeros(1, 3, size[1], size[0]))
    return [{name: tuple(output.shape[1:]) for name, output in stage.items()} for stage in stages]


@pytest.mark.parametrize("name", NAMES)
def test_every_stage_of_the_model_answers_what_the_codec_decodes(name):
    recipe = RECIPES[name]()
    keypoints = len(skeleton(recipe.skeleton))
    heads = recipe.codec.heads(keypoints)
    answers = _answers(recipe.model, tuple(heads.items()), recipe.codec.input_size)
    assert all(answer == heads for answer in answers)
    assert len(recipe.stages) in (0, 1, len(answers) - 1)
    for stage in recipe.stages:
        assert stage.codec is None or stage.codec.heads(keypoints) == heads


@pytest.mark.parametrize("name", NAMES)
def test_every_name_in_a_recipe_is_known(name):
    recipe = RECIPES[name]()
    assert recipe.skeleton in SKELETONS
    assert recipe.model in MODELS
    losses = {recipe.loss, *(loss for _, loss in recipe.losses), *(stage.loss for stage in recipe.stages)}
    assert losses <= {*LOSSES, LIKELIHOOD}
    outputs = recipe.codec.heads(len(skeleton(recipe.skeleton)))
    assert {output for output, _ in recipe.losses} <= outputs.keys()


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_is_the_function_of_its_name_and_says_what_it_is(name):
    assert RECIPES[name].__name__ == name
    assert RECIPES[name]() == RECIPES[name]()
    assert (RECIPES[name].__doc__ or "").splitlines()[0].rstrip().endswith((".", ":"))


@pytest.mark.parametrize("model", [name for name in MODELS if not name.startswith(BOTTOM_UP)])
def test_every_model_of_one_person_has_a_recipe_for_bodies(model):
    assert [name for name in NAMES if RECIPES[name]().model == model and RECIPES[name]().skeleton in BODIES]


@pytest.mark.parametrize("name", READ)
def test_a_recipe_has_the_settings_that_were_read(name):
    recipe = RECIPES[name]()
    assert {setting: getattr(recipe, setting) for setting in READ[name]} == READ[name]


@pytest.mark.parametrize(
    ("name", "kernels"),
    [
        ("coco_cpn_resnet50_256x192", [15, 11, 9, 7, 7]),
        ("coco_cpn_resnet50_384x288", [23, 17, 13, 9, 9]),
        ("coco_mspn50_x3_256x192", [15, 11, 9, 7, 15, 11, 9, 7, 11, 9, 7, 5]),
    ],
)
def test_bumps_become_narrower_from_level_to_level(name, kernels):
    recipe = RECIPES[name]()
    assert [codec.blur_kernel for codec in (*(stage.codec for stage in recipe.stages), recipe.codec)] == kernels


def test_no_two_recipes_are_the_same_but_for_the_data():
    """The hands of COCO and OneHand10K have the same settings with ResNet-50, batches included."""
    alike: dict[Recipe, list[str]] = {}
    for name in NAMES:
        alike.setdefault(RECIPES[name](), []).append(name)
    assert [names for names in alike.values() if len(names) > 1] == [["coco_hand_resnet50", "onehand10k_resnet50"]]


def test_a_result_belongs_to_a_recipe_and_says_where_it_is_from():
    assert RESULTS.keys() <= RECIPES.keys()
    assert {result.source for result in RESULTS.values()} == SOURCES.keys()


@pytest.mark.parametrize("name", sorted(RESULTS))
def test_shares_are_shares_and_errors_are_in_pixels_or_percent(name):
    for metric, value in RESULTS[name].metrics:
        share = metric.startswith(("AP", "AR", "PCK", "AUC"))
        assert 0.3 < value < 1 if share else 1 < value < 30, metric


def test_results_of_mmpose_are_those_of_published_weights_of_the_same_model():
    """Another table, made from the same source by other hands, has weights with these numbers and this codec."""
    accuracies: dict[Estimator, list[set[float]]] = {}
    for entry in published().values():
        accuracies.setdefault(estimator_of(entry), []).append(set(entry.accuracy.values()))
    for name, result in RESULTS.items():
        recipe, values = RECIPES[name](), {value for _, value in result.metrics}
        if result.source == "MMPose":
            same = accuracies[Estimator(recipe.skeleton, recipe.model, recipe.codec, recipe.padding)]
            assert any(values <= numbers for numbers in same), name


@pytest.mark.parametrize(
    "name",
    [
        "coco_cspnext_t_256x192",
        "coco_deep_pose_mobilenetv2_rle_256x192",
        "coco_dsnt_resnet50_256x256",
        "coco_rsn18_256x192",
        "coco_simcc_resnet50_plain_256x192",
    ],
)
def test_a_recipe_of_several_stages_outputs_or_losses_trains(name):
    """One step's loss, of two people of whom half the keypoints are known, reaches the weights."""
    torch.manual_seed(0)
    recipe = RECIPES[name]()
    model = build(recipe)
    width, height = recipe.codec.input_size
    xy = torch.rand(2, 17, 2) * torch.tensor([width, height])
    xy[:, ::2] = torch.nan
    loss = objective(model, model.stages(torch.rand(2, 3, height, width)), xy, recipe)
    loss.backward()
    assert loss.isfinite()
    assert loss > 0
    assert sum(parameter.grad.norm() for parameter in model.parameters() if parameter.grad is not None) > 0


def _configured(shared: Path) -> dict[str, dict[str, Any]]:
    """Our name -> the settings of a published hand or face model."""
    found = {}
    for entry in json.loads((shared / "facts" / "seed_recipes.json").read_text()):
        model, _, rest = entry["source"].removeprefix("td-hm_").partition("_")
        variant = rest.partition("-8xb")[0] if "-8xb" in rest else ""
        dataset = next(part for part in CONFIGURED if rest.rpartition("_")[2].startswith(part))
        words = (CONFIGURED[dataset], CONFIGURED[model], variant)
        found["_".join(word for word in words if word)] = entry
    return found


def test_the_hands_and_faces_have_the_settings_of_the_published_runs(shared):
    configured = _configured(shared)
    assert len(configured) == 23
    for name, entry in configured.items():
        recipe, codec, box = RECIPES[name](), entry["codec"], entry["random_box"]
        assert (recipe.optimiser, recipe.learning_rate) == (
            entry["optimizer"]["type"].lower(),
            entry["optimizer"]["lr"],
        )
        assert (recipe.epochs, recipe.warm_up) == (entry["epochs"], entry["warmup_iterations"]), name
        assert (list(recipe.milestones), recipe.decay) == (entry["lr_milestones_epochs"], entry["lr_gamma"]), name
        assert recipe.batch_size == 8 * entry["batch_per_gpu"], name
        assert (recipe.weight_decay, recipe.average, recipe.clip) == (0, 0, None)
        assert type(recipe.codec) is CODECS[KINDS[codec["type"]]], name
        assert list(recipe.codec.input_size) == codec["input_size"]
        assert list(recipe.codec.map_size) == codec["heatmap_size"]
        assert recipe.codec.sigma == codec["sigma"]
        assert getattr(recipe.codec, "unbiased", False) == codec.get("unbiased", False), name
        assert getattr(recipe.codec, "shift_flip", False) == entry["shift_heatmap"], name
        assert len(skeleton(recipe.skeleton)) == entry["head"]["out_channels"]
        assert recipe.loss == {"KeypointMSELoss": "heatmap_mse"}.get(entry["head"]["loss"]["type"], "adaptive_wing")
        assert recipe.padding == entry["box_padding"]
        change = recipe.augmentation
        assert change.flip == entry["horizontal_flip_probability"]
        assert (change.degrees, change.turn) == (box["rotate_factor"], box["rotate_prob_default"]), name
        assert [2 - change.scale, change.scale] == pytest.approx(box["scale_factor"]), name
        shift = box.get("shift_factor", box["shift_factor_default"])
        probability = box.get("shift_prob", box["shift_prob_default"])
        assert (change.shift, change.move) == (shift, probability) if probability else change.shift == 0, name
        assert (change.draw, change.half) == ("normal", 0)
