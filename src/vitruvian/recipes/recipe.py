"""Recipe: everything that decides the outcome of a training run."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from vitruvian.codecs import Codec, ProbabilityHeatmap
from vitruvian.datasets import Augmentation
from vitruvian.errors import RecipeError

Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome of a training run, and nothing else. Stored in every checkpoint.

    skeleton, model, loss: names in SKELETONS, MODELS, LOSSES.
    padding:       how much larger than the box the crop is.
    batch_size:    crops per optimiser step.
    steps:         optimiser steps.
    learning_rate: the peak, of AdamW; a linear warm-up leads there, a cosine down to zero.
    weight_decay:  on matrices and kernels, not on biases and norms.
    clip:          the largest norm of the gradient; longer ones are shortened to it.
    average:       decay per step of the moving average of the weights, which is what is kept; at step n at most
                   n / (n + 10), so that the average soon forgets the start.
    precision:     of the forward pass; the weights are float32 always.

    Raises RecipeError for a number out of its range. Names are checked where they are looked up, in `build`.
    """

    skeleton: str
    model: str
    codec: Codec
    loss: str
    augmentation: Augmentation = field(default_factory=Augmentation)
    padding: float = 1.25
    batch_size: int = 64
    steps: int = 10_000
    warm_up: int = 500
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    clip: float = 1.0
    average: float = 0.999
    precision: Precision = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("batch_size", "steps"):
            if not getattr(self, name) >= 1:
                raise RecipeError(f"recipe {name} must be at least 1, got {getattr(self, name)}")
        for name in ("warm_up", "weight_decay", "seed"):
            if not getattr(self, name) >= 0:
                raise RecipeError(f"recipe {name} must not be negative, got {getattr(self, name)}")
        for name in ("padding", "learning_rate", "clip"):
            if not getattr(self, name) > 0:
                raise RecipeError(f"recipe {name} must be more than 0, got {getattr(self, name)}")
        if not 0 <= self.average < 1:
            raise RecipeError(f"recipe average must be at least 0 and less than 1, got {self.average}")
        if self.precision not in get_args(Precision):
            raise RecipeError(f"recipe precision must be {' or '.join(get_args(Precision))}, got {self.precision}")


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
