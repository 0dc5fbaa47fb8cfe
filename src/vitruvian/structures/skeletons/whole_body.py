"""Skeletons of whole people: body, feet, face and both hands in one, put together from the parts."""

from vitruvian.structures.skeleton import Skeleton
from vitruvian.structures.skeletons.body import (
    COCO17,
    COCO_LIMBS,
    COCO_NAMES,
    FOOT_LIMBS,
    HALPE_LIMBS,
    HALPE_NAMES,
)
from vitruvian.structures.skeletons.chains import chains
from vitruvian.structures.skeletons.face import FACE68, FACE68_LIMBS, FACE68_NAMES, FACE_SIGMA
from vitruvian.structures.skeletons.hand import HAND_SIGMAS, finger_names, hand_limbs

FEET = ("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel")
LEFT_HAND = ("left_hand_root", *finger_names("left_"))
RIGHT_HAND = ("right_hand_root", *finger_names("right_"))

COCO_WHOLEBODY133 = Skeleton.define(
    "coco_wholebody133",
    (*COCO_NAMES, *FEET, *FACE68_NAMES, *LEFT_HAND, *RIGHT_HAND),
    limbs=(
        *COCO_LIMBS,
        *FOOT_LIMBS,
        *hand_limbs("left_hand_root", "left_"),
        *hand_limbs("right_hand_root", "right_"),
        *FACE68_LIMBS,  # ours: the data set draws no lines in the face
    ),
    # the feet were measured one by one, so left and right differ
    sigmas=(*COCO17.sigmas, 0.068, 0.066, 0.066, 0.092, 0.094, 0.094, *FACE68.sigmas, *HAND_SIGMAS, *HAND_SIGMAS),
)
"""COCO-WholeBody: body 0-16, feet 17-22, face 23-90, left hand 91-111, right hand 112-132.

"Whole-Body Human Pose Estimation in the Wild", https://github.com/jin-s13/COCO-WholeBody/. Also H3WB
(https://github.com/wholebody3d/wholebody3d) and UBody ("One-Stage 3D Whole-Body Mesh Recovery with Component Aware
Transformer", https://github.com/IDEA-Research/OSX) in 2D.
"""

FOOT6 = Skeleton.define(
    "foot6",
    FEET,
    limbs=chains(
        "left_heel left_big_toe left_small_toe left_heel", "right_heel right_big_toe right_small_toe right_heel"
    ),  # ours: the published lines start at the ankles
    sigmas=COCO_WHOLEBODY133.sigmas[17:23],
)
"""The feet of COCO-WholeBody by themselves, its keypoints 17-22."""

HALPE136 = Skeleton.define(
    "halpe136",
    (*HALPE_NAMES, *FACE68_NAMES, *LEFT_HAND, *RIGHT_HAND),
    limbs=(
        *HALPE_LIMBS,
        *hand_limbs("left_wrist", "left_"),  # as published: from the body's wrist, past the root of the hand
        *hand_limbs("right_wrist", "right_"),
        *FACE68_LIMBS,  # ours
    ),
    sigmas=(*COCO17.sigmas, *(0.08,) * 3, *(0.089,) * 6, *(FACE_SIGMA,) * (68 + 2 * 21)),
)
"""Halpe: body and feet 0-25, face 26-93, left hand 94-114, right hand 115-135.

"PaStaNet: Toward Human Activity Knowledge Engine", https://github.com/Fang-Haoshu/Halpe-FullBody/.
"""
