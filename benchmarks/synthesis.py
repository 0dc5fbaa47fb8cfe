"""Pictures of synthetic people a second on one core, with all that belongs to them: who they are, poses, clothes,
light, background, labels. `python -m benchmarks.synthesis`

Each measurement makes SCENES pictures one after another, which share a cast, as the engine does; different ones each
time. What is compiled and read once is done before.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything that reads it is imported

import cv2

from benchmarks.timing import Finding, Report, Timing, finish, options, timed
from vitruvian.synthesis import KINDS, SCENES, Engine

REPEATS = 5
SIDES = (128, 192, 256)
GOAL = {128: ">= 55"}  # crops a second of a rasteriser that was measured before this one was written


class Numbered:
    """Calls that make SCENES pictures, others each time."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.number = 0

    def __call__(self) -> None:
        for number in range(self.number, self.number + SCENES):
            self.engine.picture(number)
        self.number += SCENES


def main() -> None:
    wanted = options(__doc__, REPEATS)
    cv2.setNumThreads(1)
    timings: dict[str, Timing] = {}
    findings: list[Finding] = []
    for kind in KINDS:
        cases = {f"{kind}, {side} x {side}": Numbered(Engine(kind, (side, side))) for side in SIDES}
        timings |= timed(cases, wanted.repeats, warm_up=1)
    for name, timing in timings.items():
        side = int(name.split()[-1])
        goal = GOAL.get(side, "") if name.startswith("body") else ""
        findings.append(Finding(f"{name}: pictures a second", SCENES / timing.median * 1e3, goal))
    finish(Report("synthesis", {"pictures": SCENES, "threads": 1}, list(timings.values()), findings), wanted.out)


if __name__ == "__main__":
    main()
