"""Motion capture of any rig as stances of ours: limbs keep their directions in the world, whatever the rest poses.

The trunk takes over the rig's turns, seen from the pose in which nothing is turned, because short bones have no certain
direction; limbs take over directions, because every rig has its own rest. How a limb rolls follows the plane in which
it is bent; a straight one rolls as the trunk and its own rig suggest.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vitruvian.errors import DataError
from vitruvian.media import Motion, joints_of, unturned
from vitruvian.synthesis.human.pose import matrices
from vitruvian.synthesis.poses.segments import ROW, SEGMENTS, SIDES, about, along, shortest, stance_of

BENT = np.sin(np.radians(25))  # sine of a bend from which on its plane alone decides the roll
LIFT = np.radians(25.0)  # at most, of a collar against the chest
WRIST = np.radians(70.0)  # at most, of a hand against its forearm: beyond it capture is noise
PRONATION, SUPINATION = np.radians(75.0), np.radians(80.0)  # rolls of a forearm from the thumb to the front
ANKLE = np.radians(55.0)
LEG_MIDDLE = np.array([0.0, -0.6, -0.8])  # of where thighs point

# Names of rigs, lower case, without prefix ("mixamorig:") and punctuation; the first that a file has is taken.
CENTRE = {
    "pelvis": ("hips", "hip", "pelvis", "root"),
    "loin": ("lowerback", "spine", "abdomen", "spine0", "spine01", "spine1"),
    "chest": ("chest2", "spine3", "spine03", "spine2", "spine02", "chest", "upperchest", "thorax", "spine1"),
    "neck": ("neck", "neck1", "lowerneck", "neck01"),
    "head": ("head",),
}
SIDED = {  # SIDE stands for left, right, l or r
    "collar": ("SIDEcollar", "SIDEshoulder", "SIDEclavicle", "clavicleSIDE", "SIDEcollarbone"),
    "upperarm": ("SIDEarm", "SIDEupperarm", "upperarmSIDE", "SIDEshldr", "SIDEuparm", "SIDEshoulder"),
    "forearm": ("SIDEforearm", "SIDElowerarm", "lowerarmSIDE", "SIDEelbow", "SIDElowarm"),
    "hand": ("SIDEwrist", "SIDEhand", "handSIDE"),
    "fingers": ("SIDEfingers", "SIDEhandend", "SIDEhandmiddle1", "middle01SIDE", "SIDEindexbase",
                "SIDEhandend.end", "SIDEhand.end", "handSIDE.end", "SIDEwrist.end", "SIDEhand"),
    "thumb": ("SIDEthumb.end", "SIDEhandthumb1.end", "SIDEhandthumb2"),
    "thigh": ("SIDEupleg", "SIDEupperleg", "SIDEthigh", "thighSIDE", "SIDEhip"),
    "shin": ("SIDEleg", "SIDElowerleg", "SIDEshin", "calfSIDE", "SIDEcalf", "SIDElowleg", "SIDEknee"),
    "foot": ("SIDEankle", "SIDEfoot", "footSIDE"),
    "toes": ("SIDEtoebase", "SIDEtoe", "ballSIDE", "SIDEtoes", "SIDEfoot.end", "footSIDE.end", "SIDEankle.end",
             "SIDEfoot"),
}  # fmt: skip
OPTIONAL = {"collar", "fingers", "thumb", "toes", "loin", "chest", "neck", "head"}
SPELLED = {"L": ("left", "l"), "R": ("right", "r")}


@dataclass(frozen=True, eq=False)
class Moving:
    """A motion as stances. stances: (T, S, 3) float64; height: (T,) of the pelvis above the rig's lowest point in the
    whole motion, in lengths of a leg from hip to ankle."""

    stances: np.ndarray
    height: np.ndarray


def rows_of(motion: Motion) -> dict[str, int]:
    """Our name of a joint, as "hand.L" -> its row in the motion. Raises DataError for a rig without a limb we need."""
    plain = {_plain(name): row for row, name in reversed(list(enumerate(motion.names)))}
    wanted = {**CENTRE, **{f"{name}.{side}": _sided(SIDED[name], side) for name in SIDED for side in SIDES}}
    found = {
        name: plain[next(s for s in known if s in plain)] for name, known in wanted.items() if plain.keys() & {*known}
    }
    for side in SIDES:
        for name, other in (("collar", "upperarm"), ("fingers", "hand"), ("toes", "foot")):
            if found.get(f"{name}.{side}") == found.get(f"{other}.{side}"):  # the rig has but one of them
                found.pop(f"{name}.{side}", None)
    missing = [name for name in wanted if name not in found and name.split(".")[0] not in OPTIONAL]
    if missing:
        raise DataError(
            f"the rig has no joint known as {', '.join(missing)}; its joints: {', '.join(motion.names[:40])}. "
            "Rename them as Mixamo does: Hips, LeftArm, LeftForeArm, LeftHand, LeftUpLeg, LeftLeg, LeftFoot"
        )
    return found


def _plain(name: str) -> str:
    """A joint's name without prefix, punctuation and capitals; ".end" stays."""
    stem, dot, end = name.rpartition(".end")
    stem = (stem if dot else end).split(":")[-1].lower()
    for prefix in ("mixamorig", "bip01", "jbip"):
        stem = stem.removeprefix(prefix)
    return "".join(letter for letter in stem if letter.isalnum()) + dot


