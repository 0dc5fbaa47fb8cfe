"""Poses of hands: what people do with their fingers, drawn at random.

A hand has 21 angles (`Hand`): four fingers with spread and three joints each, and a thumb with five. They are in
degrees from the rest of the mesh, whose fingers are a little bent and spread. The axes were measured on the person of
middling traits at rest: a finger bends about the axis across its nail and its length, and spreads about its nail's
normal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numba import njit

from vitruvian.synthesis.human.anatomy import Anatomy
from vitruvian.synthesis.human.pose import chain, matrices, rotation_vectors

Side = Literal["left", "right"]

BEND = np.array([(0.725, 0.457, -0.516), (0.53, 0.7, -0.48), (0.461, 0.811, -0.36), (0.311, 0.902, -0.301)])
"""(4, 3) axes that the fingers of the left hand bend about, forefinger to pinky; turning so takes tips to the palm."""

SPREAD = np.array([(0.672, -0.641, 0.371), (0.851, -0.391, 0.351), (0.887, -0.449, 0.11), (0.95, -0.28, 0.14)])
"""(4, 3) normals of the nails: turning about them takes a finger of the left hand towards the pinky's side."""

AWAY = np.array([-1.0, 1.0, 1.0, 1.0])  # the turn about SPREAD that leads away from the middle finger
PALM = np.array([0.5, 0.72, -0.48])  # the axis across the palm, about which all fingers of a fist bend
THUMB_BEND = np.array([(0.738, -0.668, -0.1), (0.882, -0.431, 0.19), (0.877, -0.449, 0.17)])  # base, middle, end
THUMB_FRONT = np.array([0.439, 0.589, -0.679])  # against its nail's normal: turning about it leads before the palm
THUMB_LENGTH = np.array([-0.669, -0.689, -0.28])  # along its first bone
FOREARM = np.array([0.512, -0.682, -0.522])  # along it, to the hand
BACK = np.array([0.769, -0.03, 0.639])  # the normal of the back of the hand
MIRROR = np.array([1.0, -1.0, -1.0])  # a rotation vector of the left hand -> that of the right

REST = np.array([
    (0.0, 0.0, 0.0), (0.7, -49.4, -9.0), (-22.1, -73.1, -18.5), (-35.8, -108.1, -34.0), (-44.0, -131.7, -53.9),
    (30.4, -106.2, -45.5), (34.2, -129.5, -62.1), (33.7, -148.1, -80.1), (30.5, -169.3, -100.2),
    (48.1, -86.4, -58.2), (56.6, -109.6, -86.7), (59.6, -128.9, -110.4), (61.1, -146.7, -132.2),
    (56.7, -67.2, -66.8), (67.4, -83.3, -93.7), (72.2, -97.6, -117.0), (77.9, -112.0, -142.9),
    (58.8, -45.6, -76.3), (65.4, -54.4, -97.5), (67.4, -60.9, -113.5), (70.6, -68.4, -134.5),
], np.float32) / np.float32(1000)  # fmt: skip
"""(21, 3) metres: the joints and tips of a middling left hand at rest, against its wrist, in the order of hand21."""

ABOVE = np.array([-1, 0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19], np.int32)
BONES = np.array([k for k in range(1, 21) if k % 4 > 0])  # the joints that turn
RADII = np.array([(11, 10, 9), (9.5, 8.5, 7.5), (9.5, 8.5, 7.5), (9.5, 8.5, 7.5), (8, 7, 6.5)]) / 1000
"""(5, 3) metres: half of how thick the bones of the fingers are, thumb first."""

PALM_RADIUS = 0.001  # of the bones of the palm, into whose flesh the tips of a fist sink
DEEPEST = 0.005  # metres that fingers may be inside one another: they are soft, and thinner than their capsules
TRIES = 6


