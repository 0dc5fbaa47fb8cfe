"""Isotonic regression: the nearest sequence that never falls."""

import numpy as np


def isotonic(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The sequence that never falls and is nearest to `values` (G,), by the sum of weight · squared difference: (G,).

    weights: (G,) positive. Neighbours in falling order are replaced by their mean until none are left: the pool
    adjacent violators algorithm. Source: Ayer and others, "An empirical distribution function for sampling with
    incomplete information", 1955.
    """
    blocks: list[tuple[float, float, int]] = []  # mean, weight, length
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        mean, mass, length = value, weight, 1
        while blocks and blocks[-1][0] > mean:
            before, heavy, longer = blocks.pop()
            mean = (before * heavy + mean * mass) / (heavy + mass)
            mass, length = mass + heavy, length + longer
        blocks.append((mean, mass, length))
    return np.repeat([mean for mean, _, _ in blocks], [length for _, _, length in blocks])
