"""`vitruvian repro`: whether a result can be had again."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from vitruvian.cli.evaluate import run_question
from vitruvian.cli.options import OFF
from vitruvian.cli.pull import at_hand
from vitruvian.cli.score import score_question

if TYPE_CHECKING:
    from vitruvian.inference import Evaluation, Run, Settings


def repro(
    result: Annotated[Path, tyro.conf.Positional],
    model: Annotated[str | None, OFF] = None,
    data: Annotated[Path | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    boxes: Annotated[Path | None, OFF] = None,
    tolerance: float = 0.0005,
    threads: int = 0,
) -> int:
    """Run again what a result of `evaluate` or `score` says, and compare the numbers.

    Refused when the model, the annotations or the images are not the same, by their hashes. The exit code is 1 when
    a number differs.

    Args:
        result: A file that --out wrote.
        model: Where the model is now, if not where it was.
        data: Where the annotations are now, if not where they were.
        folder: Where the images are now, if not where they were.
        boxes: Where the detector's boxes are now, if not where they were.
        tolerance: How far numbers may be apart, because machines round differently.
        threads: For the model; 0 for one per core.
    """
    from vitruvian.inference import compare_results, read_evaluation

    old = read_evaluation(result)
    moved = {"model": model, "data": data, "folder": folder, "boxes": boxes}
    given: dict[str, Any] = {name: str(value) for name, value in moved.items() if value is not None}
    new = _again(old, replace(old.settings, **given), threads)
    different = compare_results(old, new, tolerance)
    for sentence in different:
        print(f"differs: {sentence}", file=sys.stderr)
    numbers = sum(len(score.values) for score in old.scores.values())
    if different:
        print(f"{len(different)} numbers differ by more than {tolerance:g}", file=sys.stderr)
        if old.run.code_sha256 != new.run.code_sha256:
            print(f"the code is another: {_code(old.run)} then, {_code(new.run)} now", file=sys.stderr)
        return 1
    print(f"{result}: all {numbers} numbers are the same to {tolerance:g}")
    return 0


def _code(run: "Run") -> str:
    return f"vitruvian {run.vitruvian} ({run.code_sha256:.8})"


def _again(old: "Evaluation", settings: "Settings", threads: int) -> "Evaluation":
    """The evaluation of the same files. Raises DataError when they are not."""
    from vitruvian.inference import ask, check_same, load

    if settings.model is None:
        question = ask(settings)
        check_same(old, question)
        return score_question(question)[1]
    top_down = load(at_hand(settings.model), settings.backend, threads)
    question = ask(settings, top_down)
    check_same(old, question)
    return run_question(question, top_down, None)[1]
