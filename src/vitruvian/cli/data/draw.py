"""`vitruvian data draw`: a contact sheet of labelled images."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.options import OFF

if TYPE_CHECKING:
    from vitruvian.datasets import Dataset
    from vitruvian.draw import Print

MOST = 250_000_000  # pixels of a sheet


def draw(
    path: Annotated[Path, tyro.conf.Positional],
    out: Path,
    count: int = 24,
    columns: int = 6,
    side: int = 240,
    boxes: tyro.conf.FlagCreatePairsOff[bool] = False,
    form: Annotated[str | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    skip: tyro.conf.FlagCreatePairsOff[bool] = False,
) -> int:
    """Draw a contact sheet of labelled images from all over a data set.

    Args:
        path: The annotations: a file or a folder.
        out: The picture to write, such as sheet.png.
        count: How many images, at most.
        columns: How many in a row.
        side: Pixels of an image's longer side.
        boxes: Draw the boxes, too.
        form: Of the annotations, such as coco, yolo or deeplabcut; without it, what their content tells.
        folder: Of the images, if they are not where the annotations have them.
        skip: Leave records that cannot be used out, and say how many, instead of ending with the first.
    """
    from vitruvian.cli.data.convert import tell_notes
    from vitruvian.datasets import open_dataset
    from vitruvian.draw import draw_sheet
    from vitruvian.errors import DataError, RecipeError
    from vitruvian.media import write_image

    if min(count, columns, side) < 1:
        raise RecipeError(f"count, columns and side are {count}, {columns} and {side}; expected numbers over 0")
    dataset = open_dataset(path, form, folder, skip)
    tell_notes(dataset)
    shown = min(count, len(dataset))
    if shown * side**2 > MOST:
        raise RecipeError(f"{shown} images of {side} pixels make over {MOST / 1e6:.0f} million pixels; ask for fewer")
    prints = list(_prints(dataset, count))
    if not prints:
        raise DataError(f"{path}: not one of the images could be read in {dataset.folder}; name their folder: --folder")
    write_image(out, draw_sheet(prints, dataset.skeleton, columns, side, boxes))
    print(f"{len(prints)} of {len(dataset)} images -> {out}")
    return 0


def _prints(dataset: "Dataset", count: int) -> "Iterator[Print]":
    """At most `count` labelled images, evenly taken; those that cannot be read are left out, and said on stderr."""
    import numpy as np

    from vitruvian.draw import Print
    from vitruvian.errors import ImageError

    rows = np.unique(dataset.labels.image[(dataset.labels.visible > 0).any(1)])
    chosen = rows[np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).round().astype(int))]
    for row in chosen.tolist():
        sample = dataset[row]
        try:
            yield Print(sample.load(), sample.poses, sample.name)
        except ImageError as error:
            print(f"left out: {error}", file=sys.stderr)
