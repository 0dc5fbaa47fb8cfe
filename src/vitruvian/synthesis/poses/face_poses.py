"""What faces do, drawn at random: expressions, gaze, the turn of the head.

The actions are anny's, with the names of ARKit's blend shapes (https://developer.apple.com/documentation/arkit/
arfaceanchor/blendshapelocation). An eyelid is shut at about 0.6, not 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from vitruvian.synthesis.human.anatomy import Anatomy, Shape
from vitruvian.synthesis.human.pose import matrices, rotation_vectors

Range = tuple[float, float]

SHUT = 0.62  # the value of eyeBlink that closes the eye


@dataclass(frozen=True)
class Expression:
    """weight: how often, against the others. both: ranges of actions that the face's two sides share, named without
    Left and Right; whole: ranges of the others."""

    weight: float
    both: Mapping[str, Range] = field(default_factory=dict)
    whole: Mapping[str, Range] = field(default_factory=dict)


EXPRESSIONS: Mapping[str, Expression] = {
    "neutral": Expression(22, {"mouthPress": (0, 0.2), "browDown": (0, 0.2)}, {"browInnerUp": (0, 0.2)}),
    "smile": Expression(18, {"mouthSmile": (0.3, 0.8), "cheekSquint": (0, 0.5), "eyeSquint": (0, 0.4)}),
    "toothy": Expression(
        14,
        {"mouthSmile": (0.5, 0.95), "mouthUpperUp": (0.2, 0.6), "mouthLowerDown": (0.1, 0.5), "cheekSquint": (0, 0.7),
         "eyeSquint": (0, 0.5)},
        {"jawOpen": (0.02, 0.15)},
    ),
    "laugh": Expression(
        8,
        {"mouthSmile": (0.5, 0.95), "mouthUpperUp": (0.2, 0.6), "mouthLowerDown": (0.2, 0.6), "cheekSquint": (0.2, 0.9),
         "eyeSquint": (0.1, 0.8), "eyeBlink": (0, 0.3)},
        {"jawOpen": (0.2, 0.6), "browInnerUp": (0, 0.4)},
    ),
    "talk": Expression(
        14,
        {"mouthLowerDown": (0, 0.4), "mouthUpperUp": (0, 0.25), "mouthStretch": (0, 0.4), "browOuterUp": (0, 0.3)},
        {"jawOpen": (0.05, 0.4), "mouthFunnel": (0, 0.4), "mouthShrugUpper": (0, 0.2)},
    ),
    "round": Expression(4, {"browOuterUp": (0, 0.4)}, {"jawOpen": (0.05, 0.35), "mouthFunnel": (0.4, 0.9)}),
    "kiss": Expression(3, {"eyeSquint": (0, 0.4)}, {"mouthPucker": (0.4, 0.9)}),
    "surprise": Expression(
        4,
        {"browOuterUp": (0.3, 0.9), "eyeWide": (0.3, 0.9)},
        {"browInnerUp": (0.4, 1.0), "jawOpen": (0.15, 0.75), "mouthFunnel": (0, 0.3)},
    ),
    "shout": Expression(
        4,
        {"mouthLowerDown": (0.2, 0.8), "mouthUpperUp": (0.1, 0.6), "mouthStretch": (0.1, 0.6), "eyeSquint": (0, 0.7),
         "browDown": (0, 0.6)},
        {"jawOpen": (0.5, 0.95)},
    ),
    "anger": Expression(
        4,
        {"browDown": (0.4, 1.0), "noseSneer": (0.1, 0.7), "mouthPress": (0.1, 0.6), "eyeSquint": (0, 0.5),
         "mouthFrown": (0, 0.4)},
    ),
    "grimace": Expression(
        3,
        {"mouthStretch": (0.3, 0.8), "mouthLowerDown": (0.3, 0.8), "mouthUpperUp": (0.1, 0.5), "eyeSquint": (0.1, 0.8),
         "noseSneer": (0, 0.6), "browDown": (0, 0.6)},
        {"jawOpen": (0, 0.15)},
    ),
    "sad": Expression(
        4, {"mouthFrown": (0.3, 0.8)}, {"browInnerUp": (0.3, 0.9), "mouthShrugLower": (0.1, 0.6)}
    ),
    "disgust": Expression(2, {"noseSneer": (0.4, 1.0), "mouthUpperUp": (0.1, 0.6), "browDown": (0.1, 0.6)}),
    "pressed": Expression(
        3, {"mouthPress": (0.3, 0.9), "mouthDimple": (0, 0.5)},
        {"mouthRollLower": (0.1, 0.6), "mouthRollUpper": (0.1, 0.6)},
    ),
    "puffed": Expression(1, {"mouthPress": (0.1, 0.5)}, {"cheekPuff": (0.4, 1.0)}),
    "skew": Expression(2, {}, {"mouthLeft": (0.2, 0.8), "jawLeft": (0, 0.5)}),
    "tongue": Expression(1, {"mouthSmile": (0, 0.5)}, {"jawOpen": (0.35, 0.7), "tongueOut": (0.4, 1.0)}),
    "any": Expression(
        5,
        {"browDown": (0, 0.5), "browOuterUp": (0, 0.5), "cheekSquint": (0, 0.4), "eyeSquint": (0, 0.5),
         "mouthDimple": (0, 0.5), "mouthFrown": (0, 0.4), "mouthSmile": (0, 0.4), "mouthStretch": (0, 0.3),
         "noseSneer": (0, 0.3)},
        {"browInnerUp": (0, 0.5), "jawOpen": (0, 0.3), "mouthPucker": (0, 0.3), "jawForward": (0, 0.4)},
    ),
}  # fmt: skip
"""How often: as in photos of people who know that they are photographed."""

OPPOSITE = {"mouthLeft": "mouthRight", "jawLeft": "jawRight"}


@dataclass(frozen=True)
class Face:
    """actions: values for `Traits.actions`. gaze: where the eyes look against the head, degrees to the person's left
    and up."""

    actions: Mapping[str, float]
    gaze: tuple[float, float] = (0.0, 0.0)


def random_face(rng: np.random.Generator) -> Face:
    """An expression with eyelids and a gaze."""
    gaze = random_gaze(rng)
    weights = np.array([expression.weight for expression in EXPRESSIONS.values()])
    chosen = list(EXPRESSIONS.values())[rng.choice(len(weights), p=weights / weights.sum())]
    actions = _acted(chosen, rng)
    for action, value in _lids(gaze, rng).items():
        actions[action] = max(value, actions.get(action, 0.0))
    for side in ("Left", "Right"):  # squinting closes the eye as well, and wide eyes do not blink
        actions[f"eyeWide{side}"] = actions.get(f"eyeWide{side}", 0.0) * (actions[f"eyeBlink{side}"] < 0.2)
        actions[f"eyeBlink{side}"] = min(actions[f"eyeBlink{side}"], SHUT)
    return Face({action: round(float(value), 4) for action, value in actions.items() if value > 0.005}, gaze)


def _acted(expression: Expression, rng: np.random.Generator) -> dict[str, float]:
    """Values within the ranges; the two sides of most faces differ a little, of some much."""
    crooked = rng.random() < 0.12
    actions = {}
    for name, (low, high) in expression.both.items():
        value = rng.uniform(low, high)
        left, right = (rng.uniform(0.1, 1.0, 2) if crooked else 1 + rng.normal(0, 0.1, 2)).clip(0, 1.2)
        actions[f"{name}Left"], actions[f"{name}Right"] = value * left, value * right
    mirrored = rng.random() < 0.5
    for name, (low, high) in expression.whole.items():
        actions[OPPOSITE.get(name, name) if mirrored else name] = rng.uniform(low, high)
    return {name: min(value, 1.0) for name, value in actions.items()}


def random_gaze(rng: np.random.Generator) -> tuple[float, float]:
    """Degrees to the left and up; half of the time straight ahead, where the camera often is."""
    spread = (3.0, 2.0) if rng.random() < 0.5 else (14.0, 8.0)
    return float(np.clip(rng.normal(0, spread[0]), -35, 35)), float(np.clip(rng.normal(0, spread[1]), -25, 20))


def _lids(gaze: tuple[float, float], rng: np.random.Generator) -> dict[str, float]:
    """Lids follow the gaze; at times one or both are shut, or half shut."""
    kind = rng.choice(4, p=(0.88, 0.05, 0.055, 0.015))
    shut = (rng.uniform(0, 0.06), SHUT, rng.uniform(0.1, 0.5), SHUT)[kind]
    other = rng.uniform(0, 0.2) if kind == 3 else shut  # a wink
    first, second = ("Left", "Right") if rng.random() < 0.5 else ("Right", "Left")
    down, up = max(-gaze[1], 0) / 30, max(gaze[1], 0) / 30
    wide = rng.uniform(0, 0.35)  # awake, as before a camera
    follow = {f"eyeLook{way}{side}": v for way, v in (("Down", down), ("Up", up)) for side in ("Left", "Right")}
    awake = {f"eyeWide{side}": wide for side in ("Left", "Right")}
    return {f"eyeBlink{first}": shut, f"eyeBlink{second}": other, **awake, **follow}


def expressed(anatomy: Anatomy, shape: Shape, actions: Mapping[str, float]) -> Shape:
    """A shape whose face is still, with actions: what `Anatomy.shapes` would give, a hundred times as fast."""
    moved, ways = _ways(anatomy)
    vertices = shape.vertices.copy()
    rows = [anatomy.actions.index(action) for action in actions]
    values = np.array(list(actions.values()), np.float32)
    vertices[moved] += np.tensordot(values, ways[rows], axes=1)
    return Shape(vertices, shape.joints)


@cache
def _ways(anatomy: Anatomy) -> tuple[np.ndarray, np.ndarray]:
    """Vertices that actions move (n,), and where each action takes them (A, n, 3) metres. In anny the actions come
    after the phenotypes and before the details, which have two each."""
    end = len(anatomy.model.blendshapes) - 2 * len(anatomy.details)
    ways = anatomy.model.blendshapes[end - len(anatomy.actions) : end].numpy()
    moved = np.flatnonzero(np.abs(ways).max((0, 2)) > 1e-6)
    return moved, np.ascontiguousarray(ways[:, moved])


def eye_angles(face: Face, anatomy: Anatomy) -> np.ndarray:
    """(J, 3) rotation vectors for `posed`, zero for all but the eyes."""
    angles = np.zeros((len(anatomy.bones), 3), np.float32)
    left, up = np.radians(face.gaze)
    angles[[anatomy.bone("eye.L"), anatomy.bone("eye.R")]] = turned(left, up, 0.0)
    return angles


def turned(left: float, up: float, tilt: float) -> np.ndarray:
    """(3,) the rotation vector that makes somebody who looks along -y look to his left, up, and tilt the head to his
    left shoulder, radians; the tilt first, the turn last."""
    about_z, about_x, about_y = (matrices(vector) for vector in (np.array([0, 0, left]), np.array([-up, 0, 0]),
                                                                  np.array([0, tilt, 0])))  # fmt: skip
    return rotation_vectors(about_z @ about_x @ about_y)


def random_head(rng: np.random.Generator) -> tuple[float, float, float]:
    """Radians that a head is turned to its left, up, and tilted to its left shoulder, as the camera sees it: spread as
    in iBUG's photos (18, 12 and 8 degrees), but one in fourteen turns further, up to 95 degrees."""
    wide = rng.random()
    if wide < 0.72:
        left = rng.normal(0, 15)
    else:
        left = rng.choice((-1, 1)) * (rng.uniform(10, 55) if wide < 0.93 else rng.uniform(50, 95))
    up, tilt = np.clip(rng.normal((1, 0), (11, 8)), (-40, -40), 40) * (1.5 if rng.random() < 0.08 else 1)
    left, up, tilt = np.radians((left, up, tilt))
    return float(left), float(up), float(tilt)


NECK = ("neck01", "neck02", "neck03", "head")
SHARE = (0.2, 0.2, 0.2, 0.4)  # of the head's turn against the chest that each bone takes


def head_angles(anatomy: Anatomy, left: float, up: float, tilt: float) -> np.ndarray:
    """(J, 3) rotation vectors for `posed` that turn the head against the chest, spread over the neck; radians, to
    the left at most 80 degrees, up or down 50, tilted 35."""
    limit = np.radians([80.0, 50.0, 35.0])
    whole = turned(*np.clip((left, up, tilt), -limit, limit))
    angles = np.zeros((len(anatomy.bones), 3), np.float32)
    for name, share in zip(NECK, SHARE, strict=True):
        angles[anatomy.bone(name)] = share * whole
    return angles
