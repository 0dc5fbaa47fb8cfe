"""How long commands take to start, in fresh processes: `python -m benchmarks.startup`."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.timing import Finding, Report, Timing, finish, interleaved, options
from vitruvian.media import EXAMPLE_PHOTO
from vitruvian.runtime import BUNDLED, DEFAULT

COMMAND = str(Path(sys.executable).with_name("vitruvian"))
BARE = "bare: python -c pass"
RUNTIME = "bare: python -c import numpy, cv2, onnxruntime"
HELP = "vitruvian --help"
PREDICT = "vitruvian predict, one photo"
GOALS = {"import vitruvian": 350.0, HELP: 500.0}  # milliseconds


def process(*words: str) -> Callable[[], object]:
    """A call that runs a command to its end in a fresh process."""
    return lambda: subprocess.run(words, check=True, capture_output=True)


def import_milliseconds(statement: str) -> float:
    """What `python -X importtime` says a statement's imports take, those of Python's own start included."""
    words = [sys.executable, "-X", "importtime", "-c", statement]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stderr
    return sum(int(own) for own in re.findall(r"^import time:\s+(\d+) \|", told, re.MULTILINE)) / 1e3


def commands(folder: Path) -> dict[str, Callable[[], object]]:
    """The commands by name; predict only where the package carries its model."""
    cases = {
        BARE: process(sys.executable, "-c", "pass"),
        HELP: process(COMMAND, "--help"),
        RUNTIME: process(sys.executable, "-c", "import numpy, cv2, onnxruntime"),
        "python -c import vitruvian; vitruvian.predict": process(
            sys.executable, "-c", "import vitruvian; vitruvian.predict"
        ),
    }
    if DEFAULT in BUNDLED:
        cases[PREDICT] = process(COMMAND, "predict", str(EXAMPLE_PHOTO), "--out", str(folder))
    return cases


def measure(repeats: int) -> Report:
    """Wall time of whole processes, and the import time that Python itself reports."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = interleaved(commands(Path(folder)), repeats, warm_up=1)
    told = [import_milliseconds("import vitruvian") / 1e3 for _ in range(repeats)]
    timings = [Timing.of(name, values) for name, values in {"import vitruvian": told, **seconds}.items()]
    return Report("startup", {"processes": "fresh, files in the disk cache"}, timings, findings(timings))


def findings(timings: Sequence[Timing]) -> list[Finding]:
    """Medians with a goal, and what is ours of the rest."""
    median = {timing.name: timing.median for timing in timings}
    found = [Finding(f"{name}, ms", median[name], f"<= {goal:g}") for name, goal in GOALS.items()]
    found.append(Finding(f"{HELP}, without Python's own start, ms", median[HELP] - median[BARE]))
    if PREDICT in median:
        found.append(Finding(f"{PREDICT}, without what it needs to load, ms", median[PREDICT] - median[RUNTIME]))
    return found


if __name__ == "__main__":
    arguments = options(__doc__, repeats=15)
    finish(measure(arguments.repeats), arguments.out)
