"""The mistakes that people make when they label a person, and how each is mended."""

from dataclasses import dataclass

import numpy as np

from vitruvian.structures import Skeleton

COMMON = {  # the share of those there could be that is taken to be wrong, before anything is looked at
    "displaced": 0.003,  # of the points
    "swapped_pair": 0.002,  # of the mirrored pairs
    "swapped_neighbours": 0.001,  # of the limbs
}


@dataclass(frozen=True)
class Mistake:
    """One possibility. kind: a name in COMMON, or "swapped_sides".

    keypoints: the one that is displaced, or those that are exchanged, two by two.
    """

    kind: str
    keypoints: tuple[int, ...]

    @property
    def exchange(self) -> tuple[list[int], list[int]]:
        """Keypoints, and what each is exchanged for."""
        one, other = list(self.keypoints[::2]), list(self.keypoints[1::2])
        return one + other, other + one


def displacements(skeleton: Skeleton) -> list[Mistake]:
    """Every keypoint may lie somewhere else."""
    return [Mistake("displaced", (k,)) for k in range(len(skeleton))]


def exchanges(skeleton: Skeleton) -> list[Mistake]:
    """Left and right of every pair may be exchanged, and the two ends of every limb."""
    pairs = [Mistake("swapped_pair", pair) for pair in mirrored(skeleton)]
    limbs = [limb for limb in skeleton.limbs if skeleton.mirror[limb[0]] != limb[1]]
    return pairs + [Mistake("swapped_neighbours", limb) for limb in limbs]


def exchanged_sides(skeleton: Skeleton) -> Mistake:
    """All pairs may be exchanged at once."""
    return Mistake("swapped_sides", tuple(k for pair in mirrored(skeleton) for k in pair))


def mirrored(skeleton: Skeleton) -> list[tuple[int, int]]:
    """Each pair once, the lower index first."""
    return [(k, other) for k, other in enumerate(skeleton.mirror) if k < other]


def mended(xy: np.ndarray, mistake: Mistake) -> np.ndarray:
    """The labels (..., K, 2) without the mistake: exchanged back, or, where displaced, unknown."""
    xy = xy.copy()
    if mistake.kind == "displaced":
        xy[..., mistake.keypoints[0], :] = np.nan
    else:
        one, other = mistake.exchange
        xy[..., one, :] = xy[..., other, :]
    return xy
