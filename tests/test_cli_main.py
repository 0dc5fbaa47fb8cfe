"""The command line as a whole: help, version, and how errors end a command."""

import errno
import importlib

import pytest

from tests.command import run, run_alone
from vitruvian import errors
from vitruvian.errors import MissingPackageError, NotFiniteError, PoseError, UnknownNameError
from vitruvian.version import __version__

main = importlib.import_module("vitruvian.cli.main")
COMMANDS = ("predict", "models", "train", "evaluate", "export")


@pytest.fixture
def failing(capsys, monkeypatch):
    """Run `vitruvian models` as a command that raises an exception."""

    def call(error: BaseException) -> tuple[int, str, str]:
        def models() -> int:
            raise error

        monkeypatch.setitem(main.COMMANDS, "models", models)
        return run(capsys, "models")

    return call


def test_alone_it_prints_the_help(capsys):
    alone = run(capsys)
    assert alone == run(capsys, "--help")
    assert alone.code == 0
    assert all(command in alone.out for command in COMMANDS)


def test_the_version(capsys):
    assert run(capsys, "--version") == (0, f"vitruvian {__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["predict", "x.jpg", "--frobnicate"],
        ["predict", "x.jpg", "--format", "xml"],
        ["train"],
        ["--frob"],
    ],
)
def test_what_cannot_be_parsed_ends_with_2(capsys, arguments):
    answer = run(capsys, *arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert "--help" in answer.err


@pytest.mark.parametrize(
    "command", [[], *([name] for name in COMMANDS)], ids=lambda command: "_".join(command) or "alone"
)
def test_every_help_fits_a_terminal_of_80_columns(capsys, monkeypatch, command):
    """But for the line of usage, which the parser writes."""
    monkeypatch.setenv("COLUMNS", "80")
    answer = run(capsys, *command, "--help")
    assert answer.code == 0
    assert answer.out.startswith("usage: vitruvian")
    assert [line for line in answer.out.splitlines()[1:] if len(line) > 80] == []
    assert "None" not in answer.out


def every_error() -> list[PoseError]:
    """One of each class in `errors`."""
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, PoseError)]
    assert len(classes) > 8
    special = {
        UnknownNameError: UnknownNameError("codec", "udq", ["udp", "simcc"]),
        NotFiniteError: NotFiniteError("what is wrong", {}),
        MissingPackageError: MissingPackageError("torch", "train", "training"),
    }
    return [special.get(kind) or kind("what is wrong") for kind in classes]


@pytest.mark.parametrize("error", every_error(), ids=lambda error: type(error).__name__)
def test_every_error_of_ours_is_one_sentence(failing, error):
    assert failing(error) == (2, "", f"vitruvian: {error}\n")


def test_an_error_of_the_system_is_one_sentence(failing):
    assert failing(OSError(errno.ENOSPC, "No space left on device", "out/a.json")) == (
        1,
        "",
        "vitruvian: out/a.json: No space left on device\n",
    )
    assert failing(OSError(errno.ENOSPC, "No space left on device")).err == "vitruvian: No space left on device\n"
    assert failing(OSError("the cable is out")).err == "vitruvian: the cable is out\n"


def test_a_stopped_command_ends_with_130(failing):
    assert failing(KeyboardInterrupt()) == (130, "", "vitruvian: stopped\n")


def test_a_mistake_of_ours_is_not_hidden(failing):
    with pytest.raises(ZeroDivisionError):
        failing(ZeroDivisionError())


def test_as_a_program():
    assert run_alone("--version") == (0, f"vitruvian {__version__}\n", "")
