"""Poses of whole bodies, drawn from all there is: fits to photos, motion capture, hand-written postures, blends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from vitruvian.media import read_bvh
from vitruvian.synthesis.human.anatomy import Anatomy
from vitruvian.synthesis.human.pose import Posed, matrices, rotation_vectors
from vitruvian.synthesis.poses.hand_poses import random_hand
from vitruvian.synthesis.poses.pose_fits import read_fitted
from vitruvian.synthesis.poses.pose_ranges import arms_can, believable, clamped
from vitruvian.synthesis.poses.postures import look_about, random_posture
from vitruvian.synthesis.poses.retarget import retargeted
from vitruvian.synthesis.poses.segments import (
    ROW,
    SEGMENTS,
    SIDES,
    Frame,
    about,
    angles,
    mirrored,
    neutral_frame,
    roll,
    stance_of,
    world_turns,
)
from vitruvian.synthesis.poses.self_contact import clear

SHARES = {"fitted": 0.5, "posture": 0.28, "captured": 0.1, "blend": 0.12}  # where poses come from
EVERY = 0.25  # seconds between the frames of a motion that are kept
SHAKEN = 4.0  # degrees, the spread of what is added to every joint
TRIES = 12
ON_GROUND = 0.07  # metres above the lower ankle within which an ankle stands


@dataclass(frozen=True, eq=False)
class Library:
    """Stances to draw from, (P, S, 3) each. fitted: to people in photos, hands and feet at rest; captured: whole."""

    fitted: np.ndarray
    captured: np.ndarray


@cache
def fitted_library() -> Library:
    """The fits that come with the package."""
    fitted = read_fitted()
    return Library(fitted[believable(fitted)], np.zeros((0, len(SEGMENTS), 3)))


def with_captures(library: Library, paths: Sequence[Path]) -> Library:
    """A library with the motions of BVH files added. Raises DataError, naming the file, for one that cannot be used."""
    found = [library.captured]
    for path in paths:
        motion = read_bvh(path)
        step = max(1, round(EVERY / motion.seconds))
        stances = retargeted(replace(motion, frames=motion.frames[::step])).stances
        found.append(stances[believable(stances)])
    return replace(library, captured=np.concatenate(found))


def with_fits(library: Library, paths: Sequence[Path]) -> Library:
    """A library with fits from other files added, as `python -m vitruvian.synthesis.poses.fitted` makes them."""
    found = [library.fitted, *(read_fitted(path) for path in paths)]
    stances = np.concatenate(found)
    return replace(library, fitted=stances[believable(stances)])


def random_pose(anatomy: Anatomy, rng: np.random.Generator, library: Library | None = None) -> np.ndarray:
    """Angles (J, 3) float32 for `posed`: somebody facing -y, or lying along it, not going through himself."""
    found = angles(anatomy, random_stance(neutral_frame(anatomy), rng, library or fitted_library()))
    return found + random_hand(anatomy, "left", rng) + random_hand(anatomy, "right", rng)


def random_stance(frame: Frame, rng: np.random.Generator, library: Library) -> np.ndarray:
    """A stance (S, 3) that faces -y."""
    for _ in range(TRIES):
        stance = facing(clamped(_shaken(_drawn(frame, rng, library), rng)))
        if arms_can(stance) and clear(frame, stance):
            return mirrored(stance) if rng.random() < 0.5 else stance
    stance = np.zeros((len(SEGMENTS), 3))
    look_about(stance, rng)
    return stance


def _drawn(frame: Frame, rng: np.random.Generator, library: Library) -> np.ndarray:
    """A stance (S, 3) from one of the sources."""
    source = rng.choice(list(SHARES), p=list(SHARES.values()))
    if source == "captured" and len(library.captured):
        return library.captured[rng.integers(len(library.captured))].copy()
    if source == "blend":
        first, second = (facing(_whole(frame, rng, library)) for _ in range(2))
        return blended(first, second, rng.uniform(0.25, 0.75))
    return random_posture(frame, rng) if source == "posture" else _whole(frame, rng, library)


def _whole(frame: Frame, rng: np.random.Generator, library: Library) -> np.ndarray:
    """A fit with hands and feet doing something, and the head turned, which the labels do not tell."""
    stance = library.fitted[rng.integers(len(library.fitted))].copy()
    glance = rng.normal(0, 14 if rng.random() < 0.7 else 32)
    for row in (ROW["neck"], ROW["head"]):
        turned = matrices(stance[row]) @ about("z", np.radians(np.clip(glance, -64, 64) / 2))
        stance[row] = rotation_vectors(turned[None])[0]
    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        twist = np.clip(rng.normal(-12, 32), -75, 80)
        fore = matrices(stance[ROW[f"forearm.{side}"]]) @ about("z", sign * np.radians(twist))
        stance[ROW[f"forearm.{side}"]] = rotation_vectors(fore[None])[0]
        stance[ROW[f"hand.{side}"]] = np.radians(rng.normal((0, 7 * sign, 0), (7, 14, 0)))
    return _on_feet(frame, stance, rng)


def _on_feet(frame: Frame, stance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A stance whose lower foot stands level, if its shin lets it; other feet hang."""
    turns = world_turns(stance)
    ankle = {side: _ankle(frame, turns, side) for side in SIDES}
    for side in SIDES:
        shin, foot, toes = (ROW[f"{name}.{side}"] for name in ("shin", "foot", "toes"))
        hanging = turns[shin] @ about("x", np.radians(rng.uniform(-5, 40)))
        stands = ankle[side] < min(ankle.values()) + ON_GROUND and turns[shin][2, 2] > 0.6
        turns[foot] = turns[toes] = level(turns[shin]) if stands else hanging
    return stance_of(turns)


