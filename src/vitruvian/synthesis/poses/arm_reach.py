"""Arms that go somewhere: hands on the hips, at the face, overhead, anywhere; by two-link inverse kinematics."""

from collections.abc import Callable

import numpy as np

from vitruvian.synthesis.poses.retarget import lifted
from vitruvian.synthesis.poses.segments import ROW, Frame, about, along, points, stance_of, world_turns

ELBOW = np.array([0.45, 0.4, -0.8])  # where elbows like to be from the line of shoulder and hand, of the left arm
LONGEST = 0.995  # of an arm's length: nobody locks the elbow quite

Target = Callable[[np.random.Generator, Frame, np.ndarray, str], np.ndarray]


def reached(frame: Frame, turns: np.ndarray, side: str, target: np.ndarray, swivel: float) -> None:
    """Sets collar, upper arm, forearm and hand in turns (S, 3, 3), so that the wrist comes to `target` (3,) in the
    world, or as near as the arm is long. swivel: radians by which the elbow is raised from where it likes to be."""
    chest, collar = turns[ROW["chest"]], ROW[f"collar.{side}"]
    rows = [ROW[f"{name}.{side}"] for name in ("upperarm", "forearm", "hand")]
    lengths = [float(np.linalg.norm(frame.ends[row])) for row in rows[:2]]
    upper = fore = chest @ np.array([0.0, 0.0, -1.0])
    for _ in range(2):  # the shoulder moves with the arm
        turns[collar] = chest @ lifted((chest.T @ upper)[:, None], side)
        shoulder = points(frame, turns)[0][rows[0]]
        elbow, wrist = _bent_to(shoulder, target, lengths, _pole(chest, target - shoulder, side, swivel))
        upper, fore = elbow - shoulder, wrist - elbow
    hinge = np.cross(fore, upper)
    turns[rows[0]] = along(upper, hinge)
    turns[rows[1]] = turns[rows[2]] = along(fore, hinge)


def _pole(chest: np.ndarray, pointing: np.ndarray, side: str, swivel: float) -> np.ndarray:
    """The direction (3,), at right angles to `pointing`, in which the elbow lies."""
    sign, axis = (1.0 if side == "L" else -1.0), pointing / np.linalg.norm(pointing)
    local = chest.T @ axis
    liking = ELBOW * (sign, 1.0, 1.0)
    liking = liking + max(0.0, local[2]) * np.array([1.2 * sign, -0.8, 0.8])  # arms up: elbows out and to the front
    pole = chest @ liking
    pole = pole - (pole @ axis) * axis
    pole /= max(float(np.linalg.norm(pole)), 1e-6)
    return np.cos(swivel) * pole + np.sin(swivel) * sign * np.cross(axis, pole)


