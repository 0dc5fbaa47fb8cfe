"""Running commands inside the tests."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from vitruvian.cli import main

CALL = "import sys; from vitruvian.cli import main; sys.exit(main())"


class Answer(NamedTuple):
    """What a command leaves on the screen."""

    code: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Answer:
    """Run a command in this process."""
    capsys.readouterr()
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    return Answer(code, *capsys.readouterr())


def run_alone(*arguments: object, before: str = "", cwd: Path | None = None) -> Answer:
    """Run a command in a process of its own, as the console script does; `before` is Python that runs first."""
    done = subprocess.run(
        [sys.executable, "-c", f"{before}\n{CALL}", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80"},
        timeout=120,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)
