"""Recipes for COCO's 17 body keypoints of FastPose, the network of AlphaPose (https://github.com/MVIG-SJTU/AlphaPose).

As its configs/coco/resnet say, up to where that code begins to train on wrong boxes, too: the rest of its run, with two
more falls of the rate, is left out. They name 32 crops, which its scripts/train.py gives to every card, and 4 cards.
Its angles and factors come from normal distributions cut off at two deviations and at one; here all are cut off at one,
so the angles are less often small.
"""

from dataclasses import replace

from vitruvian.codecs import IntegralRegression
from vitruvian.recipes.coco_maps import small
from vitruvian.recipes.recipe import Recipe
from vitruvian.recipes.usual import LESS_SCALED, NO_HALVES


def coco_fast_pose_resnet50_256x192() -> Recipe:
    """FastPose (arXiv:2211.03375): 140 epochs, a rate of 1e-3 without a warm-up, no shifts."""
    return small(
        "fast_pose_resnet50",
        augmentation=NO_HALVES,
        batch_size=128,
        epochs=140,
        learning_rate=1e-3,
        warm_up=0,
        milestones=(90, 120),
    )


def coco_fast_pose_resnet101_256x192() -> Recipe:
    """FastPose of ResNet-101, as the one of ResNet-50; no published run is known."""
    return replace(coco_fast_pose_resnet50_256x192(), model="fast_pose_resnet101")


def coco_fast_pose_resnet152_256x192() -> Recipe:
    """FastPose of ResNet-152, as the one of ResNet-50; no published run is known."""
    return replace(coco_fast_pose_resnet50_256x192(), model="fast_pose_resnet152")


def coco_fast_pose_duc_resnet152_256x192() -> Recipe:
    """FastPose of three shuffles with ResNet-152."""
    return replace(coco_fast_pose_resnet50_256x192(), model="fast_pose_duc_resnet152")


def coco_fast_pose_simple_resnet50_256x192() -> Recipe:
    """FastPose without squeeze and excitation, as `coco_fast_pose_resnet50_256x192`; no published run is known."""
    return replace(coco_fast_pose_resnet50_256x192(), model="fast_pose_simple_resnet50")


def coco_fast_pose_simple_resnet152_256x192() -> Recipe:
    """FastPose of ResNet-152 without squeeze and excitation, as the one of ResNet-50; no published run is known."""
    return replace(coco_fast_pose_resnet50_256x192(), model="fast_pose_simple_resnet152")


def coco_fast_pose_si_resnet50_256x192() -> Recipe:
    """FastPose with symmetric integral regression (arXiv:2211.03375, sec. 3.1): 210 epochs, halves of people, too.

    There, coordinates alone are trained; here the map is, too, since no output of a model may be left to itself.
    """
    return replace(
        coco_fast_pose_resnet50_256x192(),
        model="fast_pose_si_resnet50",
        codec=IntegralRegression((192, 256)),
        loss="l1",
        losses=(("heatmap", "js_discretised"),),
        augmentation=LESS_SCALED,
        epochs=210,
        milestones=(170, 200),
    )


def coco_fast_pose_si_resnet152_256x192() -> Recipe:
    """FastPose of ResNet-152 with symmetric integral regression, as ResNet-50; no published run is known."""
    return replace(coco_fast_pose_si_resnet50_256x192(), model="fast_pose_si_resnet152")
