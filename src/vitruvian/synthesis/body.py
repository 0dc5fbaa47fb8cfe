"""Pictures of whole people, and of parts of them, anywhere, doing anything."""

from collections.abc import Sequence

import numpy as np

from vitruvian.synthesis.cast import Actor
from vitruvian.synthesis.human.anatomy import anatomy
from vitruvian.synthesis.human.pose import Posed, posed
from vitruvian.synthesis.places.props import held, random_occluders, random_surroundings, seat
from vitruvian.synthesis.poses.body_poses import Library, grounded, random_pose
from vitruvian.synthesis.poses.face_poses import expressed, eye_angles, random_face
from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.surface import Surface
from vitruvian.synthesis.scene import Mark, Player, Scene, moved, turned

POINTS = "halpe26"
PARTS = ("head", "spine03", "spine05", "wrist.L", "wrist.R")
COARSE = 7  # every seventh vertex
NEAREST, LOWEST = 0.3, 0.1  # metres: cameras are not closer to people, nor to the ground
OTHERS = (0.7, 0.18, 0.08, 0.04)  # how often 0, 1, ... other people are in the picture


def body_scene(
    actors: Sequence[Actor], size: tuple[int, int], rng: np.random.Generator, library: Library | None = None
) -> Scene:
    """Somebody who nearly fills the picture, or of whom it shows a part; often others, things held and in between."""
    order = rng.permutation(len(actors))
    first = turned(acted(actors[order[0]], rng, library), rng.uniform(-np.pi, np.pi))
    camera = random_camera(first, size, rng)
    players = [Player(actors[order[0]], first)]
    for row in order[1 : 1 + rng.choice(len(OTHERS), p=OTHERS)]:
        players.append(Player(actors[row], _beside(acted(actors[row], rng, library), players, camera, rng)))
    marks = [Mark(number, POINTS, whole=True) for number in range(len(players))]
    things = _things(players, camera, rng)
    return Scene(camera, players, marks, things, covers=int(rng.random() < 0.12))


def acted(actor: Actor, rng: np.random.Generator, library: Library | None = None) -> Posed:
    """An actor in a pose, with an expression, on the ground or, at times, above it."""
    face, human = random_face(rng), anatomy()
    angles = random_pose(human, rng, library) + eye_angles(face, human)
    shape = expressed(human, actor.shape, face.actions)
    rise = rng.uniform(0.05, 0.7) if rng.random() < 0.08 else 0.0
    return grounded(human, posed(human, shape, angles, np.zeros(3)), rise)


def random_camera(person: Posed, size: tuple[int, int], rng: np.random.Generator) -> Camera:
    """One that shows the person nearly as large as the picture, or a part of the person, at eye level mostly."""
    skin = outline(person)
    middle, fill = (skin.min(0) + skin.max(0)) / 2, rng.uniform(0.55, 0.97)
    if rng.random() < 0.15:  # a part of the person
        joint = person.joints[anatomy().bone(PARTS[rng.integers(len(PARTS))])]
        middle, fill = 0.7 * joint + 0.3 * middle, rng.uniform(1.0, 2.2)
    focal = max(size) * float(np.exp(rng.uniform(np.log(0.8), np.log(3.0))))
    bearing, slope = rng.uniform(-np.pi, np.pi), rng.normal(4, 7) if rng.random() < 0.8 else rng.uniform(-15, 50)
    back = towards(bearing, slope)
    return filled(skin, middle + rng.normal(0, 0.05, 3), back, fill, focal, size)


def outline(person: Posed) -> np.ndarray:
    """(P, 3) float64 points on the skin, enough to tell how large somebody is."""
    return person.vertices[anatomy().groups["body"][::COARSE]].astype(np.float64)


def towards(bearing: float, slope: float) -> np.ndarray:
    """(3,) unit vector: a bearing in radians, and a slope in degrees over the horizon."""
    slope = np.radians(slope)
    return np.array([np.cos(bearing) * np.cos(slope), np.sin(bearing) * np.cos(slope), np.sin(slope)])


def filled(
    points: np.ndarray, target: np.ndarray, back: np.ndarray, fill: float, focal: float, size: tuple[int, int]
) -> Camera:
    """The camera in the direction `back` of a target, so far away that points (P, 3) fill that share of the picture; at
    least NEAREST metres away from all of them, and over the ground."""
    nearest = float(((points - target) @ back).max()) + NEAREST
    away = max(2 * float(np.linalg.norm(points.max(0) - points.min(0))), nearest)
    for _ in range(3):
        seen, _ = Camera.at(target + away * back, target, 0.0, focal, size).project(points)
        away = max(away * float((seen.max(0) - seen.min(0)).max()) / (fill * max(size)), nearest)
    place = target + away * back
    place[2] = max(place[2], LOWEST)
    return Camera.at(place, target, 0.0, focal, size)


def _beside(person: Posed, players: Sequence[Player], camera: Camera, rng: np.random.Generator) -> Posed:
    """Another person near the first one: next to him, behind, or in front, as the camera sees it."""
    spot = players[0].posed.joints[0].astype(np.float64)
    ahead = (spot - camera.place) * (1, 1, 0)
    distance = float(np.linalg.norm(ahead)) + 1e-9
    ahead /= distance
    aside = np.array([ahead[1], -ahead[0], 0.0])
    far = min(rng.choice((rng.uniform(-0.6, 0.6), rng.uniform(0.6, 4), -rng.uniform(0.4, 1.2))), 3 * distance)
    far = max(far, 0.5 - distance)
    way = spot + far * ahead + rng.choice((-1, 1)) * rng.uniform(0.25, 0.9) * (1 + max(far, 0) / distance) * aside
    return moved(turned(person, rng.uniform(-np.pi, np.pi)), way * (1, 1, 0) - person.joints[0] * (1, 1, 0))


def _things(players: Sequence[Player], camera: Camera, rng: np.random.Generator) -> list[Surface]:
    """What is held, sat on, stands around or in front; all with owners after the players'."""
    human, found, first = anatomy(), [], players[0].posed
    owner = len(players)
    for side in ("left", "right"):
        if rng.random() < 0.1:
            found.append(held(rng, first, human, side, owner))
            owner += 1
    if rng.random() < 0.8 and (under := seat(rng, first, human, owner)) is not None:
        found.append(under)
        owner += 1
    skin = outline(first)
    extent = np.stack([skin.min(0), skin.max(0)])
    if rng.random() < 0.25:
        found += random_surroundings(rng, extent, camera, owner, int(rng.integers(1, 4)))
        owner += 3
    if rng.random() < 0.12:
        found += random_occluders(rng, extent, camera, owner, 1)
    return found
