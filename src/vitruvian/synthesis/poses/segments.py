"""The body as 21 rigid segments: what poses are said, measured, mixed and limited in, whatever the bones of the mesh.

All turns are those from the *neutral stance*: upright, looking along -y, arms hanging straight down with the thumbs to
the front, legs straight down. So with x to the person's left, y to the back and z up, a turn of +a about x bends trunk,
neck and knee forwards, forwards and backwards; -a about x lifts arm or thigh to the front or bends the elbow.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from vitruvian.synthesis.human.anatomy import Anatomy
from vitruvian.synthesis.human.pose import matrices, rotation_vectors

SIDES = ("L", "R")
TRUNK = ("pelvis", "loin", "chest", "neck", "head")
LIMB = ("collar", "upperarm", "forearm", "hand", "thigh", "shin", "foot", "toes")
SEGMENTS = (*TRUNK, *(f"{name}.{side}" for side in SIDES for name in LIMB))
ROW = {name: row for row, name in enumerate(SEGMENTS)}
ABOVE = {"loin": "pelvis", "chest": "loin", "neck": "chest", "head": "neck", "collar": "chest", "upperarm": "collar",
         "forearm": "upperarm", "hand": "forearm", "thigh": "pelvis", "shin": "thigh", "foot": "shin",
         "toes": "foot"}  # fmt: skip
BENT = {"loin": ("spine05", "spine04", "spine03"), "chest": ("spine02", "spine01"),
        "neck": ("neck01", "neck02", "neck03"), "head": ("head",)}  # fmt: skip  # bones that share a segment's turn
FIRST = {"pelvis": "root", "loin": "spine05", "chest": "spine02", "neck": "neck01", "head": "head",
         "collar": "clavicle", "upperarm": "upperarm01", "forearm": "lowerarm01", "hand": "wrist",
         "thigh": "upperleg01", "shin": "lowerleg01", "foot": "foot", "toes": "toe2-1"}  # fmt: skip
FOREARM_SHARE = 0.5  # of the hand's roll, taken by the skin half-way along the forearm


def _parent(name: str) -> int:
    """The row of the segment that one hangs on; -1 for the pelvis."""
    stem, dot, side = name.partition(".")
    above = ABOVE.get(stem)
    return -1 if above is None else ROW[above if above in TRUNK else above + dot + side]


PARENT = np.array([_parent(name) for name in SEGMENTS], np.int32)


def _mirror() -> np.ndarray:
    """The row of each segment's partner on the other side."""
    swap = {"L": "R", "R": "L"}
    return np.array([ROW[f"{name[:-1]}{swap[name[-1]]}" if "." in name else name] for name in SEGMENTS])


MIRROR = _mirror()


@dataclass(frozen=True, eq=False)
class Frame:
    """How an anatomy at rest stands to the neutral stance.

    neutral: (S, 3, 3) float64, the turn of each segment from rest to the neutral stance; of a forearm without its roll.
    offsets: (S, 3) float64 metres, from the parent's joint to the segment's in the neutral stance; the pelvis's from
             the ground. ends: (S, 3), from a segment's joint to its far end: the next joint, fingertips, the crown.
    rolled:  (2,) the forearms' rolls at rest, left and right, radians about their axes.
    """

    neutral: np.ndarray
    offsets: np.ndarray
    ends: np.ndarray
    rolled: np.ndarray


def mirrored(stance: np.ndarray) -> np.ndarray:
    """A stance (..., S, 3) seen in a mirror: left and right exchanged."""
    return stance[..., MIRROR, :] * np.array([1.0, -1.0, -1.0])


def world_turns(stance: np.ndarray) -> np.ndarray:
    """How each segment is turned from the neutral stance in the world: stance (..., S, 3) -> (..., S, 3, 3)."""
    turns = matrices(stance).astype(np.float64)
    for row, above in enumerate(PARENT):
        if above >= 0:
            turns[..., row, :, :] = turns[..., above, :, :] @ turns[..., row, :, :]
    return turns


def stance_of(turns: np.ndarray) -> np.ndarray:
    """Turns in the world (..., S, 3, 3) -> rotation vectors against the parents (..., S, 3); undoes `world_turns`."""
    own = turns.copy()
    own[..., 1:, :, :] = np.swapaxes(turns[..., PARENT[1:], :, :], -1, -2) @ turns[..., 1:, :, :]
    return rotation_vectors(own)


