"""Recipes for COCO's 17 body keypoints of models that answer with coordinates, or with a vector for each axis.

As MMPose 1.x trained them (configs/body_2d_keypoint: topdown_regression, integral_regression, simcc), except where a
recipe says otherwise.
"""

from dataclasses import replace

from vitruvian.codecs import IntegralRegression, Regression, SimCC
from vitruvian.models import LIKELIHOOD
from vitruvian.recipes.coco_maps import small
from vitruvian.recipes.recipe import Recipe
from vitruvian.recipes.usual import NO_HALVES


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


def coco_integral_resnet101_256x256() -> Recipe:
    """Integral regression with ResNet-101, as with ResNet-50; no published run with these settings is known."""
    return _integral("integral_resnet101", "heatmap_mse")


def coco_integral_resnet152_256x256() -> Recipe:
    """Integral regression with ResNet-152, as with ResNet-50; no published run with these settings is known."""
    return _integral("integral_resnet152", "heatmap_mse")


def coco_integral_resnet50_debiased_256x256() -> Recipe:
    """Integral regression whose pull to the centre is taken out (Gu et al., ICCV 2021), begun as the one with it."""
    return _integral("integral_resnet50_debiased", "js_discretised")


def coco_dsnt_resnet50_256x256() -> Recipe:
    """DSNT (arXiv:1801.07372) with ResNet-50; the published run begins with a trained SimpleBaseline."""
    return _integral("dsnt_resnet50", "js_discretised")


def coco_simcc_resnet50_256x192() -> Recipe:
    """SimCC (arXiv:2107.03332) with ResNet-50."""
    return small("simcc_resnet50", codec=SimCC((192, 256)), loss="kl_discretised", learning_rate=1e-3)


def coco_simcc_resnet50_384x288() -> Recipe:
    """SimCC with ResNet-50: 140 epochs."""
    return replace(
        coco_simcc_resnet50_256x192(), codec=SimCC((288, 384)), batch_size=256, epochs=140, milestones=(90, 120)
    )


def _hard_simcc(model: str, input_size: tuple[int, int], label_smoothing: float) -> Recipe:
    """SimCC on one bin for x and one for y, as its authors trained it (https://github.com/leeyegy/SimCC).

    As its experiments/coco/resnet/simdr say. Their angles come from a normal distribution of 40 degrees cut off at two
    deviations; here of 80, cut off at one. Their colours are in the order of OpenCV.
    """
    return small(
        model,
        codec=SimCC(input_size, smoothing="standard", label_smoothing=label_smoothing),
        loss="kl_discretised",
        augmentation=NO_HALVES,
        batch_size=128,
        epochs=140,
        learning_rate=1e-3,
        warm_up=0,
        milestones=(90, 120),
    )


def coco_simcc_resnet50_plain_256x192() -> Recipe:
    """SimCC without deconvolutions with ResNet-50, as its authors', which has 28 maps of each keypoint and not one."""
    return _hard_simcc("simcc_resnet50_plain", (192, 256), label_smoothing=0.1)


def coco_simcc_resnet101_256x192() -> Recipe:
    """SimCC with ResNet-101; the targets leave 0.4 to the other bins."""
    return _hard_simcc("simcc_resnet101", (192, 256), label_smoothing=0.4)


def coco_simcc_resnet152_384x288() -> Recipe:
    """SimCC with ResNet-152; the targets leave 0.1 to the other bins."""
    return _hard_simcc("simcc_resnet152", (288, 384), label_smoothing=0.1)


def coco_simcc_mobilenetv2_256x192() -> Recipe:
    """SimCC with MobileNetV2."""
    return replace(coco_simcc_resnet50_256x192(), model="simcc_mobilenetv2", learning_rate=5e-4)


def coco_simcc_vipnas_mobilenet_v3_256x192() -> Recipe:
    """SimCC with ViPNAS-MobileNetV3."""
    return replace(coco_simcc_resnet50_256x192(), model="simcc_vipnas_mobilenet_v3", learning_rate=5e-4)
