"""Predictions: what a system answered for many images, as columns."""

from dataclasses import dataclass

import numpy as np

from vitruvian.errors import ShapeError


@dataclass(frozen=True, eq=False)
class Predictions:
    """P predicted instances of K keypoints in the images of some `Labels`.

    image:      (P,) int32, the row of the image in the labels.
    xy:         (P, K, 2) float64, image pixels; NaN where there is no answer.
    score:      (P, K) float64, how likely each point is right.
    confidence: (P,) float64, how sure the system is of the whole instance; scores rank by it.
    boxes:      (P, 4) float64, x0 y0 x1 y1 in image pixels; NaN where unknown.
    label:      (P,) int32, the row of the label whose box was looked at, or None where the system found people itself.
                Each label at most once; scores that compare one by one (PCK, NME, EPE) need it.
    tracks:     (P,) int64 identities within a group of images, or None.
    xyz:        (P, K, 3) float64, millimetres in the frame of the labels, or None for 2D answers.

    Raises ShapeError when the columns do not fit each other.
    """

    image: np.ndarray
    xy: np.ndarray
    score: np.ndarray
    confidence: np.ndarray
    boxes: np.ndarray
    label: np.ndarray | None = None
    tracks: np.ndarray | None = None
    xyz: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.xy.ndim != 3 or self.xy.shape[-1] != 2:
            raise ShapeError(f"xy must be (P, K, 2), got {self.xy.shape}")
        count, keypoints = self.xy.shape[:2]
        wanted = {
            "image": (count,),
            "score": (count, keypoints),
            "confidence": (count,),
            "boxes": (count, 4),
            "label": (count,),
            "tracks": (count,),
            "xyz": (count, keypoints, 3),
        }
        for name, shape in wanted.items():
            column = getattr(self, name)
            if column is not None and column.shape != shape:
                raise ShapeError(f"{name} must be {shape} to match xy, got {column.shape}")

    def __len__(self) -> int:
        """The number of predicted instances, P."""
        return len(self.image)
