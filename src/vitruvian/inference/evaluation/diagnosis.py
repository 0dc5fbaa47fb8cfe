"""What kinds of errors a trial has, and what its AP would be without each."""

from dataclasses import dataclass

from vitruvian.inference.evaluation.scoring import Measured, as_measured, number
from vitruvian.inference.evaluation.trial import Trial
from vitruvian.metrics import MENDABLE, Errors, Tally, error_types, mended, oks_ap, paired


@dataclass(frozen=True)
class ErrorCost:
    """One kind of error. share: of the points judged; None for the ranking of answers, which is of no point.

    mended: AP if this kind alone were mended; gain: that minus AP as it is, with its interval.
    """

    share: float | None
    mended: float | None
    gain: Measured


@dataclass(frozen=True)
class Diagnosis:
    """The errors of a trial, as `vitruvian.metrics.error_types` tells them.

    matched: answers that mean a labelled person, whose labelled points are judged; good: the share of those without
    error; ap: OKS AP as it is; kinds: "jitter", "inversion", "swap", "miss" and "score" -> what each costs.
    """

    matched: int
    good: float | None
    ap: float | None
    kinds: dict[str, ErrorCost]


def diagnose(trial: Trial) -> Diagnosis:
    """The errors of a trial. Raises DataError, as `oks_ap` does, for labels without area."""
    errors = error_types(trial.labels, trial.predictions, trial.skeleton)
    shares = {kind: number(share[-1]) for kind, share in errors.shares().items()}
    as_it_is = oks_ap(trial.labels, trial.predictions, trial.skeleton)
    costs = {kind: _cost(trial, errors, kind, as_it_is, shares.get(kind)) for kind in MENDABLE}
    return Diagnosis(int((errors.label >= 0).sum()), shares["good"], number(as_it_is.values()["AP"]), costs)


def _cost(trial: Trial, errors: Errors, kind: str, as_it_is: Tally, share: float | None) -> ErrorCost:
    better = oks_ap(trial.labels, mended(trial.labels, trial.predictions, errors, kind), trial.skeleton)
    return ErrorCost(share, number(better.values()["AP"]), as_measured(paired(as_it_is, better)["AP"]))
