"""`vitruvian data split`: parts that share no person and no clip."""

import sys
from pathlib import Path
from typing import Annotated

import tyro

from vitruvian.cli.options import OFF

NAMES = {2: ("train", "val"), 3: ("train", "val", "test")}  # of the parts, by their number


def split(
    source: Annotated[Path, tyro.conf.Positional],
    out: Annotated[Path, tyro.conf.Positional],
    shares: tuple[float, ...] = (0.8, 0.1, 0.1),
    by: Annotated[str | None, OFF, tyro.conf.arg(metavar="PATTERN")] = None,
    to: str = "coco_json",
    seed: int = 0,
    form: Annotated[str | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    skip: tyro.conf.FlagCreatePairsOff[bool] = False,
) -> int:
    """Split into train, val and test; a person or clip is never in two.

    Args:
        source: The annotations: a file or a folder.
        out: A folder for the parts; made if it is not there.
        shares: Of the images, one for each part.
        by: A regular expression that finds in the name of an image file whose it is, such as "(.+)_" for anna_12.jpg;
            without it, what the annotations tell.
        to: The format of the parts: coco_json, yolo, cvat, label_studio, deeplabcut, sleap or csv.
        seed: Another number gives another split.
        form: Of the source, such as coco, yolo or deeplabcut; without it, what its content tells.
        folder: Of the images, if they are not where the source has them.
        skip: Leave records that cannot be used out, and say how many, instead of ending with the first.
    """
    from vitruvian.cli.data.convert import find_format, tell_notes, write
    from vitruvian.datasets import FORMATS, grouped, open_dataset
    from vitruvian.datasets import split as parted

    suffix = FORMATS[to].suffixes[0] if to in FORMATS else ""
    writer = find_format(to, out / f"train{suffix}")
    dataset = open_dataset(source, form, folder, skip)
    tell_notes(dataset)
    if by is not None:
        dataset = grouped(dataset, by)
    groups = len(set(dataset.labels.groups.tolist()))
    if groups == len(dataset):
        print("note: every image is on its own, because nothing tells which belong together; see --by", file=sys.stderr)
    else:
        print(f"{len(dataset)} images in {groups} groups that stay together")
    parts = parted(dataset, shares, seed)
    names = NAMES.get(len(parts), tuple(f"part_{number}" for number in range(1, len(parts) + 1)))
    for name, part in zip(names, parts, strict=True):
        write(part, writer, out / f"{name}{suffix}")
    return 0
