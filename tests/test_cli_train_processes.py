"""`vitruvian train` in two processes, started by torchrun: one of them speaks."""

import os
import subprocess
import sys
from pathlib import Path

from tests.dots import dot_data
from vitruvian.datasets import FORMATS
from vitruvian.training import read_log

SCRIPT = """
import sys
from dataclasses import replace
from tests.dots import DOTS, dot_finder, dots_recipe
from vitruvian.cli import main
from vitruvian.models import MODELS
from vitruvian.recipes import RECIPES
from vitruvian.structures import SKELETONS

SKELETONS[DOTS.name], MODELS["dot_finder"] = DOTS, dot_finder
RECIPES["dots"] = lambda: replace(dots_recipe(), steps=4)
sys.exit(main(sys.argv[1:]))
"""


def test_two_processes_say_once_what_they_will_do_and_how_it_goes(tmp_path):
    """12 pictures, of which 3 are held out; each process has 2 of 4 crops."""
    (tmp_path / "script.py").write_text(SCRIPT)
    FORMATS["coco_json"].write(dot_data(tmp_path), tmp_path / "dots.json")
    start = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "script.py"]
    asked = ["train", "dots", "dots.json", "--val-share", "0.25", "--every", "2", "--out", "mine"]
    places = os.pathsep.join([str(Path.cwd() / "src"), str(Path.cwd())])
    environment = os.environ | {"PYTHONPATH": places, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}
    found = subprocess.run(
        [sys.executable, *start, *asked],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
        cwd=tmp_path,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    said = {line[:10].strip(): line[10:] for line in found.stdout.splitlines()}
    assert len(found.stdout.splitlines()) == len(said) == 10
    assert said["data"].startswith("9 people in 9 images")
    assert "in each process for 2 crops at a time" in said["memory"]
    assert "judged by a few of them in each of 2 processes" in said["time"]
    assert [record["step"] for record in read_log(tmp_path / "mine")] == [1, 2, 2, 3, 4, 4]
