"""Bounds of errors that hold with a probability, whatever the errors are like."""

import math

import numpy as np


def conformal_quantile(errors: np.ndarray, probability: float) -> float:
    """The bound that one more error, of the same kind as those in `errors` (n,), keeps with at least `probability`.

    It is the ⌈(n + 1) · probability⌉-th smallest error; infinite where there are too few to say. The next error is kept
    with at most probability + 1 / (n + 1). Source: split conformal prediction, arXiv:2107.07511, section 1.
    """
    rank = math.ceil((len(errors) + 1) * probability - 1e-9)  # a product may be a rounding above a whole number
    if rank > len(errors):
        return math.inf
    return float(np.partition(errors, rank - 1)[max(rank - 1, 0)])
