"""The training loop, in plain sight: it yields, the caller logs, stops and saves."""

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from vitruvian.errors import NotFiniteError, TrainingError
from vitruvian.recipes import Recipe
from vitruvian.training.gradients import Share, add_gradients, add_what_fits, halved, learner_of, out_of_memory
from vitruvian.training.hardware import ALONE, Team
from vitruvian.training.interrupts import held_back
from vitruvian.training.progress import Run
from vitruvian.training.rehearsal import rehearse
from vitruvian.training.schedule import learning_rate, set_rate, to_training
from vitruvian.training.sharding import together

Batch = tuple[Tensor | np.ndarray, Tensor | np.ndarray]


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
    first = run.done + 1
    for number in range(first, steps + 1):
        start = time.perf_counter()
        batch = next(coming, None)
        if batch is None:
            return
        waited = time.perf_counter() - start
        image, xy = (torch.as_tensor(part).to(team.device, non_blocking=True) for part in batch)
        rate = learning_rate(number, recipe, steps)
        set_rate(run.optimizer, rate)
        before, whole = run.micro, recipe.batch_size if team.size > 1 else len(image)
        with run.unless_it_fails() as undo:
            share = Share(image, xy, whole, team.size, step_seed(recipe.seed, number, team.rank))
            if number == first and team.size > 1 and not team.shards:
                run.micro = rehearse(run, recipe, share, team, undo)
            loss = team.mean(_gradients(run, learner, share, undo)).item()
            _clip(run, recipe, (loss, number, rate), share)
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


def _gradients(run: Run, learner: nn.Module, share: Share, undo: Callable[[], None]) -> Tensor:
    """The loss of this process; the gradients are those of the batch, from as many passes as memory makes necessary.

    Raises TrainingError when memory runs out in one of several processes, for the others wait for its gradients.
    """
    run.optimizer.zero_grad()
    micro = run.micro or share.whole
    if share.processes == 1:
        loss, fits = add_what_fits(learner, share, micro, run.scaler, undo)
        run.micro = fits if fits < micro else run.micro
        return loss
    try:
        return add_gradients(learner, share, micro, run.scaler)
    except RuntimeError as error:
        if not out_of_memory(error):
            raise
        most = min(micro, len(share.image))
        raise TrainingError(
            f"memory ran out in one of the processes with {most} crops in a pass; go on with --resume and a micro "
            f"batch of {halved(most)}"
        ) from error


def _clip(run: Run, recipe: Recipe, found: tuple[float, int, float], share: Share) -> None:
    """Shorten the gradients as the recipe says. found: the loss, the number of the step, the learning rate."""
    loss, number, rate = found
    run.scaler.unscale_(run.optimizer)
    longest = torch.inf if recipe.clip is None else recipe.clip
    length = together(nn.utils.clip_grad_norm_(run.model.parameters(), longest)).item()
    scaled = run.scaler.is_enabled()  # then steps with gradients too large for float16 are passed over
    if not np.isfinite(loss) or not (scaled or np.isfinite(length)):
        what = f"the loss of step {number} is {loss}" + ("" if np.isfinite(length) else f", its gradient {length}")
        batch = {"image": share.image.cpu().numpy(), "xy": share.xy.cpu().numpy()}
        raise NotFiniteError(f"{what}; lower the learning rate, now {rate:.1e}", batch)


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
