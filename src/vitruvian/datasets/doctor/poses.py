"""What looks wrong in the poses of a data set: exchanged and displaced keypoints, impossible limbs."""

from collections.abc import Iterator

import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.doctor.finding import Do, Finding, Fix
from vitruvian.datasets.doctor.limbs import LongLimb, long_limbs
from vitruvian.datasets.doctor.prior import FEWEST
from vitruvian.datasets.doctor.suspicions import Suspicion, suspicions
from vitruvian.errors import ShapeError
from vitruvian.structures import Predictions

PEOPLE = 50  # that it takes to learn what people of a data set look like


def judged(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """The rows of the people whose poses are judged (M,), and their points (M, K, 2), without those at zero."""
    labels = dataset.labels
    xy = np.where((labels.xy == 0).all(-1, keepdims=True), np.nan, labels.xy)
    xy = np.where(np.isfinite(xy).all(-1, keepdims=True), xy, np.nan)
    known = np.asarray(np.isfinite(xy).all(-1))
    low = np.where(known[..., None], xy, np.inf).min(1, initial=np.inf)
    high = np.where(known[..., None], xy, -np.inf).max(1, initial=-np.inf)
    rows = np.flatnonzero(~labels.crowd & (known.sum(1) >= FEWEST) & (high > low).any(1))
    return rows, xy[rows]


def pose_findings(dataset: Dataset, predictions: Predictions | None = None) -> Iterator[Finding]:
    """What looks wrong in the poses; nothing where there are fewer than PEOPLE to learn from.

    Raises ShapeError for predictions that do not say which label each belongs to, or of other keypoints.
    """
    answer, score = (None, None) if predictions is None else _by_label(dataset, predictions)
    rows, xy = judged(dataset)
    if len(rows) < PEOPLE:
        return
    found = suspicions(
        xy, dataset.skeleton, None if answer is None else answer[rows], None if score is None else score[rows]
    )
    explained = {(one.row, k) for one in found for k in one.mistake.keypoints}
    for one in found:
        yield _suspicion(dataset, int(rows[one.row]), one, xy[one.row], answer)
    for limb in long_limbs(xy, dataset.skeleton):
        if not any((limb.row, k) in explained for k in limb.limb):
            yield _long_limb(dataset, int(rows[limb.row]), limb)


def _by_label(dataset: Dataset, predictions: Predictions) -> tuple[np.ndarray, np.ndarray]:
    """The predicted points (N, K, 2) and scores (N, K) of every label; NaN for a label without prediction."""
    labels = dataset.labels
    if predictions.label is None:
        raise ShapeError(
            f"{dataset.name}: the predictions do not say which label each belongs to; predict in the labelled boxes"
        )
    if predictions.xy.shape[1] != labels.keypoints:
        raise ShapeError(
            f"{dataset.name} has {labels.keypoints} keypoints, the predictions {predictions.xy.shape[1]}; bring them "
            f"into the order of the skeleton {dataset.skeleton.name}"
        )
    xy, score = np.full(labels.xy.shape, np.nan), np.full(labels.xy.shape[:2], np.nan)
    xy[predictions.label], score[predictions.label] = predictions.xy, predictions.score
    return xy, score


def _suspicion(dataset: Dataset, row: int, one: Suspicion, xy: np.ndarray, answer: np.ndarray | None) -> Finding:
    keypoints = tuple(dataset.skeleton.names[k] for k in one.mistake.keypoints)
    if one.mistake.kind == "displaced":
        message = _displaced(keypoints[0], one, xy, None if answer is None else answer[row])
    elif one.mistake.kind == "swapped_sides":
        message = "left and right of the whole person look exchanged"
    else:
        message = f"{keypoints[0]} and {keypoints[1]} look exchanged"
    do: Do = "unlabel" if one.mistake.kind == "displaced" else "swap"
    return _finding(dataset, one.mistake.kind, row, keypoints, one.likelihood, message, do)


def _displaced(name: str, one: Suspicion, xy: np.ndarray, answer: np.ndarray | None) -> str:
    """xy, answer: (K, 2) labels and answers of the person."""
    (k,) = one.mistake.keypoints
    side = float(np.ptp(xy[np.isfinite(xy).all(-1)], axis=0).max())
    told = [("the other labels", one.expected)]
    if answer is not None and np.isfinite(answer[k]).all():
        told.append(("the model", answer[k]))
    parts = []
    for who, place in told:
        if place is not None:
            apart = float(np.linalg.norm(xy[k] - place))
            parts.append(f"{apart:.0f} pixels ({apart / side:.2f} of the person) from where {who} put it")
    return f"{name} lies {' and '.join(parts)}".replace("the model put it", "the model puts it")


def _long_limb(dataset: Dataset, row: int, limb: LongLimb) -> Finding:
    names = tuple(dataset.skeleton.names[k] for k in limb.limb)
    message = f"{names[0]} to {names[1]} is {limb.ratio:.1f} times as long as is usual at most in a person of this size"
    return _finding(dataset, "long_limb", row, names, 1 - 1 / limb.ratio**2, message, None)


def _finding(
    dataset: Dataset, kind: str, row: int, keypoints: tuple[str, ...], likelihood: float, message: str, do: Do | None
) -> Finding:
    image, instance = str(dataset.labels.files[dataset.labels.image[row]]), int(dataset.labels.ids[row])
    fix = None if do is None else Fix(do, image, instance, keypoints, message)
    return Finding(kind, image, instance, keypoints, round(likelihood, 4), message, fix)
