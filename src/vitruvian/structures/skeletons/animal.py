"""Skeletons of animals. Left and right are the animal's own; the data sets' L_F_Paw is left_front_paw here."""

from vitruvian.structures.skeleton import Skeleton
from vitruvian.structures.skeletons.chains import chains

AP10K17 = Skeleton.define(
    "ap10k17",
    (
        "left_eye", "right_eye", "nose", "neck", "root_of_tail",
        "left_shoulder", "left_elbow", "left_front_paw", "right_shoulder", "right_elbow", "right_front_paw",
        "left_hip", "left_knee", "left_back_paw", "right_hip", "right_knee", "right_back_paw",
    ),
    limbs=chains(
        "left_eye right_eye",
        "left_eye nose",
        "right_eye nose",
        "nose neck root_of_tail",
        "neck left_shoulder left_elbow left_front_paw",
        "neck right_shoulder right_elbow right_front_paw",
        "root_of_tail left_hip left_knee left_back_paw",
        "root_of_tail right_hip right_knee right_back_paw",
    ),
    sigmas=(
        0.025, 0.025, 0.026, 0.035, 0.035,
        0.079, 0.072, 0.062, 0.079, 0.072, 0.062, 0.107, 0.087, 0.089, 0.107, 0.087, 0.089,
    ),
)  # fmt: skip
"""AP-10K: "AP-10K: A Benchmark for Animal Pose Estimation in the Wild", https://github.com/AlexTheBad/AP-10K."""

ANIMALPOSE20 = Skeleton.define(
    "animalpose20",
    (
        "left_eye", "right_eye", "left_ear_base", "right_ear_base", "nose", "throat", "tail_base", "withers",
        "left_front_elbow", "right_front_elbow", "left_back_elbow", "right_back_elbow",
        "left_front_knee", "right_front_knee", "left_back_knee", "right_back_knee",
        "left_front_paw", "right_front_paw", "left_back_paw", "right_back_paw",
    ),
    limbs=chains(
        "left_eye right_eye",
        "left_eye left_ear_base",
        "right_eye right_ear_base",
        "left_eye nose",
        "right_eye nose",
        "nose throat withers",
        "tail_base withers",
        "throat left_front_elbow left_front_knee left_front_paw",
        "throat right_front_elbow right_front_knee right_front_paw",
        "tail_base left_back_elbow left_back_knee left_back_paw",
        "tail_base right_back_elbow right_back_knee right_back_paw",
    ),
    # As published with the models. The values of the head read as if they were meant for eyes, nose and ears in COCO's
    # order: the left ear has the nose's 0.026 and the nose an ear's 0.035.
    sigmas=(
        0.025, 0.025, 0.026, 0.035, 0.035, 0.100, 0.100, 0.100,
        0.107, 0.107, 0.107, 0.107, 0.087, 0.087, 0.087, 0.087, 0.089, 0.089, 0.089, 0.089,
    ),
)  # fmt: skip
"""Animal-Pose: "Cross-Domain Adaptation for Animal Pose Estimation", https://sites.google.com/view/animal-pose/."""

HORSE22 = Skeleton.define(
    "horse22",
    (
        "nose", "eye", "near_knee", "near_front_fetlock", "near_front_foot", "off_knee", "off_front_fetlock",
        "off_front_foot", "shoulder", "mid_shoulder", "elbow", "girth", "wither", "near_hind_hock",
        "near_hind_fetlock", "near_hind_foot", "hip", "stifle", "off_hind_hock", "off_hind_fetlock", "off_hind_foot",
        "ischium",
    ),
    limbs=chains(
        "nose eye wither hip ischium stifle girth elbow shoulder mid_shoulder wither",
        "near_knee near_front_fetlock near_front_foot",
        "off_knee off_front_fetlock off_front_foot",
        "near_hind_hock near_hind_fetlock near_hind_foot",
        "off_hind_hock off_hind_fetlock off_hind_foot",
    ),
)  # fmt: skip
"""Horse-10, horses seen from one side.

"Pretraining boosts out-of-domain robustness for pose estimation", http://www.mackenziemathislab.org/horse10.
Mirroring exchanges nothing, as published: eye, shoulder and hip are those one sees, and near and off legs keep their
names, though among riders near means left. No sigmas are published; every point has `DEFAULT_SIGMA`.
"""
