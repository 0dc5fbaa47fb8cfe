"""Errors of a trial in units of the person, and whether the scores of points foretell them."""

from dataclasses import dataclass

import numpy as np

from vitruvian.inference.evaluation.result import Calibration
from vitruvian.inference.evaluation.scoring import number
from vitruvian.inference.evaluation.trial import Trial
from vitruvian.metrics import box_scale, distances, score_groups, torso_diagonals, torso_scale
from vitruvian.structures import Labels, Skeleton

THRESHOLD = 0.2  # within which a point is correct


@dataclass(frozen=True, eq=False)
class PointErrors:
    """How far each point is from its label. scale: the unit, "torso" or "box" (the longer side).

    distance: (P, K), NaN where there is nothing to compare, infinite where there is no answer; score: (P, K).
    """

    scale: str
    distance: np.ndarray
    score: np.ndarray

    @property
    def means(self) -> np.ndarray:
        """The mean over the points of each prediction, (P,); NaN without any.

        A point that is farther than the whole unit, or not found, counts as one unit.
        """
        labelled = ~np.isnan(self.distance)
        total = np.where(labelled, np.minimum(self.distance, 1.0), 0.0).sum(1)
        return np.where(labelled.any(1), total / np.maximum(labelled.sum(1), 1), np.nan)


def point_errors(trial: Trial) -> PointErrors | None:
    """The errors of all predictions that answer a label; None where they do not say which."""
    predictions = trial.predictions
    if predictions.label is None:
        return None
    labels = trial.labels.of_instances(predictions.label)
    name, scale = unit(labels, trial.skeleton)
    return PointErrors(name, distances(predictions.xy, labels.xy, scale), predictions.score)


def unit(labels: Labels, skeleton: Skeleton) -> tuple[str, np.ndarray]:
    """The length that errors are measured in, (N,) pixels, and its name: the torso if any is labelled, else the box."""
    torso = torso_scale(labels.xy, torso_diagonals(skeleton))
    return ("torso", torso) if np.isfinite(torso).any() else ("box", box_scale(labels.boxes))


def calibration(found: PointErrors | None) -> Calibration | None:
    """How far the scores of points are from the share that is correct; None for predictions that answer no label.

    The expected calibration error (arXiv:1706.04599, equation 3) over `score_groups`.
    """
    if found is None:
        return None
    error = score_groups(found.distance, found.score, THRESHOLD).error
    return Calibration(number(error), found.scale, THRESHOLD)


def worst_cases(found: PointErrors, count: int) -> np.ndarray:
    """The rows of the predictions whose points are farthest from their labels on average, the worst first.

    People without a label, or without a scale, are left out.
    """
    mean = np.nan_to_num(found.means, nan=-1.0)
    order = np.argsort(-mean, kind="stable")[:count]
    return order[mean[order] >= 0]
