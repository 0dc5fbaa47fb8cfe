"""The gradients of one batch: in one pass, or in several small ones that add up, whatever fits into memory."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from vitruvian.errors import TrainingError
from vitruvian.models import PoseModel, normalise
from vitruvian.recipes import Recipe, build
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
    """The learner of this process; of several, gradients are averaged over all of them.

    On the CPU in a group of their own: torch keeps the threads of a group that gradients were averaged in until the
    program ends, and those that are still at work then would abort it. The other group can be closed for good.
    """
    learner = Learner(model, recipe)
    if team.size == 1:
        return learner
    idle = _has_idle(recipe)
    if team.device.type == "cuda":
        return DistributedDataParallel(learner, device_ids=[team.device], find_unused_parameters=idle)
    return DistributedDataParallel(learner, process_group=dist.new_group(), find_unused_parameters=idle)


def _has_idle(recipe: Recipe) -> bool:
    """Whether the model has parameters that no answer depends on, as some published ones do: nobody may wait for their
    gradients. Tried on tensors without content."""
    with torch.device("meta"):
        model = build(recipe)
    width, height = recipe.codec.input_size
    image = torch.zeros((2, height, width, 3), dtype=torch.uint8, device="meta")  # two, for norms over a batch
    answers = [value for stage in model.train().stages(normalise(image)) for value in stage.values()]
    torch.stack([value.float().sum() for value in answers]).sum().backward()
    return any(value.requires_grad and value.grad is None for value in model.parameters())


def add_gradients(
    learner: nn.Module, batch: tuple[Tensor, Tensor], passes: int, usual: float, scaler: torch.amp.GradScaler
) -> Tensor:
    """The loss of this process's image and xy; its gradients are added to those that the parameters have.

    usual: the crops of a process, on average, by which the sum of the losses is divided. The mean over the processes,
    of losses and of gradients alike, is then the mean over the crops of all, however many each of them has.

    Losses are means over crops, so the sum of the passes is that of one pass, up to rounding, with two exceptions:
    norms over a batch are then over a pass, and so are the losses that divide by the number of labelled points instead.
    """
    image, xy = batch
    total = torch.zeros((), device=image.device)
    parts = list(_parts(len(image), passes))
    for part in parts:
        with _apart(learner, part is not parts[-1]):
            loss = learner(image[part], xy[part]) * (len(image[part]) / usual)
            scaler.scale(loss).backward()
        total += loss.detach()
    return total


def passes_of(whole: int, processes: int, micro: int) -> int:
    """In how many passes of at most `micro` crops each process takes its share of a batch of `whole` crops.

    The same number for all, because they wait for each other in every pass. Shares may differ by a crop, so where
    `micro` is 1, one pass may have two.
    """
    least, most = whole // processes, -(-whole // processes)
    return min(-(-most // micro), least)


def _parts(count: int, passes: int) -> Iterator[slice]:
    """Slices of so many rows that are nearly alike."""
    return (slice(count * i // passes, count * (i + 1) // passes) for i in range(passes))


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
