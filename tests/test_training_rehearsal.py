"""What a process does for itself before several train together."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import nn

from tests.dots import dot_batches
from vitruvian.recipes import Recipe, build
from vitruvian.training import Run, train
from vitruvian.training.hardware import Team
from vitruvian.training.rehearsal import _apart, _moments_to_come


@pytest.fixture
def group(tmp_path: Path) -> Iterator[None]:
    """A group of processes, with one in it."""
    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/place", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def test_norms_over_all_processes_are_over_one_for_a_while(group):
    """Also if the block fails."""
    model = nn.Sequential(nn.SyncBatchNorm(2), nn.ReLU(), nn.SyncBatchNorm(3))
    inside = []

    def pass_through() -> None:
        inside.extend(dist.get_world_size(norm.process_group) for norm in (model[0], model[2]) if norm.process_group)
        raise MemoryError

    with pytest.raises(MemoryError), _apart(model, Team(0, 1, torch.device("cpu"))):
        pass_through()
    assert inside == [1, 1]
    assert model[0].process_group is model[2].process_group is None


@pytest.mark.parametrize(("optimiser", "moments"), [("sgd", 1), ("adam", 2), ("adamw", 2)])
def test_room_is_kept_for_moments_until_they_are_there(dots: Recipe, optimiser, moments):
    """As many numbers as the optimiser has after a step, beside its counters."""
    recipe = replace(dots, optimiser=optimiser, freeze=("backbone.0.",))
    run = Run.begin(build(recipe), recipe)
    learning = sum(value.numel() for value in run.model.parameters() if value.requires_grad)
    assert sum(value.numel() for value in _moments_to_come(run.optimizer, recipe)) == moments * learning
    next(train(run, dot_batches(4), recipe, 5))
    kept = [one for values in run.optimizer.state.values() for name, one in values.items() if name != "step"]
    assert sum(value.numel() for value in kept) == moments * learning
    assert _moments_to_come(run.optimizer, recipe) == []
