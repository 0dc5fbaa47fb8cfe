"""`vitruvian models`: what comes with the package."""


def models() -> int:
    """List the models that come along, with size, skeleton, accuracy, training data and licence."""
    from rich.console import Console
    from rich.table import Table

    from vitruvian.runtime import BUNDLED, DEFAULT, OnnxNetwork, find_model

    table = Table(show_lines=True)
    for heading in ("model", "skeleton", "input", "size", "accuracy", "trained on", "licence"):
        table.add_column(heading, overflow="fold")
    for name in BUNDLED:
        path = find_model(name)
        card = OnnxNetwork(path, threads=1).card
        table.add_row(
            f"{name} (default)" if name == DEFAULT else name,
            f"{card.skeleton.name}, {len(card.skeleton)} points",
            f"{card.input_size[0]} x {card.input_size[1]}",
            f"{card.parameters / 1e6:.1f} M parameters, {path.stat().st_size / 1e6:.1f} MB",
            "\n".join(f"{metric}: {value:.3f}" for metric, value in card.accuracy.items()),
            f"{card.trained_on}. {card.data_licence}",
            card.licence,
        )
    Console().print(table)
    return 0
