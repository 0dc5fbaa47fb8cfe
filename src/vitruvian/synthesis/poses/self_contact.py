"""Whether a body goes through itself: limbs as lines with a few points on them, trunk and head as ellipsoids."""

from dataclasses import dataclass

import numpy as np

from vitruvian.synthesis.poses.segments import ROW, SIDES, Frame, points, world_turns


@dataclass(frozen=True)
class Core:
    """An ellipsoid in a segment's axes, metres from where that begins, as the person of middling traits has it."""

    segment: str
    centre: tuple[float, float, float]
    radii: tuple[float, float, float]


CORES = (
    Core("pelvis", (0.0, -0.01, 0.02), (0.160, 0.112, 0.16)),
    Core("loin", (0.0, -0.03, 0.15), (0.145, 0.095, 0.16)),
    Core("chest", (0.0, -0.055, 0.09), (0.150, 0.110, 0.22)),
    Core("head", (0.0, -0.016, 0.04), (0.088, 0.110, 0.118)),
)
ARM = (("upperarm", (0.75, 1.0)), ("forearm", (0.3, 0.6, 0.9)), ("hand", (0.25, 0.6, 0.95)))  # points along them
LEG = (("thigh", (0.85, 1.0)), ("shin", (0.3, 0.6, 1.0)))
SUNK = 0.75  # of an ellipsoid's radii: a point nearer to its centre is deep inside
THICK = {"thigh": 0.072, "shin": 0.05, "foot": 0.042, "forearm": 0.036, "hand": 0.016}  # metres
PRESSED = 0.6  # of the sum of two limbs' radii, by which flesh gives way
PAIRS = tuple(
    (f"{first}.L", f"{second}.R")
    for kinds in (("thigh", "shin", "foot"), ("forearm", "hand"))
    for first in kinds
    for second in kinds
) + tuple((f"{arm}.{a}", f"{leg}.{b}") for arm in ("forearm", "hand") for leg in ("thigh", "shin")
          for a in SIDES for b in SIDES)  # fmt: skip


def _listed() -> tuple[list[int], np.ndarray]:
    """Rows of the limbs and shares (n, 1) of their lengths, for each point."""
    found = [(ROW[f"{name}.{side}"], share) for side in SIDES for name, shares in ARM + LEG for share in shares]
    return [row for row, _ in found], np.array([[share] for _, share in found])


LIMB_ROWS, LIMB_SHARES = _listed()


def clear(frame: Frame, stance: np.ndarray) -> bool:
    """Whether no limb of a stance (S, 3) is deep inside the trunk, the head or another limb."""
    turns = world_turns(stance)
    begin, end = points(frame, turns)
    return not (_in_core(turns, begin, end) or _in_limb(begin, end))


def _in_core(turns: np.ndarray, begin: np.ndarray, end: np.ndarray) -> bool:
    """Whether a point of a limb is deep in trunk or head."""
    limbs = begin[LIMB_ROWS] + LIMB_SHARES * (end[LIMB_ROWS] - begin[LIMB_ROWS])
    for core in CORES:
        row = ROW[core.segment]
        local = (limbs - begin[row]) @ turns[row] - core.centre
        if ((local / core.radii) ** 2).sum(1).min() < SUNK**2:
            return True
    return False


def _in_limb(begin: np.ndarray, end: np.ndarray) -> bool:
    """Whether the lines of two limbs come nearer than flesh lets them."""
    first, second = ([ROW[pair[side]] for pair in PAIRS] for side in (0, 1))
    least = PRESSED * np.array([THICK[a.split(".")[0]] + THICK[b.split(".")[0]] for a, b in PAIRS])
    return bool((distance(begin[first], end[first], begin[second], end[second]) < least).any())


def distance(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Between segments a-b and c-d, each (..., 3) -> (...). C. Ericson, Real-Time Collision Detection, 2005, 5.1.9."""
    first, second, between = b - a, d - c, a - c
    one, two, both = (first**2).sum(-1), (second**2).sum(-1), (first * second).sum(-1)
    p, q = (first * between).sum(-1), (second * between).sum(-1)
    s = np.clip((both * q - p * two) / np.maximum(one * two - both**2, 1e-12), 0, 1)
    t = np.clip((both * s + q) / np.maximum(two, 1e-12), 0, 1)
    s = np.clip((both * t - p) / np.maximum(one, 1e-12), 0, 1)
    return np.linalg.norm(a + s[..., None] * first - c - t[..., None] * second, axis=-1)
