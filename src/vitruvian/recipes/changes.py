"""A recipe with some settings changed: by the tables of a file, or by names such as augmentation.flip=0.3."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from vitruvian.datasets import Augmentation
from vitruvian.errors import RecipeError
from vitruvian.recipes.kinds import NONE, fitting, full_name
from vitruvian.recipes.plain import codec_to_dict, recipe_from_dict, recipe_to_dict
from vitruvian.recipes.recipe import Recipe

LENGTHS = ("epochs", "steps")


def with_settings(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """The recipe with settings such as "augmentation.flip=0.3", "codec.sigma=3" or "optimiser=sgd".

    A value is written as in TOML; a word needs no quotes, and "none" is none. See `changed` for what follows from some
    of them. Raises RecipeError for a setting without a value, and what `changed` raises.
    """
    table: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not (name.strip() and equals):
            raise RecipeError(f'"{setting}" sets nothing; expected a name and a value, such as augmentation.flip=0.3')
        _put(table, name.strip(), _value(text.strip()))
    return changed(recipe, table)


def changed(recipe: Recipe, table: Mapping[str, Any]) -> Recipe:
    """The recipe with the values of a table, which may be a part of what `recipe_to_dict` gives.

    Two settings take others along, unless the table says otherwise. A new length, in `steps` or `epochs`, clears the
    other of the two and keeps milestones at their shares of the run; one in steps shortens the warm-up as
    `Recipe.cut_to` does. A codec of another kind keeps nothing but the input size, which the codecs of stages share.

    Raises UnknownNameError, with the nearest names, for one that no recipe has, and RecipeError for a value of the
    wrong kind or range.
    """
    _refuse_inner(recipe, table)
    before = recipe_to_dict(_of_length(recipe, table))
    after = {**before, **table}
    for name, value in table.items():
        if isinstance(value, Mapping) and isinstance(before.get(name), Mapping):
            after[name] = {**(_kept(before[name], value) if name == "codec" else before[name]), **value}
    if "stages" not in table and isinstance(after["codec"], Mapping) and "input_size" in after["codec"]:
        after["stages"] = [_of_size(stage, after["codec"]["input_size"]) for stage in before["stages"]]
    return recipe_from_dict(after)


def _of_size(stage: dict[str, Any], size: Any) -> dict[str, Any]:
    """A stage whose codec, if it has its own, is for inputs of this size."""
    return stage if stage["codec"] is None else {**stage, "codec": {**stage["codec"], "input_size": size}}


def _put(table: dict[str, Any], name: str, value: Any) -> None:
    """Into the tables within the table, as the dots of the name say."""
    *places, last = name.split(".")
    for place in places:
        if not isinstance(table.get(place), dict):
            table[place] = {}
        table = table[place]
    table[last] = value


def _value(text: str) -> Any:
    """What a text says in TOML; a text that is not TOML says itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"] if "\n" not in text else text
    except tomllib.TOMLDecodeError:
        return text


def _of_length(recipe: Recipe, table: Mapping[str, Any]) -> Recipe:
    """The recipe cut or stretched to the length in the table, if there is one and only one."""
    given = {key: table[key] for key in LENGTHS if not _is_none(table.get(key))}
    if len(given) != 1:
        return recipe
    ((unit, given_value),) = given.items()
    value: int = fitting(given_value, int, full_name("", unit))
    if value == getattr(recipe, unit):
        return recipe
    if unit == "steps":
        return recipe.cut_to(value)
    milestones = tuple(place / recipe.length * value for place in recipe.milestones)
    return replace(recipe, epochs=value, steps=None, milestones=milestones)


def _is_none(value: Any) -> bool:
    return value is None or value == NONE


def _kept(codec: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of a codec's settings under the new ones: all of them, or where the kind is another, the size."""
    same = new.get("kind", codec["kind"]) == codec["kind"]
    return {**codec} if same else {"input_size": codec["input_size"]}


def _refuse_inner(recipe: Recipe, table: Mapping[str, Any]) -> None:
    """Raises RecipeError for the name of a setting of a part, with the part that it is missing."""
    own = {part.name for part in fields(Recipe)}
    inner = {"augmentation": {part.name for part in fields(Augmentation)}, "codec": codec_to_dict(recipe.codec).keys()}
    for name in table:
        places = [place for place, names in inner.items() if name in names and name not in own]
        if places:
            raise RecipeError(f'"{name}" is a setting of the {places[0]}; write {places[0]}.{name}')
