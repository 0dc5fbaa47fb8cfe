"""A recipe's model on tensors that have a shape but no content: what it would do, for nothing."""

import torch
from torch import Tensor

from vitruvian.models import PoseModel
from vitruvian.recipes import Recipe, build

CROPS = 2  # norms over a batch need two


def shapes(recipe: Recipe) -> tuple[PoseModel, Tensor]:
    """The model, to be trained, and a batch of `CROPS` images (B, H, W, 3) uint8. Raises as `build`."""
    width, height = recipe.codec.input_size
    with torch.device("meta"):
        return build(recipe).train(), torch.zeros((CROPS, height, width, 3), dtype=torch.uint8)
