"""Recipes for the 133 keypoints of COCO-WholeBody (arXiv:2007.11858): body, feet, face and hands."""

from dataclasses import replace
from typing import Any

from vitruvian.codecs import SimCC
from vitruvian.recipes.coco_coordinates import rtmpose
from vitruvian.recipes.coco_maps import HALVED
from vitruvian.recipes.recipe import Recipe


def _rtmw(model: str, **changes: Any) -> Recipe:
    return replace(
        rtmpose(
            model,
            augmentation=replace(HALVED, degrees=90, cut_out=0.5),
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
    """RTMW-m; its settings were not read, but taken to be those of l."""
    return replace(coco_wholebody_rtmw_l_256x192(), model="rtmw_m")


def coco_wholebody_rtmw_x_256x192() -> Recipe:
    """RTMW-x in batches of 8 x 704; the rest of its settings was not read, but taken to be those of l."""
    return replace(coco_wholebody_rtmw_l_256x192(), model="rtmw_x", batch_size=5632)
