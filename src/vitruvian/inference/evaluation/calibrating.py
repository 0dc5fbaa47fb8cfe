"""From labelled photos to a `Calibration`: what scores are worth, how far off points may be."""

from dataclasses import replace

import numpy as np

from vitruvian.datasets import Dataset, Part, joined, split
from vitruvian.errors import DataError
from vitruvian.inference.evaluation.answers import answer
from vitruvian.inference.evaluation.calibration import THRESHOLD
from vitruvian.inference.evaluation.evaluate import Watch
from vitruvian.inference.evaluation.journal import Journal
from vitruvian.inference.evaluation.looks import at_labels
from vitruvian.inference.evaluation.trial import Trial, trial
from vitruvian.inference.top_down import TopDown
from vitruvian.metrics import box_scale, conformal_quantile, distances, isotonic, one_by_one, score_groups
from vitruvian.runtime import Calibration, HeldOut

Knots = tuple[tuple[float, float], ...]  # of one keypoint, as in `Calibration`

LEAST = 500  # points in each half of the data
OWN = 200  # labels of a keypoint, fewer share what holds for all keypoints
KNOTS, KNOT_POINTS = 16, 50  # at most so many groups for a keypoint, each of at least so many points
DECIMALS = 4  # of the score of a knot; those of one score are one, so that no line is too steep to compute
RISE = 0.002  # of the probability, over all knots
UNSEEN = 0.01  # of the scores, those below are too few to say what they are worth
GROUPS, GROUP_POINTS = 10, 150  # of like score that have a radius: at most so many, each of at least so many points
PROBABILITIES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
SMALLEST = 1e-6  # error, in units of the box or of a median, and radius


def calibrate(top_down: TopDown, dataset: Dataset, watch: Watch | None = None) -> Calibration:
    """What the model's scores are worth on these photos, in the labelled boxes.

    The labels need not have all keypoints of the model; their names count. The images of a group stay together when
    the data are halved to see how well the calibration does. watch: sees the answers pass, for a progress bar.

    Raises RecipeError for labels of other keypoints alone, DataError for too few labels or photos.
    """
    ours = joined([Part(dataset)], top_down.skeleton)
    first, _ = split(ours, (1, 1))
    looks = at_labels(ours.labels)
    answers = answer(top_down, ours, looks, Journal(None, ""))
    found = trial(ours, looks, answers if watch is None else watch(answers, len(np.unique(looks.image))))
    score, distance = _points(found)
    return fit_calibration(score, distance, np.isin(found.labels.ids, first.labels.ids), dataset.name)


def _points(found: Trial) -> tuple[np.ndarray, np.ndarray]:
    """The scores and the distances in units of the longer side of the labelled box, (N, K) each, label by label."""
    labels, predictions = found.labels, found.predictions
    assert predictions.label is not None
    pred, true = one_by_one(labels, predictions)
    score = np.full(true.shape[:2], np.nan)
    score[predictions.label] = predictions.score
    return score, distances(pred, true, box_scale(labels.boxes))


def fit_calibration(score: np.ndarray, distance: np.ndarray, half: np.ndarray, data: str) -> Calibration:
    """The calibration by all people, and how the one by `half` of them, (N,) bool, does on the others.

    score:    (N, K) of the network, NaN where there is no answer.
    distance: (N, K) in units of the person's box: NaN where there is no label, infinite where there is no answer, which
              has the probability 0.

    Raises DataError for fewer than `LEAST` points in either half.
    """
    answered = _answered(score, distance)
    fewest = min(int(answered[half].sum()), int(answered[~half].sum()))
    if fewest < LEAST:
        raise DataError(
            f"{data}: {answered.sum()} labelled points of {answered.any(1).sum()} people are answered, {fewest} in the "
            f"smaller half; a calibration needs at least {LEAST} in each: give more labelled photos"
        )
    trial_run = _fitted(score[half], distance[half], data)
    return replace(_fitted(score, distance, data), held_out=_held_out(trial_run, score[~half], distance[~half]))


