"""`vitruvian data info`: what a data set holds."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.options import OFF

if TYPE_CHECKING:
    import numpy as np
    from rich.table import Table

    from vitruvian.datasets import Dataset


def info(
    path: Annotated[Path, tyro.conf.Positional],
    form: Annotated[str | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    skip: tyro.conf.FlagCreatePairsOff[bool] = False,
) -> int:
    """Tell what a data set holds: images, instances, joints, licence.

    Args:
        path: The annotations, as they are downloaded or exported: a file or a folder.
        form: Of the annotations, such as coco, yolo or deeplabcut; without it, what their content tells.
        folder: Of the images, if they are not where the annotations have them.
        skip: Leave records that cannot be used out, and say how many, instead of ending with the first.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from vitruvian.datasets import open_dataset

    dataset = open_dataset(path, form, folder, skip)
    screen = Console()
    table = Table.grid(padding=(0, 2))
    for label, value in facts(dataset).items():
        table.add_row(f"  {label}", Text(value))
    print(dataset.name)
    screen.print(table)
    screen.print(_joints(dataset))
    return 0


def facts(dataset: "Dataset") -> Mapping[str, str]:
    """What there is to say of a data set in a line each."""
    labels, skeleton, about = dataset.labels, dataset.skeleton, dataset.about
    missing = sum(not dataset.path(row).is_file() for row in range(len(dataset)))
    labelled, crowds = int((labels.visible > 0).any(1).sum()), int(labels.crowd.sum())
    groups = len(set(labels.groups.tolist()))
    pairs = sum(k < other for k, other in enumerate(skeleton.mirror))
    said = {
        "title": about.title,
        "images": f"{len(dataset)}, {missing or 'none'} of them missing in {os.path.normpath(dataset.folder)}",
        "sizes": _sizes(dataset),
        "groups": "every image its own" if groups == len(dataset) else f"{groups}, such as people or clips",
        "instances": f"{len(labels)}, {labelled} of them with points, {crowds or 'no'} crowds",
        "skeleton": f"{skeleton.name}, {len(skeleton)} keypoints, {pairs} mirrored pairs, {len(skeleton.limbs)} limbs",
        "licence": about.licence,
        "citation": about.citation,
        "where": about.url,
        "notes": "\n".join(dataset.notes),
    }
    return {label: value for label, value in said.items() if value}


def _sizes(dataset: "Dataset") -> str:
    """The range of the images' sizes, as far as the annotations tell."""
    sizes = dataset.labels.sizes
    known = sizes[(sizes > 0).all(1)]
    if not len(known):
        return "the annotations do not say"
    (w0, h0), (w1, h1) = known.min(0).tolist(), known.max(0).tolist()
    said = f"{w0} x {h0} pixels" if (w0, h0) == (w1, h1) else f"{w0} to {w1} wide, {h0} to {h1} high"
    return said if len(known) == len(sizes) else f"{said}; {len(sizes) - len(known)} are not known"


def _joints(dataset: "Dataset") -> "Table":
    """A row for each keypoint: its mirror image, and of how many instances with points it is labelled and hidden."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from vitruvian.structures import HIDDEN

    labels, skeleton = dataset.labels, dataset.skeleton
    visible = labels.visible[(labels.visible > 0).any(1)]
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("keypoint", "mirrors"):
        table.add_column(heading, overflow="fold")
    for heading in ("labelled", "hidden", "sigma"):
        table.add_column(heading, justify="right")
    for k, name in enumerate(skeleton.names):
        other = skeleton.names[skeleton.mirror[k]] if skeleton.mirror[k] != k else ""
        labelled, hidden = (_share(found) for found in (visible[:, k] > 0, visible[:, k] == HIDDEN))
        table.add_row(Text(name), Text(other), labelled, hidden, f"{skeleton.sigmas[k]:.3f}")
    return table


def _share(found: "np.ndarray") -> str:
    return f"{found.mean():.0%}" if len(found) else ""
