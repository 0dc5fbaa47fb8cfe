"""`vitruvian`: the table of commands, and how errors end them."""

import io
import sys
from collections.abc import Callable, Sequence

import tyro

from vitruvian.cli.calibrate import calibrate
from vitruvian.cli.data.convert import convert
from vitruvian.cli.data.doctor import doctor
from vitruvian.cli.data.draw import draw
from vitruvian.cli.data.info import info
from vitruvian.cli.data.split import split
from vitruvian.cli.evaluate import evaluate
from vitruvian.cli.export import export
from vitruvian.cli.fit import fit
from vitruvian.cli.models import models
from vitruvian.cli.predict import predict
from vitruvian.cli.pull import pull
from vitruvian.cli.recipes import recipes
from vitruvian.cli.repro import repro
from vitruvian.cli.score import score
from vitruvian.cli.synth import synth
from vitruvian.cli.train import train
from vitruvian.errors import PoseError
from vitruvian.version import __version__


def data() -> int:
    """Look at data sets, convert, split, draw and examine them; `vitruvian data` lists how."""
    return main(["data"])


DATA_COMMANDS: dict[str, Callable[..., int]] = {
    "info": info,
    "convert": convert,
    "split": split,
    "draw": draw,
    "doctor": doctor,
}
COMMANDS: dict[str, Callable[..., int]] = {
    "predict": predict,
    "models": models,
    "pull": pull,
    "recipes": recipes,
    "fit": fit,
    "train": train,
    "evaluate": evaluate,
    "calibrate": calibrate,
    "score": score,
    "repro": repro,
    "data": data,
    "synth": synth,
    "export": export,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 1 something failed, 2 it could not begin, 130 stopped.

    Raises SystemExit, 0 after help, 2 for a command line that cannot be parsed.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments == ["--version"]:
        print(f"vitruvian {__version__}")
        return 0
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be text
    try:
        if arguments[:1] == ["data"]:
            return _run(DATA_COMMANDS, "vitruvian data", "Data sets: look at them, change their form.", arguments[1:])
        return _run(COMMANDS, "vitruvian", "Find people in photos, and the coordinates of their joints.", arguments)
    except PoseError as error:
        return _end(str(error), 2)
    except KeyboardInterrupt:
        return _end("stopped", 130)
    except OSError as error:
        reason = error.strerror or str(error)
        return _end(f"{error.filename}: {reason}" if error.filename else reason, 1)


def _run(commands: dict[str, Callable[..., int]], name: str, description: str, arguments: list[str]) -> int:
    """The command of the table that the arguments name; without any, its help."""
    return tyro.extras.subcommand_cli_from_dict(
        commands,
        prog=name,
        description=description,
        args=arguments or ["--help"],
        config=(tyro.conf.PositionalMetavarFromFieldName, tyro.conf.DisallowNone),
    )


def _end(reason: str, code: int) -> int:
    print(f"vitruvian: {reason}", file=sys.stderr)
    return code
