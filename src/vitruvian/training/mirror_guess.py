"""Which points mirror each other where no name tells: found by where they lie, with how sure that is.

The usual pose of the labels is mirrored about a line through its middle, and every point paired with the one, or with
itself, that it then falls on, more or less. Whether these pairs may be used is decided by the labelled poses: mirrored
with the pairs exchanged, they must be as like the usual pose as they are unmirrored, and without the exchange, unlike.
Bodies often fail the latter, rightly: somebody who is mirrored and not exchanged is somebody seen from behind.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vitruvian.datasets import Dataset
from vitruvian.structures import SKELETONS, Skeleton
from vitruvian.training.facts import ALIKE, AS_LIKE, fitted, poses_of, usual_pose

ENOUGH = 20  # poses; of fewer nothing is said
LOOKED_AT = 1000  # poses, evenly taken
LINES = 180  # through the middle of the usual pose, in all directions
EXACT = 1.1  # how much worse mirrored and exchanged poses may fit; hands, folded at the middle finger, have 1.9
DRAWS = 20  # times that poses are drawn anew from the labelled ones, to see whether the pairs stay the same


@dataclass(frozen=True)
class MirrorGuess:
    """Pairs found by where points lie.

    mirror:  as of a skeleton, (K,).
    poses:   in how many labelled poses it was looked for.
    agreed:  in how many of the `draws`, sets of as many poses drawn from these at random, the same pairs are found.
    own, exchanged, plain: how unlike the usual pose the poses usually are, as they are; mirrored with the pairs
             exchanged; and mirrored only. 0: the same shape; 1: nothing of it.
    """

    mirror: tuple[int, ...]
    poses: int
    agreed: int
    draws: int
    own: float
    exchanged: float
    plain: float

    @property
    def fits(self) -> bool:
        """Whether mirrored and exchanged poses are like the labelled ones, as far as so many of these can tell."""
        return self.exchanged <= (EXACT + 1 / math.sqrt(self.poses)) * self.own

    @property
    def needed(self) -> bool:
        """Whether mirrored poses are unlike the labelled ones unless the pairs are exchanged."""
        return self.plain > AS_LIKE * self.own + ALIKE

    @property
    def sure(self) -> bool:
        """Whether the pairs may be used without asking."""
        return self.fits and self.needed and self.agreed == self.draws


def tells_sides(skeleton: Skeleton) -> bool:
    """Whether it is known which points mirror each other: some do, or the skeleton is one of the table."""
    return skeleton.mirror != tuple(range(len(skeleton))) or SKELETONS.get(skeleton.name) == skeleton


def guess_mirror(dataset: Dataset) -> MirrorGuess | None:
    """The pairs among the points of labels whose names tell none; None of too few poses, and where nothing pairs up."""
    poses = poses_of(dataset.labels)
    return mirror_of(poses[:: max(1, len(poses) // LOOKED_AT)])


def mirror_of(poses: np.ndarray, seed: int = 0) -> MirrorGuess | None:
    """The pairs among the points of poses (N, K), complex; None of too few, and where nothing pairs up."""
    if len(poses) < ENOUGH:
        return None
    usual = usual_pose(poses)
    mirror = folded(usual)
    if mirror is None:
        return None
    rng = np.random.default_rng(seed)
    drawn = (poses[rng.integers(0, len(poses), len(poses))] for _ in range(DRAWS))
    agreed = sum(folded(usual_pose(some)) == mirror for some in drawn)
    mirrored = -np.conj(poses)
    own, exchanged, plain = (
        float(np.median(fitted(some, usual)[1])) for some in (poses, mirrored[:, list(mirror)], mirrored)
    )
    return MirrorGuess(mirror, len(poses), agreed, DRAWS, own, exchanged, plain)


def folded(usual: np.ndarray) -> tuple[int, ...] | None:
    """Which point of a pose (K,), complex, lies where each other is mirrored to, by the line that fits best.

    Unknown points, which are NaN, stay for themselves. None where no point leaves its place.
    """
    known = np.flatnonzero(np.isfinite(usual))
    points = usual[known] - usual[known].mean() if len(known) else usual[:0]
    best, least = np.arange(len(known)), np.inf
    for apart in _mirrorings(points):
        partner = matched(apart)
        away = float(apart[np.arange(len(partner)), partner].sum())
        if away < least:
            best, least = partner, away
    if (best == np.arange(len(best))).all():
        return None
    mirror = np.arange(len(usual))
    mirror[known] = known[best]
    return tuple(mirror.tolist())


def _mirrorings(points: np.ndarray) -> Iterator[np.ndarray]:
    """(K, K) the squared distances of points from points mirrored, symmetric, by the lines that fit better than those
    beside them.
    """
    angles = np.linspace(0, 2 * np.pi, LINES, endpoint=False)
    turned = np.exp(1j * angles)[:, None] * np.conj(points)
    away = np.array([_squared(one, points).min(1, initial=np.inf).sum() for one in turned])
    for row in np.flatnonzero((away <= np.roll(away, 1)) & (away <= np.roll(away, -1))):
        yield _squared(turned[row], points)


def _squared(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(ones[:, None] - others) ** 2)


def matched(cost: np.ndarray) -> np.ndarray:
    """The partner of each of K points, or itself, so that the costs (K, K), symmetric, are small in all.

    At first nobody has a partner. Then, again and again, whatever saves most is done: two points become partners, and
    so do those that they leave for that, or two partners part; until nothing saves anything.
    """
    partner = np.arange(len(cost))
    while len(cost):
        saved = _saved(cost, partner)
        a, b = divmod(int(saved.argmax()), len(cost))
        if saved[a, b] <= 1e-9 * cost.max():
            break
        left = [one for one in (partner[a], partner[b]) if one not in (a, b)]
        partner[[a, b]] = b, a
        partner[left] = left[::-1]
    return partner


def _saved(cost: np.ndarray, partner: np.ndarray) -> np.ndarray:
    """(K, K) what is saved if two points become partners; on the diagonal, if a point and its partner part."""
    rows, alone = np.arange(len(cost)), np.diag(cost)
    now, has = cost[rows, partner], partner != rows
    before = np.where(has, 2, 1) * now
    left = np.where(has, alone[partner], 0.0)  # of the partner that is left, if only one is
    both = np.where(has[:, None] & has, 2 * cost[np.ix_(partner, partner)], left[:, None] + left)
    saved = before[:, None] + before - 2 * cost - both
    saved[rows, partner] = 0.0  # partners already
    saved[rows, rows] = np.where(has, 2 * now - alone - left, 0.0)
    return saved
