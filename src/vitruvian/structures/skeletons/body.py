"""Skeletons of human bodies.

Left and right are the person's own. A body whose data set publishes no sigmas takes COCO's value of the same joint, the
hip's for the root between the hips, the ankle's for a foot, and `TORSO_SIGMA` for the rest of spine, neck and head.
"""

from vitruvian.structures.skeleton import Skeleton
from vitruvian.structures.skeletons.chains import chains

COCO_SIGMAS = {
    "nose": 0.026, "eye": 0.025, "ear": 0.035, "shoulder": 0.079, "elbow": 0.072, "wrist": 0.062,
    "hip": 0.107, "knee": 0.087, "ankle": 0.089,
}  # fmt: skip
"""OKS sigmas of COCO by joint, the same left and right (https://cocodataset.org/#keypoints-eval)."""

TORSO_SIGMA = 0.079  # what CrowdPose gives neck and head: COCO's value for a shoulder


def sigmas_like_coco(names: tuple[str, ...], **others: float) -> tuple[float, ...]:
    """COCO's sigma of every joint, left or right, except for the keypoints given by their full name."""
    joints = [name.removeprefix("left_").removeprefix("right_") for name in names]
    return tuple(
        others[name] if name in others else COCO_SIGMAS[joint] for name, joint in zip(names, joints, strict=True)
    )


COCO_NAMES = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip

COCO_LIMBS = chains(
    "left_ankle left_knee left_hip",
    "right_ankle right_knee right_hip",
    "left_hip right_hip",
    "left_shoulder left_hip",
    "right_shoulder right_hip",
    "left_shoulder right_shoulder",
    "left_shoulder left_elbow",
    "right_shoulder right_elbow",
    "left_elbow left_wrist",
    "right_elbow right_wrist",
    "left_eye right_eye",
    "nose left_eye",
    "nose right_eye",
    "left_eye left_ear",
    "right_eye right_ear",
    "left_ear left_shoulder",
    "right_ear right_shoulder",
)

COCO17 = Skeleton.define("coco17", COCO_NAMES, limbs=COCO_LIMBS, sigmas=sigmas_like_coco(COCO_NAMES))
"""COCO ("Microsoft COCO: Common objects in context", http://cocodataset.org/).

Also OCHuman ("Pose2Seg: Detection free human instance segmentation", https://github.com/liruilong940607/OCHumanApi)
and Human-Art (https://idea-research.github.io/HumanArt/).
"""

HUMANART21 = Skeleton.define(
    "humanart21",
    (*COCO_NAMES, "left_finger", "right_finger", "left_toe", "right_toe"),
    limbs=COCO_LIMBS
    + chains("left_ankle left_toe", "right_ankle right_toe", "left_wrist left_finger", "right_wrist right_finger"),
    sigmas=(*COCO17.sigmas, 0.089, 0.089, 0.089, 0.089),
)
"""Human-Art with fingers and toes.

"Human-Art: A Versatile Human-Centric Dataset Bridging Natural and Artificial Scenes",
https://idea-research.github.io/HumanArt/.
"""

AIC14 = Skeleton.define(
    "aic14",
    (
        "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist", "right_hip",
        "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "head_top", "neck",
    ),
    limbs=chains(
        "right_wrist right_elbow right_shoulder neck left_shoulder left_elbow left_wrist",
        "right_ankle right_knee right_hip left_hip left_knee left_ankle",
        "head_top neck",
        "right_shoulder right_hip",
        "left_shoulder left_hip",
    ),
    sigmas=(
        0.01388152, 0.01515228, 0.01057665, 0.01417709, 0.01497891, 0.01402144, 0.03909642, 0.03686941, 0.01981803,
        0.03843971, 0.03412318, 0.02415081, 0.01291456, 0.01236173,
    ),
)  # fmt: skip
"""AI Challenger, whose sigmas are far stricter than COCO's and measured side by side.

"AI Challenger: A large-scale dataset for going deeper in image understanding",
https://github.com/AIChallenger/AI_Challenger_2017.
"""

COCO_AIC19 = Skeleton.define(
    "coco_aic19",
    (*COCO_NAMES, "head_top", "neck"),
    limbs=COCO_LIMBS + chains("head_top neck"),
    sigmas=(*COCO17.sigmas, 0.026, 0.026),
)
"""COCO and AI Challenger trained together: COCO's keypoints, then AI Challenger's head and neck."""

CROWDPOSE14 = Skeleton.define(
    "crowdpose14",
    (*COCO_NAMES[5:], "top_head", "neck"),
    limbs=COCO_LIMBS[:12] + chains("top_head neck", "right_shoulder neck", "left_shoulder neck"),
    sigmas=(*COCO17.sigmas[5:], TORSO_SIGMA, TORSO_SIGMA),
)
"""CrowdPose: COCO's keypoints below the head, then the top of the head and the neck.

"CrowdPose: Efficient Crowded Scenes Pose Estimation and A New Benchmark", https://github.com/Jeff-sjtu/CrowdPose.
"""

