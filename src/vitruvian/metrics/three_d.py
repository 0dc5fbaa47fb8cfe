"""Errors in space, in millimetres: MPJPE with and without alignment, of velocities, 3D PCK and its area.

A pose is a keypoint set in space; what it is compared with is decided by an alignment of each predicted pose.
"""

from collections.abc import Callable

import numpy as np

from vitruvian.errors import ShapeError
from vitruvian.metrics.auc import under_thresholds
from vitruvian.metrics.clips import following
from vitruvian.metrics.epe import error_tally
from vitruvian.metrics.one_by_one import one_by_one_3d
from vitruvian.metrics.per_image import Column, MeanTally, of_joints, tally_means
from vitruvian.structures import Labels, Predictions, Skeleton

ROOTS = ("root", "pelvis", "mid_hip", "hip", "wrist")  # names of the keypoint that a pose is relative to
LIMIT = 150.0  # mm, of 3D PCK
THRESHOLDS = np.arange(0.0, LIMIT + 1, 5.0)  # mm, of its area: 31 from 0 to 150

Alignment = Callable[[np.ndarray, np.ndarray], np.ndarray]  # pred, true (N, K, 3) -> pred (N, K, 3)


def distances_3d(pred: np.ndarray, true: np.ndarray) -> np.ndarray:
    """How far each prediction is from its label: pred, true (N, K, 3) -> (N, K), in their unit.

    NaN where there is no label, which does not count; infinite where the label exists but the prediction is NaN.
    """
    if pred.shape != true.shape or true.ndim != 3 or true.shape[-1] != 3:
        raise ShapeError(f"pred and true must both be (N, K, 3), got {pred.shape} and {true.shape}")
    missed = np.isfinite(true).all(-1) & ~np.isfinite(pred).all(-1)
    return np.where(missed, np.inf, np.linalg.norm(pred - true, axis=-1))


