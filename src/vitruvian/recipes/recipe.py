"""Recipe: everything that decides the outcome of a training run."""

from dataclasses import dataclass, field
from typing import Literal

from vitruvian.codecs import GaussianHeatmap, ProbabilityHeatmap, UDPHeatmap
from vitruvian.datasets import Augmentation


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome of a training run, and nothing else. Stored in every checkpoint.

    skeleton, model, loss: names in SKELETONS, MODELS, LOSSES.
    padding:       how much larger than the box the crop is.
    batch_size:    crops per optimiser step.
    steps:         optimiser steps.
    learning_rate: the peak, of AdamW; a linear warm-up leads there, a cosine down to zero.
    weight_decay:  on matrices and kernels, not on biases and norms.
    average:       decay per step of the moving average of the weights, which is what is kept.
    precision:     of the forward pass; the weights are float32 always.
    """

    skeleton: str
    model: str
    codec: GaussianHeatmap | UDPHeatmap | ProbabilityHeatmap
    loss: str
    augmentation: Augmentation = field(default_factory=Augmentation)
    padding: float = 1.25
    batch_size: int = 64
    steps: int = 10_000
    warm_up: int = 500
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    average: float = 0.999
    precision: Literal["float32", "bfloat16"] = "float32"
    seed: int = 0


def lsp_residual_unet_128() -> Recipe:
    """The body model that comes with the package: Leeds Sports Pose Extended, 128 x 128, from scratch."""
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


RECIPES = {"lsp_residual_unet_128": lsp_residual_unet_128}
