"""What is likely wrong with the labels of each person: every possible mistake against all being right.

A label is judged by two witnesses: where the other labels of the person put it, as people of this data set go, and,
where there are any, a model's answers. The odds are those of Bayes: how common the mistake is, times how much better
the labels and the answers are explained by it.
"""

from dataclasses import dataclass, replace

import numpy as np

from vitruvian.datasets.doctor.answers import Answers, fit_channel
from vitruvian.datasets.doctor.mistakes import COMMON, Mistake, displacements, exchanged_sides, exchanges, mended
from vitruvian.datasets.doctor.prior import Prior, align, fit, log_student, patterns
from vitruvian.datasets.doctor.sides import exchanged_log_odds
from vitruvian.structures import Skeleton

MENDS = 6  # mistakes of one person, at most, that are looked for
ASTRAY = 0.05  # the share of a model's answers that lie anywhere though the model was asked about a wrong label


@dataclass(frozen=True)
class Suspicion:
    """A mistake that is likelier than not.

    row: of the person; likelihood: in [0.5, 1]; expected: (2,) where the other labels put a displaced point, pixels.
    """

    row: int
    mistake: Mistake
    likelihood: float
    expected: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Witnesses:
    """What the labels of some people are judged by.

    area:    that poses cover, in the square of their size: where a displaced label may be.
    answers: of a model for the same people, or None.
    """

    prior: Prior
    area: float
    answers: Answers | None = None

    def of(self, rows: np.ndarray) -> "Witnesses":
        """For these people only."""
        return replace(self, answers=None if self.answers is None else self.answers.of(rows))


def suspicions(
    xy: np.ndarray, skeleton: Skeleton, answer: np.ndarray | None = None, score: np.ndarray | None = None
) -> list[Suspicion]:
    """What is likely wrong with the labels xy (N, K, 2), NaN where unknown, the likeliest of each person first.

    answer: (N, K, 2) a model's points for the same people, NaN where there are none; score: (N, K).

    A mistake that was found is mended before the next is looked for, so that one wrong point does not put its
    neighbours under suspicion.
    """
    witnesses = _witnesses(xy, skeleton, answer, score)
    single, double, whole = displacements(skeleton), exchanges(skeleton), exchanged_sides(skeleton)
    sides = _sides(xy, skeleton, witnesses)
    xy, rows = xy.copy(), np.arange(len(xy))
    found: list[Suspicion] = []
    for _ in range(MENDS):
        odds = np.concatenate([log_odds(xy[rows], single, double, witnesses.of(rows)), sides[rows, None]], axis=1)
        best = odds.argmax(1)
        top = odds[np.arange(len(rows)), best]
        rows, best, top = rows[top > 0], best[top > 0], top[top > 0]
        for row, which, value in zip(rows.tolist(), best.tolist(), top.tolist(), strict=True):
            mistake = [*single, *double, whole][which]
            expected = _expected(xy[row], mistake, witnesses)
            found.append(Suspicion(row, mistake, float(1 / (1 + np.exp(-value))), expected))
            xy[row] = mended(xy[row], mistake)
        sides[:] = -np.inf  # of whole people only the first look counts: a second could turn them back
    return found


def _expected(xy: np.ndarray, mistake: Mistake, witnesses: Witnesses) -> np.ndarray | None:
    """(2,) image pixels where the others of the labels (K, 2) put the displaced one; None for an exchange."""
    if mistake.kind != "displaced":
        return None
    poses, centre, size = align(xy[None], witnesses.prior.usual)
    foretold = witnesses.prior.foretold(poses)[0][0, mistake.keypoints[0]]
    return np.asarray(foretold * size[0] + centre[0])


def _witnesses(xy: np.ndarray, skeleton: Skeleton, answer: np.ndarray | None, score: np.ndarray | None) -> Witnesses:
    prior = fit(xy)
    poses, centre, size = align(xy, prior.usual)
    low, high = np.nanquantile(poses.reshape(-1, 2), [0.02, 0.98], axis=0)
    area, mirror = float(np.prod(high - low)), np.array(skeleton.mirror)
    if answer is None or score is None or not np.isfinite(answer - xy).all(-1).any():
        return Witnesses(prior, area)
    channel = fit_channel((answer - centre[:, None]) / size[:, None, None], poses, mirror, score, area)
    return Witnesses(prior, area, Answers(answer, score, mirror, channel))


