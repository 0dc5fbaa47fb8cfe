"""Labels for tests, a few numbers each."""

import numpy as np

from vitruvian.structures import VISIBLE, Labels, Predictions


def labels(image: list[int], xy: np.ndarray, images: int | None = None, **columns: object) -> Labels:
    """Instances of `image` rows with points xy (N, K, 2); all known points are visible; boxes are around the points.

    columns: any other column of `Labels` instead of its plain default.
    """
    xy = np.asarray(xy, np.float64)
    count = max([*image, -1]) + 1 if images is None else images
    known = np.isfinite(xy).all(-1)
    low, high = np.where(known[..., None], xy, np.inf).min(1), np.where(known[..., None], xy, -np.inf).max(1)
    boxes = np.where(known.any(1)[:, None], np.concatenate([low, high], 1), np.nan)
    plain = {
        "files": np.array([f"{row}.jpg" for row in range(count)], np.str_),
        "sizes": np.tile(np.array([[640, 480]], np.int32), (count, 1)),
        "image_ids": np.arange(count) + 100,
        "groups": np.arange(count),
        "image": np.array(image, np.int32),
        "ids": np.arange(len(xy)) + 1000,
        "xy": np.where(known[..., None], xy, np.nan),
        "visible": np.where(known, VISIBLE, 0).astype(np.uint8),
        "boxes": boxes,
        "area": (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]),
        "crowd": np.zeros(len(xy), bool),
    }
    return Labels(**(plain | columns))  # type: ignore[arg-type]


def predictions(truth: Labels, xy: np.ndarray, **columns: object) -> Predictions:
    """One answer for each label, in its box, all equally sure."""
    count, keypoints = len(truth), truth.keypoints
    plain = {
        "image": truth.image,
        "xy": np.asarray(xy, np.float64),
        "score": np.ones((count, keypoints)),
        "confidence": np.ones(count),
        "boxes": truth.boxes,
        "label": np.arange(count),
    }
    return Predictions(**(plain | columns))  # type: ignore[arg-type]
