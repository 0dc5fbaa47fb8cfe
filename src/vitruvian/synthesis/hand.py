"""Pictures of hands, of people who hold them up, hold something, or let them hang."""

from collections.abc import Sequence

import numpy as np

from vitruvian.synthesis.body import filled, outline
from vitruvian.synthesis.cast import Actor
from vitruvian.synthesis.human.anatomy import anatomy
from vitruvian.synthesis.human.landmarks import landmarks
from vitruvian.synthesis.human.pose import Posed, posed
from vitruvian.synthesis.places.props import held, random_occluders
from vitruvian.synthesis.poses.body_poses import Library, grounded, random_pose
from vitruvian.synthesis.poses.hand_poses import Side, random_wrist
from vitruvian.synthesis.scene import Mark, Player, Scene, turned

SIDES: tuple[Side, Side] = ("left", "right")
TRIES = 6  # directions to look from, of which the freest is taken


def hand_scene(
    actors: Sequence[Actor], size: tuple[int, int], rng: np.random.Generator, library: Library | None = None
) -> Scene:
    """A hand that nearly fills the picture; the other hand is labelled, too, where it is in it."""
    human, actor = anatomy(), actors[int(rng.integers(len(actors)))]
    side = SIDES[rng.integers(2)]
    angles = random_pose(human, rng, library)
    for one in SIDES:
        angles = angles + random_wrist(human, one, rng) * (rng.random() < 0.7)
    person = turned(grounded(human, posed(human, actor.shape, angles, np.zeros(3))), rng.uniform(-np.pi, np.pi))
    points = landmarks(f"{side}_hand21", human, person).astype(np.float64)
    fill = rng.uniform(0.35, 0.85)
    focal = max(size) * float(np.exp(rng.uniform(np.log(0.8), np.log(3.0))))
    camera = filled(points, points.mean(0) + rng.normal(0, 0.012, 3), free(points, person, rng), fill, focal, size)
    marks = [Mark(0, f"{one}_hand21") for one in (side, *(s for s in SIDES if s != side))]
    things = [held(rng, person, human, side, 1)] if rng.random() < 0.2 else []
    if rng.random() < 0.04:
        skin = outline(person)
        extent = np.stack([skin.min(0), skin.max(0)])
        things += random_occluders(rng, extent, camera, 2, 1)
    low = points[:, 2].min() > 1.2
    return Scene(camera, [Player(actor, person)], marks, things, None if low else 0.0, int(rng.random() < 0.08))


def free(points: np.ndarray, person: Posed, rng: np.random.Generator) -> np.ndarray:
    """(3,) a direction from which little of the person is before the points (P, 3); the camera's own side mostly."""
    middle = points.mean(0)
    ways = rng.normal(0, 1, (TRIES, 3)) * (1, 1, 0.5)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    off = person.vertices[::29] - middle
    off = off[np.linalg.norm(off, axis=1) > 0.15]
    along = off @ ways.T  # (V, TRIES)
    aside = np.linalg.norm(off[:, None] - along[..., None] * ways, axis=2)
    before = ((along > 0) & (aside < 0.1)).sum(0)
    return np.asarray(ways[before.argmin()])
