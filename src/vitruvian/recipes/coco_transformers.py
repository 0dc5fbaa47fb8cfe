"""Recipes for COCO's 17 body keypoints of vision transformers that answer with heatmaps.

ViTPose as MMPose 1.x trained it (configs/body_2d_keypoint/topdown_heatmap/coco), TokenPose as the settings in its own
repository say (https://github.com/leeyegy/TokenPose, experiments/coco/tokenpose), both decoders and all sizes alike but
for what a recipe says.
"""

from dataclasses import replace

from vitruvian.recipes.coco_maps import small
from vitruvian.recipes.recipe import Recipe
from vitruvian.recipes.usual import LESS_SCALED, dark, udp


def coco_vitpose_small_256x192() -> Recipe:
    """ViTPose-S (arXiv:2204.12484): AdamW, each layer at 0.8 of the rate of the one above it."""
    return udp(small("vitpose_small", optimiser="adamw", weight_decay=0.1, layer_decay=0.8, clip=1.0))


def coco_vitpose_small_simple_256x192() -> Recipe:
    """ViTPose-S with the simple decoder."""
    return replace(coco_vitpose_small_256x192(), model="vitpose_small_simple")


def coco_vitpose_base_256x192() -> Recipe:
    """ViTPose-B."""
    return replace(coco_vitpose_small_256x192(), model="vitpose_base", layer_decay=0.75)


def coco_vitpose_base_simple_256x192() -> Recipe:
    """ViTPose-B with the simple decoder."""
    return replace(coco_vitpose_base_256x192(), model="vitpose_base_simple")


def coco_vitpose_large_256x192() -> Recipe:
    """ViTPose-L."""
    return replace(coco_vitpose_small_256x192(), model="vitpose_large", layer_decay=0.8)


def coco_vitpose_large_simple_256x192() -> Recipe:
    """ViTPose-L with the simple decoder."""
    return replace(coco_vitpose_large_256x192(), model="vitpose_large_simple")


def coco_vitpose_huge_256x192() -> Recipe:
    """ViTPose-H."""
    return replace(coco_vitpose_small_256x192(), model="vitpose_huge", layer_decay=0.85)


def coco_vitpose_huge_simple_256x192() -> Recipe:
    """ViTPose-H with the simple decoder."""
    return replace(coco_vitpose_huge_256x192(), model="vitpose_huge_simple")


def coco_token_pose_s_v1_256x192() -> Recipe:
    """TokenPose-S-v1 (arXiv:2104.03516): 300 epochs, a rate of 1e-3, no shifts; whole bumps and DARK, as its code has.

    Its angles come from a normal distribution of 45 degrees cut off at two deviations; here of 90, cut off at one.
    """
    return dark(
        small(
            "token_pose_s_v1",
            augmentation=LESS_SCALED,
            batch_size=128,
            epochs=300,
            learning_rate=1e-3,
            warm_up=0,
            milestones=(200, 260),
        )
    )


def coco_token_pose_t_256x192() -> Recipe:
    """TokenPose-T."""
    return replace(coco_token_pose_s_v1_256x192(), model="token_pose_t")


def coco_token_pose_s_v2_256x192() -> Recipe:
    """TokenPose-S-v2, in smaller batches."""
    return replace(coco_token_pose_s_v1_256x192(), model="token_pose_s_v2", batch_size=48)


def coco_token_pose_b_256x192() -> Recipe:
    """TokenPose-B."""
    return replace(coco_token_pose_s_v1_256x192(), model="token_pose_b")


def coco_token_pose_l_d6_256x192() -> Recipe:
    """TokenPose-L/D6, as L/D24; of its own settings only those for MPII are published, which have this batch, too."""
    return replace(coco_token_pose_l_d24_256x192(), model="token_pose_l_d6")


def coco_token_pose_l_d24_256x192() -> Recipe:
    """TokenPose-L/D24."""
    return replace(coco_token_pose_s_v1_256x192(), model="token_pose_l_d24", batch_size=64)
