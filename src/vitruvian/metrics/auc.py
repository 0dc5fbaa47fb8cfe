"""AUC: the area under the PCK curve in pixels, as hands are scored."""

import numpy as np

from vitruvian.metrics.one_by_one import one_by_one
from vitruvian.metrics.pck import distances
from vitruvian.metrics.per_image import MeanTally, of_joints, tally_means
from vitruvian.structures import Labels, Predictions, Skeleton

LIMIT = 30.0  # pixels
STEPS = 20


def under_thresholds(distance: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """The share of the rising thresholds (T,) that lie above a distance; the mean of it is the area under the curve.

    Any shape; NaN where the distance is NaN, which does not count; 0 where it is infinite.
    """
    reached = np.searchsorted(thresholds, distance, side="right")
    return np.where(np.isnan(distance), np.nan, 1 - reached / len(thresholds))


def auc(
    labels: Labels, predictions: Predictions, skeleton: Skeleton, limit: float = LIMIT, steps: int = STEPS
) -> MeanTally:
    """The area under the curve of PCK against the threshold, from 0 to `limit` pixels, in [0, 1], also by joint.

    (1 / steps) · Σ share of keypoints nearer than limit · i / steps, for i = 0 ... steps - 1. "AUC" is the plain mean
    over joints, "AUC of labels" the mean over all labels. A labelled keypoint without prediction is wrong; crowds do
    not count. The sum starts at threshold 0, which nothing is below, and leaves the limit out, so that even
    without any error it is 1 - 1 / steps; kept as in MMPose so that values compare.
    Source: Zimmermann and Brox, arXiv:1705.01389, section 6, with the steps of MMPose's keypoint_auc.
    """
    pred, true = one_by_one(labels, predictions)
    share = under_thresholds(distances(pred, true, np.ones(len(labels))), limit * np.arange(steps) / steps)
    joints = of_joints("AUC", skeleton.names, share)
    return tally_means(labels, {"AUC": list(joints), "AUC of labels": share, **joints})
