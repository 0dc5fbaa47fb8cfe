"""Two processes that train one model together, started by torchrun."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

SCRIPT = """
import ast, json, pathlib, sys
from dataclasses import replace
import torch
from tests.dots import DOTS, dot_batches, dots_recipe
from tests.test_training_gradients import Cramped, idle_finder
from vitruvian.errors import TrainingError
from vitruvian.models import MODELS
from vitruvian.recipes import build
from vitruvian.structures import SKELETONS
from vitruvian.training import Run, sharding, train
from vitruvian.training.hardware import team
from vitruvian.training.sharding import together

torch.set_num_threads(1)
SKELETONS[DOTS.name], MODELS["idle_finder"] = DOTS, idle_finder
sharding.LARGE = 100


def trained(members, micro=None, rooms=(99, 99), shards=False, **settings):
    "What comes of a run in which each process has room for so many crops in a pass."
    recipe = replace(dots_recipe(), model="idle_finder", batch_size=5, **settings)
    members = replace(members, shards=shards)
    torch.manual_seed(members.rank)
    run = Run.begin(build(recipe), recipe, members, micro)
    run.average.load_state_dict(run.model.state_dict())
    if not shards:
        run.model.backbone = Cramped(run.model.backbone, rooms[members.rank], torch.OutOfMemoryError)
    part = members.share(5)
    batches = ((image[part], xy[part]) for image, xy in dot_batches(5))
    try:
        steps = list(train(run, batches, recipe, 5, members))
    except TrainingError as error:
        return {"errors": members.gather(str(error))}
    values = [*run.model.parameters(), *run.average.parameters()]
    return {
        "losses": [step.loss for step in steps],
        "sums": members.gather([float(together(value).detach().double().sum()) for value in values]),
        "images": steps[0].images,
        "notes": [len(step.notes) for step in steps],
        "micro": members.gather(run.micro),
    }


with team("cpu") as members:
    found = [trained(members, **case) for case in ast.literal_eval(sys.argv[2])]
    if members.leads:
        pathlib.Path(sys.argv[1]).write_text(json.dumps(found))
"""
REALLY = """
import pathlib, resource, sys
from dataclasses import replace
import numpy as np, torch
from tests.dots import DOTS, dot_finder, dots_recipe
from vitruvian.codecs import ProbabilityHeatmap
from vitruvian.models import MODELS
from vitruvian.recipes import build
from vitruvian.structures import SKELETONS
from vitruvian.training import Run, train
from vitruvian.training.hardware import team

torch.set_num_threads(1)
SKELETONS[DOTS.name], MODELS["dot_finder"] = DOTS, dot_finder
recipe = replace(dots_recipe(), codec=ProbabilityHeatmap(input_size=(512, 512)), batch_size=64)
batch = np.zeros((32, 512, 512, 3), np.uint8), np.full((32, 2, 2), 100, np.float32)
with team("cpu") as members:
    run = Run.begin(build(recipe), recipe, members)
    list(train(run, [(batch[0][:2], batch[1][:2])], replace(recipe, batch_size=4), 1, members))
    if members.rank:
        in_use = int(next(line for line in open("/proc/self/status") if line.startswith("VmSize")).split()[1]) * 1024
        resource.setrlimit(resource.RLIMIT_AS, (in_use + 250 * 2**20,) * 2)
    steps = list(train(run, [batch] * 2, recipe, 3, members))
    found = members.gather((run.micro, len(steps), len(steps[0].notes)))
    if members.leads:
        pathlib.Path(sys.argv[1]).write_text(repr(found))
"""
ALIKE = [{}, {"micro": 2}, {"rooms": [99, 2]}, {"rooms": [1, 0]}]
SHARDED = [
    {"optimiser": "sgd"},
    {"freeze": ("backbone.",), "clip": 0.01},
    {"precision": "bfloat16"},
    {"precision": "float16", "micro": 2, "optimiser": "adam"},
]
CASES = [*ALIKE, *SHARDED, *({**case, "shards": True} for case in ({}, *SHARDED))]


def _in_processes(processes: int, text: str, folder: Path, *given: str) -> str:
    """What a script writes into the file that is its first argument."""
    script, out = folder / "script.py", folder / f"out_of_{processes}"
    script.write_text(text)
    start = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(["src", "."]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *start, str(script), str(out), *given]
    found = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert found.returncode == 0, found.stderr
    return out.read_text()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int, dict], dict]:
    """What comes of a case in so many processes; they are started once for all cases."""
    folder = tmp_path_factory.mktemp("trained")

    @cache
    def _all(processes: int) -> list[dict]:
        found = _in_processes(processes, SCRIPT, folder, repr(CASES if processes > 1 else [{}]))
        return list(json.loads(found))

    return lambda processes, case: _all(processes)[CASES.index(case)]


@pytest.mark.parametrize("case", [{}, {"micro": 2}, {"shards": True}], ids=str)
def test_two_processes_train_what_one_does(trained, case):
    """To rounding: they have 2 and 3 crops of every batch of 5, in as many passes. Both end with the same weights, to
    the bit, though they began with others, and wait for nothing that no loss depends on. The last of them is the bias
    of a softmax: its gradient is rounding, and nothing but."""
    one, two = trained(1, {}), trained(2, case)
    assert two["losses"] == pytest.approx(one["losses"], rel=1e-5)
    of_model = len(one["sums"][0]) // 2
    assert two["sums"][0][:of_model] == two["sums"][1][:of_model]
    assert two["sums"][0][: of_model - 1] == pytest.approx(one["sums"][0][: of_model - 1], rel=1e-4)
    assert (one["images"], two["images"]) == (5, 5)


def test_memory_that_runs_out_in_one_process_halves_the_passes_of_both(trained):
    """The second has 3 of 5 crops, and room for 2. As if told so, to the bit; said once."""
    found, told = trained(2, {"rooms": [99, 2]}), trained(2, {"micro": 2})
    assert (found["losses"], found["sums"]) == (told["losses"], told["sums"])
    assert (found["micro"], found["notes"]) == ([2, 2], [1, 0, 0, 0, 0])
    assert (trained(2, {})["micro"], trained(2, {})["notes"]) == ([None, None], [0] * 5)


def test_if_one_process_has_no_room_for_a_crop_both_end_with_a_sentence(trained):
    errors = trained(2, {"rooms": [1, 0]})["errors"]
    assert len(set(errors)) == 1
    assert errors[0].startswith("memory ran out with a single crop in a pass; choose a smaller model")


@pytest.mark.parametrize("case", SHARDED, ids=str)
def test_weights_that_are_shared_out_learn_what_whole_ones_learn(trained, case):
    """To rounding, but for the last, as above. Moments, averages, clipping and scaling included."""
    plain, sharded = trained(2, case), trained(2, {**case, "shards": True})
    assert sharded["losses"] == pytest.approx(plain["losses"], rel=1e-5)
    assert sharded["sums"][0] == sharded["sums"][1]
    of_model = len(plain["sums"][0]) // 2
    for first, last in ((0, of_model - 1), (of_model, -1)):
        assert sharded["sums"][0][first:last] == pytest.approx(plain["sums"][0][first:last], rel=1e-4)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process as Linux does")
def test_when_memory_really_runs_out_in_one_process_both_go_on(tmp_path):
    """32 images of 512 x 512 as float32 are 100 MB, several times over; the second has 250 MB left."""
    (micro, steps, notes), other = ast.literal_eval(_in_processes(2, REALLY, tmp_path))
    assert other == (micro, steps, notes)
    assert 1 <= micro < 32
    assert (steps, notes) == (2, 1)
