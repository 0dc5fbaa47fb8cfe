"""Recipes for COCO's 17 body keypoints of models that answer once, with a heatmap for each keypoint.

As MMPose 1.x trained them (configs/body_2d_keypoint/topdown_heatmap/coco), except where a recipe says otherwise.
Sizes are named height x width there and in the names here: 256x192 is an input 192 wide and 256 high.
"""

from dataclasses import replace
from typing import Any

from vitruvian.codecs import GaussianHeatmap, UDPHeatmap
from vitruvian.datasets import Augmentation
from vitruvian.recipes.recipe import Recipe
from vitruvian.recipes.usual import dark, udp, usual

HALVED = Augmentation(flip=0.5, degrees=80, turn=0.6, scale=1.5, shift=0.16, draw="normal", move=0.3, half=0.3)
GENTLE = replace(HALVED, degrees=60, scale=1.25)  # for small models


def small(model: str, **changes: Any) -> Recipe:
    """An input of 192 x 256; what else changes."""
    return replace(usual("coco17", model, GaussianHeatmap((192, 256)), HALVED), **changes)


def large(model: str, **changes: Any) -> Recipe:
    """An input of 288 x 384, and wider bumps; what else changes."""
    return replace(usual("coco17", model, GaussianHeatmap((288, 384), sigma=3.0), HALVED), **changes)


def coco_resnet18_256x192() -> Recipe:
    """SimpleBaseline (arXiv:1804.06208) with ResNet-18, as the larger ones; no published run is known."""
    return small("simple_baseline_resnet18")


def coco_resnet34_256x192() -> Recipe:
    """SimpleBaseline with ResNet-34, as the larger ones; no published run is known."""
    return small("simple_baseline_resnet34")


def coco_resnet50_256x192() -> Recipe:
    """SimpleBaseline with ResNet-50."""
    return small("simple_baseline_resnet50")


def coco_resnet50_384x288() -> Recipe:
    """SimpleBaseline with ResNet-50."""
    return large("simple_baseline_resnet50")


def coco_resnet50_dark_256x192() -> Recipe:
    """SimpleBaseline with ResNet-50 and DARK."""
    return dark(coco_resnet50_256x192())


def coco_resnet50_dark_384x288() -> Recipe:
    """SimpleBaseline with ResNet-50 and DARK."""
    return dark(coco_resnet50_384x288())


def coco_resnet101_256x192() -> Recipe:
    """SimpleBaseline with ResNet-101."""
    return small("simple_baseline_resnet101")


def coco_resnet101_384x288() -> Recipe:
    """SimpleBaseline with ResNet-101."""
    return large("simple_baseline_resnet101", batch_size=256)


def coco_resnet101_dark_256x192() -> Recipe:
    """SimpleBaseline with ResNet-101 and DARK."""
    return dark(coco_resnet101_256x192())


def coco_resnet101_dark_384x288() -> Recipe:
    """SimpleBaseline with ResNet-101 and DARK, in batches twice as large as without it."""
    return replace(dark(coco_resnet101_384x288()), batch_size=512)


def coco_resnet152_256x192() -> Recipe:
    """SimpleBaseline with ResNet-152."""
    return small("simple_baseline_resnet152", batch_size=256)


def coco_resnet152_384x288() -> Recipe:
    """SimpleBaseline with ResNet-152."""
    return large("simple_baseline_resnet152", batch_size=256)


def coco_resnet152_dark_256x192() -> Recipe:
    """SimpleBaseline with ResNet-152 and DARK."""
    return dark(coco_resnet152_256x192())


def coco_resnet152_dark_384x288() -> Recipe:
    """SimpleBaseline with ResNet-152 and DARK."""
    return dark(coco_resnet152_384x288())


def coco_mobilenetv2_256x192() -> Recipe:
    """SimpleBaseline with MobileNetV2 (arXiv:1801.04381)."""
    return small("simple_baseline_mobilenetv2")


def coco_mobilenetv2_384x288() -> Recipe:
    """SimpleBaseline with MobileNetV2."""
    return large("simple_baseline_mobilenetv2")


def coco_hrnet_w32_256x192() -> Recipe:
    """HRNet-W32 (arXiv:1902.09212)."""
    return small("hrnet_w32")


