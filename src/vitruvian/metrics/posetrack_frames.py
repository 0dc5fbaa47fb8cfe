"""The frames of PoseTrack as it scores them: what is ignored, what is near what, and who is matched with whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vitruvian.errors import DataError, ShapeError
from vitruvian.metrics.pckh import head_sizes
from vitruvian.structures import Labels, Predictions, Skeleton

NEAR = 0.5  # head sizes: how far a joint may be off
SIDES = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
JOINTS = ("nose", "head_bottom", "head_top", *(f"{side}_{joint}" for joint in SIDES for side in ("left", "right")))
PARTS: dict[str, tuple[str, ...]] = {
    "head": ("head_top", "head_bottom", "nose"),
    **{joint: (f"left_{joint}", f"right_{joint}") for joint in SIDES},
}


@dataclass(frozen=True, eq=False)
class Frame:
    """One image with G labelled and P predicted people of J joints.

    image:     the row of the image.
    people:    (G,) rows of the labels; answers: (P,) rows of the predictions.
    labelled:  (G, J) bool; predicted: (P, J) bool, which joints are there.
    distance:  (P, G, J) in head sizes of the label; infinite where either joint is not there or the head has no size.
    """

    image: int
    people: np.ndarray
    answers: np.ndarray
    labelled: np.ndarray
    predicted: np.ndarray
    distance: np.ndarray

    @property
    def near(self) -> np.ndarray:
        """(P, G, J) bool: which joints are within half a head size of the label."""
        return self.distance <= NEAR

    def correct(self) -> np.ndarray:
        """(P, J) bool: which predicted joints are near that of the person they are matched with.

        A prediction goes to the label with the largest share of labelled joints near; of several at one label the one
        with the largest share stays, the others are of nobody.
        """
        near = self.near
        right = np.zeros_like(self.predicted)
        if not len(self.people) or not len(self.answers):
            return right
        share = near.sum(2) / np.maximum(self.labelled.sum(1), 1)
        best = share.argmax(1)  # the label of each prediction
        share[np.arange(share.shape[1]) != best[:, None]] = 0
        chosen, there = share.argmax(0), share.max(0) > 0  # the prediction of each label
        right[chosen[there]] = near[chosen[there], np.flatnonzero(there)]
        return right


def read_frames(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> Iterator[Frame]:
    """Every image that somebody is labelled in; predictions in others are not scored, as in poseval.

    Joints in a region to be ignored (the image column "ignore_regions": for each image polygons of (x, y), NaN where
    a polygon is shorter) count neither as labels nor as predictions, and nor do people who have no others. Crowds are
    left out. Raises DataError without head boxes and for predictions in images that are not there, SkeletonError for a
    skeleton without PoseTrack's joints.
    """
    joints = [skeleton.index(joint) for joint in JOINTS]
    if predictions.xy.shape[1:] != labels.xy.shape[1:]:
        raise ShapeError(
            f"the predictions have {predictions.xy.shape[1]} keypoints, the labels {labels.keypoints}; "
            f"compare the same keypoints"
        )
    if len(predictions) and not 0 <= predictions.image.min() <= predictions.image.max() < labels.images:
        raise DataError(
            f"the predictions are in images {predictions.image.min()} to {predictions.image.max()}, there are 0 to "
            f"{labels.images - 1}"
        )
    scale = head_sizes(labels)
    regions = labels.image_extras.get("ignore_regions")
    people, answers = _by_image(labels.image, labels.images), _by_image(predictions.image, labels.images)
    for image in range(labels.images):
        rows = people[image][~labels.crowd[people[image]]]
        if not len(rows):
            continue
        ignored = () if regions is None else _polygons(regions[image])
        rows, true = _kept(rows, labels.xy[rows][:, joints], ignored)
        found, pred = _kept(answers[image], predictions.xy[answers[image]][:, joints], ignored)
        yield _frame(image, rows, true, found, pred, scale[rows])


def _frame(
    image: int, people: np.ndarray, true: np.ndarray, answers: np.ndarray, pred: np.ndarray, scale: np.ndarray
) -> Frame:
    far = np.linalg.norm(pred[:, None] - true[None], axis=-1)  # (P, G, J)
    unit = np.where(scale > 0, scale, np.nan)[:, None]
    labelled, predicted = (np.isfinite(xy).all(-1) for xy in (true, pred))
    return Frame(image, people, answers, labelled, predicted, np.nan_to_num(far / unit, nan=np.inf, posinf=np.inf))


def _by_image(image: np.ndarray, images: int) -> list[np.ndarray]:
    """(N,) the image of each row -> for every image its rows, in order."""
    order = np.argsort(image, kind="stable")
    return np.split(order, np.searchsorted(image[order], np.arange(1, images))) if images else []


def _polygons(regions: Any) -> list[np.ndarray]:
    """The polygons (M, 2) of an image, without the NaN that fills up an array of several."""
    corners = [np.asarray(region, np.float64).reshape(-1, 2) for region in regions]
    known = [one[np.isfinite(one).all(1)] for one in corners]
    return [one for one in known if len(one) > 2]


def _kept(rows: np.ndarray, xy: np.ndarray, ignored: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Rows of people and their xy (N, J, 2) without what is ignored: those joints NaN, people without others gone."""
    if not len(ignored):
        return rows, xy
    inside = np.any([within(xy, polygon) for polygon in ignored], axis=0)
    left = np.where(np.expand_dims(inside, -1), np.nan, xy)
    there = np.any(np.all(np.isfinite(left), axis=-1), axis=1)
    return rows[there], left[there]


def within(xy: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Which points (..., 2) lie in a polygon (M, 2), closed by itself: an odd number of its sides is to their right."""
    x, y = xy[..., 0, None], xy[..., 1, None]
    (ax, ay), (bx, by) = polygon.T, np.roll(polygon, -1, axis=0).T
    spans = (ay > y) != (by > y)
    with np.errstate(divide="ignore", invalid="ignore"):  # sides that lie flat span nothing
        crossing = ax + (y - ay) / (by - ay) * (bx - ax)
    return np.asarray((spans & (x < crossing)).sum(-1) % 2 == 1)


def scores_of(name: str, parts: bool = True) -> dict[str, tuple[str, ...]]:
    """Score -> its joints: "name" of all, "name shoulder" of the parts that PoseTrack prints, "name nose" of each."""
    groups = {"": JOINTS, **(PARTS if parts else {}), **{joint: (joint,) for joint in JOINTS}}
    return {f"{name} {group}".strip(): joints for group, joints in groups.items()}


def people_with(joints: Sequence[str], labelled: np.ndarray) -> int:
    """How many of M people have any of some joints, out of (M, J) bool."""
    return int(labelled[:, [JOINTS.index(joint) for joint in joints]].any(1).sum())
