"""Whether scores mean what they say."""

import numpy as np

from vitruvian.errors import ShapeError
from vitruvian.metrics.pck import distances

GROUPS = 10


def reliability(
    pred: np.ndarray, score: np.ndarray, true: np.ndarray, scale: np.ndarray, threshold: float = 0.2
) -> float:
    """The expected calibration error: |mean score - share of correct points|, weighted over groups of like score.

    pred, true: (N, K, 2) pixels, NaN where unknown; score: (N, K) in [0, 1]; scale: (N,) pixels. A point is correct
    within threshold · scale of its label. The labelled points are sorted by score and cut into ten groups of equal
    size; points of equal score count as equally often correct, so that their order does not matter. NaN without any.
    Source: arXiv:1706.04599, equation 3, with groups of equal size instead of equal width.
    """
    if score.shape != true.shape[:2]:
        raise ShapeError(f"score must be {true.shape[:2]} to match the labels, got {score.shape}")
    distance = distances(pred, true, scale)
    labelled = ~np.isnan(distance)
    if not labelled.any():
        return float("nan")
    values, which = np.unique(score[labelled], return_inverse=True)
    share = np.bincount(which, distance[labelled] <= threshold) / np.bincount(which)
    order = np.sort(which)
    scores, correct = values[order], share[order]
    groups = [rows for rows in np.array_split(np.arange(len(scores)), GROUPS) if len(rows)]
    return float(sum(len(rows) * abs(scores[rows].mean() - correct[rows].mean()) for rows in groups) / len(scores))
