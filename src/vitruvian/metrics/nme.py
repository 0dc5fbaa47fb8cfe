"""NME: the mean distance in units of the face, as facial landmarks are scored."""

from collections.abc import Mapping, Sequence

import numpy as np

from vitruvian.errors import DataError, ShapeError
from vitruvian.metrics.epe import error_tally
from vitruvian.metrics.one_by_one import one_by_one
from vitruvian.metrics.pck import box_scale, distances
from vitruvian.metrics.per_image import Column, MeanTally
from vitruvian.structures import Labels, Predictions, Skeleton

FAILURE = 0.1  # a face with a larger mean error has failed
EYE_CORNERS_300W = (36, 45)  # the outer corners of the eyes, of 68 points
PUPILS_300W = (tuple(range(36, 42)), tuple(range(42, 48)))  # each the middle of the six points of an eye
EYE_CORNERS_WFLW = (60, 72)  # the same, of 98 points
EYES_COFW = (8, 9)  # as published models of COFW are scored, of 29 points
EYE_CORNERS_LAPA = (66, 79)  # the outer corners of the eyes, of 106 points
SUBSETS_300W = ("common", "challenging", "indoor", "outdoor")
SUBSETS_WFLW = ("pose", "illumination", "occlusion", "blur", "makeup", "expression")


def keypoint_scale(xy: np.ndarray, first: int | Sequence[int], second: int | Sequence[int]) -> np.ndarray:
    """The distance between two keypoints of each instance: (N, K, 2) -> (N,) pixels; NaN where one is unlabelled.

    Several keypoints stand for the point in their middle. Raises ShapeError for keypoints that are not there.
    """
    last = max(np.max(first), np.max(second))
    if last >= xy.shape[1]:
        raise ShapeError(f"the unit needs keypoint {last}, there are 0 to {xy.shape[1] - 1}; give two that there are")
    one, other = (xy[:, np.atleast_1d(np.asarray(points))].mean(1) for points in (first, second))
    return np.linalg.norm(one - other, axis=-1)


def nme(
    labels: Labels,
    predictions: Predictions,
    skeleton: Skeleton,
    scale: np.ndarray,
    subsets: Mapping[str, np.ndarray] | None = None,
) -> MeanTally:
    """The normalised mean error: the mean of distance / scale over all labels, by subset, and by joint.

    scale: (N,) pixels, the unit of each label: see `nme_between`, `nme_box`, `nme_item`; NaN or 0 where there is none,
    and then the face does not count. subsets: name -> (N,) bool, scored apart as "NME name".
    "failures@0.1" is the share of faces whose own mean error is above 0.1; a face without any prediction is one.
    A labelled keypoint without prediction has no distance: it does not count in the mean, and "missing" is the share
    of such among all labelled keypoints. Crowds do not count. Source: Sagonas et al., "300 Faces in-the-Wild
    Challenge", 2013, with the mean over points, as MMPose's keypoint_nme; for faces labelled alike it is the mean
    over faces.
    """
    pred, true = one_by_one(labels, predictions)
    distance = distances(pred, true, scale)
    failed = failures(distance)
    further: dict[str, Column] = {f"failures@{FAILURE:g}": failed}
    for name, part in (subsets or {}).items():
        further[f"NME {name}"] = np.where(part[:, None] & np.isfinite(distance), distance, np.nan)
        further[f"failures@{FAILURE:g} {name}"] = np.where(part, failed, np.nan)
    return error_tally("NME", distance, labels, skeleton, further)


def failures(distance: np.ndarray) -> np.ndarray:
    """1 for each instance whose mean distance is above `FAILURE`, or of which nothing was predicted, else 0.

    distance: (N, K), infinite where missing, NaN where there is no label. Returns (N,), NaN without any label.
    """
    found, labelled = np.isfinite(distance), ~np.isnan(distance)
    total, count = np.where(found, distance, 0.0).sum(1), found.sum(1)
    failed = (total > FAILURE * count) | (count == 0)
    return np.where(labelled.any(1), failed, np.nan)


def nme_between(
    labels: Labels,
    predictions: Predictions,
    skeleton: Skeleton,
    first: int | Sequence[int],
    second: int | Sequence[int],
) -> MeanTally:
    """`nme` in units of the distance between any two keypoints of the label, such as the eyes (`keypoint_scale`)."""
    return nme(labels, predictions, skeleton, keypoint_scale(labels.xy, first, second))


def nme_item(labels: Labels, predictions: Predictions, skeleton: Skeleton, item: str) -> MeanTally:
    """`nme` in units of any column (N,) of the labels' extras, in pixels. Raises DataError where there is none."""
    if item not in labels.extras:
        known = ", ".join(sorted(labels.extras)) or "none"
        raise DataError(f'the labels have no column "{item}" to divide by; their further columns: {known}')
    return nme(labels, predictions, skeleton, np.asarray(labels.extras[item], np.float64))


def nme_box(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """`nme` in units of the box: the labels' "box_size" where they bring one, as AFLW does, else the longer side.

    Also of the frontal faces, where a bool column "frontal" of the labels' extras tells them, as AFLW is scored.
    """
    sizes = np.asarray(labels.extras.get("box_size", np.nan), np.float64)
    scale = sizes if np.isfinite(sizes).any() else box_scale(labels.boxes)
    return nme(labels, predictions, skeleton, scale, _subsets(labels, ("frontal",)))


def nme_eyes(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """`nme` by the outer corners of the eyes, of 68 points, as 300W is scored, with those of its subsets there are.

    A subset is a bool column of the labels' extras: common, challenging, indoor, outdoor.
    """
    scale = keypoint_scale(labels.xy, *EYE_CORNERS_300W)
    return nme(labels, predictions, skeleton, scale, _subsets(labels, SUBSETS_300W))


def nme_pupils(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """`nme` by the pupils, the middle of the six points of each eye, of 68 points; subsets as in `nme_eyes`."""
    scale = keypoint_scale(labels.xy, *PUPILS_300W)
    return nme(labels, predictions, skeleton, scale, _subsets(labels, SUBSETS_300W))


def nme_wflw(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """`nme` by the outer corners of the eyes, of 98 points, as WFLW is scored, with those of its six subsets there are.

    A subset is a bool column of the labels' extras: pose, illumination, occlusion, blur, makeup, expression.
    """
    scale = keypoint_scale(labels.xy, *EYE_CORNERS_WFLW)
    return nme(labels, predictions, skeleton, scale, _subsets(labels, SUBSETS_WFLW))


def nme_cofw(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """`nme` by keypoints 8 and 9 of COFW's 29, as published models are scored."""
    return nme_between(labels, predictions, skeleton, *EYES_COFW)


def nme_lapa(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> MeanTally:
    """`nme` by the outer corners of the eyes, of 106 points, as LaPa is scored."""
    return nme_between(labels, predictions, skeleton, *EYE_CORNERS_LAPA)


def _subsets(labels: Labels, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Those of the named subsets that the labels tell: name -> (N,) bool."""
    return {name: np.asarray(labels.extras[name], bool) for name in names if name in labels.extras}
