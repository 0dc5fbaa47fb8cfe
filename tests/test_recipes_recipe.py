"""Recipe: values in range, and named recipes that can be built."""

from dataclasses import FrozenInstanceError, replace

import pytest

from vitruvian.codecs import ProbabilityHeatmap
from vitruvian.errors import RecipeError
from vitruvian.models import LOSSES, MODELS
from vitruvian.recipes import RECIPES, Recipe
from vitruvian.structures import SKELETONS

NAN = float("nan")
PLAIN = Recipe("lsp14", "residual_unet_small", ProbabilityHeatmap((64, 64)), "heatmap_cross_entropy")


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_named_recipe_uses_names_that_exist(name):
    recipe = RECIPES[name]()
    assert recipe.skeleton in SKELETONS
    assert recipe.model in MODELS
    assert recipe.loss in LOSSES
    assert recipe.warm_up < recipe.steps


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_named_recipe_is_the_function_of_that_name(name):
    assert RECIPES[name].__name__ == name
    assert RECIPES[name]() == RECIPES[name]()


def test_a_variant_is_a_replace_and_a_recipe_cannot_be_changed():
    variant = replace(PLAIN, steps=5)
    assert (variant.steps, PLAIN.steps) == (5, 10_000)
    with pytest.raises(FrozenInstanceError):
        variant.steps = 6


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("batch_size", (0, -1, NAN), "must be at least 1"),
        ("steps", (0, -5), "must be at least 1"),
        ("warm_up", (-1,), "must not be negative"),
        ("weight_decay", (-0.1, NAN), "must not be negative"),
        ("seed", (-1,), "must not be negative"),
        ("padding", (0, -1.25, NAN), "must be more than 0"),
        ("learning_rate", (0, -1e-3, NAN), "must be more than 0"),
        ("average", (-0.1, 1.0, NAN), "must be at least 0 and less than 1"),
        ("precision", ("float16", "bf16"), "must be float32 or bfloat16"),
    ],
)
def test_a_value_out_of_range_is_refused(name, values, sentence):
    for value in values:
        with pytest.raises(RecipeError, match=f"^recipe {name} {sentence}, got {value}$"):
            replace(PLAIN, **{name: value})


@pytest.mark.parametrize(
    "change", [{"steps": 1}, {"batch_size": 1}, {"warm_up": 0}, {"weight_decay": 0}, {"average": 0}, {"seed": 0}]
)
def test_the_least_allowed_value_is_allowed(change):
    replace(PLAIN, **change)
