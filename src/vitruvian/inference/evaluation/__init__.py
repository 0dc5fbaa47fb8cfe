"""How good a model, or a file of predictions, is on a data set: question, trial, evaluation."""

from vitruvian.inference.evaluation.answers import Answer, images_done
from vitruvian.inference.evaluation.calibrating import calibrate, fit_calibration
from vitruvian.inference.evaluation.calibration import PointErrors, point_errors, worst_cases
from vitruvian.inference.evaluation.diagnosis import Diagnosis, ErrorCost
from vitruvian.inference.evaluation.evaluate import Watch, conclude, read_file, run_model
from vitruvian.inference.evaluation.journal import Journal
from vitruvian.inference.evaluation.mean_pose import without_looking
from vitruvian.inference.evaluation.overlaps import by_overlap
from vitruvian.inference.evaluation.question import Question, ask, by_reason
from vitruvian.inference.evaluation.repro import check_same, compare_results
from vitruvian.inference.evaluation.result import Evaluation, Run, read_evaluation
from vitruvian.inference.evaluation.scoring import Measured
from vitruvian.inference.evaluation.settings import Settings
from vitruvian.inference.evaluation.trial import Trial

__all__ = [
    "Answer",
    "Diagnosis",
    "ErrorCost",
    "Evaluation",
    "Journal",
    "Measured",
    "PointErrors",
    "Question",
    "Run",
    "Settings",
    "Trial",
    "Watch",
    "ask",
    "by_overlap",
    "by_reason",
    "calibrate",
    "check_same",
    "compare_results",
    "conclude",
    "fit_calibration",
    "images_done",
    "point_errors",
    "read_evaluation",
    "read_file",
    "run_model",
    "without_looking",
    "worst_cases",
]
