"""Which label each prediction answers, where nobody says it: the one whose box it shares most with."""

from dataclasses import replace

import numpy as np

from vitruvian.geometry import iou
from vitruvian.inference.evaluation.looks import has_size, joints
from vitruvian.inference.evaluation.trial import Trial, rows_of

SHARED = 0.5  # intersection over union of two boxes from which they are taken to be of the same person


def by_overlap(trial: Trial) -> Trial:
    """The same trial with the label that each prediction answers; those that answer none are left out.

    In every image the surest predictions choose first, each the free label of the largest intersection over union of
    their boxes, `SHARED` at least. Crowds and people without a labelled keypoint or a box are not chosen.
    """
    predictions, labels = trial.predictions, trial.labels
    label = np.full(len(predictions), -1)
    people = np.flatnonzero((joints(labels) > 0) & has_size(labels.boxes) & ~labels.crowd)
    sized = np.flatnonzero(has_size(predictions.boxes))
    for image in np.intersect1d(predictions.image[sized], labels.image[people]):
        rows = sized[predictions.image[sized] == image]
        rows = rows[np.argsort(-predictions.confidence[rows], kind="stable")]
        there = people[labels.image[people] == image]
        free = iou(predictions.boxes[rows], labels.boxes[there])
        for row, shared in zip(rows, free, strict=True):
            best = int(shared.argmax())
            if shared[best] >= SHARED:
                label[row] = there[best]
                free[:, best] = -1
    found = np.flatnonzero(label >= 0)
    return replace(trial, predictions=replace(rows_of(predictions, found), label=label[found].astype(np.int32)))
