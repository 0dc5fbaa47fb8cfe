"""What is shown of a run: averages by hand, the remedy for waiting, lines and bar."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from tests.dots import dot_data
from vitruvian.cli.train_pace import Pace, amount, remedy
from vitruvian.cli.train_screen import QUIET, TRIED, Screen, measured, plan_of
from vitruvian.datasets import Part, everybody_of
from vitruvian.training import Check, Hardware, Job, Step, demand


def step(number: int, **changed: float) -> Step:
    """One of ten steps: half a second, a tenth of it waiting, for 8 crops."""
    values = {"loss": 2.0, "learning_rate": 1e-3, "seconds": 0.5, "waited": 0.05, "images": 8, **changed}
    return Step(number, 10, **values)


@pytest.fixture
def job(dots, tmp_path) -> Job:
    dataset = dot_data(tmp_path)
    return Job(
        dots, everybody_of([Part(dataset)], dots.joints), tmp_path / "out", every=4, hardware=Hardware(workers=1)
    )


def test_averages_are_over_the_steps_without_the_first():
    """Two steps of 8 crops in 0.5 s and 1.5 s: 8 crops a second; of the 2 s, 0.5 s waiting."""
    pace = Pace(4)
    for one in (step(1, loss=50.0, seconds=9.0), step(2, loss=2.0), step(3, loss=4.0, seconds=1.5, waited=0.45)):
        pace.step(one)
    assert (pace.loss, pace.images_per_second, pace.waiting) == (3.0, 8.0, 0.25)


def test_the_time_left_counts_the_checks_to_come():
    """After step 3 of 10: 7 steps of 0.5 s, and checks of 2 s after the steps 4, 8 and 10."""
    pace = Pace(4)
    for number in (1, 2, 3):
        pace.step(step(number))
    assert pace.seconds_left == 3.5
    pace.check(Check(0, "pck_box", {"PCK": 0.5}, True, 2.0))
    assert pace.seconds_left == 9.5


def test_nothing_is_left_at_the_end():
    pace = Pace(4)
    pace.step(step(10))
    pace.check(Check(10, "pck_box", {"PCK": 0.5}, True, 2.0))
    assert pace.seconds_left == 0


def test_the_best_check_is_remembered():
    pace = Pace(4)
    good, bad = Check(4, "pck_box", {"PCK": 0.5}, True, 2.0), Check(8, "pck_box", {"PCK": 0.4}, False, 2.0)
    pace.check(good)
    pace.check(bad)
    assert (pace.last, pace.best) == (bad, good)


def test_the_remedy_for_waiting_is_no_more_processes_than_cores():
    assert "23% of the time is spent waiting for data; what helps: more processes" in remedy(0.23, 2, 8)
    assert "(--workers 4, now 2)" in remedy(0.23, 2, 8)
    assert "--workers" not in remedy(0.23, 8, 8)
    assert "a larger --cache" in remedy(0.23, 8, 8)


@pytest.mark.parametrize(("size", "said"), [(0, "0 MB"), (350e6, "350 MB"), (999.9e6, "1.0 GB"), (2.14e9, "2.1 GB")])
def test_amounts(size, said):
    assert amount(size) == said


def shown(job: Job, *events: Step | Check, terminal: bool = False) -> str:
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=80, color_system=None, legacy_windows=False)
    with Screen(job, console) as screen:
        for event in events:
            screen.show(event)
    return text.getvalue()


def test_the_time_is_told_and_a_long_wait_is_said_once(job, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    said = shown(job, *(replace(step(number), of=50) for number in range(1, 40))).splitlines()
    assert said[0] == "time: about 15 seconds from now"
    assert said[1].startswith("10% of the time is spent waiting for data")
    assert len(said) == 2


def test_of_the_last_seconds_nothing_is_said_beforehand(job):
    """Of 25 steps five are left after 20: 2.5 seconds."""
    assert "from now" not in shown(job, *(replace(step(number), of=25, waited=0.02) for number in range(1, 26)))


def test_nothing_is_said_of_a_short_wait(job):
    said = shown(job, *(replace(step(number), of=50, waited=0.02) for number in range(1, 40)))
    assert "waiting" not in said


def test_notes_of_a_step_and_checks_are_lines(job):
    check = Check(4, "pck_box", {"PCK@0.2": 0.51234, "PCK@0.2 nose": 0.1}, True, 2.0, bad_images=3)
    assert shown(job, replace(step(4), notes=("memory ran out",)), check).splitlines() == [
        "step 4: memory ran out",
        "step 4: pck_box: PCK@0.2 0.5123, the best so far; 3 images could not be read",
    ]


def test_where_nobody_looks_there_is_a_line_a_minute(job, monkeypatch):
    now = iter(range(0, 10_000, int(QUIET) // 2 + 1))
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    said = shown(job, *(step(number) for number in range(1, 6))).splitlines()
    assert said
    assert said[0].startswith("step 2 of 10: loss 2, 16 images/s, 10% waiting, rate 1.0e-03, 4 seconds left")


def test_the_bar_has_loss_metric_speed_waiting_rate_and_time_in_80_columns(job, monkeypatch):
    now = iter(range(10_000))
    monkeypatch.setattr("time.monotonic", lambda: float(next(now)))
    check = Check(4, "pck_box", {"PCK@0.2": 0.5}, True, 2.0)
    worse = Check(8, "pck_box", {"PCK@0.2": 0.4}, False, 2.0)
    said = shown(job, step(1), check, step(2), worse, step(9), terminal=True)
    assert "step 9 of 10" in said
    assert "loss 2, PCK@0.2 0.4 (best 0.5), 16 images/s, 10% waiting, rate 1.0e-03" in said
    assert "seconds left" in said


def test_a_plan_that_needs_more_memory_than_there_is_says_what_may_fit(job, monkeypatch):
    assert "more than" not in plan_of(job, 1, 2.0)["memory"]
    monkeypatch.setattr("vitruvian.training.memory_of", lambda device: 10_000)
    assert plan_of(job, 1, 2.0)["memory"].endswith("; that is more than the 0 MB there are: try --micro-batch 1")
    monkeypatch.setattr("vitruvian.training.memory_of", lambda device: None)
    assert "more than" not in plan_of(job, 1, 2.0)["memory"]


def test_processes_of_one_machine_share_its_memory(job, monkeypatch):
    """There is twice of what a step takes, for four."""
    taken = demand(job.recipe).of(1)
    monkeypatch.setattr("vitruvian.training.memory_of", lambda device: 2 * taken)
    assert "more than" not in plan_of(job, 4, 2.0)["memory"]
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    assert plan_of(replace(job, hardware=Hardware("cpu")), 4, 2.0)["memory"].endswith(
        "; that is more than the 0 MB there are in each process: try --micro-batch 1"
    )


def test_the_time_of_a_run_is_judged_before_it(job):
    """60 steps of 4 crops at 2 crops a second are 120 seconds; of two processes each has half of the crops."""
    assert plan_of(job, 1, 2.0)["time"].startswith("about 2 minutes for the steps, judged by a few of them; told again")
    assert plan_of(job, 2, 2.0)["time"].startswith("about 60 seconds for the steps, judged by a few of them in each of")
    assert plan_of(job, 3, 2.0)["time"].startswith("about 60 seconds")  # one of the three has two crops


def test_each_process_is_measured_on_its_part_of_the_batch(job, monkeypatch):
    asked = []
    monkeypatch.setattr("vitruvian.training.crops_per_second", lambda recipe, device: asked.append(recipe) or 2.0)
    big = replace(job, recipe=replace(job.recipe, batch_size=64))
    assert [measured(big, team) for team in (1, 32, 64)] == [2.0] * 3
    measured(replace(big, hardware=Hardware("cpu", micro_batch=3)), 1)
    assert [recipe.batch_size for recipe in asked] == [TRIED, 2, 2, 3]


def test_each_of_several_processes_passes_its_part_of_the_batch(job):
    """Four crops."""
    assert "for 2 crops at a time" in plan_of(job, 2, 2.0)["memory"]
    smaller = replace(job, hardware=Hardware(micro_batch=1))
    assert "for 1 crop at a time" in plan_of(smaller, 2, 2.0)["memory"]
