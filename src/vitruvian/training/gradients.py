"""The gradients of one batch: in one pass, or in several small ones that add up, whatever fits into memory."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from vitruvian.errors import TrainingError
from vitruvian.models import PoseModel, normalise
from vitruvian.recipes import Recipe
from vitruvian.training.hardware import Team
from vitruvian.training.objective import objective
from vitruvian.training.shapes import shapes

DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


class Learner(nn.Module):
    """A model and what it is trained for: image (B, H, W, 3) uint8 and xy (B, K, 2) -> the loss, a scalar.

    whole: crops in the batch that these B are a part of, B where omitted.
    """

    def __init__(self, model: PoseModel, recipe: Recipe):
        super().__init__()
        self.model = model
        self.recipe = recipe

    def forward(self, image: Tensor, xy: Tensor, whole: int | None = None) -> Tensor:
        precision = self.recipe.precision
        with torch.autocast(image.device.type, DTYPES.get(precision), enabled=precision in DTYPES):
            stages = self.model.stages(normalise(image))
        return objective(self.model, stages, xy, self.recipe, whole)


@dataclass(frozen=True, eq=False)
class Share:
    """A process's part of a batch: image (B, H, W, 3) uint8 and xy (B, K, 2) input pixels, on its device.

    whole: crops in the batch, of all `processes`. seed: what is drawn inside the model comes from it.
    """

    image: Tensor
    xy: Tensor
    whole: int
    processes: int = 1
    seed: int = 0


def learner_of(model: PoseModel, recipe: Recipe, team: Team) -> nn.Module:
    """The learner of this process; of several, gradients are averaged over all of them, as sharded models do by
    themselves.

    On the CPU in a group of their own: torch keeps the threads of a group that gradients were averaged in until the
    program ends, and those that are still at work then would abort it. The other group can be closed for good.
    """
    learner = Learner(model, recipe)
    if team.size == 1 or team.shards:
        return learner
    idle = _has_idle(recipe)
    if team.device.type == "cuda":
        return DistributedDataParallel(learner, device_ids=[team.device], find_unused_parameters=idle)
    return DistributedDataParallel(learner, process_group=dist.new_group(), find_unused_parameters=idle)


def _has_idle(recipe: Recipe) -> bool:
    """Whether the model has parameters that no answer depends on, as some published ones do: nobody may wait for their
    gradients. Tried on tensors without content."""
    model, image = shapes(recipe)
    answers = [value for stage in model.stages(normalise(image)) for value in stage.values()]
    torch.stack([value.float().sum() for value in answers]).sum().backward()
    return any(value.requires_grad and value.grad is None for value in model.parameters())


def add_gradients(learner: nn.Module, share: Share, micro: int, scaler: torch.amp.GradScaler) -> Tensor:
    """The loss of a share, in passes of at most `micro` crops; its gradients are added to those that there are.

    The losses of the passes of all processes add up to that of the batch, up to rounding, however many crops each of
    them has; times the number of processes, because losses and gradients alike are averaged over these. Only norms over
    a batch are over a pass then.
    """
    torch.manual_seed(share.seed)
    total = torch.zeros((), device=share.image.device)
    parts = list(_parts(len(share.image), passes_of(share.whole, share.processes, micro)))
    for part in parts:
        image, xy = share.image[part], share.xy[part]
        with _apart(learner, part is not parts[-1]):
            loss = learner(image, xy, share.whole) * share.processes
            scaler.scale(loss).backward()
        total += loss.detach()
    return total


def add_what_fits(
    learner: nn.Module, share: Share, micro: int, scaler: torch.amp.GradScaler, undo: Callable[[], None]
) -> tuple[Tensor, int]:
    """`add_gradients` in passes that are halved as often as memory runs out: the loss, and what `micro` is then.

    undo: what a pass has done that failed. Raises TrainingError where a single crop does not fit.
    """
    while True:
        try:
            return add_gradients(learner, share, micro, scaler), micro
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            micro = halved(min(micro, len(share.image)))
        undo()


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
    """Whether that is what went wrong; torch has an error of its own for it on some devices only."""
    said = ("can't allocate memory", "out of memory", "ALLOC_FAILED")  # of the CPU, of Apple's GPU, of CUDA's libraries
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in said)


def halved(micro: int) -> int:
    """Raises TrainingError where a single crop does not fit."""
    if micro == 1:
        raise TrainingError(
            "memory ran out with a single crop in a pass; choose a smaller model or input, or precision bfloat16"
        )
    return -(-micro // 2)
