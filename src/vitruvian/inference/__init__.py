"""Image -> `Poses`. Imports no torch."""

from vitruvian.inference.evaluate import Evaluation, evaluate_people
from vitruvian.inference.files import Outcome, predict_files
from vitruvian.inference.predict import Backend, load, predict
from vitruvian.inference.top_down import TopDown

__all__ = ["Backend", "Evaluation", "Outcome", "TopDown", "evaluate_people", "load", "predict", "predict_files"]
