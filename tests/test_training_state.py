"""A run that was stopped, however it was, goes on to the same bits."""

import itertools
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.dots import dot_samples
from vitruvian.datasets import Augmentation
from vitruvian.errors import DataError, RecipeError, WeightsError
from vitruvian.recipes import Recipe, load_checkpoint
from vitruvian.structures import Poses, Sample
from vitruvian.training import run, saved_recipe, state_file

WILD = Augmentation(flip=0.5, degrees=30, turn=0.5, scale=1.2, shift=0.1, colour=0.2, cut_out=0.5)
SCRIPT = """
import os, pathlib, signal, sys
from dataclasses import replace
import torch
from tests.dots import DOTS, dot_finder, dot_samples, dots_recipe
from tests.test_training_state import WILD
from vitruvian.models import MODELS
from vitruvian.structures import SKELETONS
from vitruvian.training import run

torch.set_num_threads(1)
SKELETONS[DOTS.name], MODELS["dot_finder"] = DOTS, dot_finder
recipe = replace(dots_recipe(), steps=9, batch_size=5, augmentation=WILD)
for step in run(recipe, dot_samples(), pathlib.Path(sys.argv[1]), save_every=2):
    if step.number == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
"""


def _recipe(dots: Recipe, optimiser: str = "adamw") -> Recipe:
    return replace(dots, steps=9, batch_size=5, augmentation=WILD, optimiser=optimiser)


def _whole(recipe: Recipe, folder: Path) -> tuple[list[float], dict[str, torch.Tensor]]:
    """The losses and the weights of a run that nobody disturbs."""
    path = folder / "whole.safetensors"
    losses = [step.loss for step in run(recipe, dot_samples(), path)]
    return losses, load_checkpoint(path)[0].state_dict()


def _equal(path: Path, weights: dict[str, torch.Tensor]) -> bool:
    found = load_checkpoint(path)[0].state_dict()
    return all(torch.equal(found[name], value) for name, value in weights.items())


@pytest.mark.parametrize("optimiser", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("after", [1, 4, 8])
def test_a_run_stopped_and_resumed_is_the_run_in_one_go_to_the_bit(dots, tmp_path, optimiser, after):
    """12 people in batches of 5: the end of a round is in the middle of a batch. Whatever was drawn in between."""
    recipe, path = _recipe(dots, optimiser), tmp_path / "a.safetensors"
    losses, weights = _whole(recipe, tmp_path)
    before = run(recipe, dot_samples(), path)
    first = [step.loss for step in itertools.islice(before, after)]
    before.close()
    torch.rand(7)
    np.random.default_rng().random()
    rest = list(run(recipe, dot_samples(), path, resume=True))
    assert [step.number for step in rest] == list(range(after + 1, 10))
    assert first + [step.loss for step in rest] == losses
    assert _equal(path, weights)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
@pytest.mark.parametrize("after", [3, 6])
def test_a_killed_run_resumes_from_what_it_last_saved_to_the_same_bits(dots, tmp_path, after):
    """Saved every 2 steps: killed in step 3 it goes on with step 3, killed in step 6 with step 7 or 5."""
    recipe, path = _recipe(dots), tmp_path / "a.safetensors"
    losses, weights = _whole(recipe, tmp_path)
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(path), str(after)], cwd=root, env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    rest = list(run(recipe, dot_samples(), path, resume=True))
    assert rest[0].number == after // 2 * 2 + 1
    assert [step.loss for step in rest] == losses[rest[0].number - 1 :]
    assert _equal(path, weights)


def test_a_finished_run_has_nothing_left_to_do(dots, tmp_path):
    path = tmp_path / "a.safetensors"
    list(run(_recipe(dots), dot_samples(), path))
    kept = path.read_bytes()
    assert list(run(_recipe(dots), dot_samples(), path, resume=True)) == []
    assert path.read_bytes() == kept


def _stopped(recipe: Recipe, path: Path) -> None:
    before = run(recipe, dot_samples(), path)
    next(before)
    before.close()


def test_another_recipe_is_refused_with_what_differs(dots, tmp_path):
    path = tmp_path / "a.safetensors"
    _stopped(_recipe(dots), path)
    assert saved_recipe(state_file(path)) == _recipe(dots)
    sentence = f"was saved with another recipe (learning_rate {dots.learning_rate!r} -> 0.5)"
    with pytest.raises(RecipeError, match=re.escape(sentence)):
        next(run(replace(_recipe(dots), learning_rate=0.5), dot_samples(), path, resume=True))


@pytest.mark.parametrize("what", ["a label", "a pixel", "a sample less"])
def test_other_data_is_refused(dots, tmp_path, what):
    path = tmp_path / "a.safetensors"
    _stopped(_recipe(dots), path)
    samples = list(dot_samples())
    first = samples[0]
    if what == "a label":
        poses = Poses(first.poses.xy + np.float32(0.25), first.poses.score, first.poses.boxes)
        samples[0] = Sample(first.name, first.load, poses)
    elif what == "a pixel":
        image = first.load().copy()
        image[0, 0, 0] ^= 1
        samples[0] = Sample(first.name, lambda: image, first.poses)
    else:
        samples.pop()
    with pytest.raises(DataError, match=r"a\.state\.safetensors was saved while training on other data; resume with"):
        next(run(_recipe(dots), samples, path, resume=True))


@pytest.mark.parametrize("damage", [b"", b"no state", None])
def test_a_state_that_cannot_be_read_is_refused(dots, tmp_path, damage):
    """Empty, something else, cut short."""
    path = tmp_path / "a.safetensors"
    _stopped(_recipe(dots), path)
    state = state_file(path)
    state.write_bytes(state.read_bytes()[:-100] if damage is None else damage)
    with pytest.raises(
        WeightsError, match=r"a\.state\.safetensors is not a readable state of a run \(.+\); start anew"
    ):
        next(run(_recipe(dots), dot_samples(), path, resume=True))


def test_there_is_nothing_to_resume_where_nothing_was_saved(dots, tmp_path):
    with pytest.raises(WeightsError, match="is not a readable state of a run"):
        next(run(_recipe(dots), dot_samples(), tmp_path / "a.safetensors", resume=True))
