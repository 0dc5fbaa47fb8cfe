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


def coco_hourglass52_x4_256x256() -> Recipe:
    """Four hourglasses, all trained alike; no published run with these settings is known."""
    return replace(coco_hourglass52_256x256(), model="hourglass52_x4")


def coco_hourglass52_x8_256x256() -> Recipe:
    """Eight hourglasses, all trained alike; no published run with these settings is known."""
    return replace(coco_hourglass52_256x256(), model="hourglass52_x8")


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
    """MSPN-50 of three stages."""
    return _levels("mspn50_x3", 3)


def coco_mspn50_x4_256x192() -> Recipe:
    """MSPN-50 of four stages."""
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


def _cpn(model: str, input_size: tuple[int, int], kernels: tuple[int, int, int, int], **changes: Any) -> Recipe:
    """CPN (arXiv:1711.07319): GlobalNet on wide bumps, RefineNet on narrow ones of the hardest keypoints.

    As in its authors' code (https://github.com/chenyilun95/tf-cpn, models/COCO.res50.*), which shows 24 M crops of
    150,000 people, and halves the rate every 3.6 M; it makes four crops of a person at a time, one of them mirrored and
    two turned. Factors here go down to 1 / 1.35, there to 0.7. There, the finest level of GlobalNet is drawn the widest
    bumps, which a remark in that code calls the wrong way round, and is trained on visible keypoints only; here the
    coarsest is, and on all known ones.

    kernels: of the bumps of GlobalNet's four levels, from the coarsest; RefineNet has the last.
    """
    codecs = [MegviiHeatmap(input_size, blur_kernel=kernel) for kernel in kernels]
    settings: dict[str, Any] = {
        "codec": codecs[-1],
        "loss": "heatmap_ohkm_mse",
        "stages": tuple(Stage("heatmap_mse", 1 / 8, codec) for codec in codecs),
        "augmentation": Augmentation(flip=0.25, degrees=45, turn=0.5, scale=1.35),
        "batch_size": 32,
        "epochs": 160,
        "warm_up": 0,
        "milestones": (24, 48, 72, 96, 120, 144),
        "decay": 0.5,
        "weight_decay": 1e-5,
    }
    return small(model, **{**settings, **changes})


def coco_cpn_resnet50_256x192() -> Recipe:
    """CPN with ResNet-50."""
    return _cpn("cpn_resnet50", (192, 256), (15, 11, 9, 7))


def coco_cpn_resnet50_384x288() -> Recipe:
    """CPN with ResNet-50."""
    return _cpn("cpn_resnet50", (288, 384), (23, 17, 13, 9), batch_size=24)


def coco_cpn_resnet101_384x288() -> Recipe:
    """CPN with ResNet-101."""
    return replace(coco_cpn_resnet50_384x288(), model="cpn_resnet101")
