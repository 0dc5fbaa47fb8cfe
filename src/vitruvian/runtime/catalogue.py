"""The checkpoints that others have published and that our models can load, as a table of facts.

The table is the file published.json beside this one: addresses, hashes, training data and accuracies as their makers
state them (the metafiles of OpenMMLab MMPose), with what is known to contradict itself marked. None of it was measured
here; `vitruvian pull` says what was.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vitruvian.errors import UnknownNameError

TABLE = Path(__file__).with_name("published.json")


@dataclass(frozen=True)
class Published:
    """One published checkpoint, and what it takes to run it.

    name:         as its makers call it; aliases: shorter names of theirs.
    url:          of the file; sha256: the first digits of its SHA-256, "" where none are published.
    skeleton:     name in SKELETONS; model: in MODELS; codec: "kind" in CODECS and its settings.
    padding:      how much larger than the box the crop is.
    trained_on:   the data sets; data_licence: what is known of their terms, or where these stand.
    accuracy:     by metric and data set as published, percentages and shares alike.
    licence:      of the weights.
    notes:        what contradicts itself in the published list, or is missing there.
    doubtful:     whether the address is that of another entry's file, so that the accuracy is not that of the file.
    """

    name: str
    aliases: tuple[str, ...]
    url: str
    sha256: str
    skeleton: str
    model: str
    codec: Mapping[str, Any]
    padding: float
    trained_on: tuple[str, ...]
    data_licence: str
    accuracy: Mapping[str, float]
    licence: str
    notes: tuple[str, ...]
    doubtful: bool


@cache
def published() -> Mapping[str, Published]:
    """All of the table, by name."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    return {entry["name"]: _entry(entry, table["terms"], table["licence"]) for entry in table["models"]}


def find_published(name: str) -> Published:
    """The checkpoint of that name, or of that alias. Raises UnknownNameError, with the nearest names."""
    table = published_names()
    if name not in table:
        raise UnknownNameError("published model", name, table)
    return table[name]


def published_names() -> dict[str, Published]:
    """All of the table, by name and by alias."""
    return {name: entry for entry in published().values() for name in (entry.name, *entry.aliases)}


def search_published(text: str) -> list[Published]:
    """The checkpoints in whose name, model, skeleton or training data every word of `text` occurs, in any case."""
    words = text.casefold().split()
    return [entry for entry in published().values() if all(word in _haystack(entry) for word in words)]


def _haystack(entry: Published) -> str:
    return " ".join((entry.name, *entry.aliases, entry.model, entry.skeleton, *entry.trained_on)).casefold()


def _entry(values: Mapping[str, Any], terms: Mapping[str, str], licence: str) -> Published:
    trained_on = tuple(values["trained_on"])
    return Published(
        name=values["name"],
        aliases=tuple(values.get("aliases", ())),
        url=values["url"],
        sha256=values["sha256"],
        skeleton=values["skeleton"],
        model=values["model"],
        codec={key: tuple(value) if isinstance(value, list) else value for key, value in values["codec"].items()},
        padding=values.get("padding", 1.25),
        trained_on=trained_on,
        data_licence="; ".join(f"{data}: {terms[data]}" for data in trained_on),
        accuracy=values["accuracy"],
        licence=licence,
        notes=tuple(values.get("notes", ())),
        doubtful=values.get("doubtful", False),
    )
