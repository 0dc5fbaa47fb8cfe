"""`vitruvian data doctor`: what is wrong with the images and the labels of a data set."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.options import OFF

if TYPE_CHECKING:
    import numpy as np

    from vitruvian.datasets import Dataset, Report
    from vitruvian.inference import TopDown
    from vitruvian.structures import Predictions


def doctor(
    path: Annotated[Path, tyro.conf.Positional],
    form: Annotated[str | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    other: Annotated[tuple[Path, ...], tyro.conf.arg(metavar="PATH...", help_behavior_hint="")] = (),
    model: Annotated[str | None, OFF] = None,
    images: bool = True,
    out: Path = Path("doctor"),
    threads: int = 0,
) -> int:
    """Find what is wrong with a data set: images, boxes, points, left and right.

    Writes a page with pictures, a json report, and fixes that
    `vitruvian data convert --fixes` applies.

    Args:
        path: The annotations, as they are downloaded: a file or a folder.
        form: Of the annotations, such as coco or lsp; without it, what their content tells.
        folder: Of the images, if they are not where the download has them.
        other: Annotations of further splits, of the same form: images that are in them, too, are found.
        model: Asked where the points are: finds more exchanged and displaced ones. body, hand or face.
        images: Look at the images: missing, damaged, there twice.
        out: Folder for what is written; made if it is not there.
        threads: For the model; 0 for one per core.
    """
    from vitruvian.cli.folders import make_writable
    from vitruvian.cli.pull import at_hand
    from vitruvian.datasets import examine, open_dataset

    dataset = open_dataset(path, form, folder, skip=True)
    others = [_other(one, form, folder) for one in other]
    make_writable(out)
    predictions = None
    if model is not None:
        from vitruvian.inference import load

        predictions = ask(load(at_hand(model), threads=threads), dataset)
    report = examine(dataset, predictions, others, images)
    paths = report.write(out)
    _say(report)
    for one in others:
        for note in one.notes:
            print(f"note: {one.name}, a further split: {note}")
    print(f"-> {paths[0]}")
    fixes = len(report.fixes())
    if fixes:
        print(f"{fixes} {'fix' if fixes == 1 else 'fixes'} -> {paths[2]}")
        print(f"look through them, then: vitruvian data convert SOURCE TARGET --to FORMAT --fixes {paths[2]}")
    return 0


def _other(path: Path, form: str | None, folder: Path | None) -> "Dataset":
    """A further split, with its images where the download has them, or else where those of the first are."""
    from vitruvian.datasets import open_dataset

    dataset = open_dataset(path, form, skip=True)
    if folder is None or any(dataset.path(row).is_file() for row in range(len(dataset))):
        return dataset
    return replace(dataset, folder=folder)


def ask(top_down: "TopDown", dataset: "Dataset") -> "Predictions":
    """What the model says in the labelled boxes, in the keypoints of the data set; NaN for those it does not know.

    People without a usable box, and images that cannot be read, have no answer. Raises SkeletonError when the model
    and the data set have no keypoint in common.
    """
    import numpy as np

    from vitruvian.structures import Predictions

    columns = _shared(top_down, dataset)
    asked: list[np.ndarray] = []
    answers = list(top_down.stream(_looks(dataset, asked)))
    label = np.concatenate([*asked, np.zeros(0, np.int64)]).astype(np.int32)
    shape = (len(label), len(dataset.skeleton))
    xy, score = np.full((*shape, 2), np.nan), np.zeros(shape)
    for mine, theirs in columns:
        xy[:, mine] = np.concatenate([*(poses.xy[:, theirs] for poses in answers), np.zeros((0, 2))])
        score[:, mine] = np.concatenate([*(poses.score[:, theirs] for poses in answers), np.zeros(0)])
    image = dataset.labels.image[label]
    return Predictions(image, xy, score, score.mean(1), dataset.labels.boxes[label], label)


def _shared(top_down: "TopDown", dataset: "Dataset") -> list[tuple[int, int]]:
    """The keypoints that the data set and the model both have, as indices in both."""
    from vitruvian.errors import SkeletonError
    from vitruvian.structures import shared_names

    ours, theirs = dataset.skeleton, top_down.skeleton
    shared = [(ours.index(name), theirs.index(other)) for name, other in shared_names(ours, theirs).items()]
    if not shared:
        raise SkeletonError(
            f"the model's {top_down.skeleton.name} and the data's {dataset.skeleton.name} have no keypoint in common; "
            f"choose a model for what the data set shows"
        )
    return shared


def _looks(dataset: "Dataset", asked: "list[np.ndarray]") -> "Iterator[tuple[np.ndarray, np.ndarray]]":
    """Every image that can be read, with the usable boxes of its people; their rows are added to `asked`."""
    import numpy as np
    from rich.console import Console
    from rich.progress import track

    from vitruvian.errors import PoseError
    from vitruvian.geometry import around_points, usable
    from vitruvian.media import read_image

    labels, screen = dataset.labels, Console(stderr=True)
    known = np.isfinite(labels.boxes).all(1, keepdims=True)
    boxes = np.where(known, labels.boxes, around_points(labels.xy)).astype(np.float32)
    for image in track(range(len(dataset)), "ask", console=screen, transient=True, disable=not screen.is_terminal):
        rows = dataset.instances(image)
        rows = rows[~labels.crowd[rows] & np.isfinite(labels.xy[rows]).all(-1).any(1)]
        if not len(rows):
            continue
        try:
            pixels = read_image(dataset.path(image))
        except PoseError:
            continue  # the report says what is wrong with it
        rows = rows[usable(boxes[rows], pixels)]
        asked.append(rows)
        yield pixels, boxes[rows]


def _say(report: "Report") -> None:
    """The counts as a table."""
    from rich.console import Console
    from rich.table import Table

    from vitruvian.datasets import KINDS

    dataset = report.dataset
    print(f"{dataset.name}: {len(dataset)} images, {len(dataset.labels)} instances, {dataset.skeleton.name}")
    for note in (*dataset.notes, *report.notes):
        print(f"note: {note}")
    table = Table()
    for heading in ("finding", "count", "meaning"):
        table.add_column(heading, justify="right" if heading == "count" else "left")
    for kind, count in report.counts().items():
        table.add_row(kind, str(count), KINDS[kind])
    if report.findings:
        Console().print(table)
    else:
        print("nothing was found")
