"""Before several processes train together: how much each of them has room for.

Once they average gradients, each waits for the others in every pass, and one whose memory runs out cannot tell them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor, nn

from vitruvian.errors import TrainingError
from vitruvian.recipes import Recipe
from vitruvian.training.gradients import Learner, Share, add_what_fits, halved, out_of_memory
from vitruvian.training.hardware import Team
from vitruvian.training.memory import MOMENTS
from vitruvian.training.progress import Run


def rehearse(run: Run, recipe: Recipe, share: Share, team: Team, undo: Callable[[], None]) -> int | None:
    """What `run.micro` must be: the most crops in a pass that every process has room for, its own number if all fit.

    Each takes its share of a batch through the model and back, for itself, and forgets it. Raises TrainingError, in all
    of them, where one has no room for a single crop.
    """
    most = run.micro or share.whole
    fits = min(team.gather(_fitting(run, recipe, share, team, undo)))
    undo()
    if fits == 0:
        halved(1)
    return fits if fits < most else run.micro


def _fitting(run: Run, recipe: Recipe, share: Share, team: Team, undo: Callable[[], None]) -> int:
    """The most crops in a pass that this process has room for; 0: not even for one."""
    try:
        with _apart(run.model, team):
            kept = _moments_to_come(run.optimizer, recipe)
            _, fits = add_what_fits(Learner(run.model, recipe), share, run.micro or share.whole, run.scaler, undo)
            del kept
            return fits
    except TrainingError:
        return 0
    except RuntimeError as error:
        if out_of_memory(error):
            return 0
        raise


def _moments_to_come(optimizer: torch.optim.Optimizer, recipe: Recipe) -> list[Tensor]:
    """As much memory as the optimiser takes in its first step, if that is still to come."""
    learning = [] if optimizer.state else [one for group in optimizer.param_groups for one in group["params"]]
    return [torch.empty_like(one) for one in learning for _ in range(MOMENTS[recipe.optimiser])]


@contextmanager
def _apart(model: nn.Module, team: Team) -> Iterator[None]:
    """Norms over a batch are over that of this process: for the time of the block it does not wait for the others."""
    norms = [part for part in model.modules() if isinstance(part, nn.SyncBatchNorm)]
    if not norms:
        yield
        return
    groups = [norm.process_group for norm in norms]
    alone = dist.new_group([team.rank], use_local_synchronization=True)
    try:
        for norm in norms:
            norm.process_group = alone
        yield
    finally:
        for norm, group in zip(norms, groups, strict=True):
            norm.process_group = group
        dist.destroy_process_group(alone)
