"""Recipes as plain values: they come back as they were, and what is not one is refused with the reason."""

import json
from dataclasses import fields, replace

import pytest

from vitruvian.codecs import (
    CODECS,
    GaussianHeatmap,
    IntegralRegression,
    MegviiHeatmap,
    ProbabilityHeatmap,
    Regression,
    SimCC,
    UDPHeatmap,
)
from vitruvian.datasets import Augmentation
from vitruvian.errors import RecipeError, UnknownNameError
from vitruvian.recipes import RECIPES, Recipe, Stage, recipe_from_dict, recipe_to_dict

CODEC_VALUES = (
    GaussianHeatmap((192, 256), unbiased=True, refine="dark", blur_kernel=17, sigma=3.0),
    UDPHeatmap((192, 256), combined=True),
    ProbabilityHeatmap((128, 64), reach=2),
    MegviiHeatmap((192, 256), blur_kernel=5),
    SimCC((192, 256), sigma=(4.9, 5.66), normalise=False, sharpness=150.0),
    Regression((192, 256), spread=True),
    IntegralRegression((256, 256), reach=None),
)
COSINE = ("flat", "floor")  # do not go with milestones
PLAIN = Recipe("lsp14", "residual_unet_small", ProbabilityHeatmap((64, 64)), "heatmap_cross_entropy")


def saved(**changed: object) -> dict[str, object]:
    """A saved recipe with some keys replaced."""
    return {**json.loads(json.dumps(recipe_to_dict(PLAIN))), **changed}


@pytest.mark.parametrize("codec", CODEC_VALUES, ids=lambda codec: type(codec).__name__)
def test_a_recipe_survives_json(codec):
    """With every codec, and a value for every setting that is not the default."""
    recipe = Recipe(
        "coco17", "simple_baseline_resnet18", codec, "heatmap_mse", (("xy", "smooth_l1"),),
        (Stage("heatmap_mse", 0.25, codec), Stage("heatmap_ohkm_mse")),
        Augmentation(0.5, 30, 0.6, 1.4, 0.1, 0.2, 0.3, 0.4, 0.5, "normal", 0.3, 0.2),
        1.5, 8, 100, None, "adam", 1e-4, 10, (50, 75.5), 0.5, 0.0, 0.0, 0.01, 0.75, None, 0.99, "bfloat16",
        ("backbone.",), "body14", 7,
    )  # fmt: skip
    assert all(getattr(recipe, part.name) != part.default for part in fields(Recipe) if part.name not in COSINE)
    back = recipe_from_dict(json.loads(json.dumps(recipe_to_dict(recipe))))
    assert back == recipe
    assert hash(back) == hash(recipe)  # lists have become tuples again


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_named_recipe_survives_json(name):
    recipe = RECIPES[name]()
    assert recipe_from_dict(json.loads(json.dumps(recipe_to_dict(recipe)))) == recipe


def test_there_is_a_case_for_every_codec():
    assert {type(codec) for codec in CODEC_VALUES} == set(CODECS.values())


def test_a_saved_recipe_names_its_codec_and_not_what_follows_from_it():
    """The convention belongs to the class."""
    codec = recipe_to_dict(replace(PLAIN, codec=UDPHeatmap((64, 64))))["codec"]
    assert codec["kind"] == "udp_heatmap"
    assert "convention" not in codec


def test_what_a_saved_recipe_leaves_out_has_its_default():
    values = saved()
    for key in ("augmentation", "steps", "seed"):
        del values[key]
    assert recipe_from_dict(values) == PLAIN


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (saved(step=5), 'unknown recipe key "step"; known: .* Did you mean steps'),
        (
            saved(codec={"kind": "probability_heatmap", "input": 1}),
            'unknown codec key "input"; known: input_size, ',
        ),
        (
            saved(codec={"kind": "udp", "input_size": [64, 64]}),
            'unknown codec "udp"; known: .* Did you mean udp_heat',
        ),
        (
            saved(codec={"kind": "udp_heatmap", "input_size": [64, 64], "convention": "msra"}),
            "unknown .*convention",
        ),
        (saved(codec={}), 'unknown codec "None"; known: gaussian_heatmap, integral_regression, megvii'),
        (
            saved(stages=[{"loss": "heatmap_mse", "wait": 1}]),
            r'unknown stages\[0\] key "wait"; known: .* mean weight',
        ),
        (
            saved(stages=[{"loss": "l1", "codec": {"kind": "udp"}}]),
            'unknown codec "udp"; known: .* mean udp_h',
        ),
        (saved(augmentation={"flop": 0.5}), 'unknown augmentation key "flop"; known: .* Did you mean flip'),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(values, sentence):
    with pytest.raises(UnknownNameError, match=f"^{sentence}"):
        recipe_from_dict(values)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([1], r"recipe must be a table of names and values, got \[1\]"),
        (saved(codec="udp_heatmap"), "codec must be a table of names and values, got 'udp_heatmap'"),
        (saved(codec=None), "codec must be a table of names and values, got None"),
        (saved(stages={"loss": "l1"}), r"stages must be a list, got {'loss': 'l1'}"),
        (saved(stages=["l1"]), r"stages\[0\] must be a table of names and values, got 'l1'"),
        (saved(losses=["xy"]), r"recipe losses must be a list of pairs of texts, got \['xy'\]"),
        (saved(stages=[{"loss": "l1", "weight": -1}]), "stage weight must be finite and not negative, got -1"),
        (saved(augmentation=[0.5]), r"augmentation must be a table of names and values, got \[0.5\]"),
        ({"codec": saved()["codec"]}, "recipe lacks skeleton, model, loss$"),
        (saved(codec={"kind": "udp_heatmap"}), "codec lacks input_size$"),
        (
            saved(codec={"kind": "udp_heatmap", "input_size": [64]}),
            r"codec.input_size must be two whole numbers, got \[64\]",
        ),
        (
            saved(codec={"kind": "udp_heatmap", "input_size": [65, 64]}),
            "input_size 65 x 64 must be a positive multi",
        ),
        (saved(steps="many"), "recipe steps must be a whole number or none, got 'many'"),
        (saved(batch_size=8.5), "recipe batch_size must be a whole number, got 8.5"),
        (saved(learning_rate="fast"), "recipe learning_rate must be a number, got 'fast'"),
        (saved(learning_rate=True), "recipe learning_rate must be a number, got True"),
        (saved(optimiser="lion"), "recipe optimiser must be adamw or adam or sgd, got 'lion'"),
        (saved(losses=[["heatmap"]]), r"recipe losses must be a list of pairs of texts, got \[\['heatmap'\]\]"),
        (saved(stages=3), "stages must be a list, got 3"),
        (saved(model=5), "recipe model must be a text, got 5"),
        (saved(skeleton=5), "recipe skeleton must be a text or a table of skeleton settings, got 5"),
        (saved(skeleton={"name": "x"}), "skeleton lacks names, limbs, mirror, sigmas$"),
        (saved(augmentation={"flip": "yes"}), "augmentation.flip must be a number, got 'yes'"),
        (saved(stages=[{"loss": "l1", "weight": "much"}]), r"stages\[0\].weight must be a number, got 'much'"),
        (saved(steps=0), "recipe steps must be at least 1, got 0"),
        (saved(augmentation={"flip": 2}), "augmentation flip is a probability between 0 and 1, got 2"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(values, sentence):
    with pytest.raises(RecipeError, match=f"^{sentence}"):
        recipe_from_dict(values)
