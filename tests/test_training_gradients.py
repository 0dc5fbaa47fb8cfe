"""Gradients of a batch in several passes, and what happens when memory runs out."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from tests.dots import dot_batches, dot_finder, dot_pictures
from vitruvian.errors import TrainingError
from vitruvian.models import MODELS, Heads, PoseModel, Size
from vitruvian.models.pose_model import MapHead
from vitruvian.recipes import Recipe, build
from vitruvian.training import Run, train
from vitruvian.training.gradients import Learner, Share, _has_idle, add_gradients, halved, passes_of

OFF = torch.amp.GradScaler("cpu", enabled=False)


def normless_finder(heads: Heads, input_size: Size) -> PoseModel:
    """Like `dot_finder`, but no crop looks at another."""
    return PoseModel(nn.Sequential(nn.Conv2d(3, 8, 4, stride=4), nn.ReLU()), MapHead(8, heads))


def idle_finder(heads: Heads, input_size: Size) -> PoseModel:
    """Such a one with a parameter that no answer depends on."""
    model = normless_finder(heads, input_size)
    model.register_parameter("idle", nn.Parameter(torch.ones(1)))
    return model


@pytest.fixture
def normless(dots, monkeypatch) -> Recipe:
    monkeypatch.setitem(MODELS, "normless_finder", normless_finder)
    return replace(dots, model="normless_finder")


def _gradients(recipe: Recipe, micro: int, count: int = 12) -> tuple[float, list[Tensor]]:
    torch.manual_seed(0)
    model = build(recipe)
    image, xy = (torch.from_numpy(part[:count]) for part in dot_pictures())
    xy[: count // 3] = torch.nan  # passes of unequal numbers of labelled points
    loss = add_gradients(Learner(model, recipe), Share(image, xy, count), micro, OFF)
    return loss.item(), [value.grad for value in model.parameters()]


@pytest.mark.parametrize("micro", [1, 5, 11])
def test_small_passes_add_up_to_the_whole(normless, micro):
    """To rounding: 12 crops in passes of at most `micro`, the last ones smaller."""
    loss, whole = _gradients(normless, 12)
    parts_loss, parts = _gradients(normless, micro)
    assert parts_loss == pytest.approx(loss, rel=1e-6)
    for one, other in zip(whole, parts, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-5, atol=1e-7)


def test_a_pass_that_is_large_enough_is_the_only_one(dots):
    """To the bit, whatever more would fit."""
    loss, whole = _gradients(dots, 12)
    assert loss == _gradients(dots, 99)[0]
    for one, other in zip(whole, _gradients(dots, 99)[1], strict=True):
        assert torch.equal(one, other)


def test_parameters_that_no_answer_depends_on_are_found(normless, monkeypatch):
    monkeypatch.setitem(MODELS, "idle_finder", idle_finder)
    assert not _has_idle(normless)
    assert _has_idle(replace(normless, model="idle_finder"))


@settings(max_examples=100)
@given(st.integers(1, 8), st.integers(1, 40), st.integers(1, 40))
def test_every_process_makes_as_many_passes_and_none_is_empty_or_too_large(processes, each, micro):
    """Shares of 2 and 3 crops in passes of at most 2: two passes for both. Of 1 at most, a pass may have 2."""
    assert passes_of(5, 2, 2) == 2
    for whole in range(processes * each, processes * (each + 1)):
        passes = passes_of(whole, processes, micro)
        least, most = whole // processes, -(-whole // processes)
        assert 1 <= passes <= least
        assert -(-most // passes) <= max(micro, 2 if least < most else 1)


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 40))
def test_halving_ends_at_one(micro, other):
    assert halved(micro + 1) in (micro // 2 + 1, (micro + 1) // 2)
    while micro > 1:
        assert halved(micro) < micro
        micro = halved(micro)


class Cramped(nn.Module):
    """Does what `inner` does for at most `room` crops; for more memory runs out, after the norms have seen them."""

    def __init__(self, inner: nn.Module, room: int, error: Callable[[], RuntimeError]):
        super().__init__()
        self.inner, self.room, self.error = inner, room, error

    def forward(self, image: Tensor) -> Tensor:
        found: Tensor = self.inner(image)
        if len(image) > self.room:
            raise self.error()
        return found


@pytest.fixture
def cramped(dots, monkeypatch) -> Callable[..., Recipe]:
    """A recipe whose model has room for so many crops."""

    def _recipe(room: int, error: Callable[[], RuntimeError] = torch.OutOfMemoryError) -> Recipe:
        def _finder(heads: Heads, input_size: Size) -> PoseModel:
            model = dot_finder(heads, input_size)
            model.backbone = Cramped(model.backbone, room, error)
            return model

        monkeypatch.setitem(MODELS, "cramped_finder", _finder)
        return replace(dots, model="cramped_finder")

    return _recipe


def _run(recipe: Recipe, micro: int | None = None) -> Run:
    torch.manual_seed(0)
    return Run.begin(build(recipe), recipe, micro=micro)


CPU = "[enforce fail at alloc_cpu.cpp:127] data. DefaultCPUAllocator: can't allocate memory: you tried ..."


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, lambda: RuntimeError(CPU)])
def test_when_memory_runs_out_the_pass_is_halved_until_it_fits(cramped, error):
    """12 crops, room for 4: 12 -> 6 -> 3. The same, to the bit, as a run told to take 3, statistics included."""
    run, told = _run(cramped(4, error)), _run(cramped(4, error), micro=3)
    steps = list(train(run, dot_batches(12), cramped(4, error), 3))
    expected = list(train(told, dot_batches(12), cramped(4, error), 3))
    assert run.micro == 3
    assert [step.loss for step in steps] == [step.loss for step in expected]
    for one, other in zip(run.model.state_dict().values(), told.model.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    assert [len(step.notes) for step in steps] == [1, 0, 0]
    assert steps[0].notes[0].startswith("memory ran out; from now on 3 crops pass through the model at a time")


def test_when_a_single_crop_does_not_fit_the_run_ends(cramped):
    with pytest.raises(TrainingError, match=r"^memory ran out with a single crop in a pass; choose a smaller model"):
        next(train(_run(cramped(0)), dot_batches(3), cramped(0), 3))


def test_other_errors_are_not_taken_for_it(cramped):
    recipe = cramped(0, lambda: RuntimeError("size mismatch"))
    with pytest.raises(RuntimeError, match=r"^size mismatch$"):
        next(train(_run(recipe), dot_batches(3), recipe, 3))


REALLY = """
import resource
from dataclasses import replace
import numpy as np, torch
from tests.dots import DOTS, dot_finder, dots_recipe
from vitruvian.codecs import ProbabilityHeatmap
from vitruvian.models import MODELS
from vitruvian.recipes import build
from vitruvian.structures import SKELETONS
from vitruvian.training import Run, train

torch.set_num_threads(1)
SKELETONS[DOTS.name], MODELS["dot_finder"] = DOTS, dot_finder
recipe = replace(dots_recipe(), codec=ProbabilityHeatmap(input_size=(512, 512)))
batch = np.zeros((64, 512, 512, 3), np.uint8), np.full((64, 2, 2), 100, np.float32)
run = Run.begin(build(recipe), recipe)
list(train(run, [(batch[0][:1], batch[1][:1])], recipe, 1))
in_use = int(next(line for line in open("/proc/self/status") if line.startswith("VmSize")).split()[1]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (in_use + 250 * 2**20,) * 2)
steps = list(train(run, [batch] * 2, recipe, 3))
print(run.micro, len(steps), len(steps[0].notes))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process as Linux does")
def test_when_memory_really_runs_out_the_run_goes_on():
    """64 images of 512 x 512 as float32 are 200 MB, several times over; 250 MB are left."""
    found = subprocess.run([sys.executable, "-c", REALLY], capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stderr
    micro, steps, notes = map(int, found.stdout.split())
    assert 1 <= micro < 64
    assert (steps, notes) == (2, 1)
