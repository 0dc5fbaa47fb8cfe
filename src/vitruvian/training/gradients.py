"""The gradients of one batch: in one pass, or in several small ones that add up, whatever fits into memory."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from vitruvian.errors import TrainingError
from vitruvian.models import PoseModel, normalise
from vitruvian.recipes import Recipe
from vitruvian.training.hardware import Team
from vitruvian.training.objective import objective

DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


class Learner(nn.Module):
    """A model and what it is trained for: image (B, H, W, 3) uint8 and xy (B, K, 2) -> the loss, a scalar."""

    def __init__(self, model: PoseModel, recipe: Recipe):
        super().__init__()
        self.model = model
        self.recipe = recipe

    def forward(self, image: Tensor, xy: Tensor) -> Tensor:
        precision = self.recipe.precision
        with torch.autocast(image.device.type, DTYPES.get(precision), enabled=precision in DTYPES):
            stages = self.model.stages(normalise(image))
        return objective(self.model, stages, xy, self.recipe)


def learner_of(model: PoseModel, recipe: Recipe, team: Team) -> nn.Module:
    """The learner of this process; of several, gradients are averaged over all of them."""
    learner = Learner(model, recipe)
    if team.size == 1:
        return learner
    devices = [team.device] if team.device.type == "cuda" else None
    return DistributedDataParallel(learner, device_ids=devices)


def add_gradients(learner: nn.Module, image: Tensor, xy: Tensor, micro: int, scaler: torch.amp.GradScaler) -> Tensor:
    """The mean loss of a batch; its gradients are added to those that the parameters have.

    In passes of at most `micro` crops. Losses are means over crops, so the sum of the passes is that of one pass, up
    to rounding, with two exceptions: norms over a batch are then over a pass, and so are the losses that divide by the
    number of labelled points instead.
    """
    total = torch.zeros((), device=image.device)
    parts = list(_parts(len(image), micro))
    for part in parts:
        with _apart(learner, part is not parts[-1]):
            loss = learner(image[part], xy[part]) * (len(image[part]) / len(image))
            scaler.scale(loss).backward()
        total += loss.detach()
    return total


def _parts(count: int, micro: int) -> Iterator[slice]:
    """Slices of at most `micro` rows that are nearly alike."""
    number = -(-count // micro)
    return (slice(count * i // number, count * (i + 1) // number) for i in range(number))


def _apart(learner: nn.Module, apart: bool) -> AbstractContextManager[None]:
    """Without averaging over the processes, which the last pass of a batch does for all of them."""
    return learner.no_sync() if apart and isinstance(learner, DistributedDataParallel) else nullcontext()


def out_of_memory(error: RuntimeError) -> bool:
    """Whether that is what went wrong; on the CPU torch has no error of its own for it."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def halved(micro: int) -> int:
    """Raises TrainingError where a single crop does not fit."""
    if micro == 1:
        raise TrainingError(
            "memory ran out with a single crop in a pass; choose a smaller model or input, or precision bfloat16"
        )
    return -(-micro // 2)
