"""`vitruvian models`: what comes with the package."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.runtime import ModelCard


def models() -> int:
    """List the models that come along.

    With size, skeleton, accuracy, training data and licence.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from vitruvian.runtime import BUNDLED, DEFAULT, OnnxNetwork, find_model

    console = Console()
    for name in BUNDLED:
        path = find_model(name)
        table = Table.grid(padding=(0, 2))
        for label, value in _facts(OnnxNetwork(path, threads=1).card, path).items():
            table.add_row(f"  {label}", Text(value))
        print(f"{name} (default)" if name == DEFAULT else name)
        console.print(table)
    return 0


def _facts(card: "ModelCard", path: "Path") -> dict[str, str]:
    facts = {
        "skeleton": f"{card.skeleton.name}, {len(card.skeleton)} points",
        "input": f"{card.input_size[0]} x {card.input_size[1]} pixels",
        "size": f"{card.parameters / 1e6:.1f} M parameters, {path.stat().st_size / 1e6:.1f} MB",
        "accuracy": "\n".join(f"{metric}: {value:.3f}" for metric, value in card.accuracy.items()),
        "score": card.score,
        "trained on": card.trained_on,
        "data licence": card.data_licence,
        "licence": card.licence,
    }
    return {label: value for label, value in facts.items() if value}
