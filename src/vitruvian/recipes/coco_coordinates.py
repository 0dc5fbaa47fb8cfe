"""Recipes for COCO's 17 body keypoints of models that answer with coordinates, or with a vector for each axis.

As MMPose 1.x trained them (configs/body_2d_keypoint: topdown_regression, integral_regression, simcc, rtmpose), except
where a recipe says otherwise.
"""

from dataclasses import replace
from typing import Any

from vitruvian.codecs import IntegralRegression, Regression, SimCC
from vitruvian.models import LIKELIHOOD
from vitruvian.recipes.coco_maps import HALVED, coco_fast_pose_resnet50_256x192, small
from vitruvian.recipes.recipe import Recipe

RTMPOSE = replace(HALVED, scale=1.4, cut_out=1.0)


def _regression(model: str) -> Recipe:
    return small(model, codec=Regression((192, 256)), loss="smooth_l1")


def coco_deep_pose_resnet50_256x192() -> Recipe:
    """DeepPose (arXiv:1312.4659) with ResNet-50."""
    return _regression("deep_pose_resnet50")


def coco_deep_pose_resnet101_256x192() -> Recipe:
    """DeepPose with ResNet-101."""
    return _regression("deep_pose_resnet101")


def coco_deep_pose_resnet152_256x192() -> Recipe:
    """DeepPose with ResNet-152."""
    return _regression("deep_pose_resnet152")


def coco_deep_pose_resnet50_rle_256x192() -> Recipe:
    """DeepPose with ResNet-50, trained by residual log-likelihood (RLE, arXiv:2107.11291)."""
    return replace(_regression("deep_pose_resnet50_rle"), codec=Regression((192, 256), spread=True), loss=LIKELIHOOD)


def coco_deep_pose_resnet101_rle_256x192() -> Recipe:
    """DeepPose with ResNet-101 and RLE."""
    return replace(coco_deep_pose_resnet50_rle_256x192(), model="deep_pose_resnet101_rle")


def coco_deep_pose_resnet152_rle_256x192() -> Recipe:
    """DeepPose with ResNet-152 and RLE."""
    return replace(coco_deep_pose_resnet50_rle_256x192(), model="deep_pose_resnet152_rle")


def coco_deep_pose_resnet152_rle_384x288() -> Recipe:
    """DeepPose with ResNet-152 and RLE."""
    return replace(coco_deep_pose_resnet152_rle_256x192(), codec=Regression((288, 384), spread=True))


def coco_deep_pose_mobilenetv2_rle_256x192() -> Recipe:
    """DeepPose with MobileNetV2 and RLE; the published run begins with the backbone of a trained SimpleBaseline."""
    return replace(coco_deep_pose_resnet50_rle_256x192(), model="deep_pose_mobilenetv2_rle", learning_rate=1e-3)


def _integral(model: str, heatmap_loss: str) -> Recipe:
    return small(
        model,
        codec=IntegralRegression((256, 256), reach=None),
        loss="smooth_l1",
        losses=(("heatmap", heatmap_loss),),
    )


def coco_integral_resnet50_256x256() -> Recipe:
    """Integral regression (arXiv:1711.08229) with ResNet-50; the published run begins with a trained SimpleBaseline."""
    return _integral("integral_resnet50", "heatmap_mse")


def coco_integral_resnet50_debiased_256x256() -> Recipe:
    """Integral regression whose pull to the centre is taken out (Gu et al., ICCV 2021), begun as the one with it."""
    return _integral("integral_resnet50_debiased", "js_discretised")


def coco_dsnt_resnet50_256x256() -> Recipe:
    """DSNT (arXiv:1801.07372) with ResNet-50; the published run begins with a trained SimpleBaseline."""
    return _integral("dsnt_resnet50", "js_discretised")


def coco_fast_pose_si_resnet50_256x192() -> Recipe:
    """FastPose with symmetric integral regression (AlphaPose, arXiv:2211.03375, sec. 3.1); no published run is known.

    The settings are those of `coco_fast_pose_resnet50_256x192`, the loss the paper's: the distance of coordinates.
    """
    codec = IntegralRegression((192, 256))
    losses = (("heatmap", "js_discretised"),)
    return replace(
        coco_fast_pose_resnet50_256x192(), model="fast_pose_si_resnet50", codec=codec, loss="l1", losses=losses
    )


def coco_simcc_resnet50_256x192() -> Recipe:
    """SimCC (arXiv:2107.03332) with ResNet-50."""
    return small("simcc_resnet50", codec=SimCC((192, 256)), loss="kl_discretised", learning_rate=1e-3)


def coco_simcc_resnet50_384x288() -> Recipe:
    """SimCC with ResNet-50: 140 epochs."""
    return replace(
        coco_simcc_resnet50_256x192(), codec=SimCC((288, 384)), batch_size=256, epochs=140, milestones=(90, 120)
    )


def coco_simcc_resnet101_256x192() -> Recipe:
    """SimCC with ResNet-101, as with ResNet-50; no published run with these settings is known."""
    return replace(coco_simcc_resnet50_256x192(), model="simcc_resnet101")


def coco_simcc_mobilenetv2_256x192() -> Recipe:
    """SimCC with MobileNetV2."""
    return replace(coco_simcc_resnet50_256x192(), model="simcc_mobilenetv2", learning_rate=5e-4)


def rtmpose(model: str, **changes: Any) -> Recipe:
    """RTMPose (arXiv:2303.07399): AdamW, a flat rate for half the run, then half a cosine down to a twentieth.

    Left out: random hue, blur, and gentler augmentation in the last 30 epochs. The rectangle that is cut out has sides
    from 0.1 of the input on, published 0.2. The published average of weights forgets faster in its first 2,000 steps.
    """
    settings: dict[str, Any] = {
        "codec": SimCC((192, 256), sigma=(4.9, 5.66), normalise=False),
        "loss": "kl_discretised_sharp",
        "augmentation": RTMPOSE,
        "batch_size": 2048,
        "epochs": 420,
        "optimiser": "adamw",
        "learning_rate": 4e-3,
        "warm_up": 1000,
        "milestones": (),
        "flat": 0.5,
        "floor": 0.05,
        "weight_decay": 0.05,
        "average": 0.9998,
    }
    return small(model, **{**settings, **changes})


def coco_rtmpose_t_256x192() -> Recipe:
    """RTMPose-t, without weight decay and without an average."""
    return rtmpose("rtmpose_t", weight_decay=0.0, average=0.0)


def coco_rtmpose_s_256x192() -> Recipe:
    """RTMPose-s; its settings were not read, but taken to be those of m without weight decay."""
    return rtmpose("rtmpose_s", weight_decay=0.0)


def coco_rtmpose_m_256x192() -> Recipe:
    """RTMPose-m."""
    return rtmpose("rtmpose_m")


def coco_rtmpose_l_256x192() -> Recipe:
    """RTMPose-l; its settings were not read, but taken to be those of m."""
    return rtmpose("rtmpose_l")