def points(frame: Frame, turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the segments begin and end, each (..., S, 3) metres. turns: (..., S, 3, 3) in the world."""
    begin = np.zeros(turns.shape[:-1])
    begin[..., 0, :] = frame.offsets[0]
    for row, above in enumerate(PARENT):
        if above >= 0:
            begin[..., row, :] = begin[..., above, :] + turns[..., above, :, :] @ frame.offsets[row]
    return begin, begin + np.einsum("...sij,sj->...si", turns, frame.ends)


def along(axis: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    """The turn (..., 3, 3) that takes a limb hanging straight down to `axis`, its hinge from x to about `hinge`."""
    down = axis / np.linalg.norm(axis, axis=-1, keepdims=True)
    hinge = hinge - (hinge * down).sum(-1, keepdims=True) * down
    hinge = hinge / np.linalg.norm(hinge, axis=-1, keepdims=True)
    return np.stack([hinge, np.cross(hinge, down), -down], axis=-1)


def roll(turns: np.ndarray) -> np.ndarray:
    """The part of turns (..., 3, 3) about a limb's own axis, that is z, as radians (...), after swinging the shortest
    way from hanging down. Undefined for a limb straight up."""
    quaternion_z = turns[..., 1, 0] - turns[..., 0, 1]  # both four times the quaternion's w
    return 2 * np.arctan2(quaternion_z, 1 + np.trace(turns, axis1=-2, axis2=-1))


def about(axis: str, angle: np.ndarray | float) -> np.ndarray:
    """Turns (..., 3, 3) about "x", "y" or "z" by angles (...) in radians, counter-clockwise."""
    row = "xyz".index(axis)
    first, second = (row + 1) % 3, (row + 2) % 3
    turn = np.zeros((*np.shape(angle), 3, 3))
    turn[..., row, row] = 1
    turn[..., first, first] = turn[..., second, second] = np.cos(angle)
    turn[..., second, first] = np.sin(angle)
    turn[..., first, second] = -turn[..., second, first]
    return turn


def angles(anatomy: Anatomy, stance: np.ndarray) -> np.ndarray:
    """A stance (S, 3) as the angles (J, 3) float32 of the bones that `posed` takes; fingers and eyes stay at rest."""
    frame, turns = neutral_frame(anatomy), world_turns(stance)
    own = np.zeros((len(anatomy.bones), 3), np.float32)
    rows, shares, segments = _bent_rows(anatomy)
    own[rows] = stance[segments] * shares
    skin = turns @ frame.neutral  # of the bones that the segments begin with, but for the roll of the forearms
    limbs = np.swapaxes(skin[LIMB_PARENTS], -1, -2) @ skin[LIMB_TOPS]
    half = _half_rolls(frame, limbs)
    bones = [limbs @ np.swapaxes(half, -1, -2), half, *_arms(frame, turns, skin), *_legs(skin)]
    own[_limb_rows(anatomy)] = rotation_vectors(np.concatenate(bones))
    return own


def _pairs(*names: str) -> list[int]:
    """Rows of segments, left and right after one another."""
    return [ROW[f"{name}.{side}"] for name in names for side in SIDES]


LIMB_TOPS = _pairs("upperarm", "thigh")
LIMB_PARENTS = [*_pairs("collar"), 0, 0]
TOES = tuple(f"toe{number}-1" for number in range(1, 6))
LIMB_BONES = (  # in the order in which `angles` turns them, each twice
    *("upperarm01", "upperleg01", "upperarm02", "upperleg02", "clavicle", "lowerarm01", "lowerarm02", "wrist"),
    *("lowerleg01", "foot", *TOES),
)


@cache
def _bent_rows(anatomy: Anatomy) -> tuple[list[int], np.ndarray, list[int]]:
    """Rows of the bones of the trunk, the share (n, 1) each has in its segment's turn, and the segments' rows."""
    found = [("root", 1.0, 0)]
    found += [(bone, 1 / len(bones), ROW[name]) for name, bones in BENT.items() for bone in bones]
    rows = [anatomy.bone(bone) for bone, _, _ in found]
    return rows, np.array([[share] for _, share, _ in found]), [row for _, _, row in found]


@cache
def _limb_rows(anatomy: Anatomy) -> list[int]:
    """Rows of LIMB_BONES, left and right after one another."""
    return [anatomy.bone(f"{bone}.{side}") for bone in LIMB_BONES for side in SIDES]


def _arms(frame: Frame, turns: np.ndarray, skin: np.ndarray) -> list[np.ndarray]:
    """Own turns (2, 3, 3), left and right, of collars, elbows, forearms' middles and wrists, at rest's axes."""
    fore, neutral = turns[_pairs("forearm")], frame.neutral[_pairs("forearm")]
    collar, upper, hand = (skin[_pairs(name)] for name in ("collar", "upperarm", "hand"))
    rolled = roll(np.swapaxes(turns[_pairs("upperarm")], -1, -2) @ fore)
    share = FOREARM_SHARE * (rolled - frame.rolled)
    elbow = fore @ about("z", -rolled) @ neutral
    middle = fore @ about("z", share - rolled) @ neutral
    chain = (np.broadcast_to(skin[ROW["chest"]], collar.shape), collar), (upper, elbow), (elbow, middle), (middle, hand)
    return [np.swapaxes(above, -1, -2) @ own for above, own in chain]


def _legs(skin: np.ndarray) -> list[np.ndarray]:
    """Own turns (2, 3, 3), left and right, of knees, ankles and five toes, at rest's axes."""
    thigh, shin, foot, toes = (skin[_pairs(name)] for name in ("thigh", "shin", "foot", "toes"))
    bends = [np.swapaxes(above, -1, -2) @ own for above, own in ((thigh, shin), (shin, foot), (foot, toes))]
    return bends + [bends[-1]] * (len(TOES) - 1)


MIDDLES = np.array([(0.8, -0.5, -0.33), (-0.8, -0.5, -0.33), (0.0, -0.6, -0.8), (0.0, -0.6, -0.8)])
"""(4, 3) where arms and legs mostly point: to the opposite no limb gets, so rolls are measured from here."""


def _half_rolls(frame: Frame, limbs: np.ndarray) -> np.ndarray:
    """Half of what turns (4, 3, 3) roll arms and legs about their axes at rest, roll being what is left after swinging
    a limb the shortest way from rest to its MIDDLES and from there to where it goes."""
    axes = -frame.neutral[LIMB_TOPS][:, 2]
    swing = shortest(MIDDLES, np.einsum("lij,lj->li", limbs, axes)) @ shortest(axes, MIDDLES)
    rolled = rotation_vectors(np.swapaxes(swing, -1, -2) @ limbs)
    return matrices(rolled / 2).astype(np.float64)


def shortest(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The smallest turn (..., 3, 3) from one direction (..., 3) to another, not its opposite."""
    start = start / np.linalg.norm(start, axis=-1, keepdims=True)
    end = end / np.linalg.norm(end, axis=-1, keepdims=True)
    middle = start + end
    scale = 1 + (start * end).sum(-1)[..., None, None]
    outer = middle[..., :, None] * middle[..., None, :] / scale
    return np.eye(3) - outer + 2 * end[..., :, None] * start[..., None, :]


@cache
def neutral_frame(anatomy: Anatomy) -> Frame:
    """Of the person of middling traits; measured once."""
    joint = {bone: anatomy.middle.joints[row].astype(np.float64) for row, bone in enumerate(anatomy.bones)}
    neutral = np.repeat(np.eye(3)[None], len(SEGMENTS), axis=0)
    rolled = np.zeros(len(SIDES))
    for row, side in enumerate(SIDES):
        turns, rolled[row] = _limbs(joint, side)
        for name, turn in turns.items():
            neutral[ROW[f"{name}.{side}"]] = turn
    begin = np.array([joint[_bone(name)] for name in SEGMENTS])
    far = np.array([_far(anatomy, joint, name) for name in SEGMENTS])
    offsets = np.einsum("sij,sj->si", neutral[PARENT], begin - begin[PARENT])
    offsets[0] = begin[0]
    return Frame(neutral, offsets, np.einsum("sij,sj->si", neutral, far - begin), rolled)


def _bone(name: str) -> str:
    """The bone that a segment begins with."""
    stem, dot, side = name.partition(".")
    return FIRST[stem] + dot + side


def _limbs(joint: dict[str, np.ndarray], side: str) -> tuple[dict[str, np.ndarray], float]:
    """Segment without side -> the turn from rest to the neutral stance; and the forearm's roll at rest."""
    shoulder, elbow, wrist, hip, knee, ankle = (
        joint[f"{bone}.{side}"] for bone in ("upperarm01", "lowerarm01", "wrist", "upperleg01", "lowerleg01", "foot")
    )
    fingers = joint[f"finger3-1.{side}"] - wrist
    across = joint[f"finger2-1.{side}"] - joint[f"finger5-1.{side}"]  # to the thumb's side: to the front when neutral
    hinge, left = np.cross(wrist - elbow, elbow - shoulder), np.array([1.0, 0.0, 0.0])
    turns = {"upperarm": along(elbow - shoulder, hinge).T, "forearm": along(wrist - elbow, hinge).T,
             "hand": along(fingers, np.cross(across, fingers)).T,
             "thigh": along(knee - hip, left).T, "shin": along(ankle - knee, left).T}  # fmt: skip
    rolled = float(roll(turns["forearm"] @ turns["hand"].T))
    return turns, rolled


def _far(anatomy: Anatomy, joint: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Where a segment ends at rest."""
    stem, dot, side = name.partition(".")
    if stem == "head":
        return np.append(joint["head"][:2], anatomy.middle.vertices[anatomy.groups["body"], 2].max())
    following = {"pelvis": "spine05", "loin": "spine02", "chest": "neck01", "neck": "head", "collar": "upperarm01",
                 "upperarm": "lowerarm01", "forearm": "wrist", "hand": "finger3-3", "thigh": "lowerleg01",
                 "shin": "foot", "foot": "toe2-1", "toes": "toe2-3"}  # fmt: skip
    return joint[following[stem] + dot + side]
