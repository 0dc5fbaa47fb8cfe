"""Hand-written postures: standing, walking, sitting, lying, sport; drawn with their spread, arms going anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from vitruvian.synthesis.human.pose import rotation_vectors
from vitruvian.synthesis.poses.arm_reach import PLACES, with_arm
from vitruvian.synthesis.poses.pose_ranges import clamped
from vitruvian.synthesis.poses.segments import ROW, SEGMENTS, SIDES, Frame, about, mirrored, stance_of, world_turns

HANGING = {"hanging": 1.0}
STANDING_ARMS = {"hanging": 4.0, "anywhere": 5.0, "hip": 1.2, "pocket": 0.7, "crossed": 0.8, "belly": 1.0,
                 "fig leaf": 0.5, "back": 0.4, "chest": 0.8, "phone": 0.8, "ear": 0.5, "face": 0.5, "chin": 0.4,
                 "behind the head": 0.5, "crown": 0.4, "overhead": 1.0, "aside": 1.0, "forward": 0.8}  # fmt: skip
SITTING_ARMS = {**STANDING_ARMS, "pocket": 0.0, "fig leaf": 0.0, "back": 0.0, "hip": 0.2, "knee": 5.0, "belly": 2.0}
SPORT_ARMS = {"anywhere": 4.0, "guard": 2.0, "overhead": 1.5, "aside": 2.0, "forward": 1.5, "hanging": 0.5}
LYING_ARMS = {"hanging": 2.0, "anywhere": 3.0, "belly": 1.0, "behind the head": 1.5, "overhead": 1.0, "aside": 1.0}
BOTH = 0.55  # how often the second hand does what the first does


@dataclass(frozen=True)
class Leg:
    """Means in degrees. thigh: lifted to the front; apart: to its side; out: knee turned outwards; knee: bent; ankle:
    toes down, None for a sole on the ground."""

    thigh: float = 2
    apart: float = 5
    out: float = 8
    knee: float = 4
    ankle: float | None = None


@dataclass(frozen=True)
class Posture:
    """What to draw from: means in degrees, and how far they spread.

    pelvis: bent forwards, leant to the left, turned to the left; trunk: the same for loin and chest together.
    legs:   left and right; thighs are said against the vertical when `upright`, else against the pelvis.
    spread: standard deviations of pelvis, trunk and legs. alike: how much of the legs' spread is common to both.
    arms:   what hands do, and how often. stride: legs and arms follow a gait, walked (1) or run (2).
    """

    legs: tuple[Leg, Leg] = (Leg(), Leg())
    pelvis: tuple[float, float, float] = (0, 0, 0)
    trunk: tuple[float, float, float] = (0, 0, 0)
    spread: tuple[float, float, float] = (4, 8, 5)
    alike: float = 0.3
    upright: bool = True
    arms: Mapping[str, float] = field(default_factory=lambda: STANDING_ARMS)
    stride: int = 0


POSTURES: dict[str, tuple[Posture, float]] = {  # posture, how often tried; of folded ones many go through themselves
    "standing": (Posture(), 6),
    "feet apart": (Posture((Leg(0, 18), Leg(0, 18)), spread=(4, 9, 7), alike=0.6), 3),
    "weight on one leg": (Posture((Leg(0, -3, 5, 2), Leg(16, 10, 16, 28)), (0, -5, 0), (2, 6, 0)), 3),
    "legs crossed": (Posture((Leg(13, -8, 5, 14), Leg(-7, -8, 12, 6)), spread=(3, 6, 3)), 1),
    "walking": (Posture(pelvis=(3, 0, 0), arms={"swing": 5, "hanging": 1, "anywhere": 1, "phone": 0.5}, stride=1), 6),
    "running": (Posture(pelvis=(10, 0, 0), arms={"swing": 8, "anywhere": 1}, stride=2), 4),
    "sitting": (Posture((Leg(84, 9, 5, 86), Leg(84, 9, 5, 86)), (-6, 0, 0), (10, 0, 0), (9, 10, 10), 0.7,
                        arms=SITTING_ARMS), 8),
    "sitting, legs crossed": (Posture((Leg(84, 4, 0, 88), Leg(97, -12, 12, 78, 15)), (-8, 0, 0), (10, 0, 0), (8, 10, 6),
                                      arms=SITTING_ARMS), 1.5),
    "cross-legged": (Posture((Leg(80, 48, 68, 128, 25), Leg(88, 50, 62, 112, 25)), (-4, 0, 0), (20, 0, 0), (7, 9, 6),
                             arms=SITTING_ARMS), 3),
    "legs stretched on the floor": (Posture((Leg(86, 8, 8, 10, 20), Leg(86, 8, 8, 10, 20)), (-12, 0, 0), (18, 0, 0),
                                            (10, 9, 9), arms=SITTING_ARMS), 1.6),
    "knees up on the floor": (Posture((Leg(122, 8, 6, 110), Leg(122, 8, 6, 110)), (-18, 0, 0), (28, 0, 0),
                                      (7, 8, 9), 0.6, arms=SITTING_ARMS), 1.6),
    "kneeling": (Posture((Leg(2, 8, 0, 92, 40), Leg(2, 8, 0, 92, 40)), spread=(6, 8, 6), alike=0.8), 1.2),
    "on the heels": (Posture((Leg(78, 9, 3, 146, 45), Leg(78, 9, 3, 146, 45)), (2, 0, 0), (10, 0, 0), (5, 9, 4), 0.8,
                             arms=SITTING_ARMS), 1.6),
    "on one knee": (Posture((Leg(86, 10, 8, 88), Leg(-2, 6, 0, 92, 20)), (4, 0, 0), (10, 0, 0), (6, 9, 7),
                            arms=SITTING_ARMS), 1.8),
    "on all fours": (Posture((Leg(2, 6, 0, 92, 40), Leg(2, 6, 0, 92, 40)), (78, 0, 0), (4, 0, 0), (7, 7, 9),
                             arms={"ground": 1}), 1.2),
    "push-up": (Posture((Leg(-14, 6, 4, 6, -5), Leg(-14, 6, 4, 6, -5)), (72, 0, 0), (0, 0, 0), (6, 5, 3), 0.8, False,
                        {"ground": 1}), 1),
    "squatting": (Posture((Leg(104, 18, 14, 128), Leg(104, 18, 14, 128)), (14, 0, 0), (26, 0, 0), (8, 9, 8), 0.8,
                          arms={**SPORT_ARMS, "knee": 3, "chin": 1}), 3),
    "half squat": (Posture((Leg(52, 14, 10, 76), Leg(52, 14, 10, 76)), (26, 0, 0), (14, 0, 0), (10, 9, 10), 0.7,
                           arms={**SPORT_ARMS, "knee": 2}), 2.5),
    "lunge": (Posture((Leg(72, 8, 6, 78), Leg(-24, 6, 6, 28, -5)), (8, 0, 0), (4, 0, 0), (8, 10, 10), 0.1,
                      arms=SPORT_ARMS), 2.5),
    "side lunge": (Posture((Leg(40, 42, 22, 72), Leg(6, 36, 8, 6)), (16, 6, 0), (10, -6, 0), (8, 10, 8), 0.1,
                           arms=SPORT_ARMS), 1.5),
    "bent over": (Posture((Leg(4, 7, 8, 14), Leg(4, 7, 8, 14)), (50, 0, 0), (30, 0, 0), (14, 10, 7), 0.7,
                          arms={"ground": 3, "knee": 2, "hanging": 2, "anywhere": 2}), 2),
    "leaping": (Posture((Leg(26, 14, 6, 46, 30), Leg(6, 14, 6, 40, 30)), (8, 0, 0), spread=(14, 12, 22), alike=0.2,
                        arms=SPORT_ARMS), 3),
    "kicking": (Posture((Leg(-2, 6, 10, 12), Leg(70, 16, 8, 26, 30)), (-6, 0, 0), (10, 0, 0), (9, 11, 16), 0,
                        arms=SPORT_ARMS), 2),
    "leg behind": (Posture((Leg(4, 4, 6, 8), Leg(-36, 12, 10, 50, 40)), (30, 0, 0), (-6, 0, 0), (14, 11, 15), 0,
                           arms=SPORT_ARMS), 1.5),
    "leg aside": (Posture((Leg(0, 4, 6, 5), Leg(14, 58, 28, 14, 35)), (4, 12, 0), (0, -4, 0), (9, 11, 13), 0,
                          arms=SPORT_ARMS), 1.2),
    "climbing": (Posture((Leg(74, 28, 24, 84, 10), Leg(18, 18, 14, 34, 10)), (0, 0, 0), (0, 0, 0), (10, 11, 18), 0,
                         arms={"overhead": 4, "forward": 2, "anywhere": 2}), 1),
    "riding": (Posture((Leg(66, 12, 4, 70, 10), Leg(30, 12, 4, 46, 10)), (32, 0, 0), (18, 0, 0), (9, 6, 9), 0.2,
                       arms={"forward": 1}), 1.2),
    "on the back": (Posture((Leg(22, 9, 10, 30, 25), Leg(22, 9, 10, 30, 25)), (-88, 0, 0), (0, 0, 0), (7, 8, 20), 0.3,
                            False, LYING_ARMS), 1.5),
    "on the belly": (Posture((Leg(0, 9, 6, 14, 35), Leg(0, 9, 6, 14, 35)), (86, 0, 0), (-8, 0, 0), (6, 8, 10), 0.3,
                             False, {"overhead": 2, "aside": 2, "hanging": 1}), 1),
    "on the side": (Posture((Leg(46, 2, 4, 62, 25), Leg(34, 2, 4, 52, 25)), (0, 86, 0), (12, 0, 0), (8, 9, 20), 0.5,
                            False, LYING_ARMS), 1.2),
    "flying": (Posture((Leg(0, 8, 6, 16, 40), Leg(0, 8, 6, 16, 40)), (70, 0, 0), (-6, 0, 0), (22, 12, 18), 0.2, False,
                       SPORT_ARMS), 1.2),
    "on the hands": (Posture((Leg(0, 12, 6, 12, 40), Leg(0, 12, 6, 12, 40)), (176, 0, 0), (0, 0, 0), (9, 9, 20), 0.2,
                             False, {"overhead": 1}), 0.8),
    "hanging": (Posture((Leg(12, 6, 6, 22, 35), Leg(12, 6, 6, 22, 35)), spread=(9, 9, 16), alike=0.5,
                        arms={"overhead": 1}), 1),
    "split leap": (Posture((Leg(74, 10, 6, 10, 40), Leg(-44, 10, 10, 18, 45)), (14, 0, 0), (-6, 0, 0), (12, 11, 14), 0,
                           arms=SPORT_ARMS), 1),
    "vaulting": (Posture((Leg(64, 26, 10, 46, 25), Leg(34, 34, 12, 30, 30)), (34, 34, 0), (14, 0, 0), (22, 11, 20), 0.2,
                         False, {"ground": 1, "anywhere": 1}), 1),
    "cartwheel": (Posture((Leg(4, 42, 14, 10, 40), Leg(4, 42, 14, 10, 40)), (10, 120, 0), (0, 0, 0), (45, 11, 16), 0.2,
                          False, {"overhead": 1}), 1),
    "tumbling, tucked": (Posture((Leg(104, 10, 6, 110, 25), Leg(104, 10, 6, 110, 25)), (160, 0, 0), (30, 0, 0),
                                 (80, 10, 14), 0.6, False, {"knee": 2, "anywhere": 1, "guard": 1}), 1.2),
    "tumbling, stretched": (Posture((Leg(14, 8, 6, 16, 40), Leg(14, 8, 6, 16, 40)), (160, 0, 0), (0, 0, 0),
                                    (80, 12, 20), 0.3, False, SPORT_ARMS), 1.2),
}  # fmt: skip

# Hip and knee of a gait cycle in eighths, degrees, from the heel's strike on; walked: D. A. Winter, Biomechanics and
# Motor Control of Human Movement, 2009; run: T. F. Novacheck, The biomechanics of running, 1998.
GAITS = {
    1: ((26, 20, 8, -4, -11, -2, 18, 27), (5, 17, 12, 6, 16, 50, 60, 22)),
    2: ((38, 30, 10, -8, -14, 6, 36, 46), (22, 42, 36, 22, 50, 98, 96, 48)),
}


def random_posture(frame: Frame, rng: np.random.Generator) -> np.ndarray:
    """A stance (S, 3) of one of POSTURES, mirrored half of the time."""
    names = list(POSTURES)
    share = np.array([often for _, often in POSTURES.values()])
    found = drawn(frame, POSTURES[names[rng.choice(len(names), p=share / share.sum())]][0], rng)
    return mirrored(found) if rng.random() < 0.5 else found


def drawn(frame: Frame, posture: Posture, rng: np.random.Generator) -> np.ndarray:
    """A stance (S, 3) of a posture."""
    stance, phase = np.zeros((len(SEGMENTS), 3)), rng.random()
    _trunk(stance, posture, rng)
    look_about(stance, rng)
    if posture.stride:
        posture = _striding(posture, phase)
    stance = clamped(_legs(stance, posture, rng))
    return clamped(_arms(frame, stance, posture, phase, rng))


def bent(forth: float, lean: float, turned: float) -> np.ndarray:
    """The turn (3, 3) of a trunk: bent forwards, then leant to the left, then turned to the left; degrees."""
    forth, lean, turned = np.radians([forth, lean, turned])
    return about("z", turned) @ about("y", lean) @ about("x", forth)


def _vector(turn: np.ndarray) -> np.ndarray:
    """A turn (3, 3) as a rotation vector (3,)."""
    return rotation_vectors(turn[None])[0]


def _trunk(stance: np.ndarray, posture: Posture, rng: np.random.Generator) -> None:
    """Turns pelvis, loin and chest."""
    pelvis, trunk, _ = posture.spread
    forth, lean, turned = np.array(posture.pelvis) + pelvis * rng.normal(size=3) * (1.0, 0.6, 0.5)
    stance[ROW["pelvis"]] = _vector(bent(forth, lean, turned))
    forth, lean, turned = np.array(posture.trunk) + trunk * rng.normal(size=3) * (1.0, 0.8, 1.2)
    stance[ROW["loin"]] = _vector(bent(0.55 * forth, 0.5 * lean, 0.25 * turned))
    stance[ROW["chest"]] = _vector(bent(0.45 * forth, 0.5 * lean, 0.75 * turned))


def look_about(stance: np.ndarray, rng: np.random.Generator) -> None:
    """Turns neck and head: mostly straight on, sometimes far to the side, up or down."""
    nod, lean, turned = rng.normal(0, (11, 6, 16)) * (2.2 if rng.random() < 0.3 else 1.0)
    forth = np.degrees(stance[ROW["pelvis"], 0])
    again = np.clip(-0.5 * forth, -35, 20) if abs(forth) < 90 else 0.0  # who bends down looks up again
    nod, lean, turned = np.clip(nod + again, -48, 45), np.clip(lean, -30, 30), np.clip(turned, -72, 72)
    for name in ("neck", "head"):
        stance[ROW[name]] = _vector(bent(nod / 2, lean / 2, turned / 2))


def _striding(posture: Posture, phase: float) -> Posture:
    """A posture with the legs of a moment of its gait."""
    legs = []
    for lag in (0.0, 0.5):
        hip, knee = (
            float(np.interp((phase + lag) % 1 * 8, range(9), (*curve, curve[0]))) for curve in GAITS[posture.stride]
        )
        legs.append(Leg(hip, 2, 6, knee, None if (phase + lag) % 1 < 0.4 else 12.0))
    return Posture((legs[0], legs[1]), posture.pelvis, posture.trunk, posture.spread, 0.0, True, posture.arms,
                   posture.stride)  # fmt: skip


def _legs(stance: np.ndarray, posture: Posture, rng: np.random.Generator) -> np.ndarray:
    """Turns thighs, shins, feet and toes."""
    turns = world_turns(stance)
    common = rng.normal(size=4)
    facing = about("z", np.arctan2(turns[0][1, 0], turns[0][0, 0])) if posture.upright else turns[0]
    for side, leg in zip(SIDES, posture.legs, strict=True):
        noise = posture.spread[2] * (posture.alike * common + (1 - posture.alike) * rng.normal(size=4))
        thigh, apart, out, knee = np.array([leg.thigh, leg.apart, leg.out, leg.knee]) + noise * (1, 0.5, 1, 1.4)
        sign = 1.0 if side == "L" else -1.0
        knee = max(float(knee), 0.0)
        rows = [ROW[f"{name}.{side}"] for name in ("thigh", "shin", "foot", "toes")]
        turns[rows[0]] = facing @ _lifted(thigh, apart, sign) @ about("z", sign * np.radians(out))
        turns[rows[1]] = turns[rows[0]] @ about("x", np.radians(knee))
        turns[rows[2]] = turns[rows[3]] = _foot(turns[rows[1]], leg, rng)
    return stance_of(turns)


def _lifted(thigh: float, apart: float, sign: float) -> np.ndarray:
    """The turn (3, 3) of a thigh lifted to the front, and aside: about the vertical the more, the more it is lifted."""
    lifted = float(np.clip(np.sin(np.radians(abs(thigh))), 0, 1)) if thigh > 0 else 0.0
    level = about("z", sign * np.radians(apart) * lifted)
    return level @ about("x", -np.radians(thigh)) @ about("y", -sign * np.radians(apart) * (1 - lifted))


def _foot(shin: np.ndarray, leg: Leg, rng: np.random.Generator) -> np.ndarray:
    """The turn (3, 3) of a foot in the world."""
    if leg.ankle is not None:
        return shin @ about("x", np.radians(np.clip(leg.ankle + rng.normal(0, 8), -25, 55)))
    toes = -shin[:, 1] * (1.0, 1.0, 0.0)
    sideways = shin[:, 0] * (1.0, 1.0, 0.0)
    yaw = np.arctan2(toes[0], -toes[1]) if np.linalg.norm(toes) > 0.4 else np.arctan2(sideways[1], sideways[0])
    return about("z", yaw)


def _arms(frame: Frame, stance: np.ndarray, posture: Posture, phase: float, rng: np.random.Generator) -> np.ndarray:
    """A stance with both arms doing something."""
    names, share = list(posture.arms), np.array(list(posture.arms.values()))
    first, second = rng.choice(names, 2, p=share / share.sum())
    if rng.random() < BOTH or first in ("swing", "crossed", "ground", "fig leaf"):
        second = first
    for side, doing in zip(SIDES, (first, second), strict=True):
        if doing in PLACES:
            place, (roll, spread) = PLACES[doing]
            stance = with_arm(frame, stance, side, place, rng, np.radians(rng.normal(roll, spread)))
        else:
            swing = _swing(posture.stride, phase, side) if doing == "swing" else (4.0, 18.0)
            _hang(stance, side, swing, rng)
    return stance


def _swing(stride: int, phase: float, side: str) -> tuple[float, float]:
    """How far, in degrees, an arm is to the front, and its elbow bent; it goes with the other side's leg."""
    forth = np.cos(2 * np.pi * (phase + (0.5 if side == "L" else 0.0)))
    return (22 * forth + 2, 14 * forth + 22) if stride == 1 else (38 * forth - 6, 14 * forth + 88)


def _hang(stance: np.ndarray, side: str, swing: tuple[float, float], rng: np.random.Generator) -> None:
    """Lets an arm hang or swing."""
    sign = 1.0 if side == "L" else -1.0
    forth, elbow = np.array(swing) + rng.normal(0, (7, 8))
    aside, roll = abs(rng.normal(7, 5)) + elbow / 12, rng.normal(-22, 14)  # a bent elbow keeps off the hip
    turn = about("x", -np.radians(forth)) @ about("y", -sign * np.radians(aside)) @ about("z", sign * np.radians(roll))
    stance[ROW[f"collar.{side}"]] = 0.0
    stance[ROW[f"upperarm.{side}"]] = _vector(turn)
    fore = about("x", -np.radians(max(elbow, 3))) @ about("z", sign * np.radians(rng.normal(0, 18)))
    stance[ROW[f"forearm.{side}"]] = _vector(fore)
    stance[ROW[f"hand.{side}"]] = np.radians(rng.normal((0, 8 * sign, 0), (6, 12, 0)))
