"""The command line: parse, call, print."""

from vitruvian.cli.main import main

__all__ = ["main"]