def _answered(score: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """The labelled points that the network found, (N, K) bool."""
    both: np.ndarray = np.isfinite(distance) & np.isfinite(score)
    return both


def _fitted(score: np.ndarray, distance: np.ndarray, data: str) -> Calibration:
    answered = _answered(score, distance)
    error = np.where(answered, distance, np.nan)
    knots, median = _all_knots(score, error), _medians(error)
    bare = Calibration(
        data, int(answered.any(1).sum()), int(answered.sum()), THRESHOLD, knots, (), ((),) * len(knots), (), ((),)
    )
    probability = bare.probability(score)
    cuts = _cuts(probability[answered])
    group = np.searchsorted(cuts, probability, side="right")
    table = np.stack([_bounds((error / median)[answered & (group == number)]) for number in range(len(cuts) + 1)])
    spread = median[:, None] * _shares((error / median)[..., None] / table[group])
    return replace(bare, probabilities=PROBABILITIES, cuts=cuts, radii=_plain(table), spread=_plain(spread))


def _bounds(error: np.ndarray) -> np.ndarray:
    """What (n,) errors keep with each of the probabilities: (P,)."""
    return np.array([max(conformal_quantile(error, probability), SMALLEST) for probability in PROBABILITIES])


def _shares(ratio: np.ndarray) -> np.ndarray:
    """What each keypoint's radii must be times those of all, (K, P), so that they hold its own truth as often.

    ratio: (N, K, P), errors in radii of all keypoints; NaN for none. A keypoint with few labels keeps those radii.
    """
    found = np.ones(ratio.shape[1:])
    for k, p in np.ndindex(found.shape):
        known = ratio[np.isfinite(ratio[:, k, p]), k, p]
        found[k, p] = conformal_quantile(known, PROBABILITIES[p]) if len(known) >= OWN else 1.0
    return found


def _plain(table: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, table.tolist()))


def _all_knots(score: np.ndarray, distance: np.ndarray) -> tuple[Knots, ...]:
    """For each keypoint its own knots, or those of all where it has few labels."""
    shared, counts = _knots(score, distance), np.isfinite(distance).sum(0)
    columns = zip(score.T, distance.T, counts, strict=True)
    return tuple(_knots(*column) if count >= OWN else shared for *column, count in columns)


def _knots(score: np.ndarray, distance: np.ndarray) -> Knots:
    """The share of right points, which never falls, over the mean score of groups of like score.

    It rises a little from knot to knot where it would be level, so that points which are right alike keep their order:
    where nearly all are right, as in faces, radii depend on it. Below the lowest scores that were seen it falls to 0.
    """
    groups = int(np.isfinite(distance).sum()) // KNOT_POINTS
    found = score_groups(distance, score, THRESHOLD, min(max(groups, 1), KNOTS))
    place, which = np.unique(found.score.round(DECIMALS), return_inverse=True)
    count = np.bincount(which, found.count)
    share = isotonic(np.bincount(which, found.share * found.count) / count, count)
    rising = (1 - RISE) * share + RISE * np.arange(1, len(share) + 1) / len(share)
    lowest = round(float(np.quantile(score[np.isfinite(distance)], UNSEEN)), DECIMALS)
    unseen = ((0.0, 0.0), (lowest, (1 - RISE) * float(share[0])))[: (lowest < place[0]) + 1] if lowest > 0 else ()
    return (*unseen, *zip(place.tolist(), rising.tolist(), strict=True))


def _medians(error: np.ndarray) -> np.ndarray:
    """The median error of each keypoint, (N, K) with NaN for none -> (K,); that of all where there are few."""
    known = [column[np.isfinite(column)] for column in error.T]
    everybody = np.concatenate(known)
    medians = [np.median(one if len(one) >= OWN else everybody) for one in known]
    return np.maximum(np.array(medians), SMALLEST)


def _cuts(probability: np.ndarray) -> tuple[float, ...]:
    """Where (M,) probabilities are cut into groups of like size; equal ones stay together."""
    values, counts = np.unique(probability, return_counts=True)
    size = max(GROUP_POINTS, len(probability) / GROUPS)
    cuts: list[float] = []
    held, left = 0, len(probability)
    for before, value, count in zip([values[0], *values], values, counts.tolist(), strict=False):
        if held >= size and left >= GROUP_POINTS:
            cuts.append(float(before + value) / 2)
            held = 0
        held, left = held + count, left - count
    return tuple(cuts)


def _held_out(calibration: Calibration, score: np.ndarray, distance: np.ndarray) -> HeldOut:
    """How a calibration does on people that it was not made from."""
    answered = _answered(score, distance)
    probability = np.where(answered | np.isnan(distance), calibration.probability(score), 0)
    groups = score_groups(distance, probability, THRESHOLD)
    unit = np.tile([0.0, 0.0, 1.0, 1.0], (len(score), 1))
    within = distance[..., None] <= calibration.radius(probability, unit).pixels
    return HeldOut(
        people=int(answered.any(1).sum()),
        points=int(answered.sum()),
        error_before=score_groups(distance, score, THRESHOLD).error,
        error=groups.error,
        reliability=tuple(zip(groups.score.tolist(), groups.share.tolist(), groups.count.tolist(), strict=True)),
        coverage=tuple(within[answered].mean(0).tolist()),
    )
