"""Recipes and codecs as plain values, such as json holds, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from vitruvian.codecs import CODECS, Codec
from vitruvian.datasets import Augmentation
from vitruvian.errors import RecipeError, UnknownNameError
from vitruvian.recipes.kinds import record
from vitruvian.recipes.recipe import Recipe, Stage
from vitruvian.structures import Skeleton


def recipe_to_dict(recipe: Recipe) -> dict[str, Any]:
    """A recipe as plain values; a codec carries its name in CODECS as "kind"."""
    stages = [{**_settings(stage), "codec": stage.codec and codec_to_dict(stage.codec)} for stage in recipe.stages]
    own = recipe.skeleton if isinstance(recipe.skeleton, str) else asdict(recipe.skeleton)
    return {**asdict(recipe), "skeleton": own, "codec": codec_to_dict(recipe.codec), "stages": stages}


def recipe_from_dict(values: Mapping[str, Any]) -> Recipe:
    """The inverse of `recipe_to_dict`.

    Raises UnknownNameError for a key or codec that is not known, RecipeError for a value that is missing, or of the
    wrong kind or range.
    """
    values = _table(values, "recipe")
    stages = [_stage_from_dict(stage, row) for row, stage in enumerate(_list(values.get("stages", []), "stages"))]
    augmentation = _table(values.get("augmentation", {}), "augmentation")
    parts: dict[str, Any] = {
        "codec": codec_from_dict(values.get("codec")),
        "stages": tuple(stages),
        "augmentation": record(Augmentation, augmentation, "augmentation"),
    }
    if isinstance(values.get("skeleton"), Mapping):
        parts["skeleton"] = record(Skeleton, values["skeleton"], "skeleton")
    made: Recipe = record(Recipe, {**values, **parts})
    return made


def codec_to_dict(codec: Codec) -> dict[str, Any]:
    """The settings of a codec, and its name in CODECS as "kind"."""
    kinds = {cls: kind for kind, cls in CODECS.items()}
    return {"kind": kinds[type(codec)], **_settings(codec)}


def codec_from_dict(values: Any, place: str = "codec") -> Codec:
    """The inverse of `codec_to_dict`. Raises UnknownNameError or RecipeError for what describes no codec."""
    codec = dict(_table(values, place))
    kind = str(codec.pop("kind", None))
    if kind not in CODECS:
        raise UnknownNameError("codec", kind, CODECS)
    made: Codec = record(CODECS[kind], codec, place)
    return made


def _stage_from_dict(values: Any, row: int) -> Stage:
    place = f"stages[{row}]"
    stage = _table(values, place)
    codec = None if stage.get("codec") is None else codec_from_dict(stage["codec"], f"{place}.codec")
    made: Stage = record(Stage, {**stage, "codec": codec}, place)
    return made


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
