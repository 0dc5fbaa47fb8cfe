"""Errors of a trial in units of the person, and whether the scores of points foretell them."""

from dataclasses import dataclass

import numpy as np

from vitruvian.geometry import around_points
from vitruvian.inference.evaluation.result import Calibration
from vitruvian.inference.evaluation.scoring import number
from vitruvian.inference.evaluation.trial import Trial
from vitruvian.metrics import box_scale, distances, one_by_one, score_groups, torso_diagonals, torso_scale
from vitruvian.structures import Labels, Skeleton

THRESHOLD = 0.2  # within which a point is correct


@dataclass(frozen=True, eq=False)
class PointErrors:
    """How far each labelled point is from its answer. scale: the unit, "torso" or "box" (the longer side).

    distance: (N, K), NaN where there is nothing to compare, infinite where there is no answer.
    in_boxes: (N, K), the same distances in units of the box, which scores are judged by.
    score: (N, K), NaN where there is no answer. answer: (N,) the row of the prediction of each label, -1 for none.
    """

    scale: str
    distance: np.ndarray
    in_boxes: np.ndarray
    score: np.ndarray
    answer: np.ndarray

    @property
    def means(self) -> np.ndarray:
        """The mean over the points of each label, (N,); NaN without any.

        A point that is farther than the whole unit, or not found, counts as one unit.
        """
        labelled = ~np.isnan(self.distance)
        total = np.where(labelled, np.minimum(self.distance, 1.0), 0.0).sum(1)
        return np.where(labelled.any(1), total / np.maximum(labelled.sum(1), 1), np.nan)


def point_errors(trial: Trial) -> PointErrors | None:
    """The errors label by label, also those nobody answers; None where predictions do not say which they do."""
    predictions, labels = trial.predictions, trial.labels
    if predictions.label is None:
        return None
    pred, true = one_by_one(labels, predictions)
    score, answer = np.full(true.shape[:2], np.nan), np.full(len(labels), -1)
    score[predictions.label] = predictions.score
    answer[predictions.label] = np.arange(len(predictions))
    name, scale = unit(labels, trial.skeleton)
    in_boxes = distances(pred, true, box_scale(_boxes(labels)))
    return PointErrors(name, distances(pred, true, scale), in_boxes, score, answer)


def _boxes(labels: Labels) -> np.ndarray:
    """(N, 4), the labelled ones; where there is none, the one around the points."""
    drawn = np.isfinite(labels.boxes).all(1)
    return np.where(drawn[:, None], labels.boxes, around_points(labels.xy))


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
    error = score_groups(found.in_boxes, found.score, THRESHOLD).error
    return Calibration(number(error), "box", THRESHOLD)


def worst_cases(found: PointErrors, count: int) -> np.ndarray:
    """The rows of the labels whose points are answered farthest from them on average, the worst first.

    People without an answer, without a labelled point, or without a scale, are left out.
    """
    mean = np.where(found.answer < 0, -1.0, np.nan_to_num(found.means, nan=-1.0))
    order = np.argsort(-mean, kind="stable")[:count]
    return order[mean[order] >= 0]
