"""The training loop. Needs torch."""

from vitruvian.training.loop import Step, learning_rate, train
from vitruvian.training.run import run

__all__ = ["Step", "learning_rate", "run", "train"]
