"""The model card of a trained model."""

from typing import Any

from torch import nn

from vitruvian.recipes.estimator import Estimator
from vitruvian.recipes.plain import codec_to_dict
from vitruvian.recipes.recipe import Recipe
from vitruvian.runtime import ModelCard
from vitruvian.version import __version__


def card_for(
    recipe: Recipe | Estimator, model: nn.Module, name: str, flip_test: bool = False, **about: Any
) -> ModelCard:
    """The card of a trained model; `about` fills in what only its maker knows: trained_on, accuracy, licence, ..."""
    return ModelCard(
        name=name,
        version=__version__,
        skeleton=recipe.joints,
        input_size=recipe.codec.input_size,
        padding=recipe.padding,
        convention=recipe.codec.convention,
        codec=codec_to_dict(recipe.codec),
        grid=recipe.codec.grid,
        flip_test=flip_test,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        **about,
    )
