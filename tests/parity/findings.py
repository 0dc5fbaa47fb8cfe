"""Findings: an array of the library beside the array of the reference."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Finding:
    """One comparison. what: the name of the array; problem: in which way it disagrees, None where it agrees."""

    what: str
    problem: str | None


def close(what: str, found: ArrayLike, expected: ArrayLike, tolerance: ArrayLike, share: float = 1.0) -> Finding:
    """Whether numbers agree within a tolerance (one, or one for each), at least a `share` of them.

    NaN agrees with NaN only.
    """
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    if found.shape != expected.shape:
        return Finding(what, f"has shape {found.shape}, expected {expected.shape}")
    limit = np.broadcast_to(np.asarray(tolerance, np.float64), expected.shape)
    unknown = np.isnan(found) | np.isnan(expected)
    difference = np.where(unknown, np.where(np.isnan(found) == np.isnan(expected), 0.0, np.inf), found - expected)
    difference = np.where(found == expected, 0.0, np.abs(difference))  # equal infinities differ by nothing
    beyond = difference > limit
    if beyond.sum() <= (1 - share) * beyond.size + 1e-9:
        return Finding(what, None)
    worst = np.unravel_index(np.argmax(difference / np.maximum(limit, np.finfo(float).tiny)), expected.shape)
    return Finding(
        what,
        f"worst difference {difference[worst]:.3g}, tolerance {limit[worst]:.3g}, at {[int(i) for i in worst]} "
        f"(found {found[worst]:.7g}, expected {expected[worst]:.7g}); {beyond.sum()} of {beyond.size} differ",
    )


def relative(what: str, found: ArrayLike, expected: ArrayLike, tolerance: float = 1e-5) -> Finding:
    """Whether numbers agree within a share of the largest of them."""
    return close(what, found, expected, tolerance * np.nanmax(np.abs(expected), initial=1e-12))


def equal(what: str, found: Sequence[object], expected: Sequence[object]) -> Finding:
    """Whether two lists are the same, in the same order."""
    if list(found) == list(expected):
        return Finding(what, None)
    pairs = zip(found, expected, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(found), len(expected)))
    mine, other = ([*items, "nothing more"][at] for items in (found, expected))
    return Finding(what, f"entry {at} is {mine}, expected {other} ({len(found)} entries, expected {len(expected)})")
