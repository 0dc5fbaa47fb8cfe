"""The training loop, in plain sight: it yields, the caller logs, stops and saves."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from vitruvian.errors import TrainingError
from vitruvian.models import LOSSES, normalise
from vitruvian.recipes import Recipe


@dataclass(frozen=True)
class Step:
    """What happened in one optimiser step. loss: the mean over the batch; learning_rate: that of this step."""

    number: int
    loss: float
    learning_rate: float


def train(
    model: nn.Module, average: nn.Module, batches: Iterable[tuple[np.ndarray, np.ndarray]], recipe: Recipe
) -> Iterator[Step]:
    """One optimiser step per batch of image (B, H, W, 3) uint8 and xy (B, K, 2) input pixels, NaN where unknown.

    `model` is trained in place; `average`, a copy of it, follows as the moving average of its weights, and is the
    model to keep. Yields after every step; ends after recipe.steps, or when the batches do.

    Raises TrainingError when the loss is not finite, before it reaches any weight.
    """
    optimizer = _optimizer(model, recipe)
    loss_of = LOSSES[recipe.loss]
    model.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing from the stubs
    for number, (image, xy) in zip(range(1, recipe.steps + 1), batches, strict=False):
        rate = learning_rate(number, recipe)
        for group in optimizer.param_groups:
            group["lr"] = rate
        targets = recipe.codec.encode(torch.from_numpy(xy))
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bfloat16"):
            outputs = model(normalise(torch.from_numpy(image)))
        losses = [loss_of(output.float(), targets[name], targets["weight"]) for name, output in outputs.items()]
        loss = torch.stack(losses).sum()
        if not loss.isfinite():
            raise TrainingError(f"the loss of step {number} is {loss.item()}; lower the learning rate, now {rate:.1e}")
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimizer.step()
        follow(average, model, min(recipe.average, number / (number + 10)))
        yield Step(number, loss.item(), rate)


def learning_rate(step: int, recipe: Recipe) -> float:
    """Linear from 0 over recipe.warm_up steps, then half a cosine down to 0 at recipe.steps; step counts from 1."""
    warm = min(1.0, step / max(1, recipe.warm_up))
    done = max(0.0, step - recipe.warm_up) / max(1, recipe.steps - recipe.warm_up)
    return recipe.learning_rate * warm * (1 + math.cos(math.pi * min(1.0, done))) / 2


def _optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW that decays matrices and kernels, not biases and norms."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, fused=True)


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, decay: float) -> None:
    """average <- decay · average + (1 - decay) · model, parameters and norm statistics alike; counters are copied."""
    for mean, value in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)