@dataclass(frozen=True, eq=False)
class Hand:
    """Angles in degrees. fingers: (4, 4) forefinger to pinky: away from the middle finger, then bent at knuckle, middle
    joint and end joint. thumb: (5,) at its base bent, to the palm's side and turned to oppose; bent at the middle and
    the end."""

    fingers: np.ndarray
    thumb: np.ndarray


def hand_angles(hand: Hand, anatomy: Anatomy, side: Side) -> np.ndarray:
    """(J, 3) rotation vectors for `posed`, zero for all but the fingers of one hand."""
    angles = np.zeros((len(anatomy.bones), 3), np.float32)
    angles[finger_rows(anatomy, side)] = rotation_vectors(finger_turns(hand)) * (MIRROR if side == "right" else 1)
    return angles


@cache
def finger_rows(anatomy: Anatomy, side: Side) -> np.ndarray:
    """(15,) the rows of the bones of one hand's fingers, thumb first, each from the palm to the tip."""
    return np.array([anatomy.bone(f"finger{f}-{k}.{side[0].upper()}") for f in range(1, 6) for k in range(1, 4)])


def finger_turns(hand: Hand) -> np.ndarray:
    """(15, 3, 3) float32 how the left hand's bones are turned against those before them, thumb first."""
    fingers, thumb = np.radians(hand.fingers), np.radians(hand.thumb)
    fist = np.clip(hand.fingers[:, 1, None] / 80, 0, 1)  # bent fingers lie side by side
    knuckles = BEND + fist * (PALM - BEND)
    knuckles *= (fingers[:, 1] / np.sqrt((knuckles**2).sum(1)))[:, None]
    apart = SPREAD * (AWAY * fingers[:, 0])[:, None]
    ends = (BEND[:, None] * fingers[:, 2:, None]).reshape(8, 3)
    base = np.stack([THUMB_BEND[0], THUMB_FRONT, THUMB_LENGTH]) * thumb[:3, None]
    whole = matrices(np.concatenate([knuckles, apart, ends, base, THUMB_BEND[1:] * thumb[3:, None]]))
    found = np.empty((5, 3, 3, 3), np.float32)
    found[1:, 0], found[1:, 1:] = whole[:4] @ whole[4:8], whole[8:16].reshape(4, 2, 3, 3)
    found[0, 0], found[0, 1:] = whole[16] @ whole[17] @ whole[18], whole[19:]
    return found.reshape(15, 3, 3)


def joints(hand: Hand) -> np.ndarray:
    """(21, 3) float32 metres: the keypoints of hand21 of a middling left hand, its wrist unturned."""
    own = np.tile(np.eye(3, dtype=np.float32), (21, 1, 1))
    own[BONES] = finger_turns(hand)
    return chain(ABOVE, REST, own, np.zeros(3))[1]


def overlap(joints: np.ndarray) -> float:
    """Metres that the fingers of a hand (21, 3) are inside one another or the palm, where it is worst."""
    return float(_overlap(joints.astype(np.float64), RADII))


@njit(cache=True)
def _overlap(joints: np.ndarray, radii: np.ndarray) -> float:
    worst = -1.0
    for f in range(5):
        for x in range(3):
            a, b = joints[1 + 4 * f + x], joints[2 + 4 * f + x]
            for g in range(f + 1, 5):
                for y in range(3):
                    if x + y > 0:  # the first bones of neighbours share the web
                        c, d = joints[1 + 4 * g + y], joints[2 + 4 * g + y]
                        worst = max(worst, radii[f, x] + radii[g, y] - _apart(a, b, c, d))
            for g in range(1, 5):  # the bones of the palm
                if x == 2 or (x == 1 and f > 0):
                    c = 0.6 * joints[0] + 0.4 * joints[1 + 4 * g]
                    d = 0.1 * joints[0] + 0.9 * joints[1 + 4 * g]
                    worst = max(worst, radii[f, x] + PALM_RADIUS - _apart(a, b, c, d))
    return worst


