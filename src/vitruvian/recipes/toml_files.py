"""Recipes as TOML files, to be read and changed by hand.

    base = "coco_hrnet_w32_256x192"  # optional: a named recipe, of which the file says the differences
    steps = 20_000
    clip = "none"                    # TOML has no word for nothing

    [codec]
    kind = "udp_heatmap"

    [augmentation]
    flip = 0.3

Without a base, what the file leaves out has its default.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vitruvian.errors import DataError, PoseError, RecipeError, UnknownNameError
from vitruvian.recipes.changes import LENGTHS, changed
from vitruvian.recipes.kinds import NONE
from vitruvian.recipes.plain import recipe_from_dict, recipe_to_dict
from vitruvian.recipes.recipe import Recipe
from vitruvian.recipes.table import RECIPES


def recipe_from_file(path: Path) -> Recipe:
    """The recipe in a TOML file, as in the text at the top of this file.

    Raises DataError for a file that cannot be read or is not TOML, and RecipeError, with the file's name, for an
    unknown name, with the nearest ones, and for a value of the wrong kind or range.
    """
    table = _load(path)
    try:
        return _recipe_of(table)
    except PoseError as error:
        raise RecipeError(f"{path}: {error}") from error


def recipe_to_toml(recipe: Recipe) -> str:
    """The text of a file that `recipe_from_file` makes the same recipe of; every setting is in it."""
    values = {name: value for name, value in recipe_to_dict(recipe).items() if name not in LENGTHS or value is not None}
    return "\n".join(_lines(values)) + "\n"


def _recipe_of(table: dict[str, Any]) -> Recipe:
    base = table.pop("base", None)
    if base is None:
        lengths = {key: table.get(key) for key in LENGTHS} if any(key in table for key in LENGTHS) else {}
        return recipe_from_dict({**table, **lengths})
    if str(base) not in RECIPES:
        raise UnknownNameError("base recipe", str(base), RECIPES)
    return changed(RECIPES[str(base)](), table)


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); give the path of a TOML file") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8, as TOML must be; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path}: not TOML: {error}") from error


def _lines(table: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """A table's own values, then the tables within it, and the lists of tables, under their names."""
    tables = {name: value for name, value in table.items() if _is_tables(value)}
    for name, value in table.items():
        if name not in tables:
            yield f"{name} = {_text(value)}"
    for name, value in tables.items():
        inside = f"{place}{name}"
        for one in [value] if isinstance(value, Mapping) else value:
            yield ""
            yield f"[{inside}]" if isinstance(value, Mapping) else f"[[{inside}]]"
            yield from _lines(one, f"{inside}.")


def _is_tables(value: Any) -> bool:
    """Whether it is a table, or a list of some."""
    return isinstance(value, Mapping) or (
        isinstance(value, list | tuple) and len(value) > 0 and isinstance(value[0], Mapping)
    )


def _text(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f'"{NONE}"' if value is None else repr(value)
