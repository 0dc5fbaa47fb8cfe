"""Pictures of faces."""

from collections.abc import Sequence

import numpy as np

from vitruvian.synthesis.body import filled, towards
from vitruvian.synthesis.cast import Actor
from vitruvian.synthesis.human.anatomy import Anatomy, anatomy
from vitruvian.synthesis.human.landmarks import landmarks
from vitruvian.synthesis.human.pose import posed
from vitruvian.synthesis.looks.look import random_look
from vitruvian.synthesis.poses.body_poses import Library, grounded, random_pose
from vitruvian.synthesis.poses.face_poses import expressed, eye_angles, head_angles, random_face, random_head
from vitruvian.synthesis.scene import FACE, Mark, Player, Scene

POSED = 0.3  # of the people are in any pose; others hold themselves upright
EASY = np.radians((25.0, 20.0, 12.0))  # how far people turn, nod and tilt their heads against the chest, mostly


def face_scene(
    actors: Sequence[Actor], size: tuple[int, int], rng: np.random.Generator, library: Library | None = None
) -> Scene:
    """A face that nearly fills the picture, turned to the camera or up to a profile, with an expression."""
    human, face = anatomy(), random_face(rng)
    model = actors[int(rng.integers(len(actors)))]
    shape = expressed(human, model.shape, face.actions)
    look = random_look(human, shape, model.traits, rng)  # on this face: lashes, brows and beard follow it
    actor = Actor(model.traits, shape, look)
    angles = _pose(human, rng, library) + eye_angles(face, human)
    person = grounded(human, posed(human, shape, angles, np.zeros(3)))
    points = landmarks(FACE, human, person).astype(np.float64)
    focal = max(size) * float(np.exp(rng.uniform(np.log(0.8), np.log(4.0))))
    left, up, _ = random_head(rng)
    ahead = person.turns[human.bone("head")] @ np.array([0.0, -1.0, 0.0])
    bearing, slope = np.arctan2(ahead[1], ahead[0]) - left, np.degrees(np.arcsin(np.clip(ahead[2], -1, 1)) - up)
    back = towards(float(bearing), float(slope))
    camera = filled(points, points.mean(0) + rng.normal(0, 0.012, 3), back, rng.uniform(0.4, 0.8), focal, size)
    return Scene(camera, [Player(actor, person)], [Mark(0, FACE)], covers=int(rng.random() < 0.12), floor=None)


def _pose(human: Anatomy, rng: np.random.Generator, library: Library | None) -> np.ndarray:
    """(J, 3) angles: any pose, or upright, the head turned a little."""
    if rng.random() < POSED:
        return random_pose(human, rng, library)
    return head_angles(human, *rng.normal(0, 0.5, 3) * EASY)
