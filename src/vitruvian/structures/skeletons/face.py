"""Skeletons of faces.

The data sets number their points; the names are ours. Left and right are the subject's own, so a face seen from the
front has its right side at the left of the image. Numbers count from the midline outwards, on both sides alike:
right_jaw_1 and left_jaw_1 lie beside the chin, right_eyebrow_5 and left_eyebrow_5 at the temples. So every mirror
follows from the names. The data sets publish no limbs either: the lines drawn along jaw, eyebrows and nose, and round
eyes and lips, are ours.
"""

from vitruvian.structures.skeleton import Skeleton
from vitruvian.structures.skeletons.chains import Limbs, chains, line, loop

FACE_SIGMA = 0.015  # for faces without published sigmas: what Halpe gives every point of a face


def across(part: str, count: int, middle: str | None = None) -> tuple[str, ...]:
    """`count` points of each side, from the subject's right to its left, with the one on the midline if named."""
    right = [f"right_{part}_{n}" for n in range(count, 0, -1)]
    left = [f"left_{part}_{n}" for n in range(1, count + 1)]
    return (*right, *([middle] if middle else []), *left)


def eye(side: str, lid: int) -> tuple[str, ...]:
    """The points round one eye, clockwise in the image: two corners and `lid` points on each lid."""
    inner, outer = f"{side}_eye_inner", f"{side}_eye_outer"
    upper = [f"{side}_eye_upper_{n}" for n in range(1, lid + 1)]
    lower = [f"{side}_eye_lower_{n}" for n in range(1, lid + 1)]
    if side == "right":
        return (outer, *reversed(upper), inner, *lower)
    return (inner, *upper, outer, *reversed(lower))


def thick_eyebrow(side: str) -> tuple[str, ...]:
    """The nine points round one eyebrow, clockwise in the image: five along its upper edge, four along its lower."""
    upper = [f"{side}_eyebrow_upper_{n}" for n in range(1, 6)]  # 5 is the outer tip
    lower = [f"{side}_eyebrow_lower_{n}" for n in range(1, 5)]
    return (*reversed(upper), *lower) if side == "right" else (*upper, *reversed(lower))


def lips(edge: str, count: int) -> tuple[str, ...]:
    """The points round the `edge` ("outer" or "inner") of the lips, clockwise in the image from the right corner."""
    upper = across(f"{edge}_lip_upper", count, f"{edge}_lip_upper_middle")
    lower = across(f"{edge}_lip_lower", count, f"{edge}_lip_lower_middle")
    return (f"right_{edge}_lip_corner", *upper, f"left_{edge}_lip_corner", *reversed(lower))


NOSE_BRIDGE = ("nose_bridge_1", "nose_bridge_2", "nose_bridge_3", "nose_bridge_4")  # from between the eyes to the tip
LIPS = (*lips("outer", 2), *lips("inner", 1))
LIP_LIMBS = loop(lips("outer", 2)) + loop(lips("inner", 1))


def _face68() -> tuple[tuple[str, ...], Limbs]:
    lines = (across("jaw", 8, "chin"), *_halves(across("eyebrow", 5)), NOSE_BRIDGE, across("nostril", 2, "nose_base"))
    loops = (eye("right", 2), eye("left", 2))
    names = tuple(name for part in lines + loops for name in part) + LIPS
    limbs = tuple(limb for part in lines for limb in line(part)) + tuple(limb for part in loops for limb in loop(part))
    return names, limbs + LIP_LIMBS


