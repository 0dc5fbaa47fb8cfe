"""The training loop, in plain sight: it yields, the caller logs, stops and saves."""

import copy
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from vitruvian.errors import NotFiniteError, TrainingError
from vitruvian.models import PoseModel
from vitruvian.recipes import Recipe
from vitruvian.training.gradients import add_gradients, halved, learner_of, out_of_memory, passes_of
from vitruvian.training.hardware import Team
from vitruvian.training.interrupts import held_back
from vitruvian.training.schedule import freeze, learning_rate, optimizer_of, set_rate, to_training

Batch = tuple[Tensor | np.ndarray, Tensor | np.ndarray]
ALONE = Team(0, 1, torch.device("cpu"))


@dataclass(frozen=True)
class Step:
    """What happened in one optimiser step: the number-th of so many.

    loss:          the mean over the batch; learning_rate: that of this step.
    seconds:       that it took; waited: thereof, waiting for the batch. images: crops in it, of all processes.
    notes:         what the user should know, a sentence each, such as that memory ran out.
    """

    number: int
    of: int
    loss: float
    learning_rate: float
    seconds: float = 0.0
    waited: float = 0.0
    images: int = 0
    notes: tuple[str, ...] = ()


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
        model = model.to(team.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # as in the stubs
        freeze(model, recipe.freeze)
        scaler = torch.amp.GradScaler(team.device.type, enabled=recipe.precision == "float16")
        average = copy.deepcopy(model).eval()
        return cls(model, average, optimizer_of(model, recipe), micro=micro, scaler=scaler)


def train(run: Run, batches: Iterable[Batch], recipe: Recipe, steps: int, team: Team = ALONE) -> Iterator[Step]:
    """One optimiser step per batch of image (B, H, W, 3) uint8 and xy (B, K, 2) input pixels, NaN where unknown.

    Goes on after the `run.done` steps that are done, with the next batch being the first of `batches`. Yields after
    every step; ends after step number `steps`, or when the batches do. With several processes each gives its
    `Team.share` of the batch of `recipe.batch_size` crops. A step is made, or it is not: one that fails or is
    interrupted leaves the run as it was, and Ctrl-C while weights change waits until the step is told.

    Raises NotFiniteError when the loss or a gradient is not finite, before it reaches any weight, TrainingError when
    memory runs out for a single crop.
    """
    learner = learner_of(run.model, recipe, team)
    to_training(run.model)
    coming = iter(batches)
    for number in range(run.done + 1, steps + 1):
        start = time.perf_counter()
        batch = next(coming, None)
        if batch is None:
            return
        waited = time.perf_counter() - start
        image, xy = (torch.as_tensor(part).to(team.device, non_blocking=True) for part in batch)
        rate = learning_rate(number, recipe, steps)
        set_rate(run.optimizer, rate)
        before, whole = run.micro, recipe.batch_size if team.size > 1 else len(image)
        with _unless_it_fails(run.model) as undo:
            seed = step_seed(recipe.seed, number, team.rank)
            loss = team.mean(_gradients(run, learner, (image, xy), (whole, seed), team, undo)).item()
            _clip(run, recipe, (loss, number, rate), (image, xy))
        with held_back() as signals:
            run.scaler.step(run.optimizer)
            run.scaler.update()
            follow(run.average, run.model, min(recipe.average, number / (number + 10)))
            run.done = number
        notes = () if run.micro == before else (_smaller(run.micro),)
        try:
            yield Step(number, steps, loss, rate, time.perf_counter() - start, waited, whole, notes)
        finally:
            for one in signals:
                signal.raise_signal(one)


@contextmanager
def _unless_it_fails(model: nn.Module) -> Iterator[Callable[[], None]]:
    """If the block fails or is interrupted, norm statistics are what they were before it; or when the yield is called:
    its step was not made, whatever the pass has told the norms."""
    before = [value.clone() for value in model.buffers()]

    @torch.no_grad()
    def undo() -> None:
        for value, old in zip(model.buffers(), before, strict=True):
            value.copy_(old)

    try:
        yield undo
    except BaseException:
        undo()
        raise


def _gradients(
    run: Run,
    learner: nn.Module,
    batch: tuple[Tensor, Tensor],
    known: tuple[int, int],
    team: Team,
    undo: Callable[[], None],
) -> Tensor:
    """The loss; the gradients are those of this batch, from as many passes as memory makes necessary.

    known: crops in the batch, of all processes, and the seed of the step; undo: what a failed pass has changed.
    """
    whole, seed = known
    while True:
        run.optimizer.zero_grad()
        torch.manual_seed(seed)
        micro = run.micro or whole
        try:
            return add_gradients(learner, batch, passes_of(whole, team.size, micro), whole / team.size, run.scaler)
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            most = min(micro, len(batch[0]))
            if team.size > 1:  # the others wait for this one's gradients, and cannot be told
                raise TrainingError(
                    f"memory ran out in process {team.rank} with {most} crops in a pass; go on with --resume and a "
                    f"micro batch of {halved(most)}"
                ) from error
            run.micro = halved(most)
        undo()


def _clip(run: Run, recipe: Recipe, found: tuple[float, int, float], batch: tuple[Tensor, Tensor]) -> None:
    """Shorten the gradients as the recipe says. found: the loss, the number of the step, the learning rate."""
    loss, number, rate = found
    run.scaler.unscale_(run.optimizer)
    longest = torch.inf if recipe.clip is None else recipe.clip
    length = nn.utils.clip_grad_norm_(run.model.parameters(), longest).item()
    scaled = run.scaler.is_enabled()  # then steps with gradients too large for float16 are passed over
    if not np.isfinite(loss) or not (scaled or np.isfinite(length)):
        what = f"the loss of step {number} is {loss}" + ("" if np.isfinite(length) else f", its gradient {length}")
        names = zip(("image", "xy"), batch, strict=True)
        raise NotFiniteError(
            f"{what}; lower the learning rate, now {rate:.1e}", {name: part.cpu().numpy() for name, part in names}
        )


def _smaller(micro: int | None) -> str:
    return (
        f"memory ran out; from now on {micro} crops pass through the model at a time, and their gradients are added up "
        f"to those of the batch. Norms over a batch are over these crops now"
    )


def step_seed(seed: int, step: int, rank: int = 0) -> int:
    """What the random numbers inside the model, as of a drop-out, are drawn from in one step of one process."""
    entropy = (seed, step, rank) if rank else (seed, step)
    return int(np.random.SeedSequence(entropy).generate_state(1, np.uint32)[0])


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, decay: float) -> None:
    """average <- decay · average + (1 - decay) · model, parameters and norm statistics alike; counters are copied."""
    for mean, value in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)
