"""Recipes for 21 keypoints of a hand, as MMPose 1.x trained them (configs/hand_2d_keypoint/topdown_heatmap)."""

from dataclasses import replace
from typing import Any

from vitruvian.codecs import GaussianHeatmap
from vitruvian.recipes.recipe import Recipe
from vitruvian.recipes.usual import TURNED, dark, udp, usual


def _hand(model: str, skeleton: str = "hand21", side: int = 256, **changes: Any) -> Recipe:
    return usual(skeleton, model, GaussianHeatmap((side, side)), TURNED, **changes)


def coco_hand_resnet50() -> Recipe:
    """COCO-WholeBody-Hand (arXiv:2007.11858), SimpleBaseline with ResNet-50."""
    return _hand("simple_baseline_resnet50", batch_size=256)


def coco_hand_hrnetv2_w18() -> Recipe:
    """COCO-WholeBody-Hand, HRNetV2-W18."""
    return replace(coco_hand_resnet50(), model="hrnetv2_w18")


def coco_hand_hrnetv2_w18_dark() -> Recipe:
    """COCO-WholeBody-Hand, HRNetV2-W18 with DARK."""
    return dark(coco_hand_hrnetv2_w18())


def coco_hand_hourglass52() -> Recipe:
    """COCO-WholeBody-Hand, one hourglass."""
    return replace(coco_hand_resnet50(), model="hourglass52")


def coco_hand_scnet50() -> Recipe:
    """COCO-WholeBody-Hand, SCNet-50."""
    return replace(coco_hand_resnet50(), model="scnet50")


def coco_hand_lite_hrnet_18() -> Recipe:
    """COCO-WholeBody-Hand, Lite-HRNet-18."""
    return replace(coco_hand_resnet50(), model="lite_hrnet_18")


def coco_hand_mobilenetv2() -> Recipe:
    """COCO-WholeBody-Hand, SimpleBaseline with MobileNetV2."""
    return replace(coco_hand_resnet50(), model="simple_baseline_mobilenetv2")


def freihand_resnet50() -> Recipe:
    """FreiHAND (arXiv:1909.04349), SimpleBaseline with ResNet-50: 100 epochs, crops of 224 x 224, wider shifts."""
    wider = replace(TURNED, shift=0.25)
    recipe = _hand("simple_baseline_resnet50", side=224, epochs=100, milestones=(50, 70))
    return replace(recipe, augmentation=wider)


def onehand10k_resnet50() -> Recipe:
    """OneHand10K (Wang et al., TCSVT 2018), SimpleBaseline with ResNet-50.

    Its published name says batches of 8 x 32, and the settings give 512 as the batch its rate is for.
    """
    return _hand("simple_baseline_resnet50", batch_size=256)


def onehand10k_hrnetv2_w18() -> Recipe:
    """OneHand10K, HRNetV2-W18."""
    return _hand("hrnetv2_w18")


def onehand10k_hrnetv2_w18_dark() -> Recipe:
    """OneHand10K, HRNetV2-W18 with DARK."""
    return dark(onehand10k_hrnetv2_w18())


def onehand10k_hrnetv2_w18_udp() -> Recipe:
    """OneHand10K, HRNetV2-W18 with UDP."""
    return udp(onehand10k_hrnetv2_w18())


def onehand10k_mobilenetv2() -> Recipe:
    """OneHand10K, SimpleBaseline with MobileNetV2."""
    return _hand("simple_baseline_mobilenetv2")


def rhd_resnet50() -> Recipe:
    """Rendered Hand Pose (arXiv:1705.01389), SimpleBaseline with ResNet-50."""
    return _hand("simple_baseline_resnet50", "rhd21")


def rhd_hrnetv2_w18() -> Recipe:
    """Rendered Hand Pose, HRNetV2-W18."""
    return replace(rhd_resnet50(), model="hrnetv2_w18")


def rhd_hrnetv2_w18_dark() -> Recipe:
    """Rendered Hand Pose, HRNetV2-W18 with DARK."""
    return dark(rhd_hrnetv2_w18())


def rhd_hrnetv2_w18_udp() -> Recipe:
    """Rendered Hand Pose, HRNetV2-W18 with UDP."""
    return udp(rhd_hrnetv2_w18())


def rhd_mobilenetv2() -> Recipe:
    """Rendered Hand Pose, SimpleBaseline with MobileNetV2."""
    return replace(rhd_resnet50(), model="simple_baseline_mobilenetv2")
