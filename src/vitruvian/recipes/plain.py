"""Recipes and codecs as plain values, such as json holds, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from vitruvian.codecs import CODECS, Codec
from vitruvian.datasets import Augmentation
from vitruvian.errors import PoseError, RecipeError, UnknownNameError
from vitruvian.recipes.recipe import Recipe, Stage


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
