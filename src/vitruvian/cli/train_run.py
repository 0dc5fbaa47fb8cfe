"""A run of `vitruvian train`, from its job to its result: what is said, logged and written on the way."""

import contextlib
import itertools
import json
import os
import signal
import sys
import textwrap
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from vitruvian.cli.folders import make_writable
from vitruvian.cli.output import console
from vitruvian.cli.train_job import check_unchanged, job_of
from vitruvian.cli.train_screen import Screen, measured, plan_of
from vitruvian.cli.train_settings import TrainSettings, load_settings, save_settings
from vitruvian.errors import DataError, RecipeError, TrainingError
from vitruvian.folders import write_text
from vitruvian.version import __version__

if TYPE_CHECKING:
    from vitruvian.recipes import Recipe
    from vitruvian.training import Check, Hardware, Job, Step

RECIPE, RESULT = "recipe.toml", "result.json"  # in the folder of the run


def begin(recipe: "Recipe", settings: TrainSettings, out: Path, hardware: "Hardware") -> int:
    """Train from the start; the exit code. Raises RecipeError for a folder that holds another run's state."""
    from vitruvian.recipes import recipe_to_toml
    from vitruvian.training import STATE

    job, notes = job_of(settings, recipe, out, hardware)
    if _leads():
        if (out / STATE).exists():
            raise RecipeError(
                f"{out} holds a run already; go on with it by vitruvian train --resume {out}, or choose another --out"
            )
        make_writable(out)
        save_settings(out, settings)
        write_text(out / RECIPE, recipe_to_toml(recipe))
    return _run(job, notes, resume=False)


def go_on(folder: Path, hardware: "Hardware") -> int:
    """Go on with the run in a folder; the exit code. One that was stopped before its first save begins anew."""
    from vitruvian.recipes import recipe_from_file
    from vitruvian.training import STATE

    job, notes = job_of(load_settings(folder), recipe_from_file(folder / RECIPE), folder, hardware)
    if (folder / STATE).exists():
        return _run(replace(job, start=None), notes, resume=True)  # what it began with is not needed any more
    if job.start is not None:
        check_unchanged(job.start, job.recipe)
    return _run(job, (*notes, f"{folder}: nothing was saved before the run was stopped; it begins anew"), resume=False)


def _run(job: "Job", notes: tuple[str, ...], resume: bool) -> int:
    team = int(os.environ.get("WORLD_SIZE", "1"))
    try:
        with _terminated_as_interrupted():
            rate = measured(job, team)
            if _leads():
                _shown(job, notes, resume, plan_of(job, team, rate))
            else:
                with _begun(job, resume) as events:
                    for _ in events:
                        pass
    except KeyboardInterrupt:
        return _stopped(job.out, "saved up to the last check" if job.hardware.shard and team > 1 else "all is saved")
    except TrainingError as error:
        print(f"vitruvian: {error}", file=sys.stderr)
        return 1
    return 0


def _shown(job: "Job", notes: tuple[str, ...], resume: bool, plan: Mapping[str, str]) -> None:
    """The run, as its leading process shows and logs it."""
    from vitruvian.training import BEST, Log, Step

    for note in notes:
        print(note, file=sys.stderr)
    print("\n".join(_lines(plan)))
    with Screen(job, console()) as screen, Log(job.out) as log, _begun(job, resume) as events:
        for place, event in enumerate(events):
            if resume and not place:
                screen.say(f"going on after step {event.number - isinstance(event, Step)}")
            log.add(event)
            screen.show(event)
    if log.note:
        print(log.note, file=sys.stderr)
    with _stopping(job.out):
        write_text(job.out / RESULT, json.dumps(_result(job), indent=2) + "\n")
    print(f"trained -> {job.out / BEST}")


@contextlib.contextmanager
def _begun(job: "Job", resume: bool) -> "Iterator[Iterator[Step | Check]]":
    """The steps and checks of a run, closed at the end of the block. Until there is one, it raises what `run` raises;
    what stops it later, as a full disk does, is a TrainingError."""
    from vitruvian.training import run

    events = run(job, resume)
    first = list(itertools.islice(events, 1))
    with _stopping(job.out), contextlib.closing(events):
        yield itertools.chain(first, events)


@contextlib.contextmanager
def _stopping(out: Path) -> Iterator[None]:
    """What cannot be read or written in the block is a TrainingError that says how to go on."""
    try:
        yield
    except DataError as error:
        raise TrainingError(f"{error}{_way_on(out)}") from error


def _way_on(out: Path) -> str:
    from vitruvian.training import STATE

    saved = f". What was saved before is whole; go on with: vitruvian train --resume {out}"
    return saved if (out / STATE).exists() else ""


def _lines(plan: Mapping[str, str]) -> Iterator[str]:
    """The plan, a paragraph for each of its entries."""
    for label, value in plan.items():
        yield textwrap.fill(
            value,
            Console().width,
            initial_indent=f"{label:<10}",
            subsequent_indent=" " * 10,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _result(job: "Job") -> dict[str, Any]:
    """What a finished run has come to."""
    from vitruvian.training import demand, read_log

    records = read_log(job.out)
    checks = [record for record in records if "values" in record]
    steps = [record for record in records if "loss" in record]
    seconds = sum(record["seconds"] for record in steps)
    return {
        "version": __version__,
        "model": job.recipe.model,
        "parameters": demand(job.recipe).parameters,
        "people": len(job.data),
        "images": len(job.data.files),
        "steps": job.steps,
        "seconds": round(seconds + sum(record["seconds"] for record in checks), 1),
        "images_per_second": round(sum(record["images"] for record in steps) / max(seconds, 1e-9), 1),
        "waiting_for_data": round(sum(record["waited"] for record in steps) / max(seconds, 1e-9), 4),
        "best": next((record for record in reversed(checks) if record["best"]), None),
        "last": checks[-1] if checks else None,
    }


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """A polite request to end, as schedulers send it, stops the run as Ctrl-C does: all is saved."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leads() -> bool:
    return os.environ.get("RANK", "0") == "0"


def _stopped(folder: Path, kept: str) -> int:
    from vitruvian.training import STATE

    if _leads():
        saved = f"{kept}; go on with: vitruvian train --resume {folder}"
        print(f"vitruvian: stopped; {saved if (folder / STATE).exists() else 'nothing was saved yet'}", file=sys.stderr)
    return 130
