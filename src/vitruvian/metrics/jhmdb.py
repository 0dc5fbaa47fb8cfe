"""PCK as JHMDB is scored: in units of the box, and of the torso."""

import numpy as np

from vitruvian.metrics.one_by_one import one_by_one
from vitruvian.metrics.pck import box_scale, distances, hits
from vitruvian.metrics.pckh import grouped
from vitruvian.metrics.per_image import Column, MeanTally, of_joints, tally_means
from vitruvian.structures import Labels, Predictions, Skeleton

THRESHOLD = 0.2
TORSO = ("left_shoulder", "right_hip")


def jhmdb_pck(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """PCK@0.2 ("PCK") and tPCK@0.2 ("tPCK"), values in [0, 1]: the mean of the joints, by pair of joints, by joint.

    "PCK" is in units of the longer side of the labelled box, "tPCK" of the distance from left shoulder to right hip.
    Both are the plain mean over joints, not over labels. A labelled keypoint without prediction is wrong; people
    without the unit do not count, nor do crowds. (MMPose takes the predicted torso where the labelled one is shorter
    than a pixel; here such a person does not count for tPCK if it has no length.)
    Source: "Towards understanding action recognition", 2013, as MMPose's JhmdbPCKAccuracy scores it.
    """
    pred, true = one_by_one(labels, predictions)
    shoulder, hip = (true[:, skeleton.index(name)] for name in TORSO)
    box, torso = box_scale(labels.boxes), np.linalg.norm(shoulder - hip, axis=-1)
    return jhmdb_tally(distances(pred, true, box), distances(pred, true, torso), labels, skeleton)


def jhmdb_tally(in_boxes: np.ndarray, in_torsos: np.ndarray, labels: Labels, skeleton: Skeleton) -> MeanTally:
    """The same of distances (N, K) in box sides and in torsos, as `distances` gives them."""
    columns: dict[str, Column] = {}
    for name, distance in (("PCK", in_boxes), ("tPCK", in_torsos)):
        joints = of_joints(name, skeleton.names, hits(distance, THRESHOLD))
        columns |= {name: list(joints)} | grouped(name, skeleton) | joints
    return tally_means(labels, columns)
