"""Image -> `Poses`, and how good they are. Imports no torch; evaluation is imported when a name of it is asked for."""

from typing import TYPE_CHECKING

from vitruvian.inference.files import Outcome, predict_files
from vitruvian.inference.predict import Backend, load, predict
from vitruvian.inference.top_down import TopDown

if TYPE_CHECKING:
    from vitruvian.inference.evaluation import (
        Answer,
        Diagnosis,
        Evaluation,
        Journal,
        Measured,
        PointErrors,
        Question,
        Run,
        Settings,
        Trial,
        ask,
        by_overlap,
        by_reason,
        calibrate,
        check_same,
        compare_results,
        conclude,
        fit_calibration,
        images_done,
        point_errors,
        read_evaluation,
        read_file,
        run_model,
        without_looking,
        worst_cases,
    )

__all__ = [
    "Answer",
    "Backend",
    "Diagnosis",
    "Evaluation",
    "Journal",
    "Measured",
    "Outcome",
    "PointErrors",
    "Question",
    "Run",
    "Settings",
    "TopDown",
    "Trial",
    "ask",
    "by_overlap",
    "by_reason",
    "calibrate",
    "check_same",
    "compare_results",
    "conclude",
    "fit_calibration",
    "images_done",
    "load",
    "point_errors",
    "predict",
    "predict_files",
    "read_evaluation",
    "read_file",
    "run_model",
    "without_looking",
    "worst_cases",
]


def __getattr__(name: str) -> object:
    if name in __all__:  # predicting needs neither the scores nor the readers of data sets
        from vitruvian.inference import evaluation

        return getattr(evaluation, name)
    raise AttributeError(f"module vitruvian.inference has no attribute {name}")
