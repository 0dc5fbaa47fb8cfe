"""`vitruvian data convert`: labels from one format into another."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.options import OFF

if TYPE_CHECKING:
    from vitruvian.datasets import Dataset, LabelFormat


def convert(
    source: Annotated[Path, tyro.conf.Positional],
    target: Annotated[Path, tyro.conf.Positional],
    to: str,
    form: Annotated[str | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    where: Annotated[str | None, OFF] = None,
    fixes: Annotated[Path | None, OFF] = None,
    skip: tyro.conf.FlagCreatePairsOff[bool] = False,
) -> int:
    """Write labels in another format, and say what that cannot hold.

    Args:
        source: The annotations: a file or a folder.
        target: What to write: a file, or a folder for yolo.
        to: coco_json, yolo, cvat, label_studio, deeplabcut, sleap or csv.
        form: Of the source, such as coco, yolo or deeplabcut; without it, what its content tells.
        folder: Of the images, if they are not where the source has them.
        where: A column of the labels, such as test or occlusion: those alone for which it is true.
        fixes: A file from `vitruvian data doctor`; its fixes are applied to the labels.
        skip: Leave records that cannot be used out, and say how many, instead of ending with the first.
    """
    from vitruvian.datasets import apply_fixes, open_dataset, read_fixes
    from vitruvian.errors import RecipeError

    writer = find_format(to, target)
    if target.exists() and source.exists() and target.samefile(source):
        raise RecipeError(f"{target}: the target is the source, which has more in it than labels; name another target")
    dataset = open_dataset(source, form, folder, skip)
    if fixes is not None:
        dataset = apply_fixes(dataset, read_fixes(fixes))
    if where is not None:
        dataset = dataset.where(where)
    tell_notes(dataset)
    write(dataset, writer, target)
    return 0


def find_format(name: str, target: Path) -> "LabelFormat":
    """A format of the table that can be written to `target`.

    Raises UnknownNameError for another name, RecipeError for a target that ends as the format's files do not.
    """
    from vitruvian.datasets import FORMATS
    from vitruvian.errors import RecipeError, UnknownNameError

    if name not in FORMATS:
        raise UnknownNameError("format", name, FORMATS)
    suffixes = FORMATS[name].suffixes
    if target.suffix.lower() not in suffixes:
        wanted = " or ".join(suffix or "a folder" for suffix in suffixes)
        raise RecipeError(
            f'{target}: the format {name} is {wanted}; name the target so, as in "{target.stem}{suffixes[0]}"'
        )
    return FORMATS[name]


def write(dataset: "Dataset", form: "LabelFormat", target: Path) -> None:
    """Write the labels, and print how many there are, what was lost, and where the images are looked for."""
    lost = form.write(dataset, target)
    print(f"{len(dataset)} images, {len(dataset.labels)} instances -> {target}")
    if lost:
        print("what the format cannot hold:")
    for sentence in lost:
        print(f"  {sentence}")
    if form.suffixes != ("",) and len(dataset) and not (target.parent / dataset.labels.files[0]).is_file():
        print(f"open it with --folder {os.path.normpath(dataset.folder)}, where the images are")


def tell_notes(dataset: "Dataset") -> None:
    """What the reader left out or took for granted, to stderr."""
    for note in dataset.notes:
        print(f"note: {note}", file=sys.stderr)
