"""Recipes for Leeds Sports Pose Extended: 14 joints of athletes (Johnson and Everingham, CVPR 2011)."""

from vitruvian.codecs import ProbabilityHeatmap
from vitruvian.datasets import Augmentation
from vitruvian.recipes.recipe import Recipe


def lsp_residual_unet_128() -> Recipe:
    """A body of 14 joints, 128 x 128, from scratch."""
    return Recipe(
        skeleton="lsp14",
        model="residual_unet_small",
        codec=ProbabilityHeatmap(input_size=(128, 128)),
        loss="heatmap_cross_entropy",
        augmentation=Augmentation(
            flip=0.5, degrees=45, turn=0.7, scale=1.3, shift=0.08, zoom=0.1, colour=0.3, grey=0.1, cut_out=0.3
        ),
        steps=10_500,
        learning_rate=2e-3,
        average=0.9995,
        precision="bfloat16",
    )
