"""A run that was stopped, however it was, goes on to the same bits."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.dots import dot_data
from tests.test_training_run import job
from vitruvian.datasets import Augmentation
from vitruvian.errors import DataError, RecipeError, WeightsError
from vitruvian.media import write_image
from vitruvian.recipes import Recipe, build, load_checkpoint
from vitruvian.training import BEST, LAST, STATE, Check, Hardware, Run, run, saved_recipe
from vitruvian.training.state import Checked, load_state, save_state

WILD = Augmentation(flip=0.5, degrees=30, turn=0.5, scale=1.2, shift=0.1, colour=0.2, cut_out=0.5)
SCRIPT = """
import json, os, pathlib, signal, sys
from dataclasses import replace
import torch
from tests.dots import DOTS, dot_data, dot_finder, dots_recipe
from tests.test_training_run import job
from tests.test_training_state import WILD
from vitruvian.models import MODELS
from vitruvian.structures import SKELETONS
from vitruvian.training import Check, Hardware, Step, run

out, kill, workers, resume = pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:5])
torch.set_num_threads(1)
SKELETONS[DOTS.name], MODELS["dot_finder"] = DOTS, dot_finder
recipe = replace(dots_recipe(), steps=9, batch_size=5, augmentation=WILD)
held_out = dot_data(out.parent / "held_out")
task = job(recipe, out, held_out=held_out, score="epe", every=2, hardware=Hardware("cpu", workers=workers))
for found in run(task, resume=bool(resume)):
    if os.environ.get("RANK", "0") == "0":
        with open(out.parent / "log.jsonl", "a") as file:
            values = {"step": found.number, "loss": found.loss} if isinstance(found, Step) else {"value": found.value}
            file.write(json.dumps(values) + "\\n")
    if isinstance(found, Step) and found.number == kill:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def _recipe(dots: Recipe, optimiser: str = "adamw") -> Recipe:
    return replace(dots, steps=9, batch_size=5, augmentation=WILD, optimiser=optimiser)


def _whole(recipe: Recipe, folder: Path) -> tuple[list[float], dict[str, torch.Tensor]]:
    """The losses and the weights of a run that nobody disturbs."""
    losses = [step.loss for step in run(job(recipe, folder / "whole"))]
    return losses, load_checkpoint(folder / "whole" / LAST)[0].state_dict()


def _equal(path: Path, weights: dict[str, torch.Tensor]) -> bool:
    found = load_checkpoint(path)[0].state_dict()
    return all(torch.equal(found[name], value) for name, value in weights.items())


@pytest.mark.parametrize("optimiser", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("after", [1, 4, 8])
def test_a_run_stopped_and_resumed_is_the_run_in_one_go_to_the_bit(dots, tmp_path, optimiser, after):
    """12 people in batches of 5: the end of a round is in the middle of a batch. Whatever was drawn in between."""
    recipe = _recipe(dots, optimiser)
    losses, weights = _whole(recipe, tmp_path)
    before = run(job(recipe, tmp_path / "run"))
    first = [step.loss for step in itertools.islice(before, after)]
    before.close()
    torch.rand(7)
    np.random.default_rng().random()
    rest = [step.loss for step in run(job(recipe, tmp_path / "run"), resume=True)]
    assert first + rest == losses
    assert _equal(tmp_path / "run" / LAST, weights)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_so_it_is_in_other_precisions_and_in_small_passes(dots, tmp_path, precision):
    """The scale of the loss goes on as it was."""
    recipe = replace(_recipe(dots), precision=precision)
    small = {"hardware": Hardware("cpu", micro_batch=2)}
    losses = [step.loss for step in run(job(recipe, tmp_path / "whole", **small))]
    before = run(job(recipe, tmp_path / "run", **small))
    first = [step.loss for step in itertools.islice(before, 4)]
    before.close()
    rest = [step.loss for step in run(job(recipe, tmp_path / "run", **small), resume=True)]
    assert first + rest == losses
    assert _equal(tmp_path / "run" / LAST, load_checkpoint(tmp_path / "whole" / LAST)[0].state_dict())


def _process(folder: Path, kill: int, workers: int, processes: int, resume: bool) -> int:
    """The exit status of a run in processes of its own."""
    (folder / "script.py").write_text(SCRIPT)
    many = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"] * (processes > 1)
    command = [sys.executable, *many, "script.py", str(folder / "run"), str(kill), str(workers), str(int(resume))]
    places = [str(Path.cwd() / "src"), str(Path.cwd())]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(places), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=300).returncode


