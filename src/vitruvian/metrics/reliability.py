"""Whether scores mean what they say."""

from dataclasses import dataclass

import numpy as np

from vitruvian.errors import ShapeError
from vitruvian.metrics.pck import distances

GROUPS = 10


@dataclass(frozen=True, eq=False)
class ScoreGroups:
    """Points of like score, G groups by rising score; what a reliability diagram shows.

    score: (G,) the mean score of each group; share: (G,) how many of its points are correct; count: (G,) points in it.
    """

    score: np.ndarray
    share: np.ndarray
    count: np.ndarray

    @property
    def error(self) -> float:
        """The mean of |score - share| over all points: the expected calibration error. NaN without any."""
        if not self.count.sum():
            return float("nan")
        return float((self.count * np.abs(self.score - self.share)).sum() / self.count.sum())


def reliability(
    pred: np.ndarray, score: np.ndarray, true: np.ndarray, scale: np.ndarray, threshold: float = 0.2
) -> float:
    """The expected calibration error: |mean score - share of correct points|, weighted over groups of like score.

    pred, true: (N, K, 2) pixels, NaN where unknown; score: (N, K) in [0, 1]; scale: (N,) pixels. A point is correct
    within threshold · scale of its label. The groups are those of `score_groups`. NaN without any labelled point.
    Source: arXiv:1706.04599, equation 3, with groups of equal size instead of equal width.
    """
    if score.shape != true.shape[:2]:
        raise ShapeError(f"score must be {true.shape[:2]} to match the labels, got {score.shape}")
    return score_groups(distances(pred, true, scale), score, threshold).error


def score_groups(distance: np.ndarray, score: np.ndarray, threshold: float = 0.2, groups: int = GROUPS) -> ScoreGroups:
    """Labelled points sorted by score and cut into groups of equal size, fewer if there are fewer points.

    distance: (N, K) as `distances` gives it, NaN where there is nothing to compare; score: (N, K) in [0, 1], NaN where
    there is none, which does not count. A point is correct within threshold. Points of equal score count as equally
    often correct, so that their order does not matter.
    """
    counted = ~np.isnan(distance) & ~np.isnan(score)
    values, which = np.unique(score[counted], return_inverse=True)
    share = np.bincount(which, distance[counted] <= threshold) / np.bincount(which)
    order = np.sort(which)
    cut = [rows for rows in np.array_split(order, groups) if len(rows)]
    return ScoreGroups(
        np.array([values[rows].mean() for rows in cut]),
        np.array([share[rows].mean() for rows in cut]),
        np.array([len(rows) for rows in cut]),
    )
