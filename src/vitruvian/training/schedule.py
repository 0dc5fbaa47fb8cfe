"""How fast each parameter learns, and when."""

import math
import re

import torch
from torch import nn

from vitruvian.errors import RecipeError
from vitruvian.recipes import Recipe
from vitruvian.training.sharding import shared_out

LAYER = re.compile(r"backbone\.layers\.([0-9]+)\.")  # of a vision transformer


def learning_rate(step: int, recipe: Recipe, steps: int) -> float:
    """The rate of one of the steps of a run; step counts from 1.

    Linear from 0 over recipe.warm_up steps. Then the peak until the first milestone, recipe.decay of it until the
    second, and so on; or, without milestones, half a cosine down to recipe.floor of the peak at the last step.
    """
    peak = recipe.learning_rate * min(1.0, step / max(1, recipe.warm_up))
    if recipe.milestones:
        return peak * recipe.decay ** sum(step * recipe.length > place * steps for place in recipe.milestones)
    begin = max(recipe.warm_up, recipe.flat * steps)
    done = min(1.0, max(0.0, step - begin) / max(1, steps - begin))
    return peak * (recipe.floor + (1 - recipe.floor) * (1 + math.cos(math.pi * done)) / 2)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Every group of parameters learns at its share of the rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]


def freeze(model: nn.Module, beginnings: tuple[str, ...]) -> None:
    """Parameters whose names begin so do not learn from now on.

    Raises RecipeError for a beginning of no parameter's name, and when nothing is left to learn.
    """
    for beginning in beginnings:
        if not any(name.startswith(beginning) for name, _ in model.named_parameters()):
            parts = ", ".join(dict.fromkeys(name.split(".")[0] for name, _ in model.named_parameters()))
            raise RecipeError(f'recipe freeze: no parameter\'s name begins with "{beginning}"; the parts are {parts}')
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not name.startswith(beginnings))
    if beginnings and not any(parameter.requires_grad for parameter in model.parameters()):
        raise RecipeError(f"recipe freeze: {', '.join(beginnings)} is all of the model; leave something that learns")


def to_training(model: nn.Module) -> None:
    """Training mode, but for what is frozen: norms keep their statistics there."""
    model.train()
    for part in model.modules():
        own = list(part.parameters())
        if own and not any(parameter.requires_grad for parameter in own):
            part.eval()


def optimizer_of(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimiser. Its groups carry their "share" of the learning rate, 1 without a layer decay.

    Raises RecipeError for a layer decay of a model without layers.
    """
    top = _layers(model) + 1 if recipe.layer_decay < 1 else 0
    alike: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            share = recipe.layer_decay ** (top - _height(name, top))
            decays = parameter.ndim > 1 and not name.endswith("pos_embed")
            alike.setdefault((share, recipe.weight_decay if decays else 0.0), []).append(parameter)
    groups = [{"params": same, "share": share, "weight_decay": decay} for (share, decay), same in alike.items()]
    if recipe.optimiser == "sgd":
        return torch.optim.SGD(groups, lr=recipe.learning_rate, momentum=0.9, fused=not shared_out(model))
    kind = torch.optim.Adam if recipe.optimiser == "adam" else torch.optim.AdamW
    return kind(groups, lr=recipe.learning_rate, fused=True)


def _height(name: str, top: int) -> int:
    """How far above the image a parameter of a vision transformer is.

    0 for what makes the tokens, layer + 1 for those of a layer, `top` for what comes after; for all of them, if that is
    0.
    """
    if layer := LAYER.match(name):
        return min(int(layer[1]) + 1, top)
    return 0 if name.startswith(("backbone.patch_embed", "backbone.pos_embed")) else top


def _layers(model: nn.Module) -> int:
    """How many layers a vision transformer has. Raises RecipeError for a model that is none."""
    found = [int(layer[1]) for name, _ in model.named_parameters() if (layer := LAYER.match(name))]
    if not found:
        raise RecipeError("layer_decay is of vision transformers, and this model has no backbone.layers; leave it 1")
    return max(found) + 1
