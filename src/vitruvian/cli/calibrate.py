"""`vitruvian calibrate`: scores that are probabilities, and radii that hold the truth."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.options import OFF
from vitruvian.cli.pull import at_hand
from vitruvian.errors import RecipeError, needs

if TYPE_CHECKING:
    from vitruvian.inference import Answer
    from vitruvian.runtime import Calibration


def calibrate(
    model: Annotated[str, tyro.conf.Positional],
    data: Annotated[Path, tyro.conf.Positional],
    out: Path,
    form: Annotated[str | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    where: Annotated[str | None, OFF] = None,
    one_based: tyro.conf.FlagCreatePairsOff[bool] = False,
    diagram: Annotated[Path | None, OFF] = None,
    threads: int = 0,
) -> int:
    """Measure what a model's scores are worth on labelled photos, and write it with scores that are probabilities.

    Its poses then also say how far off each point may be (`Poses.radius`).

    One half of the photos tells how well the calibration by the other half does; the one that is written is by all.

    Args:
        model: A name from `vitruvian models`, or an exported .onnx file. A calibration that it has is replaced.
        data: The annotations of photos that the model was not trained on: a file or a folder.
        out: The .onnx file to write.
        form: Of the annotations, such as coco or lsp; without it, what their content tells.
        folder: Of the images, if they are not where the download has them.
        where: A column of the labels, such as test: those alone for which it is true.
        one_based: The annotations count the first pixel as 1, as tables made from MATLAB files do.
        diagram: A .png file for the reliability diagram, of the half that was held out.
        threads: For the model; 0 for one per core.
    """
    from vitruvian.cli.folders import make_writable
    from vitruvian.inference import Settings, load
    from vitruvian.inference import calibrate as measure
    from vitruvian.runtime import find_model

    with needs("train", "a calibration"):
        from vitruvian.export import comparison_crops, write_calibrated, write_uncalibrated
    path = find_model(at_hand(model))
    if path.suffix.lower() != ".onnx":
        raise RecipeError(f"calibrate takes an exported .onnx file, got {path}; write one with `vitruvian export`")
    make_writable(out.parent)
    images = None if folder is None else str(folder)
    settings = Settings(str(data), str(path), form=form, folder=images, where=where, one_based=one_based)
    with tempfile.TemporaryDirectory() as place:
        plain = Path(place) / path.name
        write_uncalibrated(path, plain)
        top_down = load(plain, threads=threads)
        card = top_down.network.card
        found = measure(top_down, settings.open_data(card.padding), _watched)
        write_calibrated(plain, out, found, comparison_crops(card))
    print_calibration(found)
    if diagram is not None:
        _draw(found, diagram)
    print(f"calibrated -> {out}")
    return 0


def _watched(answers: "Iterable[Answer]", total: int) -> "Iterable[Answer]":
    from rich.progress import track

    from vitruvian.cli.output import console

    screen = console()
    return track(answers, "calibrate", total, console=screen, transient=True, disable=not screen.is_terminal)


def print_calibration(found: "Calibration") -> None:
    """What was measured on the half that was held out, to stdout."""
    from rich.console import Console
    from rich.table import Table

    seen = found.held_out
    assert seen is not None
    print(f"calibrated on {found.points} points of {found.people} people of {found.data}")
    print(
        f"by one half, on the {seen.points} points of the other: calibration error {seen.error:.3f}, was "
        f"{seen.error_before:.3f}"
    )
    for title, head, rows in (
        ("scores", ("score", "share right", "points"), seen.reliability),
        ("radii", ("probability", "share within"), zip(found.probabilities, seen.coverage, strict=True)),
    ):
        table = Table(title=title, title_justify="left")
        for heading in head:
            table.add_column(heading, justify="right")
        for row in rows:
            table.add_row(*(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row))
        Console().print(table)


def _draw(found: "Calibration", path: Path) -> None:
    import numpy as np

    from vitruvian.draw import draw_reliability
    from vitruvian.media import write_image

    assert found.held_out is not None
    write_image(path, draw_reliability(*np.transpose(found.held_out.reliability)))
    print(f"drawn -> {path}")
