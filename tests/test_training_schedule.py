"""Rates by hand: over time, and of each parameter."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from tests.dots import dot_finder
from vitruvian.errors import RecipeError
from vitruvian.models import MODELS
from vitruvian.training import learning_rate
from vitruvian.training.schedule import freeze, optimizer_of, to_training


@pytest.mark.parametrize(
    ("step", "rate"), [(1, 0.5), (2, 1.0), (4, 2.0), (6, 2 * 0.8535534), (8, 1.0), (12, 0.0), (13, 0.0)]
)
def test_the_learning_rate_by_hand(dots, step, rate):
    """Peak 2, 4 steps of warm-up: a quarter of it a step. Then half a cosine over 8 steps: (1 + cos 45°) / 2 after 2,
    one half after 4, zero after all of them."""
    recipe = replace(dots, learning_rate=2.0, warm_up=4, steps=12)
    assert learning_rate(step, recipe, 12) == pytest.approx(rate)


def test_without_warm_up_the_cosine_starts_at_once(dots):
    """One of two steps is half way."""
    assert learning_rate(1, replace(dots, learning_rate=2.0, warm_up=0, steps=2), 2) == pytest.approx(1.0)


def test_a_run_shorter_than_its_warm_up_only_climbs(dots):
    assert learning_rate(10, replace(dots, learning_rate=2.0, warm_up=100, steps=10), 10) == pytest.approx(0.2)


@pytest.mark.parametrize(("step", "rate"), [(10, 2.0), (40, 2.0), (41, 0.2), (80, 0.2), (81, 0.02), (100, 0.02)])
def test_the_learning_rate_falls_at_milestones(dots, step, rate):
    """Peak 2. After 4 and 8 of 10 epochs, which are 40 and 80 of 100 steps, it falls to a tenth."""
    recipe = replace(dots, learning_rate=2.0, warm_up=10, epochs=10, steps=None, milestones=(4, 8))
    assert learning_rate(step, recipe, 100) == pytest.approx(rate)


@pytest.mark.parametrize(("step", "rate"), [(5, 1.0), (10, 2.0), (50, 2.0), (75, 1.1), (100, 0.2)])
def test_the_learning_rate_stays_up_for_a_while_and_does_not_end_at_zero(dots, step, rate):
    """Peak 2 until half the run; half a cosine down to a tenth of it, so 1.1 in the middle of that."""
    recipe = replace(dots, learning_rate=2.0, warm_up=10, flat=0.5, floor=0.1)
    assert learning_rate(step, recipe, 100) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("optimiser", "after"), [("sgd", 1 - 0.1 * (2 + 0.5)), ("adam", 1 - 0.1), ("adamw", 1 - 0.1 * 0.5 - 0.1)]
)
def test_the_first_step_of_each_optimiser_by_hand(dots, optimiser, after):
    """Weight 1, gradient 2, rate 0.1, decay 0.5. SGD: the decay adds 0.5 to the gradient. Adam's first step has the
    length of the rate; its decay is in the gradient, AdamW's is 0.1 * 0.5 of the weight besides."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.ones_(model.weight)
    optimizer = optimizer_of(model, replace(dots, optimiser=optimiser, learning_rate=0.1, weight_decay=0.5))
    model.weight.grad = torch.full_like(model.weight, 2.0)
    optimizer.step()
    assert model.weight.item() == pytest.approx(after, abs=1e-6)


class _Tokens(nn.Module):
    """Parameters named as those of a vision transformer of two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.patch_embed = nn.Conv2d(3, 4, 2)
        self.pos_embed = nn.Parameter(torch.zeros(1, 4, 4))
        self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(2))
        self.ln1 = nn.LayerNorm(4)


def test_lower_layers_of_a_transformer_learn_slower(dots):
    """Layer decay 0.5, top down: the head and the last norm 1, the layers 1/2 and 1/4, what makes the tokens 1/8.
    Matrices decay, the position embedding does not."""
    model = nn.ModuleDict({"backbone": _Tokens(), "head": nn.Linear(4, 2)})
    groups = optimizer_of(model, replace(dots, layer_decay=0.5, weight_decay=0.1)).param_groups
    found = {
        name: (group["share"], group["weight_decay"])
        for name, parameter in model.named_parameters()
        for group in groups
        if any(parameter is other for other in group["params"])
    }
    assert found == {
        "backbone.pos_embed": (0.125, 0),
        "backbone.patch_embed.weight": (0.125, 0.1),
        "backbone.patch_embed.bias": (0.125, 0),
        "backbone.layers.0.weight": (0.25, 0.1),
        "backbone.layers.0.bias": (0.25, 0),
        "backbone.layers.1.weight": (0.5, 0.1),
        "backbone.layers.1.bias": (0.5, 0),
        "backbone.ln1.weight": (1, 0),
        "backbone.ln1.bias": (1, 0),
        "head.weight": (1, 0.1),
        "head.bias": (1, 0),
    }


def test_the_parts_of_our_transformers_are_named_like_that():
    with torch.device("meta"):
        model = MODELS["vitpose_small"]({"heatmap": (17, 64, 48)}, (192, 256))
    parts = {name.split(".")[1] for name, _ in model.named_parameters() if name.startswith("backbone.")}
    assert parts == {"patch_embed", "pos_embed", "layers", "ln1"}


def test_a_layer_decay_of_a_model_without_layers_is_refused(dots):
    with pytest.raises(RecipeError, match=r"^layer_decay is of vision transformers, and this model has no backbone\."):
        optimizer_of(dot_finder({"heatmap": (2, 8, 8)}, (32, 32)), replace(dots, layer_decay=0.9))


def test_a_cosine_that_ends_at_the_peak_is_a_constant_rate(dots):
    recipe = replace(dots, learning_rate=2.0, warm_up=2, floor=1.0)
    assert [learning_rate(step, recipe, 10) for step in (1, 2, 5, 10)] == [1.0, 2.0, 2.0, 2.0]


def test_what_is_frozen_does_not_learn_and_keeps_its_statistics(dots):
    model = dot_finder({"heatmap": (2, 8, 8)}, (32, 32))
    freeze(model, ("backbone.",))
    assert [name for name, value in model.named_parameters() if value.requires_grad] == [
        "head.final_layer.weight",
        "head.final_layer.bias",
    ]
    assert sum(len(group["params"]) for group in optimizer_of(model, dots).param_groups) == 2
    to_training(model)
    assert not model.backbone[1].training
    assert model.head.training


def test_what_cannot_be_frozen_is_refused():
    model = dot_finder({"heatmap": (2, 8, 8)}, (32, 32))
    with pytest.raises(RecipeError, match=r'no parameter\'s name begins with "neck"; the parts are backbone, head$'):
        freeze(model, ("neck",))
    with pytest.raises(RecipeError, match=r"^recipe freeze: backbone, head is all of the model; leave something"):
        freeze(model, ("backbone", "head"))
