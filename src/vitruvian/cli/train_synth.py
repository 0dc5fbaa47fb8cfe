"""Rendered people to train on: what a list of data sets says of them, how long they take, how they are called."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.errors import RecipeError
from vitruvian.folders import alone
from vitruvian.version import __version__

if TYPE_CHECKING:
    from vitruvian.datasets import Endless

SEED = 1  # not that of `vitruvian synth`, whose pictures one may hold out
PLURALS = {"body": "bodies", "hand": "hands", "face": "faces"}
TIMED = 4  # pictures


@dataclass(frozen=True)
class Synthetic:
    """People who are rendered while a model is trained, never the same picture twice.

    synth:  body, hand or face. share: of every batch, over 0 and at most 1. seed: of all their random numbers.
    size:   side of the pictures in pixels; None: the longer one of the model's input.
    joints: keypoint of the recipe -> keypoint of the pictures; None: by name.
    """

    synth: str
    share: float
    seed: int = SEED
    size: int | None = None
    joints: dict[str, str] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise RecipeError(f"the share of rendered data must be over 0 and at most 1, got {self.share}")

    def open(self, side: int) -> "Endless":
        """The pictures. side: of them, where nobody says it.

        The first one is rendered, so that all is prepared before other processes need it. Raises MissingPackageError
        without the extra `synth`, and what `Engine` raises.
        """
        from vitruvian.datasets import Endless
        from vitruvian.structures import skeleton
        from vitruvian.synthesis import KINDS, Engine

        size = side if self.size is None else self.size
        engine = Engine(self.synth, (size, size), self.seed)
        with alone("anny"):  # of the processes that train together, one prepares the files
            engine.picture(0)
        settings = f"{self.synth}, {size} x {size}, seed {self.seed}, version {__version__}"
        known = skeleton(KINDS[self.synth].skeleton)
        return Endless(f"rendered {PLURALS[self.synth]}", engine, known, self.share, self.joints, settings)


def said(endless: Sequence["Endless"]) -> str:
    """What fills a batch besides labelled images: "rendered bodies, 30 % of every batch"."""
    return " and ".join(f"{one.name}, {100 * one.share:.3g} % of every batch" for one in endless)


def seconds_per_crop(endless: Sequence["Endless"]) -> float:
    """How long one core renders for each crop of a batch, judged by a few pictures of each kind."""
    return sum(one.share * _seconds(one) for one in endless)


def _seconds(endless: "Endless") -> float:
    begun = time.perf_counter()
    for number in range(TIMED):
        endless.supply.picture(number)
    return (time.perf_counter() - begun) / TIMED
