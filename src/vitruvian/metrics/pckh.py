"""PCKh: PCK in units of the head, as MPII is scored."""

from collections.abc import Sequence

import numpy as np

from vitruvian.errors import DataError
from vitruvian.metrics.one_by_one import one_by_one
from vitruvian.metrics.pck import distances, hits
from vitruvian.metrics.per_image import Column, MeanTally, of_joints, tally_means
from vitruvian.structures import Labels, Predictions, Skeleton

BIAS = 0.6  # of the diagonal of a head box is called the size of the head
LEFT_OUT = ("pelvis", "thorax")  # of MPII's joints: do not count in the mean
GROUPS = {
    "head": ("head_top",),
    "shoulder": ("left_shoulder", "right_shoulder"),
    "elbow": ("left_elbow", "right_elbow"),
    "wrist": ("left_wrist", "right_wrist"),
    "hip": ("left_hip", "right_hip"),
    "knee": ("left_knee", "right_knee"),
    "ankle": ("left_ankle", "right_ankle"),
}


def head_scale(head_boxes: np.ndarray) -> np.ndarray:
    """0.6 times the diagonal of each head box: (N, 4) x0 y0 x1 y1 -> (N,) pixels; NaN for an unknown box."""
    return BIAS * np.linalg.norm(head_boxes[:, 2:] - head_boxes[:, :2], axis=1)


def head_sizes(labels: Labels) -> np.ndarray:
    """The size of each head: that of its "head_box" (`head_scale`), or the column "head_size" -> (N,) pixels.

    Raises DataError where the labels have neither column.
    """
    if "head_box" in labels.extras:
        return head_scale(np.asarray(labels.extras["head_box"], np.float64))
    if "head_size" in labels.extras:
        return np.asarray(labels.extras["head_size"], np.float64)
    raise DataError(
        'the labels have no heads (a column "head_box" or "head_size"), the unit of this score; score by pck_torso or '
        "pck_box"
    )


def pckh(
    labels: Labels, predictions: Predictions, skeleton: Skeleton, thresholds: Sequence[float] = (0.5, 0.1)
) -> MeanTally:
    """PCKh@0.5 and PCKh@0.1, values in [0, 1]: all, by joint, and by the pairs of joints that the field prints.

    A keypoint is right within threshold · 0.6 · diagonal of the head box. "PCKh@0.5" is the mean over all labels but
    those of pelvis and thorax; "PCKh@0.5 shoulder" the plain mean of left and right; "PCKh@0.5 head" the top of the
    head. A labelled keypoint without prediction is wrong; people without a head box do not count, nor do crowds.
    Labels that bring "head_size" in place of boxes, as Panoptic's hands do, are scored in units of that.
    Source: Andriluka et al., "2D Human Pose Estimation: New Benchmark and State of the Art Analysis", 2014, and the
    evaluation that comes with MPII (http://human-pose.mpi-inf.mpg.de), which prints percents. MMPose moves predictions
    by (1, 1) before, as its labels of MPII are 1-based; here both are in the same frame already.
    """
    pred, true = one_by_one(labels, predictions)
    return pckh_tally(distances(pred, true, head_sizes(labels)), labels, skeleton, thresholds)


def pckh_tally(
    distance: np.ndarray, labels: Labels, skeleton: Skeleton, thresholds: Sequence[float] = (0.5, 0.1)
) -> MeanTally:
    """PCKh of distances (N, K) in head sizes, as `distances` gives them."""
    counted = [k for k, joint in enumerate(skeleton.names) if joint not in LEFT_OUT]
    columns: dict[str, Column] = {}
    for threshold in thresholds:
        name, right = f"PCKh@{threshold:g}", hits(distance, threshold)
        columns |= {name: right[:, counted]} | grouped(name, skeleton) | of_joints(name, skeleton.names, right)
    return tally_means(labels, columns)


def grouped(name: str, skeleton: Skeleton) -> dict[str, Column]:
    """ "name shoulder" -> the columns of the joints in it, for all of `GROUPS` that the skeleton has."""
    return {
        f"{name} {group}": [f"{name} {joint}" for joint in joints]
        for group, joints in GROUPS.items()
        if set(joints) <= set(skeleton.names)
    }
