"""Runs of two processes that share out the weights, and what lies in their files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from vitruvian.recipes import RECIPES, load_checkpoint
from vitruvian.training import BEST, LAST, STATE, sharding
from vitruvian.training.shapes import shapes
from vitruvian.training.sharding import _closed, _large, all_together, part_of, together, whole_model

SCRIPT = """
import contextlib, pathlib, sys
from dataclasses import replace
import torch
from tests.dots import DOTS, dot_data, dot_finder, dots_recipe
from tests.test_training_run import job
from tests.test_training_state import WILD
from vitruvian.models import MODELS
from vitruvian.structures import SKELETONS
from vitruvian.training import Hardware, run, sharding
from vitruvian.training.hardware import team

torch.set_num_threads(1)
SKELETONS[DOTS.name], MODELS["dot_finder"] = DOTS, dot_finder
sharding.LARGE = 100
recipe = replace(dots_recipe(), steps=9, batch_size=5, augmentation=WILD, average=0.9)
folder = pathlib.Path(sys.argv[1])
held_out = dot_data(folder / "held_out")


def go(name, shard, stop=None, resume=False, optimiser="sgd"):
    asked = {"held_out": held_out, "score": "epe", "every": 2, "hardware": Hardware("cpu", shard=shard)}
    task = job(replace(recipe, optimiser=optimiser), folder / name, **asked)
    events = run(task, resume=resume)
    for found in events:
        if found.number == stop:
            break
    events.close()


with team("cpu") as members:  # for all runs, because processes meet but once
    sys.modules[run.__module__].team = lambda _, shards: contextlib.nullcontext(replace(members, shards=shards))
    go("plain", shard=False)
    go("shared", shard=True, optimiser="adamw")
    go("resumed", shard=True, stop=5, optimiser="adamw")
    go("resumed", shard=True, resume=True, optimiser="adamw")
    go("then_plain", shard=True, stop=5)
    go("then_plain", shard=False, resume=True)
    go("then_shared", shard=False, stop=5)
    go("then_shared", shard=True, resume=True)
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of the runs of the script."""
    folder: Path = tmp_path_factory.mktemp("runs")
    (folder / "script.py").write_text(SCRIPT)
    start = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(["src", "."]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *start, str(folder / "script.py"), str(folder)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert found.returncode == 0, found.stderr
    return folder


def test_a_run_that_is_stopped_goes_on_from_its_last_save_to_the_same_bits(dots, runs):
    """Stopped after step 5, saved after step 4; weights, averages, moments and counters."""
    for name in (LAST, STATE, BEST):
        whole, resumed = load_file(runs / "shared" / name), load_file(runs / "resumed" / name)
        assert whole.keys() == resumed.keys()
        assert all(torch.equal(value, resumed[key]) for key, value in whole.items())


@pytest.mark.parametrize("name", ["then_plain", "then_shared"])
def test_files_do_not_show_how_weights_lay_in_memory(dots, runs, name):
    """They have the form of those of a run with whole weights, and its values up to rounding; it may go on either
    way. By SGD, because others make much of gradients that are rounding."""
    for file in (LAST, STATE):
        plain, found = load_file(runs / "plain" / file), load_file(runs / name / file)
        assert plain.keys() == found.keys()
        for key, value in plain.items():
            torch.testing.assert_close(found[key], value, rtol=1e-4, atol=1e-6, msg=key)
    assert load_checkpoint(runs / name / BEST)[1] == load_checkpoint(runs / "plain" / BEST)[1]


def test_what_one_process_has_alone_is_whole(dots):
    value, model = torch.ones(3), torch.nn.Linear(2, 3)
    assert together(value) is value
    assert part_of(value, torch.zeros(3)) is value
    assert whole_model(model, dots) is model
    assert all_together({"a": value}, keeps=True)["a"] is value
    assert all_together({"a": value}, keeps=False) == {}


def test_modules_that_others_look_into_are_not_put_together_on_their_own():
    """A stage of MSPN asks for its way up a second time, by another name; nobody calls a list."""
    closed = _closed(RECIPES["coco_mspn50_x2_256x192"]())
    stage = "backbone.multi_stage_mspn.0"
    assert {stage, f"{stage}.downsample"} <= closed
    assert not {f"{stage}.upsample", "backbone.multi_stage_mspn", ""} & closed


def test_large_modules_share_no_parameter_and_leave_the_head_alone(monkeypatch):
    """Of a vision transformer with 12 layers of 1.8 million parameters, those: in two parts, of 1.2 and 0.6."""
    monkeypatch.setattr(sharding, "LARGE", 1_000_000)
    recipe = RECIPES["coco_vitpose_small_256x192"]()
    model, _ = shapes(recipe)
    names = {module: name for name, module in model.named_modules()}
    found = [names[module] for module in _large(model, _closed(recipe))]
    assert len(found) == len(set(found)) > 11
    assert all(name.startswith("backbone.layers.") for name in found if name != "backbone")