def _sided(names: tuple[str, ...], side: str) -> tuple[str, ...]:
    """Known names with SIDE spelled out."""
    return tuple(name.replace("SIDE", spelled) for name in names for spelled in SPELLED[side])


def retargeted(motion: Motion) -> Moving:
    """A motion as stances of ours. Raises DataError for a rig that lacks a limb or stands on its head."""
    rows = rows_of(motion)
    axes = upright(motion, rows)
    places, turns = joints_of(motion)
    places, turns = places @ axes.T, axes @ turns @ axes.T
    found = np.repeat(np.eye(3)[None, None], len(SEGMENTS), axis=1).repeat(len(places), axis=0)
    _trunk(found, turns, rows)
    for side in SIDES:
        _arm(found, places, rows, side)
        _leg(found, places, rows, side)
    leg = sum(np.linalg.norm(places[:, rows[f"{end}.L"]] - places[:, rows[f"{start}.L"]], axis=-1).mean()
              for start, end in (("thigh", "shin"), ("shin", "foot")))  # fmt: skip
    height = (places[:, rows["pelvis"], 2] - places[..., 2].min()) / leg
    return Moving(stance_of(found), height)


def upright(motion: Motion, rows: Mapping[str, int]) -> np.ndarray:
    """The axes (3, 3) of a rig as rows: its left, its back and its up, found in the pose in which nothing is turned."""
    places = joints_of(unturned(motion))[0][0]
    left = places[rows["thigh.L"]] - places[rows["thigh.R"]]
    top = places[rows["upperarm.L"]] + places[rows["upperarm.R"]]
    up = top - places[rows["thigh.L"]] - places[rows["thigh.R"]]
    left, up = (_nearest_axis(direction) for direction in (left, up))
    if left @ up:
        raise DataError("the rig's shoulders are not above its hips while nothing is turned; is it of a person?")
    return np.stack([left, np.cross(up, left), up])


def _nearest_axis(direction: np.ndarray) -> np.ndarray:
    """The axis of the file, or its opposite, that a direction is nearest to: rigs are built along the axes."""
    axis = np.abs(direction).argmax()
    return np.eye(3)[axis] * np.sign(direction[axis])


def _trunk(found: np.ndarray, turns: np.ndarray, rows: Mapping[str, int]) -> None:
    """Fills in the turns of pelvis, loin, chest, neck and head."""
    above = "pelvis"
    for name in ("pelvis", "loin", "chest", "neck", "head"):
        above = name if name in rows else above
        found[:, ROW[name]] = turns[:, rows[above]]


def _arm(found: np.ndarray, places: np.ndarray, rows: Mapping[str, int], side: str) -> None:
    """Fills in the turns of collar, upper arm, forearm and hand."""
    shoulder, elbow, wrist = (places[:, rows[f"{name}.{side}"]] for name in ("upperarm", "forearm", "hand"))
    upper, fore = _unit(elbow - shoulder), _unit(wrist - elbow)
    chest = found[:, ROW["chest"]]
    found[:, ROW[f"collar.{side}"]] = collar = chest @ lifted(np.swapaxes(chest, 1, 2) @ upper[..., None], side)
    hinge = _hinge(np.cross(fore, upper), resting_hinge(collar, upper, side))
    found[:, ROW[f"upperarm.{side}"]] = along(upper, hinge)
    forearm, pointing = along(fore, hinge), fore
    if f"fingers.{side}" in rows:
        pointing = places[:, rows[f"fingers.{side}"]] - wrist
    if f"thumb.{side}" in rows:
        thumb = places[:, rows[f"thumb.{side}"]] - wrist
        forearm = forearm @ about("z", _rolled(_bent(forearm, pointing, WRIST), thumb, side))
    found[:, ROW[f"forearm.{side}"]] = forearm
    found[:, ROW[f"hand.{side}"]] = _bent(forearm, pointing, WRIST)


def _rolled(hand: np.ndarray, thumb: np.ndarray, side: str) -> np.ndarray:
    """How far (...) to roll a hand, (..., 3, 3), until its thumb is where it was captured, or as far as forearms go."""
    x, y, _ = np.moveaxis(np.einsum("...ji,...j->...i", hand, thumb), -1, 0)
    sign = 1.0 if side == "L" else -1.0
    return sign * np.clip(sign * np.arctan2(x, -y), -PRONATION, SUPINATION)


