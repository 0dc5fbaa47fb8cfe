"""What a run tells those who look later: a line for every step and check, and the same as curves for TensorBoard."""

import json
import math
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vitruvian.errors import DataError
from vitruvian.folders import written_whole
from vitruvian.training.check import Check
from vitruvian.training.loop import Step

LOG, CURVES = "log.jsonl", "tensorboard"  # in the folder of the run
NO_CURVES = "without the package tensorboard there are no curves for it, only log.jsonl; pip install tensorboard"


class Log:
    """Writes the log of a run, in its folder, as a context manager; `add` every step and check as it comes.

    Lines are in the file when `add` returns. What an earlier run has logged of the first step or check that is added,
    and of later ones, is cut off: it was not saved, and is done again. So nothing is there twice.

    note: what the user should know of it; "" for nothing.
    """

    def __init__(self, folder: Path):
        self.path, self.note = folder / LOG, ""
        self._file: Any = None
        self._curves: Any = None
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        self._ending.enter_context(_quiet())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._ending:
            if self._file is not None:
                with suppress(OSError):  # every line is in the file, or was refused
                    self._file.close()
            if self._curves is not None:
                with self._curves_may_fail():
                    self._curves.close()

    def add(self, event: Step | Check) -> None:
        """Raises DataError where the log cannot be written; curves that cannot are given up."""
        try:
            if self._file is None:
                self._begin(event)
            self._file.write(json.dumps(_plain(event)) + "\n")
            self._file.flush()
        except OSError as error:
            raise DataError(
                f"{self.path}: cannot be written ({error.strerror or error}); make room, then resume the run"
            ) from error
        if self._curves is not None:
            with self._curves_may_fail():
                for name, value in _points(event):
                    self._curves.add_scalar(name, value, event.number)

    @contextmanager
    def _curves_may_fail(self) -> Iterator[None]:
        """Without room for them there are no more curves, but the run goes on."""
        try:
            yield
        except OSError as error:
            self.note = f"{self.path.parent / CURVES}: cannot be written ({error.strerror or error}); {LOG} is whole"
            self._curves = None

    def _begin(self, first: Step | Check) -> None:
        steps = first.number - isinstance(first, Step)  # a check comes after its step
        lines = list(_lines(self.path))
        kept = [line for line, record in lines if record["step"] <= (steps if "loss" in record else first.number - 1)]
        with written_whole(self.path) as beside:
            beside.write_bytes(b"".join(kept))
        self._file = self.path.open("a", encoding="utf-8")
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            self.note = NO_CURVES
        else:
            self._curves = SummaryWriter(str(self.path.parent / CURVES), purge_step=steps + 1)


@contextmanager
def _quiet() -> Iterator[None]:
    """TensorBoard writes in a thread, which tells its errors to who closes it; Python would print them, too."""
    before = threading.excepthook
    threading.excepthook = lambda error: None if _of_tensorboard(error.thread) else before(error)
    try:
        yield
    finally:
        for thread in filter(_of_tensorboard, threading.enumerate()):
            thread.join(1.0)  # it may be about to print
        threading.excepthook = before


def _of_tensorboard(thread: threading.Thread | None) -> bool:
    return type(thread).__module__.startswith("tensorboard.")


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The records of a run, in order; none without a log. What a kill has left of a line is passed over.

    Those of steps have "step", "loss", "learning_rate", "seconds", "waited" and "images", those of checks "step",
    "score", "values", "best" and "seconds". A number that is not finite is None.
    """
    return [record for _, record in _lines(folder / LOG)]


def _lines(path: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Every sound line, and what it says."""
    try:
        content = path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); choose another folder") from error
    for line in content.splitlines(keepends=True):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if line.endswith(b"\n") and isinstance(record, dict) and isinstance(record.get("step"), int):
            yield line, record


def _plain(event: Step | Check) -> dict[str, Any]:
    if isinstance(event, Check):
        values = {name: _finite(value) for name, value in event.values.items()}
        record = {"step": event.number, "score": event.score, "values": values, "best": event.best}
        return {**record, "seconds": round(event.seconds, 4), "bad_images": event.bad_images}
    record = {"step": event.number, "loss": _finite(event.loss), "learning_rate": event.learning_rate}
    times = {"seconds": round(event.seconds, 5), "waited": round(event.waited, 5), "images": event.images}
    return {**record, **times, **({"notes": list(event.notes)} if event.notes else {})}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _points(event: Step | Check) -> Iterable[tuple[str, float]]:
    """The points of the curves, by their names."""
    if isinstance(event, Check):
        return [(f"check/{name}", value) for name, value in event.values.items()]
    seconds = max(event.seconds, 1e-9)
    return [
        ("train/loss", event.loss),
        ("train/learning_rate", event.learning_rate),
        ("train/images_per_second", event.images / seconds),
        ("train/waiting_for_data", event.waited / seconds),
    ]
