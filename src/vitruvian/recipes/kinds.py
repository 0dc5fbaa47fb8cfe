"""Plain values become what the fields of a record are declared to hold, or are refused with the field's name."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from vitruvian.errors import PoseError, RecipeError, UnknownNameError

NONE = "none"  # stands for None, where a field may be that, in files that have no word for it
ONE = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
SEVERAL = {str: "texts", int: "whole numbers", float: "numbers", bool: "truth values"}


def record(cls: Any, values: Mapping[str, Any], place: str = "") -> Any:
    """An instance of a frozen dataclass from plain values; what is an instance of its field's class is taken as it is.

    place: of the record in a recipe, as "augmentation" or "stages[0].codec"; "" for the recipe itself.

    Raises UnknownNameError for a key that is not known, RecipeError for one that is missing, and for a value of the
    wrong kind or range.
    """
    known = {part.name: part for part in fields(cls) if part.init}
    for key in values:
        if key not in known:
            raise UnknownNameError(f"{place or 'recipe'} key", key, known)
    missing = [name for name, part in known.items() if name not in values and _is_required(part)]
    if missing:
        raise RecipeError(f"{place or 'recipe'} lacks {', '.join(missing)}")
    kinds = get_type_hints(cls)
    given = {key: fitting(value, kinds[key], full_name(place, key)) for key, value in values.items()}
    try:
        return cls(**given)
    except PoseError:
        raise
    except (TypeError, ValueError) as error:
        raise RecipeError(f"{place or 'recipe'}: {error}") from error


def full_name(place: str, key: str) -> str:
    """How messages call a field: "recipe steps", "augmentation.flip"."""
    return f"{place}.{key}" if place else f"recipe {key}"


def fitting(value: Any, kind: Any, name: str) -> Any:
    """The value as its kind: lists become tuples, whole numbers stand for numbers, and `NONE` for None.

    kind: a type, as a field of a record declares it. Raises RecipeError, with the name, for a value of another kind.
    """
    if _holds_records(kind) and not isinstance(value, str | int | float | list | dict):
        return value
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        if value == NONE and NoneType in get_args(kind):
            return None
        raise RecipeError(f"{name} must be {described(kind)}, got {value!r}") from error


def described(kind: Any) -> str:
    """A kind in words: "a number or none", "two whole numbers", "a list of pairs of texts"."""
    if kind in ONE:
        return ONE[kind]
    if kind is NoneType:
        return NONE
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(described(part) for part in parts)
    if origin is Literal:
        return " or ".join(map(str, parts))
    return _list_described(parts) if origin is tuple else f"a table of {kind.__name__.lower()} settings"


def _list_described(parts: tuple[Any, ...]) -> str:
    inside = parts[0]
    if parts[-1] is not Ellipsis:
        return f"two {SEVERAL[inside]}"  # no field holds more than pairs
    if get_origin(inside) is tuple:
        return f"a list of pairs of {SEVERAL[get_args(inside)[0]]}"
    return f"a list of {SEVERAL.get(inside, 'tables')}"


def _holds_records(kind: Any) -> bool:
    """Whether something else than plain values is in it: a codec, a skeleton, an augmentation, stages."""
    plain = (*ONE, NoneType, Ellipsis)
    if get_origin(kind) is Literal:
        return False
    return any(map(_holds_records, get_args(kind))) if get_args(kind) else kind not in plain


def _is_required(part: Any) -> bool:
    return part.default is MISSING and part.default_factory is MISSING
