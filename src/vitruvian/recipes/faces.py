"""Recipes for the landmarks of a face, as MMPose 1.x trained them (configs/face_2d_keypoint/topdown_heatmap)."""

from dataclasses import replace

from vitruvian.codecs import GaussianHeatmap
from vitruvian.datasets import Augmentation
from vitruvian.recipes.recipe import Recipe
from vitruvian.recipes.usual import dark, usual

UPRIGHT = Augmentation(flip=0.5, degrees=60, turn=0.6, scale=1.25, draw="normal")


def aflw_hrnetv2_w18() -> Recipe:
    """AFLW (Koestinger et al., ICCVW 2011), 19 landmarks, HRNetV2-W18: 60 epochs at four times the usual rate."""
    return usual(
        "aflw19",
        "hrnetv2_w18",
        GaussianHeatmap((256, 256)),
        UPRIGHT,
        epochs=60,
        learning_rate=2e-3,
        milestones=(40, 55),
    )


def aflw_hrnetv2_w18_dark() -> Recipe:
    """AFLW, HRNetV2-W18 with DARK."""
    return dark(aflw_hrnetv2_w18())


def wflw_hrnetv2_w18() -> Recipe:
    """WFLW (arXiv:1805.10483), 98 landmarks, HRNetV2-W18."""
    return replace(aflw_hrnetv2_w18(), skeleton="wflw98")


def wflw_hrnetv2_w18_dark() -> Recipe:
    """WFLW, HRNetV2-W18 with DARK."""
    return dark(wflw_hrnetv2_w18())


def wflw_hrnetv2_w18_awing() -> Recipe:
    """WFLW, HRNetV2-W18 with the adaptive wing loss (arXiv:1904.07399)."""
    return replace(wflw_hrnetv2_w18(), loss="adaptive_wing")
