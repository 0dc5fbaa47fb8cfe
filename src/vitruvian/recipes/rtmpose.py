"""Recipes for bodies of RTMPose, and of its backbone with a head of heatmaps.

As MMPose 1.x trained them (configs/body_2d_keypoint: rtmpose, topdown_heatmap/coco/cspnext-*).
"""

from dataclasses import replace
from typing import Any

from vitruvian.codecs import SimCC, UDPHeatmap
from vitruvian.recipes.coco_maps import HALVED, small
from vitruvian.recipes.recipe import Recipe

COVERED = replace(HALVED, scale=1.4, cut_out=1.0)
COVERED_TURNED = replace(HALVED, degrees=90, cut_out=1.0)


def rtmpose(model: str, **changes: Any) -> Recipe:
    """RTMPose (arXiv:2303.07399): AdamW, a flat rate for half the run, then half a cosine down to a twentieth.

    Left out: random hue, blur, and gentler augmentation in the last 30 epochs. The rectangle that is cut out has sides
    from 0.1 of the input on, published 0.2. The published average of weights forgets faster in its first 2,000 steps.
    """
    settings: dict[str, Any] = {
        "codec": SimCC((192, 256), sigma=(4.9, 5.66), normalise=False),
        "loss": "kl_discretised_sharp",
        "augmentation": COVERED,
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
    """RTMPose-s, without weight decay."""
    return rtmpose("rtmpose_s", weight_decay=0.0)


def coco_rtmpose_m_256x192() -> Recipe:
    """RTMPose-m."""
    return rtmpose("rtmpose_m")


def coco_rtmpose_l_256x192() -> Recipe:
    """RTMPose-l."""
    return rtmpose("rtmpose_l")


def body8_rtmpose_x_384x288() -> Recipe:
    """RTMPose-x on 26 keypoints of bodies and feet, of seven data sets: 700 epochs.

    Besides what `rtmpose` leaves out: colours are distorted.
    """
    recipe = rtmpose(
        "rtmpose_x",
        codec=SimCC((288, 384), sigma=(6.0, 6.93), normalise=False),
        augmentation=COVERED_TURNED,
        epochs=700,
        clip=35.0,
    )
    return replace(recipe, skeleton="halpe26")


def _cspnext(model: str, **changes: Any) -> Recipe:
    """RTMPose's backbone under the head of SimpleBaseline, trained as `rtmpose`, with UDP, in half as many epochs."""
    return rtmpose(model, codec=UDPHeatmap((192, 256)), loss="heatmap_mse", epochs=210, **changes)


def coco_cspnext_t_256x192() -> Recipe:
    """CSPNeXt-t (arXiv:2212.07784) with the head of SimpleBaseline and UDP, without an average."""
    return _cspnext("simple_baseline_cspnext_t", average=0.0)


def coco_cspnext_s_256x192() -> Recipe:
    """CSPNeXt-s with the head of SimpleBaseline and UDP."""
    return _cspnext("simple_baseline_cspnext_s")


def coco_cspnext_m_256x192() -> Recipe:
    """CSPNeXt-m with the head of SimpleBaseline and UDP."""
    return _cspnext("simple_baseline_cspnext_m")


def coco_cspnext_l_256x192() -> Recipe:
    """CSPNeXt-l with the head of SimpleBaseline and UDP."""
    return _cspnext("simple_baseline_cspnext_l")