def _leg(found: np.ndarray, places: np.ndarray, rows: Mapping[str, int], side: str) -> None:
    """Fills in the turns of thigh, shin, foot and toes."""
    hip, knee, ankle = (places[:, rows[f"{name}.{side}"]] for name in ("thigh", "shin", "foot"))
    thigh, shin = _unit(knee - hip), _unit(ankle - knee)
    usual = _swung(found[:, ROW["pelvis"]], thigh, LEG_MIDDLE)
    hinge = _hinge(np.cross(thigh, shin), usual)
    found[:, ROW[f"thigh.{side}"]] = along(thigh, hinge)
    found[:, ROW[f"shin.{side}"]] = lower = along(shin, hinge)
    found[:, ROW[f"foot.{side}"]] = lower
    if f"toes.{side}" in rows:
        found[:, ROW[f"foot.{side}"]] = foot_turn(lower, places[:, rows[f"toes.{side}"]] - ankle)
    found[:, ROW[f"toes.{side}"]] = found[:, ROW[f"foot.{side}"]]


def foot_turn(shin: np.ndarray, pointing: np.ndarray) -> np.ndarray:
    """The turn (..., 3, 3) of a foot whose ankle and toes are `pointing` apart, at most ANKLE away from at right angles
    with its shin, (..., 3, 3)."""
    sole = np.array([0.0, -0.95, -0.31])  # from the ankle down to the toes, standing
    local = _unit(np.einsum("...ji,...j->...i", shin, pointing))
    return shin @ _limited_swing(np.broadcast_to(sole, local.shape), local, ANKLE)


def lifted(upper: np.ndarray, side: str) -> np.ndarray:
    """The turn (..., 3, 3) of a collar against its chest for an upper arm that points to `upper` (..., 3, 1), in the
    chest's axes: of three degrees that an arm rises, about one is the shoulder blade's; half of that shows here.

    Source: V. T. Inman, J. B. Saunders, L. C. Abbott: Observations on the function of the shoulder joint, 1944.
    """
    x, y, z = (upper[..., axis, 0] for axis in range(3))
    sign = 1.0 if side == "L" else -1.0
    rise = LIFT * np.clip((z + 0.7) / 1.7, 0.0, 1.0)
    forth = np.radians(15) * np.clip(-y, -0.6, 1.0) * np.clip(1 - np.abs(z), 0.0, 1.0) + np.radians(5) * np.clip(
        -sign * x, 0, 1
    )
    return about("z", -sign * forth) @ about("y", -sign * rise)


def resting_hinge(body: np.ndarray, upper: np.ndarray, side: str) -> np.ndarray:
    """The axis (..., 3) about which the elbow of an arm bends that is nearly straight and points to `upper` (..., 3):
    hanging, elbows point back and a little outwards; raised, outwards. body: (..., 3, 3), the turn of the chest."""
    sign = 1.0 if side == "L" else -1.0
    return _swung(body @ about("z", -0.4 * sign), upper, np.array([0.65 * sign, -0.65, -0.4]))


def _swung(body: np.ndarray, limb: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """The body's left after a swing of its down to `middle` (3,) and on to `limb` (..., 3), the shortest ways."""
    local = np.einsum("...ji,...j->...i", body, limb)
    swing = shortest(middle, local) @ shortest(np.array([0.0, 0.0, -1.0]), middle)
    return np.einsum("...ij,...j->...i", body, swing[..., :, 0])


def _hinge(plane: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """The axis of a hinge. plane: normal of the bend, as long as its sine; usual: where the bend is too small."""
    share = np.clip(np.linalg.norm(plane, axis=-1, keepdims=True) / BENT, 0.0, 1.0)
    agrees = np.clip((_unit(plane) * usual).sum(-1, keepdims=True) + 1, 0.0, 1.0)  # 0: bent the wrong way round
    share = np.where(share < 1, share * agrees, share)
    return _unit(share * _unit(plane) + (1 - share) * usual)


def _bent(turn: np.ndarray, pointing: np.ndarray, limit: float) -> np.ndarray:
    """The turn of a part that points to `pointing` and hangs on one turned by `turn`, at most `limit` away from it."""
    local = _unit(np.einsum("...ji,...j->...i", turn, pointing))
    return turn @ _limited_swing(np.broadcast_to(np.array([0.0, 0.0, -1.0]), local.shape), local, limit)


def _limited_swing(start: np.ndarray, end: np.ndarray, limit: float) -> np.ndarray:
    """The shortest turn (..., 3, 3) from one direction towards another, by `limit` radians at most."""
    axis = np.cross(start, end)
    sine, cosine = np.linalg.norm(axis, axis=-1), (start * end).sum(-1)
    angle = np.minimum(np.arctan2(sine, cosine), limit)
    return matrices(_unit(axis) * angle[..., None]).astype(np.float64)


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.maximum(np.linalg.norm(vector, axis=-1, keepdims=True), 1e-9)