def coco_hrnet_w32_384x288() -> Recipe:
    """HRNet-W32."""
    return large("hrnet_w32")


def coco_hrnet_w32_dark_256x192() -> Recipe:
    """HRNet-W32 with DARK."""
    return dark(coco_hrnet_w32_256x192())


def coco_hrnet_w32_dark_384x288() -> Recipe:
    """HRNet-W32 with DARK."""
    return dark(coco_hrnet_w32_384x288())


def coco_hrnet_w32_udp_256x192() -> Recipe:
    """HRNet-W32 with UDP."""
    return udp(coco_hrnet_w32_256x192())


def coco_hrnet_w32_udp_384x288() -> Recipe:
    """HRNet-W32 with UDP."""
    return udp(coco_hrnet_w32_384x288())


def coco_hrnet_w32_udp_offsets_256x192() -> Recipe:
    """HRNet-W32 with UDP's discs and offsets in place of bumps."""
    return small("hrnet_w32", codec=UDPHeatmap((192, 256), combined=True), loss="combined_target_mse")


def coco_hrnet_w48_256x192() -> Recipe:
    """HRNet-W48."""
    return small("hrnet_w48", batch_size=256)


def coco_hrnet_w48_384x288() -> Recipe:
    """HRNet-W48."""
    return large("hrnet_w48", batch_size=256)


def coco_hrnet_w48_dark_256x192() -> Recipe:
    """HRNet-W48 with DARK."""
    return dark(coco_hrnet_w48_256x192())


def coco_hrnet_w48_dark_384x288() -> Recipe:
    """HRNet-W48 with DARK."""
    return dark(coco_hrnet_w48_384x288())


def coco_hrnet_w48_udp_256x192() -> Recipe:
    """HRNet-W48 with UDP."""
    return udp(coco_hrnet_w48_256x192())


def coco_hrnet_w48_udp_384x288() -> Recipe:
    """HRNet-W48 with UDP."""
    return udp(coco_hrnet_w48_384x288())


def coco_hrnetv2_w18_256x192() -> Recipe:
    """HRNetV2-W18 (arXiv:1904.04514), whose head sees all resolutions, as HRNet-W32; no published run is known."""
    return small("hrnetv2_w18")


def coco_hrnetv2_w32_256x192() -> Recipe:
    """HRNetV2-W32, as HRNet-W32; no published run is known."""
    return small("hrnetv2_w32")


def coco_hrnetv2_w48_256x192() -> Recipe:
    """HRNetV2-W48, as HRNet-W48; no published run is known."""
    return small("hrnetv2_w48", batch_size=256)


def coco_lite_hrnet_18_256x192() -> Recipe:
    """Lite-HRNet-18 (arXiv:2104.06403)."""
    return small("lite_hrnet_18", augmentation=GENTLE)


def coco_lite_hrnet_18_384x288() -> Recipe:
    """Lite-HRNet-18."""
    return large("lite_hrnet_18", augmentation=GENTLE, batch_size=256)


def coco_lite_hrnet_30_256x192() -> Recipe:
    """Lite-HRNet-30."""
    return small("lite_hrnet_30", augmentation=GENTLE)


def coco_lite_hrnet_30_384x288() -> Recipe:
    """Lite-HRNet-30."""
    return large("lite_hrnet_30", augmentation=GENTLE, batch_size=256)


def coco_scnet50_256x192() -> Recipe:
    """SCNet-50 (Liu et al., CVPR 2020)."""
    return small("scnet50")


def coco_scnet50_384x288() -> Recipe:
    """SCNet-50."""
    return large("scnet50")


def coco_scnet101_256x192() -> Recipe:
    """SCNet-101."""
    return small("scnet101", batch_size=256)


def coco_scnet101_384x288() -> Recipe:
    """SCNet-101."""
    return large("scnet101", batch_size=384)


def coco_vipnas_resnet50_256x192() -> Recipe:
    """ViPNAS-ResNet-50 (arXiv:2105.10154)."""
    return small("vipnas_resnet50", augmentation=GENTLE)


def coco_vipnas_mobilenet_v3_256x192() -> Recipe:
    """ViPNAS-MobileNetV3, on whole bodies only."""
    return small("vipnas_mobilenet_v3", augmentation=replace(GENTLE, half=0.0))
