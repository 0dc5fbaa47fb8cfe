"""How often all answers to several yes-or-no questions are right, as in which hands are seen."""

import numpy as np

from vitruvian.errors import ShapeError


def multilabel_accuracy(pred: np.ndarray, true: np.ndarray, known: np.ndarray, threshold: float = 0.5) -> float:
    """The share of instances of which every label is on the right side of the threshold.

    pred, true: (N, C) in [0, 1]; known: (N, C) bool; an instance counts if all its labels are known. On the threshold
    itself is on no side, so wrong. NaN where nothing counts. Source: Moon et al., arXiv:2008.09309, handedness.
    """
    if not pred.shape == true.shape == known.shape or pred.ndim != 2:
        raise ShapeError(f"pred, true and known must all be (N, C), got {pred.shape}, {true.shape} and {known.shape}")
    counted = np.flatnonzero(known.all(1))
    right = (pred - threshold) * (true - threshold) > 0
    return float(right[counted].all(1).mean()) if len(counted) else float("nan")
