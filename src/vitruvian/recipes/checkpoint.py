"""A checkpoint: weights and the recipe that made them, in one safetensors file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from vitruvian.errors import DataError, PoseError, UnknownNameError, WeightsError, needs
from vitruvian.folders import written_whole
from vitruvian.models import LIKELIHOOD, LOSSES, PoseModel
from vitruvian.recipes.estimator import build_estimator
from vitruvian.recipes.plain import recipe_from_dict, recipe_to_dict
from vitruvian.recipes.recipe import Recipe

RECIPE_KEY = "vitruvian.recipe"


def build(recipe: Recipe) -> PoseModel:
    """The recipe's model with fresh weights. Raises UnknownNameError for a model, loss or skeleton in no table."""
    for loss in (recipe.loss, *(name for _, name in recipe.losses), *(stage.loss for stage in recipe.stages)):
        if loss not in (*LOSSES, LIKELIHOOD):
            raise UnknownNameError("loss", loss, (*LOSSES, LIKELIHOOD))
    return build_estimator(recipe)


def save_checkpoint(path: Path, model: nn.Module, recipe: Recipe) -> None:
    """Write weights and recipe, all or nothing: a crash leaves the former file. Raises DataError where it cannot."""
    _, save_file = _safetensors()
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    text = json.dumps(recipe_to_dict(recipe), allow_nan=False)
    with written_whole(path) as beside:
        try:
            save_file(weights, beside, metadata={RECIPE_KEY: text})
        except Exception as error:  # safetensors raises its own type, not exported from its package
            raise DataError(f"{path}: cannot be written ({error}); choose another place") from error


def load_checkpoint(path: Path) -> tuple[PoseModel, Recipe]:
    """The model, in eval mode, and its recipe. Raises WeightsError for a file that is not one of ours, or damaged."""
    safe_open, _ = _safetensors()
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get(RECIPE_KEY)
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except Exception as error:  # safetensors raises its own type, not exported from its package
        raise WeightsError(f"{path} is not a readable safetensors file: {error}") from error
    if text is None:
        raise WeightsError(f"{path} carries no recipe; expected a checkpoint written by vitruvian train")
    try:
        recipe = recipe_from_dict(json.loads(text))
        model = build(recipe)
    except (PoseError, json.JSONDecodeError) as error:
        raise WeightsError(f"{path} carries a recipe that this version cannot use: {error}") from error
    load_weights(model, weights, str(path))
    return model.eval(), recipe


def load_weights(model: nn.Module, weights: Mapping[str, Any], source: str) -> None:
    """Copy `weights` into the model. Raises WeightsError that names the first differences unless all of them fit."""
    own = model.state_dict()
    missing = sorted(own.keys() - weights.keys())
    extra = sorted(weights.keys() - own.keys())
    other = [
        f"{name} is {tuple(weights[name].shape)}, the model has {tuple(own[name].shape)}"
        for name in own
        if name in weights and weights[name].shape != own[name].shape
    ]
    problems = [f"without {name}" for name in missing[:3]] + [f"with unknown {name}" for name in extra[:3]] + other[:3]
    if problems:
        raise WeightsError(f"{source} does not fit the model: {'; '.join(problems)}. Is it of another model?")
    model.load_state_dict(dict(weights))


def _safetensors() -> tuple[Any, Any]:
    with needs("train", "a checkpoint"):
        from safetensors import safe_open
        from safetensors.torch import save_file
    return safe_open, save_file
