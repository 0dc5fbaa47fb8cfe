"""A checkpoint: weights and the recipe that made them, in one safetensors file."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from torch import nn

from vitruvian.codecs import CODECS, Codec
from vitruvian.datasets import Augmentation
from vitruvian.errors import DataError, PoseError, RecipeError, UnknownNameError, WeightsError, needs
from vitruvian.models import LIKELIHOOD, LOSSES, MODELS, PoseModel
from vitruvian.recipes.recipe import Recipe, Stage
from vitruvian.structures import skeleton

RECIPE_KEY = "vitruvian.recipe"


def build(recipe: Recipe) -> PoseModel:
    """The recipe's model with fresh weights. Raises UnknownNameError for a model, loss or skeleton in no table."""
    if recipe.model not in MODELS:
        raise UnknownNameError("model", recipe.model, MODELS)
    for loss in (recipe.loss, *(name for _, name in recipe.losses), *(stage.loss for stage in recipe.stages)):
        if loss not in (*LOSSES, LIKELIHOOD):
            raise UnknownNameError("loss", loss, (*LOSSES, LIKELIHOOD))
    return MODELS[recipe.model](recipe.codec.heads(len(skeleton(recipe.skeleton))), recipe.codec.input_size)


def recipe_to_dict(recipe: Recipe) -> dict[str, Any]:
    """A recipe as plain values; a codec carries its name in CODECS as "kind"."""
    stages = [{**_settings(stage), "codec": stage.codec and codec_to_dict(stage.codec)} for stage in recipe.stages]
    return {**asdict(recipe), "codec": codec_to_dict(recipe.codec), "stages": stages}


def recipe_from_dict(values: Mapping[str, Any]) -> Recipe:
    """The inverse of `recipe_to_dict`.

    Raises UnknownNameError for a key or codec that is not known, RecipeError for a value of the wrong kind or range.
    """
    values = _table(values, "recipe")
    parts = {
        "codec": codec_from_dict(values.get("codec")),
        "stages": tuple(_stage_from_dict(stage) for stage in _list(values.get("stages", []), "stages")),
        "losses": tuple(tuple(_list(pair, "losses")) for pair in _list(values.get("losses", []), "losses")),
        "augmentation": _record(Augmentation, _table(values.get("augmentation", {}), "augmentation"), "augmentation"),
    }
    return _record(Recipe, {**values, **parts}, "recipe")


def codec_to_dict(codec: Codec) -> dict[str, Any]:
    """The settings of a codec, and its name in CODECS as "kind"."""
    kinds = {cls: kind for kind, cls in CODECS.items()}
    return {"kind": kinds[type(codec)], **_settings(codec)}


def codec_from_dict(values: Any) -> Codec:
    """The inverse of `codec_to_dict`. Raises UnknownNameError or RecipeError for what describes no codec."""
    codec = dict(_table(values, "codec"))
    kind = str(codec.pop("kind", None))
    if kind not in CODECS:
        raise UnknownNameError("codec", kind, CODECS)
    return _record(CODECS[kind], codec, f"codec {kind}")


def _stage_from_dict(values: Any) -> Stage:
    stage = _table(values, "stage")
    codec = None if stage.get("codec") is None else codec_from_dict(stage["codec"])
    return _record(Stage, {**stage, "codec": codec}, "stage")


def _settings(record: Any) -> dict[str, Any]:
    """The fields that one chooses; not those that follow from the class."""
    return {part.name: getattr(record, part.name) for part in fields(record) if part.init}


def _table(values: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(values, Mapping):
        raise RecipeError(f"{what} must be a table of names and values, got {values!r}")
    return values


def _list(values: Any, what: str) -> Sequence[Any]:
    if not isinstance(values, list | tuple):
        raise RecipeError(f"{what} must be a list, got {values!r}")
    return values


def _record(cls: Any, values: Mapping[str, Any], what: str) -> Any:
    known = {part.name for part in fields(cls) if part.init}
    for key in values:
        if key not in known:
            raise UnknownNameError(f"{what} key", key, known)
    try:
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
    except PoseError:
        raise
    except (TypeError, ValueError) as error:
        raise RecipeError(f"{what}: {error}") from error


def save_checkpoint(path: Path, model: nn.Module, recipe: Recipe) -> None:
    """Write weights and recipe, all or nothing: a crash leaves the former file. Raises DataError where it cannot."""
    _, save_file = _safetensors()
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    text = json.dumps(recipe_to_dict(recipe), allow_nan=False)
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(weights, partial, metadata={RECIPE_KEY: text})
        os.replace(partial, path)
    except Exception as error:  # an OSError, or the type of safetensors, which its package does not export
        raise DataError(f"cannot write the checkpoint {path} ({error}); choose another place") from error


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