EXLPOSE14 = Skeleton.define(
    "exlpose14",
    (*COCO_NAMES[5:], "head", "neck"),
    limbs=chains(
        "head neck",
        "neck left_shoulder",
        "neck right_shoulder",
        "left_shoulder left_elbow left_wrist",
        "right_shoulder right_elbow right_wrist",
        "neck right_hip",
        "neck left_hip",
        "right_hip right_knee right_ankle",
        "left_hip left_knee left_ankle",
    ),
    sigmas=CROWDPOSE14.sigmas,
)
"""ExLPose: "Human Pose Estimation in Extremely Low-Light Conditions", https://arxiv.org/abs/2303.15410."""

POSETRACK17 = Skeleton.define(
    "posetrack17",
    ("nose", "head_bottom", "head_top", *COCO_NAMES[3:]),
    limbs=COCO_LIMBS[:12]
    + chains("nose head_bottom", "nose head_top", "head_bottom left_shoulder", "head_bottom right_shoulder"),
    sigmas=COCO17.sigmas,
)
"""PoseTrack 2018: COCO's keypoints, with bottom and top of the head in place of the eyes, whose sigmas they kept.

"PoseTrack: A benchmark for human pose estimation and tracking", https://posetrack.net/users/download.php.
"""

MPII16 = Skeleton.define(
    "mpii16",
    (
        "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle", "pelvis", "thorax",
        "upper_neck", "head_top", "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow",
        "left_wrist",
    ),
    limbs=chains(
        "right_ankle right_knee right_hip pelvis left_hip left_knee left_ankle",
        "pelvis thorax upper_neck head_top",
        "upper_neck right_shoulder right_elbow right_wrist",
        "upper_neck left_shoulder left_elbow left_wrist",
    ),
    sigmas=(
        0.089, 0.083, 0.107, 0.107, 0.083, 0.089, 0.026, 0.026, 0.026, 0.026, 0.062, 0.072, 0.179, 0.179, 0.072, 0.062,
    ),
)  # fmt: skip
"""MPII Human Pose ("2D Human Pose Estimation: New Benchmark and State of the Art Analysis",
http://human-pose.mpi-inf.mpg.de/), and MHP ("Understanding humans in crowded scenes: Deep nested adversarial learning
and a new benchmark for multi-human parsing", https://lv-mhp.github.io/dataset).

MPII scores by PCKh and has no official sigmas. These circulate in the configurations of published models, with 0.083
for a knee and 0.179 for a shoulder where COCO has 0.087 and 0.079; they are kept so that OKS values compare.
"""

LSP14 = Skeleton.define(
    "lsp14",
    (
        "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle", "right_wrist",
        "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist", "neck", "head_top",
    ),
    limbs=chains(
        "right_ankle right_knee right_hip",
        "left_ankle left_knee left_hip",
        "right_hip left_hip",
        "right_shoulder right_hip",
        "left_shoulder left_hip",
        "right_wrist right_elbow right_shoulder",
        "left_wrist left_elbow left_shoulder",
        "right_shoulder neck",
        "left_shoulder neck",
        "neck head_top",
    ),
    sigmas=(0.089, 0.087, 0.107, 0.107, 0.087, 0.089, 0.062, 0.072, 0.079, 0.079, 0.072, 0.062, 0.079, 0.079),
)  # fmt: skip
"""Leeds Sports Pose ("Clustered Pose and Nonlinear Appearance Models for Human Pose Estimation").

No sigmas are published; these follow the rule of this file.
"""

JHMDB15 = Skeleton.define(
    "jhmdb15",
    (
        "neck", "belly", "head", "right_shoulder", "left_shoulder", "right_hip", "left_hip", "right_elbow",
        "left_elbow", "right_knee", "left_knee", "right_wrist", "left_wrist", "right_ankle", "left_ankle",
    ),
    limbs=chains(
        "right_ankle right_knee right_hip belly left_hip left_knee left_ankle",
        "belly neck head",
        "neck right_shoulder right_elbow right_wrist",
        "neck left_shoulder left_elbow left_wrist",
    ),
    sigmas=(
        0.025, 0.107, 0.025, 0.079, 0.079, 0.107, 0.107, 0.072, 0.072, 0.087, 0.087, 0.062, 0.062, 0.089, 0.089,
    ),
)  # fmt: skip
"""JHMDB ("Towards understanding action recognition", http://jhmdb.is.tue.mpg.de/dataset)."""

H36M_NAMES = (
    "root", "right_hip", "right_knee", "right_foot", "left_hip", "left_knee", "left_foot", "spine", "thorax",
    "neck_base", "head", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
)  # fmt: skip

