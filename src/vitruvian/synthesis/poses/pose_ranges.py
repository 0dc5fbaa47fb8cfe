"""How far joints go: the limits of every segment, and what lies beyond them.

Source of the ranges: American Academy of Orthopaedic Surgeons, Joint Motion: Method of Measuring and Recording (1965),
widened where sport goes further (hips of gymnasts, shoulders of swimmers).
"""

import numpy as np

from vitruvian.synthesis.poses.segments import ROW, SEGMENTS, world_turns

FREE = (-180.0, 180.0)
TRUNK = {  # degrees about x, y and z: bent forwards, leant to the left, turned to the left
    "pelvis": (FREE, FREE, FREE),
    "loin": ((-18, 40), (-18, 18), (-15, 15)),
    "chest": ((-15, 30), (-18, 18), (-28, 28)),
    "neck": ((-30, 30), (-22, 22), (-38, 38)),
    "head": ((-30, 28), (-22, 22), (-38, 38)),
}
LEFT = {  # of the left side: -x lifts or bends forwards, -y lifts aside, z turns outwards; the right side mirrors it
    "collar": ((-12, 12), (-32, 8), (-25, 20)),
    "upperarm": ((-185, 60), (-185, 70), (-100, 100)),
    "forearm": ((-150, 3), (-70, 70), (-85, 88)),  # a bend and a roll mix in the second number
    "hand": ((-45, 35), (-80, 75), (-15, 15)),
    "thigh": ((-130, 30), (-85, 30), (-50, 95)),  # lifted, opening the legs counts as turned outwards
    "shin": ((-3, 152), (-8, 8), (-15, 15)),
    "foot": ((-25, 55), (-25, 25), (-20, 20)),
    "toes": ((-60, 35), (-5, 5), (-5, 5)),
}


def _limits() -> np.ndarray:
    """(S, 3, 2) radians: the least and the most of each component of a segment's rotation vector."""
    limits = np.zeros((len(SEGMENTS), 3, 2))
    for name, ranges in TRUNK.items():
        limits[ROW[name]] = ranges
    for name, ranges in LEFT.items():
        limits[ROW[f"{name}.L"]] = ranges
        (x0, x1), (y0, y1), (z0, z1) = ranges
        limits[ROW[f"{name}.R"]] = (x0, x1), (-y1, -y0), (-z1, -z0)
    return np.radians(limits)


LIMITS = _limits()


def excess(stance: np.ndarray) -> np.ndarray:
    """How far, (..., S, 3) radians, a stance (..., S, 3) lies beyond the limits; 0 within."""
    return np.maximum(stance - LIMITS[..., 1], 0) + np.maximum(LIMITS[..., 0] - stance, 0)


def clamped(stance: np.ndarray) -> np.ndarray:
    """The nearest stance within the limits, component by component."""
    return np.clip(stance, LIMITS[..., 0], LIMITS[..., 1])


def believable(stance: np.ndarray, slack: float = np.radians(25)) -> np.ndarray:
    """Whether (...) no joint of a stance (..., S, 3) is bent much further than it goes."""
    return np.asarray((excess(stance) <= slack).all((-2, -1)))


def arms_can(stance: np.ndarray) -> bool:
    """Whether the upper arms of a stance (S, 3) point where arms can: neither far back, nor across behind the back, nor
    through the chest. Limits of single components cannot say so, as arms get overhead in many ways."""
    turns = world_turns(stance)
    for side, sign in (("L", 1.0), ("R", -1.0)):
        x, y, z = -turns[ROW[f"upperarm.{side}"]][:, 2] @ turns[ROW["chest"]]  # to the left, back and up of the chest
        outwards, far_back = sign * x, 0.75 if z < 0 else 0.5
        if y > far_back or (outwards < -0.2 and y > 0.1) or outwards < -0.8:
            return False
    return True
