"""A scene: people in poses before a camera, what is around them, and what the picture of it shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitruvian.synthesis.cast import Actor
from vitruvian.synthesis.human.anatomy import anatomy
from vitruvian.synthesis.human.face_outline import outlined
from vitruvian.synthesis.human.landmarks import depths, landmarks
from vitruvian.synthesis.human.pose import Posed, matrices
from vitruvian.synthesis.looks.look import surfaces
from vitruvian.synthesis.places.backgrounds import Photos, random_background
from vitruvian.synthesis.places.scenery import View
from vitruvian.synthesis.rendered import HIDDEN, OUTSIDE, SEEN, Rendered
from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.cutouts import covered
from vitruvian.synthesis.rendering.lens import Lens, bent, random_lens, through
from vitruvian.synthesis.rendering.light_conditions import random_light
from vitruvian.synthesis.rendering.render import Picture, render
from vitruvian.synthesis.rendering.surface import Surface
from vitruvian.synthesis.rendering.visibility import inside, visible

LEAST = 4.0  # pixels: something whose box is smaller is not labelled
FACE = "face68"  # its jaw is labelled along the outline that is seen
COARSE = 3  # every third vertex is enough for a box


@dataclass(frozen=True, eq=False)
class Player:
    """An actor in a pose."""

    actor: Actor
    posed: Posed


@dataclass(frozen=True)
class Mark:
    """A set of keypoints to be labelled. player: whose; points: as `landmarks` names it; whole: its box is around the
    whole person, else around the keypoints."""

    player: int
    points: str
    whole: bool = False


@dataclass(frozen=True, eq=False)
class Scene:
    """players: who is in it, each the owner of what is drawn of him by his number; things: what else, with owners from
    len(players) up; floor: the height of the ground, None where it is out of sight; covers: flat things right before
    the lens."""

    camera: Camera
    players: Sequence[Player]
    marks: Sequence[Mark]
    things: Sequence[Surface] = ()
    floor: float | None = 0.0
    covers: int = 0


@dataclass(frozen=True, eq=False)
class Label:
    """One row of a Rendered."""

    xy: np.ndarray
    xyz: np.ndarray
    visible: np.ndarray
    box: np.ndarray


def shown(scene: Scene, rng: np.random.Generator, photos: Photos | None = None) -> Rendered:
    """A picture of the scene, in a light and before a background drawn at random, and where its marks are in it.

    Marks that lie outside, or show as next to nothing, are left out. photos: to cut backgrounds from.
    """
    camera, size = scene.camera, scene.camera.size
    human = anatomy()
    people = [
        part
        for number, player in enumerate(scene.players)
        for part in surfaces(player.actor.look, human, player.actor.shape, player.posed, number)
    ]
    behind = random_background(size, rng, photos, View.of(camera, scene.floor or 0.0)).image
    target = scene.players[0].posed.joints.mean(0)
    picture = render([*people, *scene.things], camera, random_light(rng, camera, target), behind, scene.floor)
    image, hidden = covered(picture.image, rng, scene.covers)
    lens = random_lens(rng, size)
    labels = [label for mark in scene.marks if (label := _labelled(scene, mark, picture, hidden, lens)) is not None]
    return _gathered(through(image, lens), labels, len(landmarks(scene.marks[0].points, human, scene.players[0].posed)))


def _labelled(scene: Scene, mark: Mark, picture: Picture, hidden: np.ndarray, lens: Lens) -> Label | None:
    """Where the keypoints of a mark are in the picture that the lens shows."""
    camera, posed = scene.camera, scene.players[mark.player].posed
    points = landmarks(mark.points, anatomy(), posed)
    if mark.points == FACE:
        points = outlined(points, anatomy(), posed, camera)
    straight, _ = camera.project(points)
    xy = bent(straight, lens, camera.size)
    within = inside(points, camera) & _on_picture(xy, camera.size)
    seen = within & visible(points, picture, camera, depths(mark.points), mark.player)
    column, row = np.rint(np.where(within[:, None], straight, 0)).astype(np.int64).T
    seen &= ~hidden[row.clip(0, hidden.shape[0] - 1), column.clip(0, hidden.shape[1] - 1)]
    skin = posed.vertices[anatomy().groups["body"][::COARSE]] if mark.whole else points
    box = _box(bent(camera.project(skin)[0], lens, camera.size), camera.size)
    if box is None or not within.any():
        return None
    return Label(
        np.where(within[:, None], xy, np.nan).astype(np.float32),
        ((points - camera.place) @ camera.turn.T).astype(np.float32),
        np.where(seen, SEEN, np.where(within, HIDDEN, OUTSIDE)).astype(np.uint8),
        box,
    )


def _on_picture(xy: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(...) bool: whether pixels (..., 2) lie in a picture of that size; NaN does not."""
    return np.asarray((xy >= -0.5).all(-1) & (xy <= np.array(size) - 0.5).all(-1))


def _box(xy: np.ndarray, size: tuple[int, int]) -> np.ndarray | None:
    """(4,) around those of the points (P, 2) that lie in the picture; None where they show as next to nothing."""
    found = xy[_on_picture(xy, size)]
    if len(found) < 2 or (found.max(0) - found.min(0)).max() < LEAST:
        return None
    return np.concatenate([found.min(0), found.max(0)]).astype(np.float32)


def _gathered(image: np.ndarray, labels: Sequence[Label], keypoints: int) -> Rendered:
    """One record of all labels, which may be none."""
    n = len(labels)
    return Rendered(
        image,
        np.array([one.xy for one in labels], np.float32).reshape(n, keypoints, 2),
        np.array([one.xyz for one in labels], np.float32).reshape(n, keypoints, 3),
        np.array([one.visible for one in labels], np.uint8).reshape(n, keypoints),
        np.array([one.box for one in labels], np.float32).reshape(n, 4),
    )


def turned(posed: Posed, angle: float) -> Posed:
    """The same person turned to the left by an angle in radians, on the spot."""
    turn = matrices(np.array([0.0, 0.0, angle]))
    spot = posed.joints[0] * np.array([1, 1, 0], np.float32)
    vertices, joints = ((points - spot) @ turn.T + spot for points in (posed.vertices, posed.joints))
    return Posed(vertices, joints, turn @ posed.turns)


def moved(posed: Posed, way: np.ndarray) -> Posed:
    """The same person somewhere else. way: (3,) metres."""
    way = np.asarray(way, np.float32)
    return Posed(posed.vertices + way, posed.joints + way, posed.turns)
