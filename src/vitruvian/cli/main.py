"""`vitruvian`: the table of commands, and how errors end them."""

import sys
from collections.abc import Callable, Sequence

import tyro

from vitruvian.cli.evaluate import evaluate
from vitruvian.cli.export import export
from vitruvian.cli.models import models
from vitruvian.cli.predict import predict
from vitruvian.cli.train import train
from vitruvian.errors import PoseError
from vitruvian.version import __version__

COMMANDS: dict[str, Callable[..., int]] = {
    "predict": predict,
    "models": models,
    "train": train,
    "evaluate": evaluate,
    "export": export,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 1 something failed, 2 the command line is wrong, 130 stopped."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments == ["--version"]:
        print(f"vitruvian {__version__}")
        return 0
    try:
        return tyro.extras.subcommand_cli_from_dict(
            COMMANDS,
            prog="vitruvian",
            description="Find people in photos, and the coordinates of their joints.",
            args=arguments or ["--help"],
        )
    except PoseError as error:
        print(f"vitruvian: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("vitruvian: stopped", file=sys.stderr)
        return 130
