"""How far a run is: what changes while a model is trained."""

import copy
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import nn

from vitruvian.models import PoseModel
from vitruvian.recipes import Recipe
from vitruvian.training.hardware import ALONE, Team
from vitruvian.training.interrupts import held_back
from vitruvian.training.schedule import freeze, optimizer_of
from vitruvian.training.sharding import shard


@dataclass
class Run:
    """What changes while a model is trained: everything that the next step depends on but the recipe and the data.

    model is trained in place; average, a copy of it, follows as the moving average of its weights, and is the model to
    keep. done: optimiser steps so far. micro: the most crops that fit into one pass; None: nothing is known.
    Random numbers are drawn anew from the recipe's seed and the step, so no state of any generator belongs here.
    """

    model: PoseModel
    average: PoseModel
    optimizer: torch.optim.Optimizer
    done: int = 0
    micro: int | None = None
    scaler: torch.amp.GradScaler = field(default_factory=lambda: torch.amp.GradScaler("cpu", enabled=False))

    @classmethod
    def begin(cls, model: PoseModel, recipe: Recipe, team: Team = ALONE, micro: int | None = None) -> "Run":
        """Before the first step. Raises RecipeError for a layer decay or a freeze that does not fit the model."""
        if team.size > 1 and team.device.type == "cuda":
            model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
        layout = torch.contiguous_format if team.shards else torch.channels_last  # parts of weights are cut off in rows
        model = model.to(team.device, memory_format=layout)  # type: ignore[call-overload]  # as in the stubs
        freeze(model, recipe.freeze)
        average = copy.deepcopy(model).eval()
        if team.shards:
            shard((model, average), recipe, team)
        scaler = torch.amp.GradScaler(team.device.type, enabled=recipe.precision == "float16")
        return cls(model, average, optimizer_of(model, recipe), micro=micro, scaler=scaler)

    @contextmanager
    def unless_it_fails(self) -> Iterator[Callable[[], None]]:
        """If the block fails or is interrupted, norm statistics are what they were before it, and there are no
        gradients; or when the yield is called: its step was not made, whatever the pass has told the norms."""
        before = [value.clone() for value in self.model.buffers()]

        @torch.no_grad()
        def undo() -> None:
            self.optimizer.zero_grad()
            for value, old in zip(self.model.buffers(), before, strict=True):
                value.copy_(old)

        try:
            yield undo
        except BaseException:
            with held_back() as signals:
                undo()
            for one in signals:
                signal.raise_signal(one)
            raise
