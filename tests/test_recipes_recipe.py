"""Recipe: values in range, and how long a run is."""

import math
from dataclasses import FrozenInstanceError, replace

import pytest

from vitruvian.codecs import ProbabilityHeatmap
from vitruvian.errors import RecipeError
from vitruvian.recipes import Recipe, Stage

NAN = float("nan")
PLAIN = Recipe("lsp14", "residual_unet_small", ProbabilityHeatmap((64, 64)), "heatmap_cross_entropy")
BY_EPOCHS = replace(PLAIN, epochs=210, steps=None, milestones=(170, 200))


def test_a_variant_is_a_replace_and_a_recipe_cannot_be_changed():
    variant = replace(PLAIN, steps=5)
    assert (variant.steps, PLAIN.steps) == (5, 10_000)
    with pytest.raises(FrozenInstanceError):
        variant.steps = 6


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("batch_size", (0, -1), "must be at least 1"),
        ("batch_size", (2.5, True, NAN), "must be a whole number"),
        ("learning_rate", (float("inf"),), "must be finite"),
        ("steps", (0, -5), "must be at least 1"),
        ("warm_up", (-1,), "must not be negative"),
        ("weight_decay", (-0.1, NAN), "must not be negative"),
        ("seed", (-1,), "must not be negative"),
        ("padding", (0, -1.25, NAN), "must be more than 0"),
        ("learning_rate", (0, -1e-3, NAN), "must be more than 0"),
        ("clip", (0, -1, NAN), "must be more than 0"),
        ("average", (-0.1, 1.0, NAN), "must be at least 0 and less than 1"),
        ("flat", (-0.1, 1.0, NAN), "must be at least 0 and less than 1"),
        ("floor", (-0.1, 1.1, NAN), "must be between 0 and 1"),
        ("decay", (0, 1.1, NAN), "must be more than 0 and at most 1"),
        ("layer_decay", (0, 1.1, NAN), "must be more than 0 and at most 1"),
        ("optimiser", ("adamax", "AdamW"), "must be adamw or adam or sgd"),
        ("precision", ("float64", "bf16"), "must be float32 or bfloat16 or float16"),
    ],
)
def test_a_value_out_of_range_is_refused(name, values, sentence):
    for value in values:
        with pytest.raises(RecipeError, match=f"^recipe {name} {sentence}, got {value!r}$"):
            replace(PLAIN, **{name: value})


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 1},
        {"epochs": 1, "steps": None},
        {"batch_size": 1},
        {"warm_up": 0},
        {"weight_decay": 0},
        {"average": 0},
        {"seed": 0},
        {"decay": 1},
        {"clip": None},
    ],
)
def test_the_least_or_most_allowed_value_is_allowed(change):
    replace(PLAIN, **change)


@pytest.mark.parametrize("change", [{"epochs": 3}, {"steps": None}])
def test_the_length_of_the_run_is_said_once(change):
    with pytest.raises(RecipeError, match=r"^recipe needs epochs or steps, the other None, got epochs .* and steps "):
        replace(PLAIN, **change)


def test_no_epoch_is_refused():
    with pytest.raises(RecipeError, match=r"^recipe epochs must be at least 1, got 0$"):
        replace(PLAIN, epochs=0, steps=None)


@pytest.mark.parametrize("milestones", [(200, 170), (170, 170), (0, 200), (170, 210), (NAN,)])
def test_milestones_out_of_order_or_out_of_the_run_are_refused(milestones):
    with pytest.raises(RecipeError, match=r"^recipe milestones must rise between 0 and 210 epochs, got "):
        replace(BY_EPOCHS, milestones=milestones)


@pytest.mark.parametrize("change", [{"flat": 0.5}, {"floor": 0.05}])
def test_milestones_and_a_cosine_exclude_each_other(change):
    with pytest.raises(RecipeError, match=r"^recipe flat .* and floor .* are of the cosine; with milestones leave"):
        replace(BY_EPOCHS, **change)


@pytest.mark.parametrize("weight", [-0.5, NAN, math.inf])
def test_a_stage_counts_a_finite_part(weight):
    with pytest.raises(RecipeError, match=f"^stage weight must be finite and not negative, got {weight}$"):
        Stage("heatmap_mse", weight)


def test_epochs_become_steps():
    """149,813 people of COCO in batches of 512: 292.6 batches show everybody once; 210 times that are 61,446.7."""
    recipe = replace(BY_EPOCHS, batch_size=512)
    assert recipe.steps_for(149_813) == 61_447
    assert recipe.steps_for(1) == 1
    assert PLAIN.steps_for(149_813) == 10_000


def test_a_run_without_samples_is_refused():
    for recipe in (PLAIN, BY_EPOCHS):
        with pytest.raises(RecipeError, match=r"^a run needs at least one sample, got 0$"):
            recipe.steps_for(0)


def test_a_recipe_cut_short_falls_at_the_same_shares_of_the_run():
    """Of 210 epochs, 170 and 200; of 21 steps, 17 and 20. A tenth of them, 2, for the warm-up."""
    short = BY_EPOCHS.cut_to(21)
    assert (short.epochs, short.steps, short.warm_up) == (None, 21, 2)
    assert short.milestones == pytest.approx((17, 20))
    assert BY_EPOCHS.cut_to(1_000_000).warm_up == 500
    with pytest.raises(RecipeError, match=r"^steps must be at least 1, got 0$"):
        BY_EPOCHS.cut_to(0)
