"""The training loop. Needs torch."""

from vitruvian.training.loop import Run, Step, learning_rate, train
from vitruvian.training.run import run, state_file
from vitruvian.training.state import saved_recipe

__all__ = ["Run", "Step", "learning_rate", "run", "saved_recipe", "state_file", "train"]