def scaled(pred: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Each predicted pose times the one number that brings it nearest to its label: pred, true (N, K, 3) -> (N, K, 3).

    The number is Σ pred · true / Σ pred · pred, over the keypoints known in both; 1 where pred is all zero. Poses are
    relative to their root. Source: Rhodin et al., arXiv:1803.04775, N-MPJPE.
    """
    both = np.isfinite(pred) & np.isfinite(true)
    known = np.where(both, pred, 0.0)
    across, within = (np.where(both, true, 0.0) * known).sum((1, 2)), (known**2).sum((1, 2))
    return pred * np.where(within > 0, across / np.where(within > 0, within, 1.0), 1.0)[:, None, None]


def aligned(pred: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Each predicted pose turned, scaled and moved so that it is nearest to its label: (N, K, 3) twice -> (N, K, 3).

    Least squares over the keypoints known in both, without mirroring. A pose with fewer than two such keypoints, or
    whose known keypoints all coincide, is only moved. Source: Umeyama 1991; P-MPJPE, "Protocol 2" of Human3.6M.
    """
    both = (np.isfinite(pred) & np.isfinite(true)).all(-1, keepdims=True)  # (N, K, 1)
    count = np.maximum(both.sum(1, keepdims=True), 1)
    centre, target = (np.where(both, xyz, 0.0).sum(1, keepdims=True) / count for xyz in (pred, true))
    source, goal = np.where(both, pred - centre, 0.0), np.where(both, true - target, 0.0)
    u, stretch, vt = np.linalg.svd(source.transpose(0, 2, 1) @ goal)  # (N, 3, 3), (N, 3), (N, 3, 3)
    mirrored = np.linalg.det(u @ vt) < 0
    u[mirrored, :, -1] *= -1
    stretch[mirrored, -1] *= -1
    size = (source**2).sum((1, 2))
    factor = np.where(size > 0, stretch.sum(1) / np.where(size > 0, size, 1.0), 1.0)[:, None, None]
    return factor * (pred - centre) @ (u @ vt) + target


def as_it_is(pred: np.ndarray, true: np.ndarray) -> np.ndarray:
    """No alignment."""
    return pred


def roots_of(skeleton: Skeleton) -> np.ndarray | None:
    """(K,) the keypoint that each keypoint is relative to in space; None for a skeleton without root.

    The first of `ROOTS` that the skeleton has; for a pair of hands, the wrist of each hand.
    """
    for name in ROOTS:
        if name in skeleton.names:
            return np.full(len(skeleton), skeleton.index(name))
    wrists = [f"{skeleton.side(k)}_wrist" for k in range(len(skeleton))]
    if set(wrists) <= set(skeleton.names) and "left_hip" not in skeleton.names:
        return np.array([skeleton.index(wrist) for wrist in wrists])
    return None


def relative(xyz: np.ndarray, roots: np.ndarray | None) -> np.ndarray:
    """Poses (N, K, 3), each keypoint less its root (K,); NaN where the root is unknown. None: as they are."""
    return xyz if roots is None else xyz - xyz[:, roots]


def poses_3d(labels: Labels, predictions: Predictions, roots: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """pred and true (N, K, 3) millimetres, label by label, relative to their root; None for as they are.

    A prediction without its root is missing; a label without it does not count.
    """
    pred, true = one_by_one_3d(labels, predictions)
    return relative(pred, roots), relative(true, roots)


def mpjpe(labels: Labels, predictions: Predictions, skeleton: Skeleton, absolute: bool = False) -> MeanTally:
    """The mean per-joint position error in mm, over all labels, by joint, and by action where the images tell it.

    Poses are relative to their root, where the skeleton has one (`roots_of`): "Protocol 1" of Human3.6M; with
    `absolute` they are compared where they stand. A labelled keypoint without prediction has no distance: it does not
    count in the mean, and "missing" is the share of such. "MPJPE mean of actions" is the number that papers on
    Human3.6M print; actions are the image column "action". Source: Ionescu et al., "Human3.6M", 2014.
    """
    return _mpjpe("MPJPE", as_it_is, labels, predictions, skeleton, None if absolute else roots_of(skeleton))


def p_mpjpe(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """MPJPE in mm after each pose was turned, scaled and moved onto its label (`aligned`); else as `mpjpe`."""
    return _mpjpe("P-MPJPE", aligned, labels, predictions, skeleton, None)


def n_mpjpe(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """MPJPE in mm after each pose, relative to its root, was scaled to its label (`scaled`); else as `mpjpe`."""
    return _mpjpe("N-MPJPE", scaled, labels, predictions, skeleton, roots_of(skeleton))


def _mpjpe(
    name: str,
    alignment: Alignment,
    labels: Labels,
    predictions: Predictions,
    skeleton: Skeleton,
    roots: np.ndarray | None,
) -> MeanTally:
    pred, true = poses_3d(labels, predictions, roots)
    distance = distances_3d(alignment(pred, true), true)
    return error_tally(name, distance, labels, skeleton, _by_action(name, distance, labels))


def _by_action(name: str, distance: np.ndarray, labels: Labels) -> dict[str, Column]:
    """The mean error of each action, and the plain mean of those; an image whose action is "" is of none.

    Nothing where the images tell no actions.
    """
    if "action" not in labels.image_extras:
        return {}
    action = np.asarray(labels.image_extras["action"])[labels.image]
    found = np.where(np.isinf(distance), np.nan, distance)
    parts: dict[str, Column] = {
        f"{name} {one}": np.where((action == one)[:, None], found, np.nan) for one in np.unique(action) if one
    }
    return {f"{name} mean of actions": list(parts), **parts} if parts else {}


def mpjve(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """The mean per-joint velocity error in mm per frame, over all steps, and by joint.

    The mean of |(pred[t + 1] - pred[t]) - (true[t + 1] - true[t])| over steps of one track from a labelled frame to
    the next, poses relative to their root; a step over several frame numbers is divided by them. It belongs to the
    image it ends in. "missing" is the share of steps where a prediction is. Source: Pavllo et al., arXiv:1811.11742.
    Raises DataError where labels of several people to an image have no tracks.
    """
    pred, true = poses_3d(labels, predictions, roots_of(skeleton))
    first, second, frames = following(labels)
    distance = np.full(true.shape[:2], np.nan)
    steps = [(xyz[second] - xyz[first]) / frames[:, None, None] for xyz in (pred, true)]
    distance[second] = distances_3d(*steps)
    return error_tally("MPJVE", distance, labels, skeleton)


def pck_3d(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """The share of keypoints less than 150 mm from their label, in [0, 1]: over all labels, by joint, by action.

    Poses are relative to their root, where the skeleton has one (`roots_of`). A labelled keypoint without prediction is
    wrong. Source: Mehta et al., "Monocular 3D Human Pose Estimation In The Wild Using Improved CNN Supervision", 2017.
    """
    pred, true = poses_3d(labels, predictions, roots_of(skeleton))
    return _shares("PCK@150mm", np.array([LIMIT]), distances_3d(pred, true), labels, skeleton)


def auc_3d(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """The area under the curve of 3D PCK: its mean over the thresholds 0, 5 ... 150 mm, in [0, 1]; else as `pck_3d`.

    Nothing is nearer than the first threshold, so even without any error it is 30 / 31.
    """
    pred, true = poses_3d(labels, predictions, roots_of(skeleton))
    return _shares("AUC@150mm", THRESHOLDS, distances_3d(pred, true), labels, skeleton)


def _shares(name: str, thresholds: np.ndarray, distance: np.ndarray, labels: Labels, skeleton: Skeleton) -> MeanTally:
    share = under_thresholds(distance, thresholds)
    columns: dict[str, Column] = {name: share}
    return tally_means(labels, columns | _by_action(name, share, labels) | of_joints(name, skeleton.names, share))
