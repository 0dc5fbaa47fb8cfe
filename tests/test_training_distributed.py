"""Two processes that train one model together, started by torchrun."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, pathlib, sys
from dataclasses import replace
import torch
from tests.dots import DOTS, dot_batches, dots_recipe
from tests.test_training_gradients import idle_finder
from vitruvian.models import MODELS
from vitruvian.recipes import build
from vitruvian.structures import SKELETONS
from vitruvian.training import Run, train
from vitruvian.training.hardware import team

torch.set_num_threads(1)
SKELETONS[DOTS.name], MODELS["idle_finder"] = DOTS, idle_finder
recipe = replace(dots_recipe(), model="idle_finder", batch_size=5)
with team("cpu") as members:
    torch.manual_seed(members.rank)
    run = Run.begin(build(recipe), recipe, members, micro=json.loads(sys.argv[2]))
    run.average.load_state_dict(run.model.state_dict())
    part = members.share(5)
    batches = ((image[part], xy[part]) for image, xy in dot_batches(5))
    steps = list(train(run, batches, recipe, 5, members))
    sums = members.gather([float(value.double().sum()) for value in run.model.parameters()])
    if members.leads:
        found = {"losses": [step.loss for step in steps], "sums": sums, "images": steps[0].images}
        pathlib.Path(sys.argv[1]).write_text(json.dumps(found))
"""


def _trained(folder: Path, processes: int, micro: int | None = None) -> dict:
    script, out = folder / "script.py", folder / f"{processes}_{micro}.json"
    script.write_text(SCRIPT)
    start = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command = [sys.executable, *start, str(script), str(out), json.dumps(micro)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(["src", "."]), "OMP_NUM_THREADS": "1"}
    found = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert found.returncode == 0, found.stderr
    return json.loads(out.read_text())


@pytest.mark.parametrize("micro", [None, 2])
def test_two_processes_train_what_one_does(tmp_path, micro):
    """To rounding: they have 2 and 3 crops of every batch of 5, in as many passes. Both end with the same weights, to
    the bit, though they began with others, and wait for nothing that no loss depends on. The last of them is the bias
    of a softmax: its gradient is rounding, and nothing but."""
    one, two = _trained(tmp_path, 1), _trained(tmp_path, 2, micro)
    assert two["losses"] == pytest.approx(one["losses"], rel=1e-5)
    assert two["sums"][0] == two["sums"][1]
    assert two["sums"][0][:-1] == pytest.approx(one["sums"][0][:-1], rel=1e-4)
    assert (one["images"], two["images"]) == (5, 5)
