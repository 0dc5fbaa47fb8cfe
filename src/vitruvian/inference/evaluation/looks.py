"""Where a model is told to look: the labelled boxes, or those of a detector."""

from dataclasses import dataclass

import numpy as np

from vitruvian.datasets import Detections
from vitruvian.errors import RecipeError
from vitruvian.structures import Labels


@dataclass(frozen=True, eq=False)
class Looks:
    """M boxes in the images of some labels, in the order of the images.

    image: (M,) int32, the row of the image, ascending; boxes: (M, 4) float64, x0 y0 x1 y1 in image pixels.
    score: (M,) float64, how sure the detector is that somebody is there; 1 for labelled boxes.
    label: (M,) int32, the row of the label whose box it is, each once; None for the boxes of a detector.
    """

    image: np.ndarray
    boxes: np.ndarray
    score: np.ndarray
    label: np.ndarray | None = None

    def __len__(self) -> int:
        """M."""
        return len(self.image)


def at_labels(labels: Labels, min_joints: int = 1) -> Looks:
    """The labelled boxes of everybody with a box that has a size and at least `min_joints` labelled keypoints, never 0.

    Crowds are not looked at. Raises RecipeError for a negative `min_joints`.
    """
    if min_joints < 0:
        raise RecipeError(f"min_joints must not be negative, got {min_joints}")
    enough = joints(labels) >= max(min_joints, 1)
    rows = np.flatnonzero(enough & has_size(labels.boxes) & ~labels.crowd)
    rows = rows[np.argsort(labels.image[rows], kind="stable")].astype(np.int32)
    return Looks(labels.image[rows], labels.boxes[rows], np.ones(len(rows)), rows)


def at_detections(detections: Detections) -> Looks:
    """The boxes of a detector that have a size, in the order of the images."""
    rows = np.flatnonzero(has_size(detections.boxes))
    rows = rows[np.argsort(detections.image[rows], kind="stable")]
    return Looks(detections.image[rows], detections.boxes[rows], detections.score[rows])


def joints(labels: Labels) -> np.ndarray:
    """How many keypoints of each instance are labelled: (N,)."""
    known: np.ndarray = (labels.visible > 0).sum(1)
    return known


def has_size(boxes: np.ndarray) -> np.ndarray:
    """Which boxes (N, 4) are finite and have a width and a height: (N,) bool."""
    with np.errstate(invalid="ignore"):
        sized: np.ndarray = np.isfinite(boxes).all(1) & (boxes[:, 2:] > boxes[:, :2]).all(1)
    return sized
