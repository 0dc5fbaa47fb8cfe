"""`vitruvian models`: what is here, and what can be pulled."""

import sys
from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.options import OFF

FEW = 5  # found models are described; more take a line each

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitruvian.runtime import Certificate, ModelCard, Published


def models(search: Annotated[str | None, OFF, tyro.conf.arg(metavar="TEXT")] = None) -> int:
    """List the models that are here, or search those that are published.

    With size, skeleton, accuracy, training data and licence.

    Args:
        search: Words in the name, architecture, skeleton or training data of published models, such as "vitpose coco";
            "" for all of them. `vitruvian pull NAME` fetches one.
    """
    return _list_here() if search is None else _list_published(search)


def _list_here() -> int:
    from vitruvian.errors import WeightsError
    from vitruvian.runtime import BUNDLED, DEFAULT, OnnxNetwork, find_model, published, pulled, read_certificate

    damaged = []
    for name in BUNDLED:
        path = find_model(name)
        clean = {"licence-clean": "trained on rendered people alone, on whom nobody has a licence"}
        facts = _facts(OnnxNetwork(path, threads=1).card, path) | (clean if BUNDLED[name].rendered else {})
        _print(f"{name} (default)" if name == DEFAULT else name, facts)
    for name in pulled():
        try:
            path = find_model(name)
            facts = _facts(OnnxNetwork(path, threads=1).card, path) | _checks(read_certificate(name))
        except WeightsError as error:
            damaged.append(str(error))
        else:
            _print(f"{name} (pulled)", facts)
    print(f'{len(published())} published models can be pulled: vitruvian models --search "hrnet coco"')
    for reason in damaged:
        print(f"vitruvian: {reason}", file=sys.stderr)
    return 1 if damaged else 0


def _list_published(text: str) -> int:
    from vitruvian.runtime import published, search_published

    found = search_published(text)
    width = max((len(entry.name) for entry in found), default=0)
    for entry in found:
        if len(found) <= FEW:
            _print(entry.name, _published_facts(entry))
        else:
            print(f"{entry.name:{width}}  {entry.skeleton:17}  {_first(entry.accuracy)}{_mark(entry)}")
    if len(found) > FEW:
        _explain(found)
    print(f"{len(found)} of {len(published())} published models; pull one with: vitruvian pull NAME")
    return 0 if found else 1


def _mark(entry: "Published") -> str:
    """What makes the accuracy of a line less than sure, as one word."""
    return " (doubtful)" if entry.doubtful else " (noted)" if entry.notes else ""


def _explain(found: "list[Published]") -> None:
    """What the marks mean, those that occur."""
    if any(entry.doubtful for entry in found):
        print("doubtful: the published file is that of another entry, so this accuracy is not the file's")
    if any(entry.notes and not entry.doubtful for entry in found):
        print("noted: the list contradicts itself, or lacks something; vitruvian models --search NAME says what")


def _print(name: str, facts: "Mapping[str, str]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for label, value in facts.items():
        if value:
            table.add_row(f"  {label}", Text(value))
    print(name)
    Console().print(table)


def _facts(card: "ModelCard", path: "Path") -> dict[str, str]:
    return {
        "skeleton": f"{card.skeleton.name}, {len(card.skeleton)} points",
        "input": f"{card.input_size[0]} x {card.input_size[1]} pixels",
        "size": f"{card.parameters / 1e6:.1f} M parameters, {path.stat().st_size / 1e6:.1f} MB",
        "accuracy": "\n".join(f"{metric}: {value:.3f}" for metric, value in card.accuracy.items()),
        "score": card.score,
        "trained on": card.trained_on,
        "data licence": card.data_licence,
        "licence": card.licence,
    }


def _checks(certificate: "Certificate") -> dict[str, str]:
    state = "as published" if certificate.verified else "not that of a published file"
    return {"source": certificate.source, "SHA-256": f"{certificate.source_sha256} ({state})"}


def _published_facts(entry: "Published") -> dict[str, str]:
    width, height = entry.codec["input_size"]
    return {
        "short name": ", ".join(entry.aliases),
        "model": entry.model,
        "skeleton": entry.skeleton,
        "input": f"{width} x {height} pixels",
        "published": "; ".join(f"{metric}: {value:g}" for metric, value in entry.accuracy.items())
        + (" (doubtful, see the note)" if entry.doubtful else ""),
        "trained on": ", ".join(entry.trained_on),
        "data licence": entry.data_licence,
        "licence": entry.licence,
        "note": "\n".join(entry.notes),
    }


def _first(accuracy: "Mapping[str, float]") -> str:
    return next((f"{metric}: {value:g}" for metric, value in accuracy.items()), "")
