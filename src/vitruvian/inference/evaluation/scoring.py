"""From a trial to numbers: the scores that fit it with their intervals, those of the mean pose, differences."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vitruvian.datasets import DATASETS, Dataset
from vitruvian.errors import PoseError, UnknownNameError
from vitruvian.inference.evaluation.mean_pose import without_looking
from vitruvian.inference.evaluation.trial import Trial
from vitruvian.metrics import SCORES, Estimate, Tally, bootstrap, paired, torso_diagonals
from vitruvian.structures import Labels, Predictions

DIGITS = 6  # after the point, of every number in a result


@dataclass(frozen=True)
class Measured:
    """A number and the ends of its 95 % interval; None where there was nothing to measure.

    mean_pose: the same score of the mean pose in the labelled boxes.
    instances: how many labelled people, hands or faces it is about; None for a difference.
    """

    value: float | None
    low: float | None
    high: float | None
    mean_pose: float | None = None
    instances: int | None = None


@dataclass(frozen=True)
class ScoreResult:
    """One score of a trial. definition: what it says, in a sentence; values: its numbers by name."""

    definition: str
    higher_is_better: bool
    values: dict[str, Measured] = field(default_factory=dict)


def usual_scores(dataset: Dataset, form: str | None) -> tuple[str, ...]:
    """The scores to give when none are asked for: those of the field for a published `form`, else those that fit."""
    if form in DATASETS:
        return DATASETS[form].scores
    torso, area = torso_diagonals(dataset.skeleton), np.isfinite(dataset.labels.area).any()
    return (*["pck_torso"] * bool(torso), "pck_box", *["oks_ap"] * bool(area))


def fitting(names: Sequence[str], dataset: Dataset, one_by_one: bool) -> tuple[tuple[str, ...], dict[str, str]]:
    """Those of the scores that these labels allow, and why each of the others does not fit, a sentence each.

    one_by_one: whether it is known which label each prediction answers. The labels are scored as if they were
    predictions, so that what is missing in them is found before any work.
    """
    fit, reasons = [], {}
    ideal = as_predictions(dataset.labels, one_by_one)
    for name in names:
        try:
            SCORES[name].tally(dataset.labels, ideal, dataset.skeleton).values()
        except PoseError as error:
            reasons[name] = str(error)
        else:
            fit.append(name)
    return tuple(fit), reasons


def as_predictions(labels: Labels, one_by_one: bool) -> Predictions:
    """The labels as the predictions of somebody who knows them, all equally sure."""
    count = len(labels)
    return Predictions(
        image=labels.image,
        xy=labels.xy,
        score=np.ones((count, labels.keypoints)),
        confidence=np.ones(count),
        boxes=labels.boxes,
        label=np.arange(count, dtype=np.int32) if one_by_one else None,
        tracks=labels.tracks,
        xyz=labels.xyz,
    )


def check_scores(names: Sequence[str]) -> None:
    """Raises UnknownNameError, with the nearest names, for one that is not in the table of scores."""
    for name in names:
        if name not in SCORES:
            raise UnknownNameError("score", name, SCORES)


def tallies(trial: Trial, names: Sequence[str]) -> dict[str, Tally]:
    """The tally of each score."""
    return {name: SCORES[name].tally(trial.labels, trial.predictions, trial.skeleton) for name in names}


def measured(trial: Trial, scored: Mapping[str, Tally]) -> dict[str, ScoreResult]:
    """The scores with their intervals, and those of the mean pose where it is known which labels are answered."""
    other = without_looking(trial)
    means = {} if other is None else {name: tally.values() for name, tally in tallies(other, tuple(scored)).items()}
    return {name: _result(name, tally, means.get(name, {})) for name, tally in scored.items()}


def differences(first: Mapping[str, Tally], second: Mapping[str, Tally]) -> dict[str, dict[str, Measured]]:
    """Second minus first of every score that both have, with intervals of the difference."""
    return {
        name: {value: as_measured(one) for value, one in paired(first[name], second[name]).items()}
        for name in first
        if name in second
    }


def _result(name: str, tally: Tally, means: Mapping[str, float]) -> ScoreResult:
    of = tally.instances
    values = {
        value: replace(as_measured(one, means.get(value, math.nan)), instances=of[value])
        for value, one in bootstrap(tally).items()
    }
    return ScoreResult(SCORES[name].about, SCORES[name].higher_is_better, values)


def as_measured(estimate: Estimate, mean_pose: float = math.nan) -> Measured:
    """An estimate as results hold it."""
    return Measured(number(estimate.value), number(estimate.low), number(estimate.high), number(mean_pose))


def number(value: float) -> float | None:
    """A number as results hold it: rounded, None for NaN or infinite."""
    return round(float(value), DIGITS) if math.isfinite(value) else None
