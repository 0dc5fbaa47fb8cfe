"""A user's own skeleton, from a TOML file.

    name = "mouse5"
    keypoints = ["nose", "left_ear", "right_ear", "whisker_1", "whisker_2"]
    limbs = [["nose", "left_ear"], ["nose", "right_ear"]]  # optional: the lines to draw
    pairs = { whisker_1 = "whisker_2" }                    # optional: what mirrors, where the names do not tell
    sigmas = [0.03, 0.04, 0.04, 0.02, 0.02]                # optional: one OKS sigma per keypoint

Only name and keypoints are required; a key that is not among these five is an error.
"""

import json
import tomllib
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from vitruvian.errors import DataError, RecipeError, SkeletonError
from vitruvian.structures.skeleton import Skeleton


def read_skeleton(path: Path) -> Skeleton:
    """The skeleton that a TOML file describes, as in the text at the top of this file.

    name and keypoints are required. See `Skeleton.define` for limbs, pairs and sigmas, and for the sides it reads from
    the names. Raises DataError when the file cannot be read, is not TOML, or a key is missing or of the wrong type,
    RecipeError for an unknown key, SkeletonError when the parts contradict each other; each names the file.
    """
    table = _load(path)
    for key in table:
        if key not in SHAPES:
            near = get_close_matches(key, SHAPES, n=1, cutoff=0.4)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise RecipeError(f'{path}: unknown key "{key}"; known: {", ".join(SHAPES)}.{hint}')
    for key in ("name", "keypoints"):
        if key not in table:
            raise DataError(f'{path}: the key "{key}" is missing; a skeleton needs name and keypoints')
    for key, value in table.items():
        wanted, fits = SHAPES[key]
        if not fits(value):
            raise DataError(f"{path}: {key} must be {wanted}, got {value!r}")
    limbs = [(a, b) for a, b in table.get("limbs", [])]
    try:
        return Skeleton.define(table["name"], table["keypoints"], limbs, table.get("pairs"), table.get("sigmas"))
    except SkeletonError as error:
        raise SkeletonError(f"{path}: {error}") from error


def skeleton_to_toml(skeleton: Skeleton) -> str:
    """The text of a file that `read_skeleton` makes the same skeleton of."""
    names = skeleton.names
    mirrored = [(names[k], names[other]) for k, other in enumerate(skeleton.mirror) if _is_told(skeleton, k)]
    lines = {
        "name": _quoted(skeleton.name),
        "keypoints": f"[{', '.join(map(_quoted, names))}]",
        "limbs": f"[{', '.join(f'[{_quoted(names[a])}, {_quoted(names[b])}]' for a, b in skeleton.limbs)}]",
        "sigmas": f"[{', '.join(map(repr, skeleton.sigmas))}]",
    }
    table = [f"{_quoted(name)} = {_quoted(other)}" for name, other in mirrored]
    return "\n".join([*(f"{key} = {value}" for key, value in lines.items()), "", "[pairs]", *table]) + "\n"


def _is_told(skeleton: Skeleton, k: int) -> bool:
    """Whether a pair must be written: once for two, and for a name that tells a side without having a partner."""
    other = skeleton.mirror[k]
    return k < other or (k == other and skeleton.side(k) != "centre")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _load(path: Path) -> dict[str, Any]:
    """The table in the file. Raises DataError with the file and, for broken TOML, the line."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); give the path of a TOML file") from error
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}: line {line} is not UTF-8, as TOML must be; save the file as UTF-8") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        end = f"at line {len(text.splitlines())}, the last"  # tomllib gives the line except there
        raise DataError(f"{path}: not TOML: {str(error).replace('at end of document', end)}") from error


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_limb(value: Any) -> bool:
    return _is_list_of(_is_text)(value) and len(value) == 2


def _is_list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(fits(one) for one in value)


def _is_pairs(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(other) for other in value.values())


SHAPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "name": ('a text, as in "mouse5"', _is_text),
    "keypoints": ('a list of names, as in ["nose", "left_ear"]', _is_list_of(_is_text)),
    "limbs": ('a list of pairs of names, as in [["nose", "left_ear"]]', _is_list_of(_is_limb)),
    "pairs": ('a table of names, as in { ear_1 = "ear_2" }', _is_pairs),
    "sigmas": ("a list of numbers, as in [0.03, 0.04]", _is_list_of(_is_number)),
}
"""The keys of the file, what each must be, and the test for it."""