def _sides(xy: np.ndarray, skeleton: Skeleton, witnesses: Witnesses) -> np.ndarray:
    """(N,) log odds that a whole person is exchanged."""
    favour = None
    if witnesses.answers is not None:
        poses, centre, size = align(xy, witnesses.prior.usual)
        favour = -witnesses.answers.aligned(centre, size).gain(poses, exchanged_sides(skeleton))
    return exchanged_log_odds(xy, np.array(skeleton.mirror), favour)


def log_odds(xy: np.ndarray, single: list[Mistake], double: list[Mistake], witnesses: Witnesses) -> np.ndarray:
    """(N, M) of every displacement and every exchange; -inf where it cannot be judged."""
    poses, centre, size = align(xy, witnesses.prior.usual)
    answers = None if witnesses.answers is None else witnesses.answers.aligned(centre, size)
    exchanged = _exchanged(poses, double, witnesses.prior)
    if answers is not None and double:
        exchanged += np.stack([testimony(answers, poses, one) for one in double], axis=1)
    found = np.concatenate([_displaced(poses, witnesses, answers), exchanged], axis=1)
    found += np.log([COMMON[one.kind] for one in (*single, *double)])
    return np.where(np.isfinite(found), found, -np.inf)


def testimony(answers: Answers, poses: np.ndarray, mistake: Mistake) -> np.ndarray:
    """(N,) how much better the answers fit with two keypoints exchanged.

    A model that takes left for right does so in both keypoints of a pair, so their answers count as one.
    """
    gain = answers.gain(poses, mistake).sum(1)
    return gain / 2 if mistake.kind == "swapped_pair" else gain


def _displaced(poses: np.ndarray, witnesses: Witnesses, answers: Answers | None) -> np.ndarray:
    """(N, K) log of how much likelier label and answer are when the label lies anywhere that poses reach.

    The answer then lies where the other labels foretell it, or, seldom, anywhere.
    """
    prior, anywhere = witnesses.prior, -np.log(witnesses.area)
    foretold, spread = prior.foretold(poses)
    found = anywhere - log_student(poses - foretold, spread, prior.freedom)
    if answers is None:
        return found
    right = np.log(1 - ASTRAY) + log_student(answers.xy - foretold, spread, prior.freedom)
    told = np.isfinite(right)
    explained = np.logaddexp(np.where(told, right, -np.inf), np.log(ASTRAY) + anywhere)
    return found + np.where(told, explained - answers.log_density(poses), 0.0)


def _exchanged(poses: np.ndarray, mistakes: list[Mistake], prior: Prior) -> np.ndarray:
    """(N, M) log of how much likelier the poses are with two keypoints exchanged; NaN where one is unknown.

    With the step s between the poses and the precision P, the squared distance off' P off grows by 2 s' P off + s' P s.
    """
    found = np.full((len(poses), len(mistakes)), np.nan)
    for rows, known in patterns(poses):
        pull, precision = prior.pull(poses[rows], known)
        off = poses[rows][:, known].reshape(len(rows), -1) - prior.mean[np.repeat(known, 2)]
        surprise, place = (off * pull).sum(1), np.cumsum(known) - 1
        before = prior.tail(surprise, off.shape[1])
        for m, (a, b) in enumerate(mistake.keypoints for mistake in mistakes):
            if known[a] and known[b]:
                four = np.array([2 * place[a], 2 * place[a] + 1, 2 * place[b], 2 * place[b] + 1])
                step = np.tile(poses[rows, b] - poses[rows, a], 2) * [1, 1, -1, -1]
                growth = 2 * (step * pull[:, four]).sum(1) + ((step @ precision[np.ix_(four, four)]) * step).sum(1)
                found[rows, m] = prior.tail(np.maximum(surprise + growth, 0), off.shape[1]) - before
    return found
