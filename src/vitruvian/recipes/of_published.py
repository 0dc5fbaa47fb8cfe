"""The recipe that a published model can be trained on with: that of its kind, for its skeleton and input."""

from dataclasses import replace
from functools import cache

from vitruvian.errors import UnknownNameError
from vitruvian.recipes.estimator import estimator_of
from vitruvian.recipes.recipe import Recipe, Stage
from vitruvian.recipes.table import RECIPES
from vitruvian.runtime import Published


def recipe_of(entry: Published) -> Recipe:
    """How models like the published one are trained: the named recipe of its model and kind of codec.

    Of several, the one with the same codec, then of the same skeleton. How that very file was trained is not known in
    more detail than its published name says, which may be another loss of the same kind.

    Raises UnknownNameError for a model that no named recipe trains, RecipeError for a codec that is not ours.
    """
    wanted = estimator_of(entry)
    alike = [one for one in _named() if one.model == wanted.model and type(one.codec) is type(wanted.codec)]
    if not alike:
        raise UnknownNameError("model of a recipe", wanted.model, {one.model for one in _named()})
    nearest = min(alike, key=lambda one: (one.codec != wanted.codec, one.skeleton != wanted.skeleton))
    stages = tuple(_for_input(stage, wanted.codec.input_size) for stage in nearest.stages)
    return replace(nearest, skeleton=wanted.skeleton, codec=wanted.codec, padding=wanted.padding, stages=stages)


@cache
def _named() -> tuple[Recipe, ...]:
    return tuple(make() for make in RECIPES.values())


def _for_input(stage: Stage, size: tuple[int, int]) -> Stage:
    """The stage with a codec, if it has one of its own, for inputs of another size."""
    return stage if stage.codec is None else replace(stage, codec=replace(stage.codec, input_size=size))  # type: ignore[type-var]  # a protocol