H36M17 = Skeleton.define(
    "h36m17",
    H36M_NAMES,
    limbs=chains(
        "root left_hip left_knee left_foot",
        "root right_hip right_knee right_foot",
        "root spine thorax neck_base head",
        "thorax left_shoulder left_elbow left_wrist",
        "thorax right_shoulder right_elbow right_wrist",
    ),
    sigmas=sigmas_like_coco(
        H36M_NAMES,
        root=COCO_SIGMAS["hip"],
        left_foot=COCO_SIGMAS["ankle"],
        right_foot=COCO_SIGMAS["ankle"],
        spine=TORSO_SIGMA,
        thorax=TORSO_SIGMA,
        neck_base=TORSO_SIGMA,
        head=TORSO_SIGMA,
    ),
)
"""Human3.6M, the 17 joints that 3D methods use; a "foot" is an ankle.

"Human3.6M: Large Scale Datasets and Predictive Methods for 3D Human Sensing in Natural Environments",
http://vision.imar.ro/human3.6m/description.php. No sigmas are published; these follow the rule of this file.
"""

MPI_INF_3DHP_NAMES = (
    "head_top", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "root", "spine", "head",
)  # fmt: skip

MPI_INF_3DHP17 = Skeleton.define(
    "mpi_inf_3dhp17",
    MPI_INF_3DHP_NAMES,
    limbs=chains(
        "neck right_shoulder right_elbow right_wrist",
        "neck left_shoulder left_elbow left_wrist",
        "root right_hip right_knee right_ankle",
        "root left_hip left_knee left_ankle",
        "head_top head neck spine root",
    ),
    sigmas=sigmas_like_coco(
        MPI_INF_3DHP_NAMES,
        root=COCO_SIGMAS["hip"],
        head_top=TORSO_SIGMA,
        head=TORSO_SIGMA,
        neck=TORSO_SIGMA,
        spine=TORSO_SIGMA,
    ),
)
"""MPI-INF-3DHP.

"Monocular 3D Human Pose Estimation In The Wild Using Improved CNN Supervision",
http://gvv.mpi-inf.mpg.de/3dhp-dataset. No sigmas are published; these follow the rule of this file.
"""

PANOPTIC_NAMES = (
    "neck", "nose", "mid_hip", "left_shoulder", "left_elbow", "left_wrist", "left_hip", "left_knee", "left_ankle",
    "right_shoulder", "right_elbow", "right_wrist", "right_hip", "right_knee", "right_ankle", "left_eye", "left_ear",
    "right_eye", "right_ear",
)  # fmt: skip

PANOPTIC19 = Skeleton.define(
    "panoptic19",
    PANOPTIC_NAMES,
    limbs=chains(
        "nose neck",
        "neck left_shoulder",
        "neck right_shoulder",
        "left_shoulder left_elbow",
        "right_shoulder right_elbow",
        "left_elbow left_wrist",
        "right_elbow right_wrist",
        "left_ankle left_knee left_hip",
        "right_ankle right_knee right_hip",
        "mid_hip left_hip",
        "mid_hip right_hip",
        "mid_hip neck",
    ),
    sigmas=sigmas_like_coco(PANOPTIC_NAMES, neck=0.026, mid_hip=0.107),
)
"""CMU Panoptic bodies.

"Panoptic Studio: A Massively Multiview System for Interaction Motion Capture", http://domedb.perception.cs.cmu.edu.
"""

HALPE_NAMES = (
    *COCO_NAMES, "head", "neck", "hip",
    "left_big_toe", "right_big_toe", "left_small_toe", "right_small_toe", "left_heel", "right_heel",
)  # fmt: skip

FOOT_LIMBS = chains(
    "left_ankle left_big_toe",
    "left_ankle left_small_toe",
    "left_ankle left_heel",
    "right_ankle right_big_toe",
    "right_ankle right_small_toe",
    "right_ankle right_heel",
)

HALPE_LIMBS = (
    chains(
        "left_ankle left_knee left_hip hip",
        "right_ankle right_knee right_hip hip",
        "head neck hip",
        "neck left_shoulder left_elbow left_wrist",
        "neck right_shoulder right_elbow right_wrist",
    )
    + COCO_LIMBS[12:]  # the head
    + FOOT_LIMBS
)

HALPE26 = Skeleton.define(
    "halpe26",
    HALPE_NAMES,
    limbs=HALPE_LIMBS,
    sigmas=(*COCO17.sigmas, 0.026, 0.026, 0.066, *(0.079,) * 6),
)
"""Halpe, body and feet: the first 26 of its 136 keypoints; "head" is the top of the head, "hip" lies between the hips.

"PaStaNet: Toward Human Activity Knowledge Engine", https://github.com/Fang-Haoshu/Halpe-FullBody/. Its sigmas for head,
neck, hip and feet are not those of the same points in Halpe's 136; both are as published.
"""
