"""Which keypoints mirror each other, judged by where they lie in the labels alone.

A body seen often enough is symmetric on average: the usual distance between two points is that between their mirror
images. That holds however the body is turned, so no side has to be known.
"""

import warnings
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from vitruvian.structures import Labels

MOST = 1000  # instances that are looked at, evenly taken
DEAREST = 3_000_000  # distances that are looked at, so that faces and whole bodies take no longer than a second
ENOUGH = 20  # instances with both points labelled; from fewer nothing is said of their distance
DOUBTFUL = 0.15  # mean logarithm of a ratio of distances: COCO's and LSP's true pairs have up to 0.09, false ones 0.17
LIKELY = 0.06  # median logarithm of such ratios


def usual_distances(labels: Labels, enough: int = ENOUGH) -> np.ndarray:
    """(K, K) the median distance between keypoints, over the square root of the box; NaN where few have both labelled.

    The diagonal is 0. Instances without a box of any size are left out.
    """
    boxes = labels.boxes[:, 2:] - labels.boxes[:, :2]
    size = np.sqrt(np.where((boxes > 0).all(1), boxes.prod(1), np.nan))
    rows = np.flatnonzero(np.isfinite(size) & ~labels.crowd)
    rows = rows[:: max(1, len(rows) // min(MOST, max(enough, DEAREST // labels.keypoints**2)))]
    xy = labels.xy[rows] / size[rows, None, None]
    distances = np.full((labels.keypoints, labels.keypoints), np.nan)
    for k in range(labels.keypoints):
        apart = np.linalg.norm(xy - xy[:, k, None], axis=-1)  # (N, K)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of points that are never labelled together
            usual = np.nanmedian(apart, axis=0) if len(apart) else np.full(labels.keypoints, np.nan)
        distances[k] = np.where(np.isfinite(apart).sum(0) >= enough, usual, np.nan)
    np.fill_diagonal(distances, 0)
    return distances


def asymmetry(distances: np.ndarray, mirror: Sequence[int]) -> np.ndarray:
    """(K,) how differently each point and its mirror image lie to the others: the median absolute log of a ratio.

    The ratio is that of the distance between points k and j to the distance between their mirror images. NaN where it
    is not known.
    """
    return _of_known(np.nanmedian, _logarithms(distances) - _logarithms(distances[np.ix_(mirror, mirror)]))


def doubtful_pairs(distances: np.ndarray, mirror: Sequence[int]) -> list[tuple[int, int]]:
    """The pairs of the mirror, lower index first, that do not lie alike to the other points."""
    differences = _of_known(np.nanmean, _logarithms(distances) - _logarithms(distances[np.ix_(mirror, mirror)]))
    return [(k, other) for k, other in enumerate(mirror) if k < other and max(differences[[k, other]]) > DOUBTFUL]


def likely_pairs(distances: np.ndarray, among: Sequence[int]) -> list[tuple[int, int]]:
    """The pairs of the points `among` that may mirror each other, lower index first.

    Mirrored points have the same distances to all others, put in order. So each point is matched with the one whose
    ordered distances are most like its own, where that is mutual; then pairs that contradict the others are left out.
    """
    ordered = np.sort(_logarithms(distances), axis=1)  # NaN, which the diagonal is, last
    unlike = np.full(distances.shape, np.inf)
    for a, b in combinations(among, 2):
        unlike[a, b] = unlike[b, a] = np.nan_to_num(_of_known(np.nanmedian, ordered[a] - ordered[b]), nan=np.inf)
    best = unlike.argmin(axis=1)
    matched = [a for a in among if best[best[a]] == a and unlike[a, best[a]] < LIKELY]
    mirror = np.arange(len(distances))
    mirror[matched] = best[matched]
    differences = asymmetry(distances, mirror.tolist())
    return [(a, int(mirror[a])) for a in matched if a < mirror[a] and differences[[a, mirror[a]]].max() < LIKELY]


def _logarithms(distances: np.ndarray) -> np.ndarray:
    """The logarithms of what is over 0; else NaN."""
    return np.log(np.where(distances > 0, distances, np.nan))


def _of_known(average: Callable[..., np.ndarray], differences: np.ndarray) -> np.ndarray:
    """(..., K) -> (...) the average of the absolute differences that are known; NaN where none is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # numpy's for rows of NaN only
        return np.asarray(average(np.abs(differences), axis=-1))
