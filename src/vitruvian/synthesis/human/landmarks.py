"""Where the keypoints of a skeleton are on a posed person: joints of bones where annotators mark joints, and points of
the skin, the mean of a few vertices chosen once, for the rest.

The jaw of a face is marked by fixed vertices, along the outline that a face has when seen from the front; where
annotators see it on turned faces is the subject of `face_outline`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from vitruvian.errors import SkeletonError
from vitruvian.structures import skeleton
from vitruvian.synthesis.human.anatomy import Anatomy
from vitruvian.synthesis.human.pose import Posed

Part = int | str
"""A vertex of the mesh, or the name of a bone, which stands for where it begins."""

FINGER_BONES = {"thumb": 1, "forefinger": 2, "middle_finger": 3, "ring_finger": 4, "pinky_finger": 5}

BODY_BONES = {
    "shoulder": "upperarm01", "elbow": "lowerarm01", "wrist": "wrist", "hip": "upperleg01", "knee": "lowerleg01",
    "ankle": "foot",
}  # fmt: skip

BODY_MIDLINE: Mapping[str, tuple[Part, ...]] = {
    "nose": (294,),
    "head": (881,),  # the crown
    "neck": ("neck01", "clavicle.R", "clavicle.L"),  # a little above the line of the shoulders, where LSP has it
    "hip": ("upperleg01.R", "upperleg01.L"),
}
BODY_PAIRS: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {  # of the right, of the left
    "eye": ((0, 54, 47, 41), (6784, 6838, 6831, 6825)),  # amid the lids
    "ear": ((5532,), (12131,)),
    "big_toe": ((6173,), (12770,)),
    "small_toe": ((6586,), (13182,)),
    "heel": ((5845, 6223), (12442, 12820)),
}
"""The points of COCO, whose joints agree with anny's own regressor of COCO within 3 cm, and those of Halpe."""

FINGERTIPS: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "thumb": ((2680, 2748, 2677, 2747), (9348, 9416, 9345, 9415)),
    "forefinger": ((1927, 1930, 2038, 2039), (8595, 8598, 8706, 8707)),
    "middle_finger": ((2119, 2122, 2230, 2145), (8787, 8790, 8898, 8813)),
    "ring_finger": ((2314, 2423, 2311, 2442), (8982, 9091, 8979, 9110)),
    "pinky_finger": ((2503, 2506, 2529, 2643), (9171, 9174, 9197, 9311)),
}

KNUCKLES = np.array([1, 5, 9, 13, 17])  # where the fingers begin, thumb first, in hand21
TIPS = np.array([4, 8, 12, 16, 20])
TO_WRIST = np.array([0.11, 0.148, 0.12, 0.113, 0.136], np.float32)[:, None]
TO_JOINT = np.float32(0.13)
"""How much nearer to the wrist than the bones of a straight finger the knuckles are, and how much nearer to the last
joint than their ends the tips are, so that fingers have the proportions that they have in InterHand2.6M's labels."""

FACE_MIDLINE: Mapping[str, tuple[int, ...]] = {
    "chin": (5296,), "nose_bridge_1": (136,), "nose_bridge_2": (135,), "nose_bridge_3": (164,),
    "nose_bridge_4": (294,), "nose_base": (343,), "outer_lip_upper_middle": (455, 466),
    "outer_lip_lower_middle": (492,), "inner_lip_upper_middle": (520,), "inner_lip_lower_middle": (523,),
}  # fmt: skip
FACE_PAIRS: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "jaw_8": ((5402, 5769), (12001, 12366)), "jaw_7": ((5763, 868), (12360, 7573)),
    "jaw_6": ((5098, 869), (11713, 7574)), "jaw_5": ((912,), (7614,)), "jaw_4": ((895, 894), (7597, 7596)),
    "jaw_3": ((893, 892), (7595, 7594)), "jaw_2": ((743,), (7463,)), "jaw_1": ((914,), (7616,)),
    "eyebrow_5": ((255, 261), (7024, 7030)), "eyebrow_4": ((225, 232), (6999, 7005)),
    "eyebrow_3": ((222, 224), (6996, 6998)),
    "eyebrow_2": ((205, 223), (6980, 6997)), "eyebrow_1": ((208, 228), (6983, 7001)),
    "nostril_2": ((358,), (7119,)), "nostril_1": ((359, 314), (7120, 7077)),
    "eye_outer": ((6781,), (13377,)), "eye_upper_2": ((0,), (6784,)), "eye_upper_1": ((54,), (6838,)),
    "eye_inner": ((66, 69), (6850, 6853)), "eye_lower_1": ((47,), (6831,)), "eye_lower_2": ((41,), (6825,)),
    "outer_lip_corner": ((369, 402), (7129, 7162)), "outer_lip_upper_2": ((5354,), (11956,)),
    "outer_lip_upper_1": ((450, 460), (7210, 7219)), "outer_lip_lower_2": ((480,), (7235,)),
    "outer_lip_lower_1": ((486,), (7241,)), "inner_lip_corner": ((432, 3732, 444), (7192, 10400, 7204)),
    "inner_lip_upper_1": ((514,), (7261,)), "inner_lip_lower_1": ((517,), (7264,)),
}  # fmt: skip
"""The points of iBUG: lips along the edge of the red, eyes along the edge of the lids, jaw and chin where the outline
runs that is seen from the front, spaced as in iBUG's frontal faces."""


