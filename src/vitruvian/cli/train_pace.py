"""How fast a run goes: what the last steps tell of those to come."""

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.training import Check, Step

WINDOW = 50  # steps that are averaged
SURE = 20  # steps that are seen before anything is said of the whole run
PATIENCE = 0.05  # share of the time that may be spent waiting for data


class Pace:
    """Averages over the last steps of a run, and its last and best check.

    The first step is slower than all others, and is forgotten with the second.
    """

    def __init__(self, every: int):
        """every: steps between two checks."""
        self.every, self.seen = every, 0
        self.steps: deque[Step] = deque(maxlen=WINDOW)
        self.last: Check | None = None
        self.best: Check | None = None

    def step(self, step: "Step") -> None:
        """Take note of a step."""
        if self.seen == 1:
            self.steps.clear()
        self.steps.append(step)
        self.seen += 1

    def check(self, check: "Check") -> None:
        """Take note of a check."""
        self.last = check
        self.best = check if check.best else self.best

    @property
    def loss(self) -> float:
        """The mean."""
        return sum(step.loss for step in self.steps) / len(self.steps)

    @property
    def images_per_second(self) -> float:
        """Crops, of all processes, while no check is made."""
        return sum(step.images for step in self.steps) / self._seconds

    @property
    def waiting(self) -> float:
        """The share of the time that is spent waiting for data."""
        return sum(step.waited for step in self.steps) / self._seconds

    @property
    def seconds_left(self) -> float:
        """Of the run, checks included as far as one was made."""
        step = self.steps[-1]
        checks = -(-step.of // self.every) - step.number // self.every if step.number < step.of else 0
        per_check = 0.0 if self.last is None else self.last.seconds
        return (step.of - step.number) * self._seconds / len(self.steps) + checks * per_check

    @property
    def _seconds(self) -> float:
        return max(sum(step.seconds for step in self.steps), 1e-9)


def remedy(waiting: float, workers: int, cores: int) -> str:
    """What helps a run that waits for such a share of the time. workers, cores: of each process that trains."""
    more = f"more processes that load (--workers {max(1, 2 * workers)}, now {workers}), " if workers < cores else ""
    return (
        f"{waiting:.0%} of the time is spent waiting for data; what helps: {more}a larger --cache for decoded images, "
        f"or smaller images on disk"
    )


def amount(size: float) -> str:
    """Bytes as "350 MB" or "2.1 GB"."""
    return f"{size / 1e6:.0f} MB" if size < 999.5e6 else f"{size / 1e9:.1f} GB"
