"""Skeletons of human bodies."""

from vitruvian.structures.skeleton import Skeleton

LSP14 = Skeleton.define(
    "lsp14",
    (
        "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle", "right_wrist",
        "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist", "neck", "head_top",
    ),
    limbs=(
        ("right_ankle", "right_knee"), ("right_knee", "right_hip"), ("left_ankle", "left_knee"),
        ("left_knee", "left_hip"), ("right_hip", "left_hip"), ("right_shoulder", "right_hip"),
        ("left_shoulder", "left_hip"), ("right_wrist", "right_elbow"), ("right_elbow", "right_shoulder"),
        ("left_wrist", "left_elbow"), ("left_elbow", "left_shoulder"), ("right_shoulder", "neck"),
        ("left_shoulder", "neck"), ("neck", "head_top"),
    ),
    sigmas=(0.089, 0.087, 0.107, 0.107, 0.087, 0.089, 0.062, 0.072, 0.079, 0.079, 0.072, 0.062, 0.079, 0.079),
)  # fmt: skip
