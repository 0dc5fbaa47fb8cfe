"""Recipes for COCO's 17 body keypoints of models that answer several times, each answer better than the one before.

As MMPose 1.x trained them (configs/body_2d_keypoint/topdown_heatmap/coco), except where a recipe says otherwise.
"""

from dataclasses import replace
from typing import Any

from vitruvian.codecs import GaussianHeatmap, MegviiHeatmap
from vitruvian.datasets import Augmentation
from vitruvian.recipes.coco_maps import small
from vitruvian.recipes.recipe import Recipe, Stage


def coco_hourglass52_256x256() -> Recipe:
    """One hourglass (arXiv:1603.06937)."""
    return small("hourglass52", codec=GaussianHeatmap((256, 256)), batch_size=256)


def coco_hourglass52_384x384() -> Recipe:
    """One hourglass."""
    return small("hourglass52", codec=GaussianHeatmap((384, 384), sigma=3.0), batch_size=256)


def coco_hourglass52_x2_256x256() -> Recipe:
    """Two hourglasses, the first trained as the second; as one alone, no published run with these settings is known."""
    return replace(coco_hourglass52_256x256(), model="hourglass52_x2")


def coco_cpm_256x192() -> Recipe:
    """Convolutional pose machine of six stages, trained alike (arXiv:1602.00134); maps at an eighth of the input."""
    return small("cpm", codec=GaussianHeatmap((192, 256), stride=8))


def coco_cpm_384x288() -> Recipe:
    """Convolutional pose machine of six stages, trained alike; maps at an eighth of the input."""
    return small("cpm", codec=GaussianHeatmap((288, 384), stride=8, sigma=3.0), batch_size=256)


def _levels(model: str, stages: int, **changes: Any) -> Recipe:
    """A model of several stages of four levels, every level trained: narrower bumps the finer it is, and in the last
    stage; the first three levels of each on all keypoints for a quarter, the finest on the hardest ones."""
    kernels = (15, 11, 9, 7) * (stages - 1) + (11, 9, 7)
    return small(
        model,
        codec=MegviiHeatmap((192, 256), blur_kernel=5),
        loss="heatmap_ohkm_mse",
        stages=tuple(
            Stage(
                loss="heatmap_ohkm_mse" if place % 4 == 3 else "heatmap_mse",
                weight=1.0 if place % 4 == 3 else 0.25,
                codec=MegviiHeatmap((192, 256), blur_kernel=kernel),
            )
            for place, kernel in enumerate(kernels)
        ),
        batch_size=256,
        **{"learning_rate": 5e-3, **changes},
    )


def coco_mspn50_256x192() -> Recipe:
    """MSPN-50 (arXiv:1901.00148) of one stage."""
    return _levels("mspn50", 1)


def coco_mspn50_x2_256x192() -> Recipe:
    """MSPN-50 of two stages."""
    return _levels("mspn50_x2", 2)


def coco_mspn50_x3_256x192() -> Recipe:
    """MSPN-50 of three stages; its settings were not read, but follow from those of two."""
    return _levels("mspn50_x3", 3)


def coco_mspn50_x4_256x192() -> Recipe:
    """MSPN-50 of four stages; its settings were not read, but follow from those of two."""
    return _levels("mspn50_x4", 4)


def coco_rsn18_256x192() -> Recipe:
    """RSN-18 (arXiv:2003.04030), at four times the rate of RSN-50, with three falls."""
    return _levels("rsn18", 1, learning_rate=2e-2, milestones=(170, 190, 200))


def coco_rsn50_256x192() -> Recipe:
    """RSN-50 of one stage."""
    return _levels("rsn50", 1)


def coco_rsn50_x2_256x192() -> Recipe:
    """RSN-50 of two stages."""
    return _levels("rsn50_x2", 2)


def coco_rsn50_x3_256x192() -> Recipe:
    """RSN-50 of three stages."""
    return _levels("rsn50_x3", 3)


def _global_net(input_size: tuple[int, int]) -> tuple[Stage, ...]:
    """The four levels of GlobalNet, from the coarsest."""
    return tuple(Stage("heatmap_mse", 0.5, MegviiHeatmap(input_size, blur_kernel=kernel)) for kernel in (15, 11, 9, 7))


def coco_cpn_resnet50_256x192() -> Recipe:
    """CPN (arXiv:1711.07319) with ResNet-50: GlobalNet on wide bumps, RefineNet on the hardest keypoints.

    Rate, weight decay, batch, angles and factors as in the paper (sec. 4.1), factors here down to 1 / 1.35 instead of
    0.7. The rate is halved every 6 of 32 epochs, and a stage of GlobalNet counts a half, as in a widely used
    reimplementation (https://github.com/GengDavid/pytorch-cpn, 256.192.model); the paper counts iterations. There,
    GlobalNet is trained on visible keypoints only; here on all known ones.
    """
    return small(
        "cpn_resnet50",
        codec=MegviiHeatmap((192, 256), blur_kernel=7),
        loss="heatmap_ohkm_mse",
        stages=_global_net((192, 256)),
        augmentation=Augmentation(flip=0.5, degrees=45, scale=1.35),
        batch_size=32,
        epochs=32,
        warm_up=0,
        milestones=(6, 12, 18, 24, 30),
        decay=0.5,
        weight_decay=1e-5,
    )


def coco_cpn_resnet50_384x288() -> Recipe:
    """CPN with ResNet-50, as for the smaller input, its bumps as many cells wide; that was not read anywhere."""
    return replace(
        coco_cpn_resnet50_256x192(),
        codec=MegviiHeatmap((288, 384), blur_kernel=7),
        stages=_global_net((288, 384)),
    )


def coco_cpn_resnet101_384x288() -> Recipe:
    """CPN with ResNet-101, as with ResNet-50."""
    return replace(coco_cpn_resnet50_384x288(), model="cpn_resnet101")
