"""The log of a run: every step once, whatever a kill has left, and curves for TensorBoard."""

import builtins
import errno
import json
import threading

import pytest

from vitruvian.errors import DataError
from vitruvian.training import CURVES, LOG, Check, Log, Step, read_log
from vitruvian.training.logs import NO_CURVES


def step(number: int, **changed: object) -> Step:
    return Step(number, 9, **{"loss": 1 / number, "learning_rate": 1e-3, "seconds": 0.5, "waited": 0.1, **changed})


def write(folder, *events: Step | Check) -> str:
    """Log the events; the note."""
    with Log(folder) as log:
        for event in events:
            log.add(event)
    return log.note


def test_steps_and_checks_are_lines_in_order(tmp_path):
    write(
        tmp_path, step(1, images=4), step(2, notes=("memory ran out",)), Check(2, "pck_box", {"PCK": 0.5}, True, 1.25)
    )
    assert [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()] == read_log(tmp_path)
    assert read_log(tmp_path) == [
        {"step": 1, "loss": 1.0, "learning_rate": 1e-3, "seconds": 0.5, "waited": 0.1, "images": 4},
        {
            "step": 2, "loss": 0.5, "learning_rate": 1e-3, "seconds": 0.5, "waited": 0.1, "images": 0,
            "notes": ["memory ran out"],
        },
        {"step": 2, "score": "pck_box", "values": {"PCK": 0.5}, "best": True, "seconds": 1.25, "bad_images": 0},
    ]  # fmt: skip


def test_a_line_is_in_the_file_as_soon_as_it_is_added(tmp_path):
    with Log(tmp_path) as log:
        log.add(step(1))
        assert len(read_log(tmp_path)) == 1


def test_losses_come_back_to_the_last_bit(tmp_path):
    write(tmp_path, step(3))
    assert read_log(tmp_path)[0]["loss"] == 1 / 3


def test_a_number_that_is_not_finite_is_none(tmp_path):
    write(tmp_path, step(1), Check(1, "pck_box", {"PCK": 0.5, "PCK tail": float("nan")}, True, 1.0))
    assert read_log(tmp_path)[1]["values"] == {"PCK": 0.5, "PCK tail": None}


def test_after_a_resume_no_step_is_there_twice(tmp_path):
    """Steps 3 and 4 were logged, but not saved; they are done again."""
    write(tmp_path, step(1), step(2), Check(2, "pck_box", {"PCK": 0.5}, True, 1.0), step(3), step(4))
    write(tmp_path, step(3, loss=7.0))
    assert [record["step"] for record in read_log(tmp_path)] == [1, 2, 2, 3]
    assert read_log(tmp_path)[-1]["loss"] == 7.0


def test_a_check_that_comes_first_after_a_resume_follows_its_step(tmp_path):
    """The run was stopped after the step, before its check."""
    write(tmp_path, step(1), step(2))
    write(tmp_path, Check(2, "pck_box", {"PCK": 0.5}, True, 1.0), step(3))
    assert [record["step"] for record in read_log(tmp_path)] == [1, 2, 2, 3]


def test_a_new_run_has_a_new_log(tmp_path):
    write(tmp_path, step(1), step(2))
    write(tmp_path, step(1))
    assert len(read_log(tmp_path)) == 1


def test_a_run_without_another_step_leaves_the_log_as_it_is(tmp_path):
    write(tmp_path, step(1))
    write(tmp_path)
    assert len(read_log(tmp_path)) == 1


@pytest.mark.parametrize("end", ['{"step": 2, "lo', '{"step": 2}', "\0\0\0\n", "[1]\n", '{"loss": 2}\n'])
def test_a_damaged_last_line_is_passed_over_and_gone_after_a_resume(tmp_path, end):
    write(tmp_path, step(1))
    with (tmp_path / LOG).open("a") as file:
        file.write(end)
    assert [record["step"] for record in read_log(tmp_path)] == [1]
    write(tmp_path, step(2))
    assert [record["step"] for record in read_log(tmp_path)] == [1, 2]
    assert len((tmp_path / LOG).read_text().splitlines()) == 2


def test_without_a_log_there_are_no_records(tmp_path):
    assert read_log(tmp_path) == []


def test_curves_for_tensorboard(tmp_path):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert write(tmp_path, step(1), step(2, images=8), step(3)) == ""
    write(tmp_path, step(3, loss=7.0), Check(3, "pck_box", {"PCK": 0.5}, True, 1.0))
    curves = EventAccumulator(str(tmp_path / CURVES)).Reload()
    points = {name: [(one.step, one.value) for one in curves.Scalars(name)] for name in curves.Tags()["scalars"]}
    assert points["train/loss"] == [(1, 1.0), (2, 0.5), (3, 7.0)]
    assert points["train/images_per_second"][1] == (2, 16.0)
    assert points["train/waiting_for_data"][0][1] == pytest.approx(0.2)
    assert points["check/PCK"] == [(3, 0.5)]


def test_without_tensorboard_there_is_a_note_and_the_log(tmp_path, monkeypatch):
    found = builtins.__import__

    def without(name, *more):
        if name.startswith("torch.utils.tensorboard"):
            raise ModuleNotFoundError("No module named 'tensorboard'", name="tensorboard")
        return found(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert write(tmp_path, step(1), step(2)) == NO_CURVES
    assert len(read_log(tmp_path)) == 2
    assert not (tmp_path / CURVES).exists()


def test_a_log_that_cannot_be_written_is_refused_with_the_way_on(tmp_path):
    (tmp_path / LOG).mkdir()
    with pytest.raises(DataError, match=r"log.jsonl: cannot be written"):
        write(tmp_path, step(1))


def test_without_room_for_curves_the_log_goes_on(tmp_path, monkeypatch):
    writer = pytest.importorskip("torch.utils.tensorboard").SummaryWriter

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writer, "add_scalar", full)
    with Log(tmp_path) as log:
        for number in (1, 2):
            log.add(Step(number, 2, 0.5, 1e-3))
    assert log.note.endswith("tensorboard: cannot be written (No space left on device); log.jsonl is whole")
    assert [record["step"] for record in read_log(tmp_path)] == [1, 2]


def test_errors_of_other_threads_are_told_as_ever(tmp_path, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda error: told.append(str(error.exc_value)))
    with Log(tmp_path):
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
    assert told == ["division by zero"]
