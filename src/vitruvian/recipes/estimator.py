"""Estimator: what a trained model is, whatever trained it."""

from dataclasses import dataclass

from vitruvian.codecs import Codec
from vitruvian.errors import UnknownNameError
from vitruvian.models import MODELS, PoseModel
from vitruvian.recipes.plain import codec_from_dict
from vitruvian.recipes.recipe import Recipe
from vitruvian.runtime import Published
from vitruvian.structures import Skeleton, skeleton


@dataclass(frozen=True)
class Estimator:
    """All that is needed to run weights: the part of a `Recipe` that training does not add to.

    skeleton, model: names in SKELETONS and MODELS; padding: how much larger than the box the crop is.
    """

    skeleton: str
    model: str
    codec: Codec
    padding: float = 1.25

    @property
    def joints(self) -> Skeleton:
        """The skeleton itself. Raises UnknownNameError for a name in no table."""
        return skeleton(self.skeleton)


def estimator_of(entry: Published) -> Estimator:
    """What a published checkpoint is. Raises UnknownNameError or RecipeError for a codec that is not ours."""
    return Estimator(entry.skeleton, entry.model, codec_from_dict(entry.codec), entry.padding)


def build_estimator(estimator: Estimator | Recipe) -> PoseModel:
    """Its model with fresh weights. Raises UnknownNameError for a model or skeleton in no table."""
    if estimator.model not in MODELS:
        raise UnknownNameError("model", estimator.model, MODELS)
    heads = estimator.codec.heads(len(estimator.joints))
    return MODELS[estimator.model](heads, estimator.codec.input_size)
