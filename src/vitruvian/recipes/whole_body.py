"""Recipes for the 133 keypoints of COCO-WholeBody (arXiv:2007.11858): body, feet, face and hands."""

from dataclasses import replace
from typing import Any

from vitruvian.codecs import SimCC
from vitruvian.recipes.recipe import Recipe
from vitruvian.recipes.rtmpose import COVERED_TURNED, rtmpose


def _rtmw(model: str, **changes: Any) -> Recipe:
    return replace(
        rtmpose(
            model,
            augmentation=replace(COVERED_TURNED, cut_out=0.5),
            batch_size=8192,
            epochs=270,
            learning_rate=5e-4,
            weight_decay=0.1,
            clip=35.0,
        ),
        skeleton="coco_wholebody133",
        **changes,
    )


def coco_wholebody_rtmw_l_256x192() -> Recipe:
    """RTMW-l (arXiv:2407.08634), trained on 14 data sets, as MMPose 1.x has it (configs/wholebody_2d_keypoint/rtmpose).

    Besides what `rtmpose` leaves out: the loss counts keypoints of the face half, and sharpens targets only; colours
    are distorted; faces and hands of some of the data sets are cropped wider.
    """
    return _rtmw("rtmw_l", codec=SimCC((192, 256), sigma=(4.9, 5.66), normalise=False, sharpness=150.0))


def coco_wholebody_rtmw_m_256x192() -> Recipe:
    """RTMW-m, with less weight decay."""
    return replace(coco_wholebody_rtmw_l_256x192(), model="rtmw_m", weight_decay=0.05)


def coco_wholebody_rtmw_x_256x192() -> Recipe:
    """RTMW-x, in smaller batches."""
    return replace(coco_wholebody_rtmw_l_256x192(), model="rtmw_x", batch_size=5632)


def coco_wholebody_rtmpose_x_384x288() -> Recipe:
    """RTMPose-x (arXiv:2303.07399), on COCO-WholeBody alone; no published run of these settings is known."""
    recipe = rtmpose(
        "rtmpose_x",
        codec=SimCC((288, 384), sigma=(6.0, 6.93), normalise=False),
        augmentation=COVERED_TURNED,
        batch_size=256,
        epochs=270,
        clip=35.0,
    )
    return replace(recipe, skeleton="coco_wholebody133")
