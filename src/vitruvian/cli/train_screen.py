"""What a person sees of a run: the plan before it starts, a progress bar while it runs, lines where nobody looks."""

import math
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from vitruvian.cli.train_pace import PATIENCE, SURE, Pace, amount, remedy
from vitruvian.cli.train_synth import said, seconds_per_crop

if TYPE_CHECKING:
    from vitruvian.training import Check, Demand, Hardware, Job, Step

TRIED = 4  # crops in a step on the CPU that is tried before the run
QUIET = 60.0  # seconds between two lines, where there is no terminal
SOON = 5.0  # seconds, of which nothing is said beforehand


def plan_of(job: "Job", team: int, rate: float) -> Mapping[str, str]:
    """What there is to say before the first step, in a line each.

    team: processes that train together; rate: crops a second of each, as `measured`.
    """
    from vitruvian.training import demand

    recipe, needed = job.recipe, demand(job.recipe)
    parts = team if job.hardware.shard else 1
    size = "{} x {}".format(*recipe.codec.input_size)
    held = job.held_out
    return {
        "data": ", and ".join(part for part in (_people(job), said(job.endless)) if part),
        "held out": f"{len(held.labels):,} in {len(held):,} images, scored by {job.score} every {job.every} steps"
        if held
        else "nobody, so the last checkpoint counts as the best; see --val and --val-share",
        "skeleton": f"{recipe.joints.name}, {len(recipe.joints)} keypoints",
        "model": f"{recipe.model}, {needed.parameters:,} parameters, input {size}",
        "start": recipe.start or "fresh weights",
        "steps": f"{job.steps:,} of {recipe.batch_size} crops{_turns(job)}",
        "memory": _memory(replace(needed, fixed=needed.fixed // parts), _share(job, team), job.hardware),
        "time": _time(job, team, rate),
        "folder": str(job.out),
    }


def _people(job: "Job") -> str:
    """Who is labelled; nothing where nobody is."""
    people, images = len(job.data), len(job.data.files)
    return f"{people:,} people in {images:,} images, {job.data.showings:,} crops a turn" if people else ""


def _turns(job: "Job") -> str:
    """How often everybody labelled is shown; nothing where nobody is."""
    turns = job.steps * job.labelled / max(job.data.showings, 1)
    return f", which is {turns:,.1f} turns" if turns else ""


def measured(job: "Job", team: int) -> float:
    """Crops a second of this process, judged by a few steps on noise, while the others of the team do the same.

    NaN for a model that is shared out, which one process may have no room for.
    """
    from vitruvian.training import crops_per_second

    share, hardware = _share(job, team), job.hardware
    if hardware.shard and team > 1:
        return math.nan
    crops = max(2, min(share, hardware.micro_batch or share, share if hardware.on_gpu else TRIED))  # two, for norms
    rate = crops_per_second(replace(job.recipe, batch_size=crops), hardware.device)
    return _with_rendering(rate, job) if job.endless else rate


def _with_rendering(rate: float, job: "Job") -> float:
    """Crops a second where some are rendered, too: meanwhile, by the processes that load, or else in between."""
    seconds, workers = seconds_per_crop(job.endless), job.hardware.workers
    if not workers:
        return 1 / (1 / rate + seconds)
    return min(rate, min(workers, _cores()) / seconds)


def _cores() -> int:
    """Of the machine, for each process that trains."""
    return max(1, (os.cpu_count() or 1) // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def _share(job: "Job", team: int) -> int:
    """The most crops of a batch that are one process's."""
    return -(-job.recipe.batch_size // team)


def _time(job: "Job", team: int, rate: float) -> str:
    """How long the steps will take: as long as the process with the most crops needs."""
    from vitruvian.training import duration

    if math.isnan(rate):
        return f"told after {SURE} steps"
    seconds = job.steps * _share(job, team) / rate
    several = f" in each of {team} processes, without what they tell each other" if team > 1 else ""
    return f"about {duration(seconds)} for the steps, judged by a few of them{several}; told again after {SURE}"


def _memory(needed: "Demand", crops: int, hardware: "Hardware") -> str:
    """What a step of so many crops takes in each process, and whether it is there for all that share it."""
    from vitruvian.training import memory_of

    passed, there = min(crops, hardware.micro_batch or crops), memory_of(hardware.device)
    sharing = 1 if hardware.on_gpu else int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    each = " in each process" if os.environ.get("WORLD_SIZE", "1") != "1" else ""
    said = (
        f"about {amount(needed.of(passed))}{each} for {passed} crop{'s' * (passed > 1)} at a time, and up to "
        f"{amount(hardware.cache)} of images"
    )
    if there is None or needed.of(passed) <= there // sharing:
        return said
    few = needed.crops_in(there // sharing)
    return f"{said}; that is more than the {amount(there // sharing)} there are{each}: try --micro-batch {few}"


class Screen:
    """Shows the steps and checks of a run as they come, as a context manager.

    On a terminal that is a bar, elsewhere a line a minute and for every check.
    """

    def __init__(self, job: "Job", console: Console):
        """console: where it is shown."""
        self.job, self.console, self.pace = job, console, Pace(job.every)
        self.cores = _cores()
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        self._said = self._drawn = time.monotonic()
        self._warned = False

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
            self._live.update(Text("reading all labels and images once, to know them again"), refresh=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, event: "Step | Check") -> None:
        """Show a step, or a check, which has a line of its own."""
        from vitruvian.training import Check

        if isinstance(event, Check):
            self._check(event)
        else:
            self._step(event)

    def say(self, text: str) -> None:
        """A line above the bar."""
        self._said = time.monotonic()
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _step(self, step: "Step") -> None:
        self.pace.step(step)
        for note in step.notes:
            self.say(f"step {step.number}: {note}")
        if self.pace.seen == SURE and self.pace.seconds_left >= SOON:
            self.say(f"time: about {self._left()} from now")
        if self.pace.seen >= SURE and self.pace.waiting > PATIENCE and not self._warned:
            self._warned = True
            self.say(remedy(self.pace.waiting, self.job.hardware.workers, self.cores))
        now = time.monotonic()
        if self._live is not None and now - self._drawn > 0.2:
            self._drawn = now
            self._live.update(self._bar(step), refresh=True)
        elif self._live is None and now - self._said > QUIET:
            self.say(f"step {step.number} of {step.of}: {self._now(step)}, {self._left()} left")

    def _check(self, check: "Check") -> None:
        self.pace.check(check)
        name = next(iter(check.values))
        count = f"{check.bad_images} image{'s' if check.bad_images > 1 else ''}"
        bad = f"; {count} could not be read" if check.bad_images else ""
        better = ", the best so far" if check.best else ""
        self.say(f"step {check.number}: {check.score}: {name} {check.value:.4g}{better}{bad}")

    def _now(self, step: "Step") -> str:
        """What changes from step to step."""
        pace = self.pace
        best = f" (best {pace.best.value:.4g})" if pace.best and pace.best is not pace.last else ""
        metric = f"{next(iter(pace.last.values))} {pace.last.value:.4g}{best}, " if pace.last else ""
        speed = f"{pace.images_per_second:.0f} images/s, {pace.waiting:.0%} waiting"
        return f"loss {pace.loss:.4g}, {metric}{speed}, rate {step.learning_rate:.1e}"

    def _left(self) -> str:
        """The time left, in words."""
        from vitruvian.training import duration

        return duration(self.pace.seconds_left)

    def _bar(self, step: "Step") -> RenderableType:
        row = Table.grid(padding=(0, 1))
        bar = ProgressBar(step.of, step.number, width=30)
        row.add_row(f"step {step.number} of {step.of}", bar, f"{self._left()} left")
        return Group(row, Text(self._now(step)))