def _halves(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Points of both sides that do not meet: those of the right, those of the left."""
    return names[: len(names) // 2], names[len(names) // 2 :]


FACE68_NAMES, FACE68_LIMBS = _face68()

FACE68 = Skeleton.define(
    "face68",
    FACE68_NAMES,
    limbs=FACE68_LIMBS,
    sigmas=(
        0.042, 0.043, 0.044, 0.043, 0.040, 0.035, 0.031, 0.025, 0.020,  # jaw to the chin
        0.023, 0.029, 0.032, 0.037, 0.038, 0.043, 0.041, 0.045,  # jaw from the chin
        0.013, 0.012, 0.011, 0.011, 0.012, 0.012, 0.011, 0.011, 0.013, 0.015,  # eyebrows
        0.009, 0.007, 0.007, 0.007, 0.012, 0.009, 0.008, 0.016, 0.010,  # nose
        0.017, 0.011, 0.009, 0.011, 0.009, 0.007, 0.013, 0.008, 0.011, 0.012, 0.010, 0.034,  # eyes
        0.008, 0.008, 0.009, 0.008, 0.008, 0.007, 0.010, 0.008, 0.009, 0.009, 0.009, 0.007,  # outer lips
        0.007, 0.008, 0.011, 0.008, 0.008, 0.008, 0.010, 0.008,  # inner lips
    ),
)  # fmt: skip
"""The 68 points of iBUG: jaw 0-16, eyebrows 17-26, nose 27-35, eyes 36-47, outer lips 48-59, inner lips 60-67.

300-W ("300 faces in-the-wild challenge: Database and results", https://ibug.doc.ic.ac.uk/resources/300-W/), 300-VW
(https://ibug.doc.ic.ac.uk/resources/300-VW/), 300W-LP
(http://www.cbsr.ia.ac.cn/users/xiangyuzhu/projects/3DDFA/main.htm) and the faces of COCO-WholeBody and Halpe.
Some configurations of 300W-LP exchange no points when mirrored, which would call the left eye right: its points are in
the order of 300-W, and so is their mirror here.

Sigmas: COCO-WholeBody ("Whole-Body Human Pose Estimation in the Wild", https://github.com/jin-s13/COCO-WholeBody/),
measured point by point and so not the same left and right.
"""


def _wflw98() -> Skeleton:
    jaw, nostrils = across("jaw", 16, "chin"), across("nostril", 2, "nose_base")
    loops = (thick_eyebrow("right"), thick_eyebrow("left"), eye("right", 3), eye("left", 3))
    eyebrows, eyes = (*loops[0], *loops[1]), (*loops[2], *loops[3])
    names = (*jaw, *eyebrows, *NOSE_BRIDGE, *nostrils, *eyes, *LIPS, "right_pupil", "left_pupil")
    limbs = line(jaw) + line(NOSE_BRIDGE) + line(nostrils) + tuple(limb for part in loops for limb in loop(part))
    return Skeleton.define("wflw98", names, limbs=limbs + LIP_LIMBS, sigmas=(FACE_SIGMA,) * 98)


WFLW98 = _wflw98()
"""WFLW: jaw 0-32, eyebrows 33-50, nose 51-59, eyes 60-75, lips 76-95, pupils 96-97.

"Look at boundary: A boundary-aware face alignment algorithm", https://wywu.github.io/projects/LAB/WFLW.html.
No sigmas are published; every point has `FACE_SIGMA`.
"""


def _lapa106() -> Skeleton:
    jaw, nose = across("jaw", 16, "chin"), across("nose_side", 5, "nose_base")
    loops = (thick_eyebrow("right"), thick_eyebrow("left"), eye("right", 3), eye("left", 3))
    eyes = (*loops[2], "right_eye_centre", *loops[3], "left_eye_centre")
    names = (*jaw, *loops[0], *loops[1], *NOSE_BRIDGE, *nose, *eyes, *LIPS, "right_pupil", "left_pupil")
    limbs = line(jaw) + line(NOSE_BRIDGE) + line(nose) + tuple(limb for part in loops for limb in loop(part))
    return Skeleton.define("lapa106", names, limbs=limbs + LIP_LIMBS, sigmas=(FACE_SIGMA,) * 106)


LAPA106 = _lapa106()
"""LaPa: jaw 0-32, eyebrows 33-50, nose 51-65, eyes with their centres 66-83, lips 84-103, pupils 104-105.

"A New Dataset and Boundary-Attention Semantic Segmentation for Face Parsing",
https://github.com/JDAI-CV/lapa-dataset. No sigmas are published; every point has `FACE_SIGMA`.
"""

AFLW19 = Skeleton.define(
    "aflw19",
    (
        "right_eyebrow_outer", "right_eyebrow_middle", "right_eyebrow_inner",
        "left_eyebrow_inner", "left_eyebrow_middle", "left_eyebrow_outer",
        "right_eye_outer", "right_eye_centre", "right_eye_inner",
        "left_eye_inner", "left_eye_centre", "left_eye_outer",
        "right_nostril", "nose_tip", "left_nostril",
        "right_lip_corner", "lip_middle", "left_lip_corner", "chin",
    ),
    limbs=chains(
        "right_eyebrow_outer right_eyebrow_middle right_eyebrow_inner",
        "left_eyebrow_inner left_eyebrow_middle left_eyebrow_outer",
        "right_eye_outer right_eye_centre right_eye_inner",
        "left_eye_inner left_eye_centre left_eye_outer",
        "right_nostril nose_tip left_nostril",
        "right_lip_corner lip_middle left_lip_corner",
    ),
    sigmas=(FACE_SIGMA,) * 19,
)  # fmt: skip
"""AFLW without its two ears, as landmark methods use it.

"Annotated facial landmarks in the wild: A large-scale, real-world database for facial landmark localization",
https://www.tugraz.at/institute/icg/research/team-bischof/lrs/downloads/aflw/. No sigmas are published; every point has
`FACE_SIGMA`.
"""

COFW29 = Skeleton.define(
    "cofw29",
    (
        "right_eyebrow_outer", "left_eyebrow_outer", "right_eyebrow_inner", "left_eyebrow_inner",
        "right_eyebrow_upper", "right_eyebrow_lower", "left_eyebrow_upper", "left_eyebrow_lower",
        "right_eye_outer", "left_eye_outer", "right_eye_inner", "left_eye_inner",
        "right_eye_upper", "right_eye_lower", "left_eye_upper", "left_eye_lower", "right_pupil", "left_pupil",
        "right_nostril", "left_nostril", "nose_tip", "nose_base", "right_lip_corner", "left_lip_corner",
        "upper_lip_upper", "upper_lip_lower", "lower_lip_upper", "lower_lip_lower", "chin",
    ),
    limbs=chains(
        "right_eyebrow_outer right_eyebrow_upper right_eyebrow_inner right_eyebrow_lower right_eyebrow_outer",
        "left_eyebrow_inner left_eyebrow_upper left_eyebrow_outer left_eyebrow_lower left_eyebrow_inner",
        "right_eye_outer right_eye_upper right_eye_inner right_eye_lower right_eye_outer",
        "left_eye_inner left_eye_upper left_eye_outer left_eye_lower left_eye_inner",
        "right_nostril nose_tip left_nostril nose_base right_nostril",
        "right_lip_corner upper_lip_upper left_lip_corner lower_lip_lower right_lip_corner",
        "right_lip_corner upper_lip_lower left_lip_corner lower_lip_upper right_lip_corner",
    ),
    sigmas=(FACE_SIGMA,) * 29,
)  # fmt: skip
"""COFW, faces half hidden.

"Robust face landmark estimation under occlusion", http://www.vision.caltech.edu/xpburgos/ICCV13/. No sigmas are
published; every point has `FACE_SIGMA`.
"""
