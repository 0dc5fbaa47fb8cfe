"""A trial: predictions beside the labels they are scored on, and what was left out of both."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from vitruvian.datasets import Dataset
from vitruvian.inference.evaluation.answers import Answer
from vitruvian.inference.evaluation.looks import Looks, joints
from vitruvian.metrics import keep_in_images, oks_nms, rescore
from vitruvian.structures import Labels, Predictions, Skeleton

NMS = 0.9  # OKS with a surer answer above which one found in a detector's box is dropped, as in published evaluations


@dataclass(frozen=True)
class BadImage:
    """An image that could not be read. file: as the labels name it; reason: a sentence."""

    file: str
    reason: str


@dataclass(frozen=True, eq=False)
class Trial:
    """What is scored. labels, predictions: of the images that could be read, the latter's rows those of the former.

    bad_images:  those that could not be read; they and everybody in them are left out.
    without_box: people left out because they have no labelled box that shows anything of the image.
    few_joints:  people left out because they have fewer labelled keypoints than was asked for.
    images, instances: (I,) and (N,) rows of the data set's labels that are the rows here.
    """

    skeleton: Skeleton
    labels: Labels
    predictions: Predictions
    images: np.ndarray
    instances: np.ndarray
    bad_images: tuple[BadImage, ...] = ()
    without_box: int = 0
    few_joints: int = 0

    def narrowed(self, predictions: Predictions) -> Predictions:
        """Predictions for all labels of the data set -> those for the labels of this trial."""
        image, label = inverse(self.images, predictions.image), predictions.label
        if label is not None:
            label = inverse(self.instances, label)
        rows = np.flatnonzero((image >= 0) & (label is None or label >= 0))
        chosen = rows_of(predictions, rows)
        return replace(chosen, image=image[rows], label=None if label is None else label[rows])


def trial(dataset: Dataset, looks: Looks, answers: Iterable[Answer], min_joints: int = 1) -> Trial:
    """The trial of a model that looked at `looks`, asked for people of at least `min_joints` keypoints.

    Where labelled boxes were looked at, people whose box was not are left out, but for crowds and people without a
    labelled keypoint, which some scores forgive a prediction for. Where a detector's were, nobody is.
    """
    seen = list(answers)
    bad = {one.row: one.error for one in seen if one.error}
    images = np.setdiff1d(np.arange(len(dataset)), list(bad))
    labels = dataset.labels
    inside = ~np.isin(labels.image, list(bad))
    few, lost = np.zeros(len(labels), bool), np.zeros(len(labels), bool)
    if looks.label is not None:
        answered = np.zeros(len(labels), bool)
        answered[looks.label[[look for one in seen for look in one.looks]]] = True
        labelled = (joints(labels) > 0) & ~labels.crowd & inside
        few = labelled & (joints(labels) < min_joints)
        lost = labelled & ~few & ~answered
    instances = np.flatnonzero(inside & ~few & ~lost)
    whole = Trial(
        dataset.skeleton,
        labels.of_instances(instances).of_images(images),
        _predictions(dataset, looks, seen),
        images,
        instances,
        tuple(BadImage(str(labels.files[row]), reason) for row, reason in bad.items()),
        int(lost.sum()),
        int(few.sum()),
    )
    return replace(whole, predictions=whole.narrowed(whole.predictions))


def scored_file(dataset: Dataset, predictions: Predictions) -> Trial:
    """The trial of predictions that are already there: nothing is left out."""
    labels = dataset.labels
    return Trial(dataset.skeleton, labels, predictions, np.arange(labels.images), np.arange(len(labels)))


def _predictions(dataset: Dataset, looks: Looks, seen: list[Answer]) -> Predictions:
    """All answers in a row, as sure as their box and their points; where a detector saw somebody twice, the surer."""
    keypoints = len(dataset.skeleton)
    rows = np.array([look for one in seen for look in one.looks], np.int64)
    xy = np.array([points for one in seen for points in one.xy], np.float64).reshape(-1, keypoints, 2)
    score = np.array([scores for one in seen for scores in one.score], np.float64).reshape(-1, keypoints)
    answers = Predictions(
        image=looks.image[rows],
        xy=xy,
        score=score,
        confidence=rescore(looks.score[rows], score),
        boxes=looks.boxes[rows],
        label=None if looks.label is None else looks.label[rows],
    )
    return answers if looks.label is not None else rows_of(answers, _distinct(answers, dataset.skeleton))


def _distinct(predictions: Predictions, skeleton: Skeleton) -> np.ndarray:
    """The rows that OKS NMS keeps, ascending; the area is that of the box."""
    area = (predictions.boxes[:, 2:] - predictions.boxes[:, :2]).prod(1)
    sigmas = np.array(skeleton.sigmas)

    def keep(rows: np.ndarray) -> np.ndarray:
        return oks_nms(predictions.xy[rows], predictions.confidence[rows], area[rows], sigmas, NMS)

    return np.sort(keep_in_images(predictions.image, keep))


def inverse(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Where in `rows`, ascending, each value stands: int32; -1 for one that does not."""
    place = np.searchsorted(rows, values)
    there = np.append(rows, -1)[place] == values
    return np.where(there, place, -1).astype(np.int32)


def rows_of(predictions: Predictions, rows: np.ndarray) -> Predictions:
    """Some of the predictions: rows (M,)."""
    columns = {name: getattr(predictions, name) for name in ("label", "tracks", "xyz")}
    return Predictions(
        image=predictions.image[rows],
        xy=predictions.xy[rows],
        score=predictions.score[rows],
        confidence=predictions.confidence[rows],
        boxes=predictions.boxes[rows],
        **{name: None if column is None else column[rows] for name, column in columns.items()},
    )
