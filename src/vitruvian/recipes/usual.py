"""What most published runs share: the settings of MMPose 1.x (https://github.com/open-mmlab/mmpose, configs/).

Different from those runs, in all recipes made from these:
- The published runs begin with a backbone trained to classify ImageNet (vision transformers: as masked autoencoders;
  RTMPose: on body keypoints). A recipe says nothing of what the weights are at the start; `build` gives fresh ones.
- Their warm-up begins at a thousandth of the rate, here it begins at one step's share.
"""

from dataclasses import replace
from typing import Any

from vitruvian.codecs import Codec, GaussianHeatmap, UDPHeatmap
from vitruvian.datasets import Augmentation
from vitruvian.recipes.recipe import Recipe

TURNED = Augmentation(flip=0.5, degrees=180, turn=0.6, scale=1.3, shift=0.16, move=0.3, draw="normal")
NO_HALVES = Augmentation(flip=0.5, degrees=80, turn=0.6, scale=1.3, draw="normal")
LESS_SCALED = Augmentation(flip=0.5, degrees=90, turn=0.6, scale=1.35, draw="normal", half=0.3)
BLUR = {2.0: 11, 3.0: 17}  # sigma of the bumps -> kernel of the blur before DARK, both in cells (arXiv:1910.06278)


def usual(skeleton: str, model: str, codec: Codec, augmentation: Augmentation, **changes: Any) -> Recipe:
    """Adam for 210 epochs of batches of 512, its rate of 5e-4 falling to a tenth after 170 and again after 200.

    changes: fields of Recipe that are otherwise.
    """
    settings: dict[str, Any] = {
        "loss": "heatmap_mse",
        "batch_size": 512,
        "epochs": 210,
        "steps": None,
        "optimiser": "adam",
        "learning_rate": 5e-4,
        "milestones": (170, 200),
        "weight_decay": 0.0,
        "clip": None,
        "average": 0.0,
    }
    return Recipe(skeleton, model, codec, augmentation=augmentation, **{**settings, **changes})


def dark(recipe: Recipe) -> Recipe:
    """The recipe with unbiased targets, decoded by a Taylor expansion about the peak (DARK, arXiv:1910.06278)."""
    codec = recipe.codec
    assert isinstance(codec, GaussianHeatmap)
    return replace(recipe, codec=replace(codec, unbiased=True, refine="dark", blur_kernel=BLUR[codec.sigma]))


def udp(recipe: Recipe) -> Recipe:
    """The recipe with crops and maps whose corners coincide (UDP, arXiv:1911.07524)."""
    codec = recipe.codec
    assert isinstance(codec, GaussianHeatmap)
    return replace(recipe, codec=UDPHeatmap(codec.input_size, codec.stride, codec.sigma, blur_kernel=BLUR[codec.sigma]))