@njit(cache=True)
def _apart(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> float:
    """The distance between the segments from a to b and from c to d (Ericson, Real-Time Collision Detection, 5.1.9)."""
    first, second, between = b - a, d - c, a - c
    aa, bb, ab = first @ first, second @ second, first @ second
    af, bf = first @ between, second @ between
    area = aa * bb - ab * ab
    s = min(max((ab * bf - af * bb) / area, 0.0), 1.0) if area > 1e-14 else 0.0
    t = (ab * s + bf) / bb
    if t < 0:
        t, s = 0.0, min(max(-af / aa, 0.0), 1.0)
    elif t > 1:
        t, s = 1.0, min(max((ab - af) / aa, 0.0), 1.0)
    gap = between + s * first - t * second
    return np.sqrt(gap @ gap)


OPEN = np.array([(-5, 10, 14, 9), (0, 12, 15, 10), (-5, 14, 16, 10), (-10, 16, 16, 10)], np.float64)
STRAIGHT = np.array([(-6, 0, -4, -2), (0, 0, -4, -2), (-5, 0, -4, -2), (-9, 0, -4, -2)], np.float64)
CURLED = np.array([(-8, 66, 93, 37), (0, 70, 96, 37), (-6, 72, 96, 37), (-10, 76, 92, 37)], np.float64)
HALF = np.array([(-4, 40, 48, 28), (0, 43, 50, 29), (-4, 46, 50, 29), (-8, 49, 48, 28)], np.float64)
CLAW = np.array([(3, 0, 62, 40), (0, 0, 62, 40), (2, 0, 62, 40), (2, 0, 60, 38)], np.float64)
HOOK = np.array([(-5, 4, 90, 50), (0, 4, 92, 50), (-5, 4, 92, 50), (-10, 4, 90, 50)], np.float64)
SPREADING = np.array([(8, -6, -4, -2), (0, -6, -4, -2), (6, -6, -4, -2), (8, -6, -4, -2)], np.float64)

THUMBS: Mapping[str, tuple[float, float, float, float, float]] = {
    "loose": (8, 8, -5, 8, 8), "beside": (8, -22, 0, 2, 0), "out": (-15, 0, 0, -5, -8), "across": (48, 5, -5, 34, 20),
    "over": (16, -1, 16, 37, 35), "knuckle": (5, -2, 19, 36, 42), "key": (19, -15, 14, 4, 33),
    "opposed": (30, 22, -8, 6, 12),
}  # fmt: skip

PINCHES = (
    ((0, 45, 35, 21), (26, 1, 3, -5, 20)), ((0, 45, 35, 21), (45, 0, -28, -8, -10)),
    ((0, 45, 35, 21), (50, 10, 5, 18, -10)), ((0, 45, 35, 21), (50, 3, -7, 34, -10)),
)  # fmt: skip
"""(a finger, the thumb) whose pads touch, forefinger to pinky; found by minimising their distance on the mesh."""

FINGER_LIMITS = np.array([(-22, 18), (-20, 85), (-8, 105), (-8, 70)], np.float64)
THUMB_LIMITS = np.array([(-25, 52), (-30, 60), (-45, 45), (-12, 55), (-15, 75)], np.float64)
"""Degrees from rest; within what healthy adults reach (American Academy of Orthopaedic Surgeons, "Joint Motion",
1965)."""

NOISE = np.array([2.0, 5.0, 6.0, 3.0])  # degrees, of each of a finger's angles; a third of it is shared by all fingers
THUMB_NOISE = np.array([4.0, 4.0, 4.0, 4.0, 5.0])


def _thumb(rng: np.random.Generator, *names: str) -> np.ndarray:
    return np.array(THUMBS[names[rng.integers(len(names))]], np.float64)


def _between(rng: np.random.Generator, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Somewhere between two poses of the fingers, more or less the same for neighbours."""
    share = np.clip(rng.uniform() + 0.1 * rng.standard_normal(4).cumsum(), 0, 1)[:, None]
    return first + share * (second - first)


def relaxed(rng: np.random.Generator) -> Hand:
    return Hand(_between(rng, OPEN, HALF), _thumb(rng, "loose", "loose", "beside", "opposed"))


def flat(rng: np.random.Generator) -> Hand:
    return Hand(_between(rng, STRAIGHT, OPEN), _thumb(rng, "beside", "out", "loose"))


def spread(rng: np.random.Generator) -> Hand:
    return Hand(_between(rng, SPREADING, STRAIGHT), _thumb(rng, "out", "out", "loose"))


def fist(rng: np.random.Generator) -> Hand:
    return Hand(CURLED.copy(), _thumb(rng, "over", "knuckle", "key"))


def thumb_up(rng: np.random.Generator) -> Hand:
    return Hand(CURLED.copy(), _thumb(rng, "out"))


def pointing(rng: np.random.Generator) -> Hand:
    return _raised([True, False, False, False], _thumb(rng, "over", "knuckle", "out", "beside"), rng)


def victory(rng: np.random.Generator) -> Hand:
    hand = _raised([True, True, False, False], _thumb(rng, "across", "over"), rng)
    apart = np.zeros((4, 4))
    apart[:2, 0] = rng.uniform(-2, 12), rng.uniform(-10, 0)
    return Hand(hand.fingers + apart, hand.thumb)


def counting(rng: np.random.Generator) -> Hand:
    """Some fingers raised, neighbours more often than not."""
    first, last = np.sort(rng.integers(0, 4, 2))
    up = [first <= finger <= last for finger in range(4)] if rng.random() < 0.7 else list(rng.random(4) < 0.5)
    return _raised(up, _thumb(rng, "across", "over", "out", "loose"), rng)


def _raised(up: list[bool], thumb: np.ndarray, rng: np.random.Generator) -> Hand:
    raised = _between(rng, STRAIGHT, OPEN) if rng.random() < 0.6 else _between(rng, SPREADING, STRAIGHT)
    return Hand(np.where(np.array(up)[:, None], raised, _between(rng, CURLED, 0.8 * CURLED + 0.2 * HALF)), thumb)


def pinch(rng: np.random.Generator) -> Hand:
    """The thumb meets a finger; the others are as they like."""
    met = rng.choice(4, p=(0.6, 0.2, 0.12, 0.08))
    fingers = _between(rng, OPEN, HALF) if rng.random() < 0.7 else _between(rng, HALF, CURLED)
    fingers[met], thumb = PINCHES[met]
    if met == 0 and rng.random() < 0.4:  # as one holds a pen, or a grain
        fingers[1] = fingers[0] + (0, 4, 3, 2)
    return Hand(fingers, np.array(thumb, np.float64))


def holding(rng: np.random.Generator) -> Hand:
    """Round a bar, a bottle, a ball: the thicker, the less bent."""
    return Hand(
        _between(rng, HALF - (0, 10, 12, 8), 0.75 * CURLED + 0.25 * HALF), _thumb(rng, "opposed", "opposed", "over")
    )


def phone(rng: np.random.Generator) -> Hand:
    return Hand(_between(rng, HALF, HALF - (0, 15, 5, 0)), _thumb(rng, "key", "opposed", "beside"))


def claw(rng: np.random.Generator) -> Hand:
    return Hand(_between(rng, CLAW, HOOK), _thumb(rng, "loose", "out", "opposed"))


def anything(rng: np.random.Generator) -> Hand:
    """Every finger by itself, its end joint following the middle one."""
    fingers = np.stack([rng.uniform(-8, 6, 4), rng.uniform(-12, 75, 4), rng.uniform(-4, 95, 4), np.zeros(4)], axis=1)
    fingers[:, 3] = fingers[:, 2] * rng.uniform(0.4, 0.75)
    fingers[0, 0], fingers[1, 0] = max(fingers[0, 0], -4), fingers[1, 0] / 2
    return Hand(fingers, rng.uniform(0.7 * THUMB_LIMITS[:, 0], 0.7 * THUMB_LIMITS[:, 1]))


HANDS: Mapping[str, tuple[float, Callable[[np.random.Generator], Hand]]] = {
    "relaxed": (24, relaxed), "flat": (9, flat), "spread": (8, spread), "fist": (9, fist), "thumb_up": (4, thumb_up),
    "pointing": (7, pointing), "victory": (4, victory), "counting": (7, counting), "pinch": (9, pinch),
    "holding": (10, holding), "phone": (4, phone), "claw": (4, claw), "anything": (6, anything),
}  # fmt: skip
"""How often each, and how it is drawn."""


def random_hand(anatomy: Anatomy, side: Side, rng: np.random.Generator) -> np.ndarray:
    """(J, 3) rotation vectors for `posed`, zero for all but the fingers of one hand."""
    return hand_angles(drawn_hand(rng), anatomy, side)


def drawn_hand(rng: np.random.Generator, kind: str | None = None) -> Hand:
    """A hand of a kind in HANDS, or of any; at times between two kinds; its fingers are not inside one another."""
    best, least = None, np.inf
    for _ in range(TRIES):
        hand = _jittered(_of_kind(rng, kind), rng)
        deep = overlap(joints(hand))
        if deep < least:
            best, least = hand, deep
        if least < DEEPEST:
            break
    assert best is not None
    return best


def _of_kind(rng: np.random.Generator, kind: str | None) -> Hand:
    if kind is not None:
        return HANDS[kind][1](rng)
    weights = np.array([weight for weight, _ in HANDS.values()])
    first, second = (
        list(HANDS.values())[rng.choice(len(weights), p=weights / weights.sum())][1](rng) for _ in range(2)
    )
    share = rng.uniform() if rng.random() < 0.1 else 0.0
    return Hand(
        first.fingers + share * (second.fingers - first.fingers), first.thumb + share * (second.thumb - first.thumb)
    )


def _jittered(hand: Hand, rng: np.random.Generator) -> Hand:
    noise = NOISE * (0.33 * rng.standard_normal(4) + 0.9 * rng.standard_normal((4, 4)))
    fingers = np.clip(hand.fingers + noise, FINGER_LIMITS[:, 0], FINGER_LIMITS[:, 1])
    thumb = hand.thumb + THUMB_NOISE * rng.standard_normal(5)
    return Hand(fingers, np.clip(thumb, THUMB_LIMITS[:, 0], THUMB_LIMITS[:, 1]))


def random_wrist(anatomy: Anatomy, side: Side, rng: np.random.Generator) -> np.ndarray:
    """(J, 3) rotation vectors for `posed`, zero for all but one wrist and forearm: bent, leaning and twisted."""
    bend, lean, twist = rng.normal((8, 2, -20), (22, 8, 40)).clip((-60, -20, -110), (65, 30, 45))
    return wrist_angles(anatomy, side, bend, lean, twist)


def wrist_angles(anatomy: Anatomy, side: Side, bend: float, lean: float, twist: float) -> np.ndarray:
    """(J, 3) rotation vectors for `posed`. Degrees: bent to the palm, leaning to the pinky's side, and the palm turned
    to the back, most of which the forearm does; all zero at rest."""
    bend, lean, twist = np.radians((bend, lean, twist))
    angles = np.zeros((len(anatomy.bones), 3), np.float32)
    own = matrices(np.array([0.4 * twist * FOREARM, lean * BACK, bend * PALM]))
    letter, mirror = side[0].upper(), MIRROR if side == "right" else 1
    angles[anatomy.bone(f"lowerarm02.{letter}")] = 0.6 * twist * FOREARM * mirror
    angles[anatomy.bone(f"wrist.{letter}")] = rotation_vectors(own[0] @ own[1] @ own[2]) * mirror
    return angles
