"""OKS AP and AR as COCO defines them: how many people are found, and how exactly, whatever the threshold.

Source: https://cocodataset.org/#keypoints-eval. Answers are ranked by their confidence and matched one to one with
labelled people of the same image, at most 20 an image, at OKS thresholds 0.5 to 0.95; precision is averaged over 101
steps of recall. Matching and summing are hotcoco's; counting images several times, for intervals, is done here.
The numbers of annotations play no part, unlike in pycocotools, which takes a match with annotation 0 for none.
"""

from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np

from vitruvian.errors import DataError, ShapeError
from vitruvian.metrics.coco_evaluation import (
    Answered,
    Curves,
    Labelled,
    Matches,
    evaluate,
    is_known,
    read_curves,
    read_matches,
)
from vitruvian.structures import Labels, Predictions, Skeleton

MEDIUM, LARGE = (32.0**2, 96.0**2), (96.0**2, 1e10)  # px², areas of people, as COCO has them, ends included


@dataclass(frozen=True, eq=False)
class OksTally:
    """What OKS AP must know of I images; a `Tally`.

    order: (I,) int64, the data set's own numbers of the images: equal confidences are ranked in their order, whatever
    the order in which parts are joined.
    """

    labelled: Labelled
    answered: Answered
    sigmas: tuple[float, ...]
    order: np.ndarray

    @property
    def images(self) -> int:
        """I."""
        return len(self.order)

    def values(self, times: np.ndarray | None = None) -> dict[str, float]:
        """AP, AP50, AP75, APm, APl and AR, AR50, AR75, ARm, ARl, in [0, 1]; NaN where nobody counts (COCO says -1).

        m and l are people of 32² to 96² px² and larger ones. Without `times` the numbers are hotcoco's own.
        """
        curves = self._curves if times is None else self._matches.curves(self._checked(times))
        return {**_means("AP", curves.precision), **_means("AR", curves.recall)}

    def __add__(self, other: "OksTally") -> "OksTally":
        if self.sigmas != other.sigmas:
            raise ShapeError(
                f"the tallies are of {len(self.sigmas)} and {len(other.sigmas)} keypoints with different sigmas; "
                f"join tallies of one skeleton"
            )
        return OksTally(
            self.labelled.then(other.labelled, self.images),
            self.answered.then(other.answered, self.images),
            self.sigmas,
            np.concatenate([self.order, other.order]),
        )

    @property
    def instances(self) -> dict[str, int]:
        """How many people count, for APm, ARm, APl and ARl of that size: with a labelled keypoint, and no crowd."""
        area = self.labelled.area[is_known(self.labelled.xy).any(-1) & ~self.labelled.crowd]
        large, medium = (int(((area >= low) & (area <= high)).sum()) for low, high in (LARGE, MEDIUM))
        sizes = {"": len(area), "50": len(area), "75": len(area), "m": medium, "l": large}
        return {f"{name}{suffix}": count for name in ("AP", "AR") for suffix, count in sizes.items()}

    @cached_property
    def _curves(self) -> Curves:
        return read_curves(evaluate(self.labelled, self.answered, self.sigmas, self.order))

    @cached_property
    def _matches(self) -> Matches:
        evaluation = evaluate(self.labelled, self.answered, self.sigmas, self.order)
        return read_matches(evaluation, self.answered.confidence, self.order)

    def _checked(self, times: np.ndarray) -> np.ndarray:
        if np.shape(times) != (self.images,):
            raise ShapeError(f"times must be ({self.images},), one for each image, got {np.shape(times)}")
        return np.asarray(times)


def _means(name: str, curve: np.ndarray) -> dict[str, float]:
    """(A, 10, ...) -> over all thresholds, at 0.5 and 0.75, and over all thresholds of the two sizes."""
    everybody, medium, large = curve
    parts = {"": everybody, "50": everybody[0], "75": everybody[5], "m": medium, "l": large}
    return {f"{name}{suffix}": float(part.mean()) for suffix, part in parts.items()}


def oks_ap(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> OksTally:
    """The tally of OKS AP over all keypoints; a scorer.

    A person without a labelled keypoint is a region about its box where answers do not count. Raises DataError for
    labels without area and answers without confidence, ShapeError when labels, predictions and skeleton have different
    numbers of keypoints.
    """
    check_keypoints(labels, predictions, skeleton)
    return OksTally(read_labelled(labels), read_answered(predictions, labels.images), skeleton.sigmas, labels.image_ids)


def check_keypoints(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> None:
    """Raises ShapeError when the three have different numbers of keypoints."""
    counts = (labels.keypoints, predictions.xy.shape[1], len(skeleton))
    if len(set(counts)) > 1:
        raise ShapeError(
            f"the labels have {counts[0]} keypoints, the predictions {counts[1]} and the skeleton {skeleton.name} "
            f"{counts[2]}; score a system with the keypoints of the labels"
        )


def read_labelled(labels: Labels, area: np.ndarray | None = None) -> Labelled:
    """The people of the labels; area: (N,) px² instead of that of the labels. Raises DataError for one without area."""
    area = labels.area if area is None else area
    counts = is_known(labels.xy).any(-1) & ~labels.crowd
    without = labels.ids[counts & ~np.isfinite(area)]
    if len(without):
        raise DataError(
            f"{len(without)} of {len(labels)} labels have no area, the first is annotation {without[0]}; OKS needs the "
            f"area of each person in px². Without one, 0.53 x that of the box is usual"
        )
    return Labelled(labels.image, labels.xy, np.nan_to_num(area), labels.boxes, labels.crowd)


def read_answered(predictions: Predictions, images: int, joints: slice = slice(None)) -> Answered:
    """The answers of a system in I images; their area is that of their box, and without one, what these joints span.

    As in pycocotools, where results with a "bbox" are measured by it. APm and APl depend on it, the others do not.
    Raises DataError for an answer without confidence, or in an image that is not there.
    """
    unsure = np.flatnonzero(np.isnan(predictions.confidence))
    if len(unsure):
        raise DataError(
            f"{len(unsure)} of {len(predictions)} predictions have no confidence, the first in row {unsure[0]}; AP "
            f"ranks by it. Without one, the mean of the keypoint scores is usual"
        )
    outside = np.flatnonzero((predictions.image < 0) | (predictions.image >= images))
    if len(outside):
        raise DataError(
            f"prediction {outside[0]} is in image {predictions.image[outside[0]]}, but the labels have images 0 to "
            f"{images - 1}; predict on the images of the labels"
        )
    xy = np.where(np.isfinite(predictions.xy[:, joints]), predictions.xy[:, joints], np.nan)  # (P, J, 2)
    low, high = (reduce(nearest, xy.swapaxes(0, 1)) for nearest in (np.fmin, np.fmax))  # (P, 2); NaN is passed over
    span = np.nan_to_num(high - low).prod(-1)
    boxed = (predictions.boxes[:, 2:] - predictions.boxes[:, :2]).prod(-1)
    area = np.where(np.isfinite(boxed), boxed, span)
    return Answered(predictions.image, predictions.xy, area, predictions.confidence)
