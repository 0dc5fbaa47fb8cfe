"""Whether an evaluation that was run again is of the same, and comes to the same."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

from vitruvian.errors import DataError
from vitruvian.inference.evaluation.question import Question
from vitruvian.inference.evaluation.result import Counts, Evaluation
from vitruvian.inference.evaluation.scoring import Measured

TOLERANCE = 0.0005  # of a score; half of the last digit that is printed


def check_same(old: Evaluation, question: Question) -> None:
    """Raises DataError, naming all that differs, when the question is not the one that a result answers."""
    pairs = {
        "the model": (old.model and old.model.sha256, question.model and question.model.sha256),
        "the annotations": (old.data.labels_sha256, question.data.labels_sha256),
        "the image files": (old.data.images_sha256, question.data.images_sha256),
        "the file of boxes": (old.protocol.boxes_sha256, question.protocol.boxes_sha256),
        "the file of predictions": (old.protocol.predictions_sha256, question.protocol.predictions_sha256),
        "the predictions compared with": (old.protocol.compare_sha256, question.protocol.compare_sha256),
    }
    if old.settings.model is None:
        del pairs["the image files"]  # nobody looks at them
    other = [f"{what} ({then:.8} then, {now:.8} now)" for what, (then, now) in pairs.items() if then != now]
    if other:
        raise DataError(f"not the same any more: {', '.join(other)}; give the files that the result is of")


def compare_results(old: Evaluation, new: Evaluation, tolerance: float = TOLERANCE) -> list[str]:
    """What two results differ in by more than `tolerance`, a sentence each; nothing where one repeats the other."""
    found = []
    for name in dict.fromkeys((*old.scores, *new.scores)):
        then, now = (result.scores[name].values if name in result.scores else {} for result in (old, new))
        found += [f"{name}: {difference}" for difference in _different(then, now, tolerance)]
    was, is_now = (result.calibration.error if result.calibration else None for result in (old, new))
    if old.calibration and new.calibration and old.calibration.scale != new.calibration.scale:
        found.append(f"calibration error: by the {old.calibration.scale} then, by the {new.calibration.scale} now")
    elif _far(was, is_now, tolerance):
        found.append(f"calibration error: {_text(was)} then, {_text(is_now)} now")
    found += [f"errors: {difference}" for difference in _different(_gains(old), _gains(new), tolerance)]
    counts = ((part.name, *(getattr(result.counts, part.name) for result in (old, new))) for part in fields(Counts))
    return found + [f"{part}: {before} then, {after} now" for part, before, after in counts if before != after]


def _gains(result: Evaluation) -> dict[str, Measured]:
    """What AP would gain from mending each kind of error; nothing where that was not asked for."""
    return {} if result.errors is None else {kind: cost.gain for kind, cost in result.errors.kinds.items()}


def _different(then: Mapping[str, Measured], now: Mapping[str, Measured], tolerance: float) -> Iterator[str]:
    for name in dict.fromkeys((*then, *now)):
        one, two = (values[name].value if name in values else None for values in (then, now))
        if _far(one, two, tolerance):
            yield f"{name} {_text(one)} then, {_text(two)} now"


def _far(one: float | None, two: float | None, tolerance: float) -> bool:
    if one is None or two is None:
        return one is not two
    return abs(one - two) > tolerance


def _text(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.4f}"
