"""Limbs as the eye follows them: along a line of keypoints, or round a loop."""

from collections.abc import Sequence
from itertools import pairwise

Limbs = tuple[tuple[str, str], ...]


def line(names: Sequence[str]) -> Limbs:
    """The limbs that join each name with the next: a, b, c -> (a, b), (b, c)."""
    return tuple(pairwise(names))


def loop(names: Sequence[str]) -> Limbs:
    """The limbs of `line`, and one from the last name back to the first."""
    return line([*names, names[0]])


def chains(*paths: str) -> Limbs:
    """The limbs along several lines, each written as names with spaces between, in the order given."""
    return tuple(limb for path in paths for limb in line(path.split()))
