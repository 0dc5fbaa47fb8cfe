"""Labels beside the predictions made for them, for the scores that compare one by one."""

import numpy as np

from vitruvian.errors import DataError, ShapeError
from vitruvian.structures import Labels, Predictions


def one_by_one(labels: Labels, predictions: Predictions) -> tuple[np.ndarray, np.ndarray]:
    """pred and true, both (N, K, 2) pixels: row n of both is label n.

    pred is NaN where there is no answer; true is NaN where unlabelled and for crowds, which are not scored one by one.

    Raises DataError when the predictions do not say which label they belong to, and ShapeError for another number of
    keypoints.
    """
    rows = _rows(labels, predictions)
    pred = np.full(labels.xy.shape, np.nan)
    pred[rows] = predictions.xy
    return pred, np.where(labels.crowd[:, None, None], np.nan, labels.xy)


def one_by_one_3d(labels: Labels, predictions: Predictions) -> tuple[np.ndarray, np.ndarray]:
    """The same in space: pred and true, both (N, K, 3) millimetres. Raises DataError without xyz on either side."""
    rows = _rows(labels, predictions)
    for name, xyz in (("labels", labels.xyz), ("predictions", predictions.xyz)):
        if xyz is None:
            raise DataError(f"the {name} are in the image only; a score in space needs their xyz, in millimetres")
    assert labels.xyz is not None
    assert predictions.xyz is not None
    pred = np.full(labels.xyz.shape, np.nan)
    pred[rows] = predictions.xyz
    return pred, np.where(labels.crowd[:, None, None], np.nan, labels.xyz)


def _rows(labels: Labels, predictions: Predictions) -> np.ndarray:
    """(P,) the label of each prediction, checked."""
    if predictions.xy.shape[1] != labels.keypoints:
        raise ShapeError(
            f"the predictions have {predictions.xy.shape[1]} keypoints, the labels {labels.keypoints}; "
            f"compare the same keypoints"
        )
    rows = predictions.label
    if rows is None:
        raise DataError(
            "the predictions do not say which label each is for; predict in the labelled boxes, or score people found "
            "freely by oks_ap"
        )
    if len(rows) and not 0 <= rows.min() <= rows.max() < len(labels):
        raise DataError(
            f"the predictions are for labels {rows.min()} to {rows.max()}, there are 0 to {len(labels) - 1}"
        )
    twice = np.flatnonzero(np.bincount(rows, minlength=len(labels)) > 1)
    if len(twice):
        raise DataError(f"label {twice[0]} has more than one prediction ({len(twice)} such labels); give one for each")
    wrong = np.flatnonzero(predictions.image != labels.image[rows])
    if len(wrong):
        p = wrong[0]
        raise DataError(
            f"prediction {p} is in image {predictions.image[p]}, but its label {rows[p]} is in image "
            f"{labels.image[rows[p]]}; were the labels reordered?"
        )
    return rows
