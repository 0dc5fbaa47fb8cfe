"""EPE: the mean distance in pixels."""

from collections.abc import Mapping

import numpy as np

from vitruvian.metrics.one_by_one import one_by_one
from vitruvian.metrics.pck import distances
from vitruvian.metrics.per_image import Column, MeanTally, of_joints, tally_means
from vitruvian.structures import Labels, Predictions, Skeleton


def epe(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """The end-point error: the mean distance from label to prediction in pixels, over all labels and by joint.

    A labelled keypoint without prediction has no distance: it does not count in the mean, and "missing" is the share
    of such among all labelled keypoints. Crowds do not count.
    """
    pred, true = one_by_one(labels, predictions)
    return error_tally("EPE", distances(pred, true, np.ones(len(labels))), labels, skeleton)


def error_tally(
    name: str,
    distance: np.ndarray,
    labels: Labels,
    skeleton: Skeleton,
    further: Mapping[str, Column] | None = None,
) -> MeanTally:
    """Mean distances: over everything, any further columns, the share missing, and by joint.

    distance: (N, K), infinite where missing, NaN where there is no label. further: name -> (N, ...), as for
    `tally_means`.
    """
    found = np.where(np.isinf(distance), np.nan, distance)
    joints = of_joints(name, skeleton.names, found)
    return tally_means(labels, {name: found, **(further or {}), "missing": missing(distance), **joints})


def missing(distance: np.ndarray) -> np.ndarray:
    """1 where a distance is infinite, so that a label has no prediction; NaN where there is no label. Any shape."""
    return np.where(np.isnan(distance), np.nan, np.isinf(distance))