def _bent_to(
    shoulder: np.ndarray, target: np.ndarray, lengths: list[float], pole: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Elbow and wrist, (3,) each, of an arm from `shoulder` towards `target`; by the law of cosines."""
    upper, fore = lengths
    away = target - shoulder
    distance = float(np.linalg.norm(away))
    axis = away / distance
    distance = float(np.clip(distance, 0.35 * (upper + fore), LONGEST * (upper + fore)))
    forth = (distance**2 + upper**2 - fore**2) / (2 * distance)
    aside = np.sqrt(max(upper**2 - forth**2, 0.0))
    return shoulder + forth * axis + aside * pole, shoulder + distance * axis


def with_arm(
    frame: Frame, stance: np.ndarray, side: str, place: Target, rng: np.random.Generator, roll: float
) -> np.ndarray:
    """A stance (S, 3) with one arm reaching for a place. roll: radians of the forearm, outwards from thumb on top."""
    turns = world_turns(stance)
    reached(frame, turns, side, place(rng, frame, turns, side), np.radians(rng.normal(0, 15)))
    sign = 1.0 if side == "L" else -1.0
    fore, hand = ROW[f"forearm.{side}"], ROW[f"hand.{side}"]
    turns[fore] = turns[fore] @ about("z", sign * roll)
    bend, aside = rng.normal(0, 12, 2)
    turns[hand] = turns[fore] @ about("y", np.radians(1.3 * bend)) @ about("x", np.radians(0.6 * aside))
    return stance_of(turns)


def seen_from(segment: str, left: tuple[float, float, float], spread: float) -> Target:
    """A place about a point of a segment, in metres from where that begins, in its axes, for the left hand."""

    def place(rng: np.random.Generator, frame: Frame, turns: np.ndarray, side: str) -> np.ndarray:
        sign = 1.0 if side == "L" else -1.0
        local = (np.array(left) + rng.normal(0, spread, 3)) * (sign, 1.0, 1.0)
        return points(frame, turns)[0][ROW[segment]] + turns[ROW[segment]] @ local

    return place


def anywhere(rng: np.random.Generator, frame: Frame, turns: np.ndarray, side: str) -> np.ndarray:
    """A place in front, beside, above or below, within reach."""
    sign, chest = (1.0 if side == "L" else -1.0), turns[ROW["chest"]]
    while True:
        local = rng.normal(size=3)
        local /= np.linalg.norm(local)
        if local[0] > -0.55 and local[1] < 0.35 and not (local[0] < 0 and local[1] > -0.35):
            break
    far = (frame.ends[ROW["upperarm.L"]] + frame.ends[ROW["forearm.L"]])[2] * -1
    shoulder = points(frame, turns)[0][ROW[f"upperarm.{side}"]]
    return shoulder + chest @ (local * (sign, 1.0, 1.0)) * far * np.sqrt(rng.uniform(0.15, 1.0))


def own_knee(rng: np.random.Generator, frame: Frame, turns: np.ndarray, side: str) -> np.ndarray:
    """On the thigh or the knee of the same side."""
    begin, end = points(frame, turns)
    thigh = ROW[f"thigh.{side}"]
    share, front = rng.uniform(0.5, 0.95), turns[thigh] @ np.array([0.0, -0.13, 0.0])
    return begin[thigh] + share * (end[thigh] - begin[thigh]) + front


def the_ground(rng: np.random.Generator, frame: Frame, turns: np.ndarray, side: str) -> np.ndarray:
    """Straight below the shoulder or a little before it, as deep as the arm is long."""
    shoulder = points(frame, turns)[0][ROW[f"upperarm.{side}"]]
    return shoulder + np.array([rng.normal(0, 0.08), rng.normal(-0.05, 0.1), -0.6])


PLACES: dict[str, tuple[Target, tuple[float, float]]] = {  # where a hand goes; roll of the forearm, mean and spread
    "anywhere": (anywhere, (-15, 40)),
    "hip": (seen_from("pelvis", (0.2, 0.0, 0.1), 0.02), (-35, 15)),
    "pocket": (seen_from("pelvis", (0.2, -0.05, -0.02), 0.02), (0, 10)),
    "crossed": (seen_from("chest", (-0.1, -0.24, 0.06), 0.03), (-20, 15)),
    "belly": (seen_from("pelvis", (0.05, -0.24, 0.12), 0.05), (-5, 20)),
    "fig leaf": (seen_from("pelvis", (0.06, -0.19, -0.05), 0.03), (-20, 15)),
    "back": (seen_from("pelvis", (0.06, 0.2, 0.08), 0.03), (-40, 15)),
    "chest": (seen_from("chest", (0.0, -0.26, 0.15), 0.06), (-25, 30)),
    "guard": (seen_from("chest", (0.1, -0.32, 0.3), 0.07), (-10, 25)),
    "phone": (seen_from("chest", (0.06, -0.36, 0.12), 0.06), (35, 20)),
    "ear": (seen_from("head", (0.14, -0.12, -0.08), 0.02), (25, 20)),
    "face": (seen_from("head", (0.06, -0.24, 0.0), 0.05), (15, 35)),
    "chin": (seen_from("head", (0.05, -0.17, -0.17), 0.02), (30, 20)),
    "behind the head": (seen_from("head", (0.15, 0.1, 0.04), 0.03), (0, 20)),
    "crown": (seen_from("head", (0.1, -0.03, 0.22), 0.05), (0, 25)),
    "overhead": (seen_from("chest", (0.15, -0.05, 0.95), 0.12), (-10, 35)),
    "aside": (seen_from("chest", (0.75, -0.08, 0.25), 0.14), (-10, 40)),
    "forward": (seen_from("chest", (0.12, -0.6, 0.2), 0.12), (-20, 40)),
    "knee": (own_knee, (-45, 20)),
    "ground": (the_ground, (-45, 20)),
}  # fmt: skip
