"""The mean pose: what one gets without looking, to compare a model with."""

from dataclasses import replace

import numpy as np

from vitruvian.inference.evaluation.looks import has_size
from vitruvian.inference.evaluation.trial import Trial


def without_looking(trial: Trial) -> Trial | None:
    """The same trial with the mean pose of its labels, put into their boxes, for every answer.

    NaN for a label without a box. None for predictions that do not say which labels they answer, and where no label has
    a box.
    """
    predictions = trial.predictions
    if predictions.label is None:
        return None
    labels = trial.labels.of_instances(predictions.label)
    boxes = np.where(has_size(labels.boxes)[:, None], labels.boxes, np.nan)
    if not np.isfinite(boxes).any():
        return None
    return replace(trial, predictions=replace(predictions, xy=mean_pose(labels.xy, boxes)))


def mean_pose(true: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Every joint at its mean place relative to the box: true (N, K, 2), boxes (N, 4) -> (N, K, 2) image pixels.

    A joint that nobody has labelled stays at the corner.
    """
    corner, extent = boxes[:, None, :2], (boxes[:, 2:] - boxes[:, :2])[:, None]
    relative = (true - corner) / extent
    known = np.isfinite(relative).all(-1, keepdims=True)
    mean = np.where(known, relative, 0.0).sum(0) / np.maximum(known.sum(0), 1)
    return corner + mean * extent