def _log(folder: Path) -> dict[int, float]:
    """The loss of each step, the last time that it was made."""
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return {row["step"]: row["loss"] for row in rows if "step" in row}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The folder of a run in so many processes that nobody disturbs; made once."""

    @cache
    def _made(processes: int) -> Path:
        folder: Path = tmp_path_factory.mktemp(f"whole_{processes}")
        assert _process(folder, 0, 0, processes, False) == 0
        return folder

    return _made


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.parametrize(("kills", "workers", "processes"), [((3,), 0, 1), ((1, 6), 2, 1), ((8,), 2, 1), ((5,), 0, 2)])
def test_a_run_killed_and_resumed_is_the_run_in_one_go_to_the_bit(
    dots, tmp_path, undisturbed, kills, workers, processes
):
    """Saved every 2 of 9 steps; killed in the middle of a round or at its end, with and without processes that load,
    with one or two that train. Killed before anything is saved, it is started anew."""
    whole = undisturbed(processes)
    for kill in kills:
        assert _process(tmp_path, kill, workers, processes, (tmp_path / "run" / STATE).exists()) != 0
    assert _process(tmp_path, 0, workers, processes, (tmp_path / "run" / STATE).exists()) == 0
    assert _log(tmp_path) == _log(whole)
    assert len(_log(whole)) == 9
    assert _equal(tmp_path / "run" / LAST, load_checkpoint(whole / "run" / LAST)[0].state_dict())


def test_a_finished_run_has_nothing_left_to_do(dots, tmp_path):
    list(run(job(_recipe(dots), tmp_path / "run")))
    kept = (tmp_path / "run" / LAST).read_bytes()
    assert list(run(job(_recipe(dots), tmp_path / "run"), resume=True)) == []
    assert (tmp_path / "run" / LAST).read_bytes() == kept


def test_what_was_best_before_stays_best(dots, tmp_path):
    """A check after the run went on is compared with those before it."""
    settings = {"held_out": dot_data(tmp_path / "held_out"), "score": "epe", "every": 3}
    recipe = replace(_recipe(dots), learning_rate=1e-30, freeze=("backbone.",))  # so that nothing becomes better
    before = run(job(recipe, tmp_path / "run", **settings))
    first = list(itertools.islice(before, 4))
    before.close()
    rest = list(run(job(recipe, tmp_path / "run", **settings), resume=True))
    assert first[-1].best
    assert [one.best for one in rest if not hasattr(one, "loss")] == [False, False]


@pytest.mark.parametrize("after", [3, 9])
def test_a_check_that_was_due_when_the_run_was_stopped_is_made_when_it_goes_on(dots, tmp_path, after):
    """Checks are due after 3, 6 and 9 of 9 steps; stopped as soon as one of these steps is told."""
    settings = {"held_out": dot_data(tmp_path / "held_out"), "score": "epe", "every": 3}
    whole = list(run(job(_recipe(dots), tmp_path / "whole", **settings)))
    before = run(job(_recipe(dots), tmp_path / "run", **settings))
    first = list(itertools.takewhile(lambda one: one.number < after or isinstance(one, Check), before))
    before.close()
    rest = list(run(job(_recipe(dots), tmp_path / "run", **settings), resume=True))
    checks = [
        [(one.number, one.value, one.best) for one in part if isinstance(one, Check)] for part in (whole, first, rest)
    ]
    assert checks[1] + checks[2] == checks[0]
    assert rest[0].number == after
    assert (tmp_path / "run" / BEST).read_bytes() == (tmp_path / "whole" / BEST).read_bytes()
    assert list(run(job(_recipe(dots), tmp_path / "run", **settings), resume=True)) == []


def test_a_micro_batch_may_change_when_a_run_goes_on(dots, tmp_path):
    """Without a word it is the former one."""
    recipe = _recipe(dots)
    begin = partial(Run.begin, build(recipe), recipe)
    save_state(tmp_path / "state", begin(micro=4), recipe, {"data": "a"}, Checked())
    for asked, found in ((2, 2), (None, 4)):
        current = begin(micro=asked)
        load_state(tmp_path / "state", current, recipe, {"data": "a"})
        assert current.micro == found


def _stopped(recipe: Recipe, folder: Path) -> Path:
    before = run(job(recipe, folder))
    next(before)
    before.close()
    return folder / STATE


def test_another_recipe_is_refused_with_what_differs(dots, tmp_path):
    state = _stopped(_recipe(dots), tmp_path / "run")
    assert saved_recipe(state) == _recipe(dots)
    sentence = f"was saved with another recipe (learning_rate {dots.learning_rate!r} -> 0.5)"
    with pytest.raises(RecipeError, match=re.escape(sentence)):
        next(run(job(replace(_recipe(dots), learning_rate=0.5), tmp_path / "run"), resume=True))


@pytest.mark.parametrize("what", ["a label", "a pixel", "a sample less"])
def test_other_data_is_refused(dots, tmp_path, what):
    _stopped(_recipe(dots), tmp_path / "run")
    data = dot_data(tmp_path / "pictures", 11 if what == "a sample less" else 12)
    if what == "a label":
        data = replace(data, labels=replace(data.labels, xy=data.labels.xy + 0.25))
    elif what == "a pixel":
        image = data[0].load().copy()
        image[0, 0, 0] ^= 1
        write_image(tmp_path / "pictures" / "0.png", image)
    with pytest.raises(DataError, match=r"state\.safetensors was saved with different training data; resume with"):
        next(run(job(_recipe(dots), tmp_path / "run", data), resume=True))


@pytest.mark.parametrize("damage", [b"", b"no state", None])
def test_a_state_that_cannot_be_read_is_refused(dots, tmp_path, damage):
    """Empty, something else, cut short."""
    state = _stopped(_recipe(dots), tmp_path / "run")
    state.write_bytes(state.read_bytes()[:-100] if damage is None else damage)
    with pytest.raises(WeightsError, match=r"state\.safetensors is not a readable state of a run \(.+\); start anew"):
        next(run(job(_recipe(dots), tmp_path / "run"), resume=True))


def test_there_is_nothing_to_resume_where_nothing_was_saved(dots, tmp_path):
    with pytest.raises(WeightsError, match="is not a readable state of a run"):
        next(run(job(_recipe(dots), tmp_path / "run"), resume=True))
