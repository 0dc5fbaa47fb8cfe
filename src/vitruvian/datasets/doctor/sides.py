"""Whether a whole person is labelled with left and right exchanged, judged by all other people of the data set.

For every person the labels are held against themselves with left and right exchanged: which of the two looks like the
rest? What tells them apart is learnt: which side is to the right of which when the face is seen, which ear is labelled
in a turned head, and how much a model's answers are to be believed. It is learnt on other people than those judged,
so where nothing tells left from right, as in bodies without faces, the answer is that it cannot be told.
"""

import numpy as np

from vitruvian.datasets.doctor.prior import align, usual_pose

PAIRS = 2  # with one, exchanging the pair and exchanging the whole person are the same
FOLDS = 5
RIDGE = 1.0  # of the number of people: how little one person may teach
FEATURES = 640  # at most: differences times the circumstances under which they may count otherwise
WRONG = np.geomspace(0.002, 0.2, 25)  # shares of exchanged people that the true one is chosen from
SLOPES = np.geomspace(0.05, 500, 80)  # that the certainty is chosen from
SELDOM = 0.03  # the mean of the shares of exchanged people that data sets are expected to have
TIE = 2.0  # of the log likelihood: less tells nothing


def exchanged_log_odds(xy: np.ndarray, mirror: np.ndarray, favour: np.ndarray | None = None) -> np.ndarray:
    """(N,) the log odds that left and right of each person are exchanged; -inf with fewer than PAIRS pairs.

    xy: (N, K, 2), NaN where unknown; mirror: (K,). favour: (N, K) how much better a model's answer fits the label than
    that of the mirrored keypoint, 0 where it says nothing; the sign changes when left and right do.
    """
    pairs = [(k, other) for k, other in enumerate(mirror.tolist()) if k < other]
    if len(pairs) < PAIRS:
        return np.full(len(xy), -np.inf)
    signs = _signs(xy, np.array(pairs), favour)
    conditions = _conditions(xy, mirror)[:, : max(1, FEATURES // signs.shape[1])]
    features = (signs[:, :, None] * conditions[:, None, :]).reshape(len(xy), -1)
    features = features / np.maximum(np.sqrt((features**2).mean(0)), 1e-6)
    order = np.random.default_rng(0).permutation(len(xy))
    heard = np.zeros(len(xy))
    for fold in range(FOLDS):
        own = order[fold::FOLDS]
        heard[own] = features[own] @ _learnt(np.delete(features, own, axis=0))
    slope, wrong = _certainty(heard)
    return np.log(wrong / (1 - wrong)) - slope * heard


def _signs(xy: np.ndarray, pairs: np.ndarray, favour: np.ndarray | None) -> np.ndarray:
    """(N, S) what changes its sign with left and right: differences of place, of being known, a model's favour."""
    poses = align(xy, usual_pose(xy))[0]
    apart = np.clip(np.nan_to_num(poses[:, pairs[:, 0]] - poses[:, pairs[:, 1]]), -3, 3).reshape(len(xy), -1)
    known = np.isfinite(xy).all(-1).astype(float)
    columns = [apart, np.sign(apart), known[:, pairs[:, 0]] - known[:, pairs[:, 1]]]
    if favour is not None:
        by_pair = favour[:, pairs[:, 0]] + favour[:, pairs[:, 1]]
        columns += [by_pair, np.tanh(by_pair / 2), by_pair.sum(1, keepdims=True) / np.sqrt(len(pairs))]
    return np.concatenate(columns, axis=1)


def _conditions(xy: np.ndarray, mirror: np.ndarray) -> np.ndarray:
    """(N, C) what stays the same: always 1, how the person is turned in the image, and which keypoints are known.

    Of the latter those that are known of about half of all people come first; they tell most.
    """
    known = np.isfinite(xy).all(-1)
    middle = (xy + xy[:, mirror]) / 2  # of each pair; a keypoint without partner is its own
    once = np.unique(np.minimum(np.arange(len(mirror)), mirror))
    standard = usual_pose(middle[:, once])
    poses, usual = np.nan_to_num(align(middle[:, once], standard)[0]), standard.place
    upright = np.einsum("nki,ki->n", poses, usual) / np.maximum((usual**2).sum(), 1e-9)
    across = (poses[..., 0] * usual[:, 1] - poses[..., 1] * usual[:, 0]).sum(1) / np.maximum((usual**2).sum(), 1e-9)
    flags = [known[:, k] & known[:, mirror[k]] for k in once]
    varied = sorted((one for one in flags if 0.02 < one.mean() < 0.98), key=lambda one: abs(one.mean() - 0.5))
    return np.stack([np.ones(len(xy)), upright, across, *varied], axis=1)


def _learnt(features: np.ndarray) -> np.ndarray:
    """The weights (F,) that make `features` @ weights near 1 for people as they are, and so near -1 for exchanged."""
    ridge = RIDGE * len(features) * np.eye(features.shape[1])
    return np.linalg.solve(features.T @ features + ridge, features.sum(0))


def _certainty(heard: np.ndarray) -> tuple[float, float]:
    """What turns what was heard of people not learnt from, (N,), into log odds, and the share of exchanged people.

    Either a clear voice is sometimes wrong, or it is always right and somebody is exchanged: where all voices are about
    as clear, both explain the same, and then the steepest of the slopes that are about as likely as the best is taken.
    """
    right = 1 / (1 + np.exp(-np.clip(SLOPES[:, None] * heard, -50, 50)))
    fits = np.array([np.log((1 - wrong) * right + wrong * (1 - right)).sum(1) for wrong in WRONG])  # (W, S)
    fits -= WRONG[:, None] / SELDOM
    steepest = np.flatnonzero(fits.max(0) > fits.max() - TIE)[-1]
    return float(SLOPES[steepest]), float(WRONG[fits[:, steepest].argmax()])