def _ankle(frame: Frame, turns: np.ndarray, side: str) -> float:
    """How high an ankle is above the pelvis, metres."""
    thigh, shin = ROW[f"thigh.{side}"], ROW[f"shin.{side}"]
    down = turns[0] @ frame.offsets[thigh] + turns[thigh] @ frame.ends[thigh] + turns[shin] @ frame.ends[shin]
    return float(down[2])


def level(shin: np.ndarray) -> np.ndarray:
    """The turn (3, 3) of a foot flat on the ground that points where its shin does."""
    forth = -shin[:, 1]
    return about("z", np.arctan2(forth[0], -forth[1]))


def facing(stance: np.ndarray) -> np.ndarray:
    """A stance (S, 3) turned about the vertical until it faces -y."""
    turned = stance.copy()
    pelvis = matrices(stance[0]).astype(np.float64)
    turned[0] = rotation_vectors((about("z", -float(roll(pelvis))) @ pelvis)[None])[0]
    return turned


def blended(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    """The stance (S, 3) between two, `share` of the way along the shortest turn of every joint."""
    start, end = matrices(first).astype(np.float64), matrices(second).astype(np.float64)
    way = rotation_vectors(np.swapaxes(start, -1, -2) @ end)
    return rotation_vectors(start @ matrices(share * way))


def _shaken(stance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A stance with every joint turned a little further, hinges about their hinge."""
    shake = np.radians(SHAKEN) * rng.normal(size=stance.shape)
    for side in SIDES:
        shake[[ROW[f"{name}.{side}"] for name in ("forearm", "shin", "foot", "toes")], 1:] = 0.0
    return stance + shake


def grounded(anatomy: Anatomy, posed: Posed, rise: float = 0.0) -> Posed:
    """The same person with the lowest point of the skin `rise` metres above z = 0."""
    lift = np.array([0.0, 0.0, rise - posed.vertices[anatomy.groups["body"], 2].min()], np.float32)
    return Posed(posed.vertices + lift, posed.joints + lift, posed.turns)
