"""The training loop, in plain sight: it yields, the caller logs, stops and saves."""

import copy
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from vitruvian.errors import RecipeError, TrainingError
from vitruvian.models import PoseModel, normalise
from vitruvian.recipes import Recipe
from vitruvian.training.objective import objective

LAYER = re.compile(r"backbone\.layers\.([0-9]+)\.")  # of a vision transformer


@dataclass(frozen=True)
class Step:
    """What happened in one optimiser step: the number-th of so many.

    loss: the mean over the batch; learning_rate: that of this step.
    """

    number: int
    of: int
    loss: float
    learning_rate: float


@dataclass
class Run:
    """What changes while a model is trained: everything that the next step depends on but the recipe and the data.

    model is trained in place; average, a copy of it, follows as the moving average of its weights, and is the model to
    keep. done: optimiser steps so far. Random numbers are drawn anew from the recipe's seed and the step, so no state
    of any generator belongs here.
    """

    model: PoseModel
    average: PoseModel
    optimizer: torch.optim.Optimizer
    done: int = 0

    @classmethod
    def begin(cls, model: PoseModel, recipe: Recipe) -> "Run":
        """Before the first step. Raises RecipeError for a layer decay of a model without layers."""
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing from the stubs
        return cls(model, copy.deepcopy(model).eval(), _optimizer(model, recipe))


def train(run: Run, batches: Iterable[tuple[np.ndarray, np.ndarray]], recipe: Recipe, steps: int) -> Iterator[Step]:
    """One optimiser step per batch of image (B, H, W, 3) uint8 and xy (B, K, 2) input pixels, NaN where unknown.

    Goes on after the `run.done` steps that are done, with the next batch being the first of `batches`. Yields after
    every step; ends after step number `steps`, or when the batches do.

    Raises TrainingError when the loss is not finite, before it reaches any weight.
    """
    model = run.model.train()
    for number, (image, xy) in zip(range(run.done + 1, steps + 1), batches, strict=False):
        rate = learning_rate(number, recipe, steps)
        for group in run.optimizer.param_groups:
            group["lr"] = rate * group["share"]
        torch.manual_seed(step_seed(recipe.seed, number))
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bfloat16"):
            stages = model.stages(normalise(torch.from_numpy(image)))
        loss = objective(model, stages, torch.from_numpy(xy), recipe)
        if not loss.isfinite():
            raise TrainingError(f"the loss of step {number} is {loss.item()}; lower the learning rate, now {rate:.1e}")
        run.optimizer.zero_grad()
        loss.backward()
        if recipe.clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        run.optimizer.step()
        follow(run.average, model, min(recipe.average, number / (number + 10)))
        run.done = number
        yield Step(number, steps, loss.item(), rate)


def step_seed(seed: int, step: int) -> int:
    """What the random numbers inside the model, as of a drop-out, are drawn from in one step of a run."""
    return int(np.random.SeedSequence((seed, step)).generate_state(1, np.uint32)[0])


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


def _optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimiser. Its groups carry their "share" of the learning rate, 1 without a layer decay."""
    top = _layers(model) + 1 if recipe.layer_decay < 1 else 0
    alike: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        share = recipe.layer_decay ** (top - _height(name, top))
        decays = parameter.ndim > 1 and not name.endswith("pos_embed")
        alike.setdefault((share, recipe.weight_decay if decays else 0.0), []).append(parameter)
    groups = [{"params": same, "share": share, "weight_decay": decay} for (share, decay), same in alike.items()]
    if recipe.optimiser == "sgd":
        return torch.optim.SGD(groups, lr=recipe.learning_rate, momentum=0.9, fused=True)
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


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, decay: float) -> None:
    """average <- decay · average + (1 - decay) · model, parameters and norm statistics alike; counters are copied."""
    for mean, value in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)
