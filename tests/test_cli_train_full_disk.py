"""A disk that fills while a run writes: a sentence, and nothing that was saved before is lost."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.command import run
from tests.dots import dot_data
from vitruvian.cli import train_run
from vitruvian.cli.train_screen import Screen
from vitruvian.datasets import FORMATS
from vitruvian.recipes import RECIPES
from vitruvian.training import BEST, STATE, read_log

resource = pytest.importorskip("resource", reason="files cannot be limited here")
IGNORED = getattr(signal, "SIGXFSZ", None)


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file can be longer: the system refuses to write what is beyond, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    answer = signal.signal(IGNORED, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(IGNORED, answer)


@pytest.fixture
def train(dots, tmp_path, monkeypatch, capsys) -> Callable[..., object]:
    """Train nine steps in a folder with dots.json, checked every second one."""
    monkeypatch.setitem(RECIPES, "dots", lambda: replace(dots, steps=9))
    monkeypatch.chdir(tmp_path)
    FORMATS["coco_json"].write(dot_data(tmp_path), tmp_path / "dots.json")
    return lambda *arguments: run(capsys, "train", *arguments)


def losses(folder: str) -> list[float]:
    return [record["loss"] for record in read_log(Path(folder)) if "loss" in record]


@pytest.mark.parametrize(
    ("left", "what"),
    [
        (4000, "cannot write the state mine/state.safetensors"),
        (1200, "mine/last.safetensors: cannot be written"),
        (20, "mine/last.safetensors: cannot be written"),  # nor can the log
    ],
)
def test_a_disk_that_fills_ends_the_run_with_a_sentence_and_loses_nothing(train, monkeypatch, left, what):
    """It is full after step 3. What was saved after step 2 is there, and the run goes on from it to the same bits."""
    assert train("dots", "dots.json", "--every", "2", "--out", "whole").code == 0
    kept: dict[str, bytes] = {}
    shown = Screen.show
    with ExitStack() as disk, monkeypatch.context() as patched:

        def shown_until_full(screen, event):
            shown(screen, event)
            if event.number == 3:
                kept["state"] = Path("mine", STATE).read_bytes()
                disk.enter_context(room(left))

        patched.setattr(Screen, "show", shown_until_full)
        answer = train("dots", "dots.json", "--every", "2", "--out", "mine")
    assert answer.code == 1
    assert answer.err.startswith(f"vitruvian: {what}")
    assert answer.err.endswith("What was saved before is whole; go on with: vitruvian train --resume mine\n")
    assert answer.err.count("\n") == 1
    assert Path("mine", STATE).read_bytes() == kept["state"]
    assert not [path for path in Path("mine").iterdir() if "partial" in path.name]
    resumed = train("--resume", "mine")
    assert resumed.code == 0
    assert resumed.err.startswith("going on after step 2")
    assert losses("mine") == losses("whole")
    assert Path("mine", BEST).read_bytes() == Path("whole", BEST).read_bytes()


def test_a_disk_that_is_full_at_the_end_is_a_failure_and_the_result_is_written_later(train, monkeypatch):
    counted = train_run._result
    with ExitStack() as disk, monkeypatch.context() as patched:

        def full(job):
            disk.enter_context(room(20))
            return counted(job)

        patched.setattr(train_run, "_result", full)
        answer = train("dots", "dots.json", "--out", "mine")
    assert answer.code == 1
    assert answer.err.startswith("vitruvian: mine/result.json: cannot be written")
    assert answer.err.endswith("; go on with: vitruvian train --resume mine\n")
    assert train("--resume", "mine").code == 0
    assert Path("mine/result.json").is_file()


def test_a_disk_that_is_full_from_the_start_refuses_the_run(train):
    with room(20):
        answer = train("dots", "dots.json", "--out", "mine")
    assert answer.code == 2
    assert answer.err.startswith("vitruvian: mine/job.json: cannot be written (File too large)")
    assert answer.err.count("\n") == 1