@dataclass(frozen=True, eq=False)
class Landmarks:
    """The keypoints of a skeleton as means of points. rows: (K, P) of vertices and then of joints; share: (K, P, 1)
    float32, which sum to 1."""

    rows: np.ndarray
    share: np.ndarray

    def of(self, posed: Posed) -> np.ndarray:
        """(K, 3) float32, the world's metres."""
        points = np.concatenate([posed.vertices, posed.joints])
        return (points[self.rows] * self.share).sum(1)


def landmarks(name: str, anatomy: Anatomy, posed: Posed) -> np.ndarray:
    """(K, 3) float32 positions in the world of the keypoints of "halpe26", "coco17", "face68", or of one hand:
    "left_hand21", "right_hand21"."""
    points = _found(name, anatomy).of(posed)
    return _as_labelled(points) if name.endswith("hand21") else points


def _as_labelled(hand: np.ndarray) -> np.ndarray:
    """(21, 3) bones' beginnings and ends of fingers -> (21, 3) as annotators place them. The mesh bends where its bones
    begin, so the more a finger is bent the closer to that its knuckle is; the thumb's base stays where it is."""
    wrist, knuckles = hand[0], hand[KNUCKLES]
    palm, finger = knuckles - wrist, hand[KNUCKLES + 1] - knuckles
    lengths = np.sqrt((palm**2).sum(1) * (finger**2).sum(1)) + np.float32(1e-9)
    straight = np.clip((palm * finger).sum(1) / lengths, 0, 1)[:, None]
    straight[0] = 1
    found = hand.copy()
    found[KNUCKLES] -= TO_WRIST * straight * palm
    found[TIPS] -= TO_JOINT * (hand[TIPS] - hand[TIPS - 1])
    return found


@cache
def _found(name: str, anatomy: Anatomy) -> Landmarks:
    marks = parts(name)
    most = max(len(mark) for mark in marks)
    rows, share = np.zeros((len(marks), most), np.int32), np.zeros((len(marks), most, 1), np.float32)
    for k, mark in enumerate(marks):
        rows[k, : len(mark)] = [_row(part, anatomy) for part in mark]
        share[k, : len(mark)] = 1 / len(mark)
    return Landmarks(rows, share)


def _row(part: Part, anatomy: Anatomy) -> int:
    return part if isinstance(part, int) else len(anatomy.middle.vertices) + anatomy.bone(part)


def parts(name: str) -> list[tuple[Part, ...]]:
    """What each keypoint of a skeleton is the mean of. Raises SkeletonError for a skeleton that nobody has placed."""
    if name in ("halpe26", "coco17"):
        return [_body_part(keypoint) for keypoint in skeleton(name).names]
    if name in ("left_hand21", "right_hand21"):
        side, own = name.split("_")
        return [_hand_part(keypoint, side) for keypoint in skeleton(own).names]
    if name == "face68":
        return [_sided(keypoint, FACE_MIDLINE, FACE_PAIRS) for keypoint in skeleton(name).names]
    raise SkeletonError(f'no landmarks for "{name}"; there are coco17, halpe26, face68, left_hand21 and right_hand21')


def _sided(
    keypoint: str,
    midline: Mapping[str, tuple[Part, ...]],
    pairs: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]],
) -> tuple[Part, ...]:
    if keypoint in midline:
        return midline[keypoint]
    side, _, what = keypoint.partition("_")
    return pairs[what][side == "left"]


def _body_part(keypoint: str) -> tuple[Part, ...]:
    side, _, what = keypoint.partition("_")
    if what in BODY_BONES:
        return (f"{BODY_BONES[what]}.{side[0].upper()}",)
    return _sided(keypoint, BODY_MIDLINE, BODY_PAIRS)


def _hand_part(keypoint: str, side: str) -> tuple[Part, ...]:
    """The joints of a finger are where its three bones begin, and the tip."""
    if keypoint == "wrist":
        return (f"wrist.{side[0].upper()}",)
    finger, joint = keypoint[:-1], keypoint[-1]
    if joint == "4":
        return FINGERTIPS[finger][side == "left"]
    return (f"finger{FINGER_BONES[finger]}-{joint}.{side[0].upper()}",)


BODY_DEPTHS: Mapping[str, float] = {
    "nose": 0.02, "eye": 0.03, "ear": 0.04, "shoulder": 0.12, "elbow": 0.1, "wrist": 0.06, "hip": 0.18, "knee": 0.1,
    "ankle": 0.07, "head": 0.06, "neck": 0.13, "big_toe": 0.04, "small_toe": 0.04, "heel": 0.05,
}  # fmt: skip
HAND_DEPTHS = np.array([0.04, *(0.03, 0.022, 0.016, 0.014) * 5], np.float32)
FACE_DEPTH = 0.01
"""Metres of flesh, hair and clothes that may lie over a landmark that counts as visible, on a middling grown person;
for joints a little over the median of 360 pictures."""


@cache
def depths(name: str) -> np.ndarray:
    """(K,) float32 metres that the keypoints of a skeleton, named as in `landmarks`, may lie under what is seen: the
    tolerance for `visible`. Larger for hips than for fingertips, so that a hand behind the back is hidden."""
    names = skeleton(name.split("_")[-1]).names
    if name.endswith("hand21"):
        return HAND_DEPTHS
    if name == "face68":
        return np.full(len(names), FACE_DEPTH, np.float32)
    bare = [keypoint.removeprefix("left_").removeprefix("right_") for keypoint in names]
    return np.array([BODY_DEPTHS[keypoint] for keypoint in bare], np.float32)
