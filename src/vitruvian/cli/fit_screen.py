"""What `vitruvian fit` shows: data, choices and joints before it trains, and how it goes while it does."""

import math
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from vitruvian.cli.fit_folder import START, Decided
from vitruvian.cli.output import console
from vitruvian.cli.train_screen import Screen
from vitruvian.datasets import Part, everybody_of
from vitruvian.metrics import SCORES

if TYPE_CHECKING:
    from vitruvian.training import Hardware, Job, Match, Parts

NAMED = 12  # keypoints that are named on the screen


def show_parts(parts: "Parts", notes: tuple[str, ...]) -> None:
    """What was found in the data."""
    train, held_out = parts.train, parts.held_out
    skeleton = train.skeleton
    names = ", ".join(skeleton.names[:NAMED]) + (" ..." if len(skeleton) > NAMED else "")
    images = len(train) + (0 if held_out is None else len(held_out))
    people = len(train.labels) + (0 if held_out is None else len(held_out.labels))
    print(f"data      {images:,} images, {people:,} labelled subjects")
    print(_wrapped("skeleton", f"{len(skeleton)} keypoints: {names}"))
    for note in notes:
        print(_wrapped("", note))


def show_decided(decided: Decided) -> None:
    """The choices and their reasons, and which joint is which."""
    from vitruvian.training import demand

    for what, reason in decided.plan.reasons.items():
        print(_wrapped(what, reason))
    needed = demand(decided.plan.recipe)
    memory = needed.of(decided.plan.recipe.batch_size) / 2**30
    print(_wrapped("size", f"{needed.parameters / 1e6:.1f} million parameters, about {memory:.1f} GiB in training"))
    print(_wrapped("score", f"checkpoints are compared by {decided.score}: {_inside(SCORES[decided.score].about)}"))
    same = sum(one.joint == one.start for one in decided.matches)
    if same:
        print(_wrapped("joints", f"{same} of {len(decided.matches)} start as those of the same name"))
    if any(one.how != "none" for one in decided.matches) and same < len(decided.matches):
        Console().print(joint_table(tuple(one for one in decided.matches if one.joint != one.start)))


def joint_table(matches: "tuple[Match, ...]") -> Table:
    """Which joint of the starting model is which."""
    table = Table("your joint", "starts as", "because of its", "distance, of the box")
    for row in joint_rows(matches):
        table.add_row(*row)
    return table


def joint_rows(matches: "tuple[Match, ...]") -> list[tuple[str, str, str, str]]:
    """The same as texts."""
    said = {"none": "", "told": "told"}
    return [
        (
            one.joint,
            one.start or "(new)",
            said.get(one.how, one.how),
            "" if one.distance is None else f"{one.distance:.2f}",
        )
        for one in matches
    ]


def watch(out: Path, decided: Decided, parts: "Parts", hardware: "Hardware", minutes: float | None) -> None:
    """Train to the end, or until the held-out images get no better; goes on where it was stopped.

    minutes: after a quarter more than these, training ends, however slow the machine has become.
    """
    from vitruvian.training import STATE, Job, read_log

    plan = decided.plan
    job = Job(
        recipe=plan.recipe,
        data=everybody_of([Part(parts.train)], parts.train.skeleton),
        out=out,
        held_out=parts.held_out,
        score=decided.score,
        every=plan.every,
        start=out / START if decided.matches else None,
        hardware=hardware,
    )
    resume = (out / STATE).is_file()
    checks = {record["step"]: record["best"] for record in read_log(out) if resume and "values" in record}
    if no_better(list(checks.values()), plan.patience):
        return
    if resume:
        print("going on with an earlier run", file=sys.stderr)
    _follow(job, resume, plan.patience, checks, math.inf if minutes is None else time.monotonic() + 75 * minutes)


def no_better(best: list[bool], patience: int) -> bool:
    """Whether the last so many checks, of which it is known if they were the best so far, all were not."""
    return len(best) > patience and not any(best[-patience:])


def _follow(job: "Job", resume: bool, patience: int, checks: dict[int, bool], until: float) -> None:
    """Run, log, show. checks: of an earlier run, by their step, whether each was the best so far, of which the last may
    be made again; until: by the clock."""
    from vitruvian.training import Check, Log, run

    with Log(job.out) as log, Screen(job, console()) as screen, closing(run(job, resume)) as events:
        for event in events:
            log.add(event)
            screen.show(event)
            if isinstance(event, Check):
                checks[event.number] = event.best
                if no_better(list(checks.values()), patience):
                    screen.say(f"no better for {patience} checks; training ends here")
                    return
            if time.monotonic() > until:
                screen.say("the time is up; training ends here")
                return


def _inside(sentence: str) -> str:
    """A sentence as the end of another."""
    first = sentence[:1] if sentence[1:2].isupper() else sentence[:1].lower()  # "OKS" stays as it is
    return first + sentence[1:].removesuffix(".")


def _wrapped(what: str, text: str) -> str:
    return textwrap.fill(text, 100, initial_indent=f"{what:<10}", subsequent_indent=" " * 10)
