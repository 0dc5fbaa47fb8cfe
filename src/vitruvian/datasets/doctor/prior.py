"""What the poses of a data set look like, learnt from its own labels: each keypoint as foretold by the others."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

FITTED = 2000  # people, at most, that the distribution is fitted to
ROUNDS = 6  # of expectation and maximisation
FREEDOM = 4.0  # degrees of freedom of the whole pose: how little a strange pose counts in the fit
RIDGE = 1e-4  # of the size squared: what labels scatter even where all people are alike
LOOSE = 0.3  # of the size: how far off the place and the size of a pose may be
FEWEST = 3  # known keypoints of a pose that says anything
FREEDOMS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0, 15.0, 30.0, 100.0)  # that the tails are chosen from


@dataclass(frozen=True, eq=False)
class Usual:
    """Where keypoints usually are in centred and scaled poses. place: (K, 2); reach: (K,) distance from the centre.

    In poses that are turned in all directions every place is near the centre, but the reach is not small.
    """

    place: np.ndarray
    reach: np.ndarray


@dataclass(frozen=True, eq=False)
class Prior:
    """Student's distribution of the poses of a data set, each centred and scaled by `align`.

    usual:      what poses are aligned with.
    mean:       (2 K,) x and y in turn; covariance: (2 K, 2 K), the scale squared.
    width:      (K,) by how much labels scatter more, or less, around what is foretold than the covariance says.
    freedom:    degrees of freedom of that scatter: the fewer, the more often a label lies far away.
    """

    usual: Usual
    mean: np.ndarray
    covariance: np.ndarray
    width: np.ndarray
    freedom: float

    def foretold(self, poses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the other known keypoints of a person put each one, and the scale squared around that.

        poses (N, K, 2) aligned, NaN where unknown -> (N, K, 2) and (N, K, 2, 2); NaN for people with fewer than FEWEST.
        """
        n, k = poses.shape[:2]
        mean, spread = np.full((n, k, 2), np.nan), np.full((n, k, 2, 2), np.nan)
        for rows, known in patterns(poses):
            if known.sum() >= FEWEST:
                mean[rows], spread[rows] = self._foretold_alike(poses[rows], known)
        return mean, spread * self.width[:, None, None] ** 2

    def _foretold_alike(self, poses: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`foretold` for people with the same known keypoints (K,) bool; the spread is the same for all, (K, 2, 2).

        Source: the conditional normal distribution by blocks of the precision, Bishop 2006, equation 2.73.
        """
        pull, precision = self.pull(poses, known)
        own = np.arange(known.sum())
        blocks = np.linalg.inv(precision.reshape(len(own), 2, len(own), 2)[own, :, own])
        mean, spread = np.full(poses.shape, np.nan), np.full((poses.shape[1], 2, 2), np.nan)
        mean[:, known] = poses[:, known] - np.einsum("kij,nkj->nki", blocks, pull.reshape(len(poses), -1, 2))
        spread[known] = blocks
        return mean, spread

    def pull(self, poses: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The precision (D, D) of the D known coordinates, and its product with how far off each pose is, (N, D)."""
        at = np.repeat(known, 2)
        precision = np.linalg.inv(self.covariance[np.ix_(at, at)])
        return (poses[:, known].reshape(len(poses), -1) - self.mean[at]) @ precision, precision

    def log_density(self, poses: np.ndarray) -> np.ndarray:
        """(N,) of the known keypoints of aligned poses (N, K, 2), but for a term that depends on their number only."""
        found = np.full(len(poses), np.nan)
        for rows, known in patterns(poses):
            if known.sum() < FEWEST:
                continue
            pull, precision = self.pull(poses[rows], known)
            off = poses[rows][:, known].reshape(len(rows), -1) - self.mean[np.repeat(known, 2)]
            found[rows] = 0.5 * np.linalg.slogdet(precision)[1] + self.tail((off * pull).sum(1), off.shape[1])
        return found

    def tail(self, surprise: np.ndarray, coordinates: int) -> np.ndarray:
        """The part of the log density that depends on the squared Mahalanobis distance."""
        return -(self.freedom + coordinates) / 2 * np.log1p(surprise / self.freedom)


def patterns(xy: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The rows of people with the same known keypoints, and which these are, (K,) bool."""
    known = np.isfinite(xy).all(-1)
    if not len(xy):
        return
    kinds, which = np.unique(known, axis=0, return_inverse=True)
    order = np.argsort(which.reshape(-1), kind="stable")
    bounds = np.searchsorted(which.reshape(-1)[order], np.arange(len(kinds) + 1))
    for kind, start, end in zip(kinds, bounds[:-1], bounds[1:], strict=True):
        yield order[start:end], kind


def log_student(off: np.ndarray, spread: np.ndarray, freedom: float) -> np.ndarray:
    """The log density of Student's distribution in the plane at off (..., 2); spread (..., 2, 2) its scale squared.

    Source: Kotz and Nadarajah, "Multivariate t Distributions and Their Applications", 2004, equation 1.1, with p = 2,
    where the factor of the gamma functions is 1 / (2 pi).
    """
    determinant = spread[..., 0, 0] * spread[..., 1, 1] - spread[..., 0, 1] * spread[..., 1, 0]
    return -np.log(2 * np.pi) - 0.5 * np.log(determinant) - (freedom / 2 + 1) * np.log1p(squared(off, spread) / freedom)


def squared(off: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """(...,) squared Mahalanobis distances of off (..., 2) for covariances (..., 2, 2)."""
    a, b, d = spread[..., 0, 0], (spread[..., 0, 1] + spread[..., 1, 0]) / 2, spread[..., 1, 1]
    x, y = off[..., 0], off[..., 1]
    return (d * x * x - 2 * b * x * y + a * y * y) / (a * d - b * b)


def align(xy: np.ndarray, usual: Usual) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Poses (N, K, 2) centred and scaled to lie on `usual`: poses, centres (N, 2), sizes (N,) in pixels.

    The size is the root mean square distance of the known keypoints from their centre, in relation to that of the same
    keypoints usually, so that a portrait is as large as the whole body it belongs to. NaN where fewer than FEWEST
    keypoints are known, or all at one place.
    """
    known = np.isfinite(xy).all(-1)
    weight = known / np.maximum(known.sum(1), 1)[:, None]
    points = np.where(known[..., None], xy, 0.0)
    middle, expected = np.einsum("nk,nki->ni", weight, points), weight @ usual.place
    spread = (weight * ((points - middle[:, None]) ** 2).sum(-1)).sum(1)
    wanted = weight @ usual.reach**2 - (expected**2).sum(1)
    size = np.sqrt(spread / np.maximum(wanted, 1e-9))
    size[(known.sum(1) < FEWEST) | (spread <= 0)] = np.nan
    centre = middle - size[:, None] * expected
    return (xy - centre[:, None]) / size[:, None, None], centre, size


def usual_pose(xy: np.ndarray) -> Usual:
    """The medians of poses (N, K, 2) that are aligned with them; place 0 and reach 1 for a keypoint nobody has."""
    usual = Usual(np.zeros(xy.shape[1:]), np.ones(xy.shape[1]))
    for _ in range(3):
        poses = align(xy, usual)[0]
        counted = np.isfinite(poses).all(-1).any(0)
        place, reach = usual.place.copy(), usual.reach.copy()
        place[counted] = np.nanmedian(poses[:, counted], axis=0)
        reach[counted] = np.nanmedian(np.linalg.norm(poses[:, counted], axis=-1), axis=0)
        usual = Usual(place, reach)
    return usual


def fit(xy: np.ndarray) -> Prior:
    """The distribution of poses (N, K, 2), NaN where unknown, by expectation and maximisation.

    Poses far from the others count less. Source: Liu and Rubin, "ML estimation of the t distribution using EM and its
    extensions", Statistica Sinica 5, 1995, sections 2 and 3.
    """
    usual = usual_pose(xy)
    poses = align(xy, usual)[0]
    usable = np.flatnonzero(np.isfinite(poses).all(-1).sum(1) >= FEWEST)
    chosen = poses[usable[np.linspace(0, len(usable) - 1, min(len(usable), FITTED)).astype(int)]]
    mean = usual.place.reshape(-1)
    covariance = np.eye(len(mean)) * np.nanmean((chosen.reshape(len(chosen), -1) - mean) ** 2)
    for _ in range(ROUNDS):
        mean, covariance = _round(chosen, mean, covariance)
    covariance = covariance + _misplaced(mean)
    return _with_tails(Prior(usual, mean, covariance, np.ones(len(usual.reach)), np.inf), chosen)


def _misplaced(mean: np.ndarray) -> np.ndarray:
    """(2 K, 2 K) covariance of poses that were not centred and scaled well, as happens when a point of theirs is wrong.

    With it no keypoint is blamed for the place and the size of the whole.
    """
    across, down = np.tile([1.0, 0.0], len(mean) // 2), np.tile([0.0, 1.0], len(mean) // 2)
    ways = np.stack([across, down, mean])
    return LOOSE**2 * ways.T @ ways


def _round(poses: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One round: unknown keypoints are filled with what is expected of them, then both moments are taken again."""
    total, square, weights = np.zeros_like(mean), np.zeros_like(covariance), 0.0
    for rows, known in patterns(poses):
        at = np.repeat(known, 2)
        off = poses[rows].reshape(len(rows), -1)[:, at] - mean[at]
        pull = np.linalg.solve(covariance[np.ix_(at, at)], off.T).T
        gain = np.linalg.solve(covariance[np.ix_(at, at)], covariance[at])  # (known, 2 K)
        weight = (FREEDOM + at.sum()) / (FREEDOM + (off * pull).sum(1))
        full = off @ gain
        total += weight @ full
        square += (full * weight[:, None]).T @ full + len(rows) * (covariance - covariance[:, at] @ gain)
        weights += weight.sum()
    shift = total / weights
    found = square / len(poses) - np.outer(shift, shift) * weights / len(poses)
    return mean + shift, found + RIDGE * np.eye(len(mean))


def _with_tails(prior: Prior, poses: np.ndarray) -> Prior:
    """The prior with the width and the freedom that the labels show around what is foretold of them.

    A share q of the squared distances of Student's distribution in the plane is below f ((1 - q)^(-2 / f) - 1), so the
    ratio of two quantiles tells the freedom f, and one of them the width.
    """
    foretold, spread = prior.foretold(poses)
    distance = squared(poses - foretold, spread)
    counted = np.isfinite(distance).any(0)
    middle, rare = np.nanquantile(distance[:, counted], [0.5, 0.9], axis=0)
    seen = float(np.median(rare / middle))
    freedom = min(FREEDOMS, key=lambda one: abs(_quantile(0.9, one) / _quantile(0.5, one) - seen))
    width = np.ones(len(counted))
    width[counted] = np.sqrt(middle / _quantile(0.5, freedom))
    common = float(np.median(width[counted]))
    return replace(prior, covariance=prior.covariance * common**2, width=width / common, freedom=freedom)


def _quantile(share: float, freedom: float) -> float:
    return float(freedom * ((1 - share) ** (-2 / freedom) - 1))
