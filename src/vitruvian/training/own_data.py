"""Getting people's own labels ready to train on: images that can be read, some of them held out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from vitruvian.datasets import DATASETS, Dataset, split
from vitruvian.errors import DataError, PoseError
from vitruvian.media import read_image
from vitruvian.metrics import SCORES
from vitruvian.structures import Predictions

THREADS = 4
MANY = 5_000  # images, too many to read them all just to see whether they are whole
HELD_OUT = 0.15  # of the images
LEAST = 5  # images held out
ENOUGH = 2 * LEAST  # images, of which some are held out
GROUPS = 4  # from which on they are held out whole
MOST = 0.4  # of the images, that groups may make the held-out part
SCORE = "nme_box"  # of one's own labels: unlike a share of correct points, it tells good models apart, too


@dataclass(frozen=True, eq=False)
class Parts:
    """What is trained on, and what is held out, None where there are too few images. note: how, or why not."""

    train: Dataset
    held_out: Dataset | None
    note: str


def readable(dataset: Dataset) -> tuple[Dataset, tuple[str, ...]]:
    """The images with labelled people that can be read, with their sizes; and a note of the others.

    Every image is read once; of very many, those whose size is labelled are only looked for.

    Raises DataError when nobody is labelled, or nothing can be read.
    """
    labels = dataset.labels
    labelled = (labels.visible > 0).any(1) & ~labels.crowd
    rows = np.unique(labels.image[labelled])
    if not len(rows):
        raise DataError(f"{dataset.name}: nobody is labelled in its {len(dataset)} images; give labelled images")
    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(lambda row: _size(dataset, row), rows.tolist()))
    reasons = [one for one in found if isinstance(one, str)]
    if len(reasons) == len(found):
        raise DataError(f"{dataset.name}: none of the {len(found)} labelled images can be read: {reasons[0]}")
    good = [not isinstance(one, str) for one in found]
    part = labels.of_instances(labelled).of_images(rows[good])
    sizes = np.array([one for one in found if not isinstance(one, str)], np.int32)
    notes = []
    if reasons:
        notes.append(f"{len(reasons)} of {len(found)} labelled images cannot be read, left out: {reasons[0]}")
    if labels.images > len(rows):
        notes.append(f"images without labels are left out: {labels.images - len(rows)}")
    return replace(dataset, labels=replace(part, sizes=sizes)), tuple(notes)


def _size(dataset: Dataset, row: int) -> tuple[int, int] | str:
    """(width, height), or why the image cannot be read."""
    width, height = dataset.labels.sizes[row].tolist()
    try:
        if len(dataset) > MANY and width and height:
            return (width, height) if dataset.path(row).is_file() else f"{dataset.path(row)} is not there"
        height, width = read_image(dataset.path(row)).shape[:2]
    except (PoseError, OSError) as error:
        return str(error)
    return width, height


def parted(dataset: Dataset, seed: int = 0) -> Parts:
    """Some images held out, by groups of images that belong together where there are enough of them."""
    images, groups = len(dataset), len(np.unique(dataset.labels.groups))
    if images < ENOUGH:
        said = (
            f"of so few images, {images}, none is held out: all are trained on, training goes to its end, and how well "
            f"the model does on others is not known; label {ENOUGH} or more"
        )
        return Parts(dataset, None, said)
    share = max(HELD_OUT, LEAST / images)
    if GROUPS <= groups < images:
        train, held_out = split(dataset, (1 - share, share), seed)
        if len(held_out) <= MOST * images:
            return Parts(train, held_out, f"{len(held_out)} of {images} images are held out, whole groups of them")
    each = replace(dataset, labels=replace(dataset.labels, groups=np.arange(images)))
    train, held_out = split(each, (1 - share, share), seed)
    return Parts(train, held_out, _how(len(held_out), images, groups))


def _how(held_out: int, images: int, groups: int) -> str:
    said = f"{held_out} of {images} images are held out, single ones, "
    if groups == images:
        return f"{said}because no two are known to belong together; if they are frames of clips, say so with --by"
    count = "1 group" if groups == 1 else f"{groups} groups"
    return (
        f"{said}because all come from {count} of images that belong together, too few to hold whole ones out; the "
        f"error on other clips or people will be larger than the one measured"
    )


def choose_score(dataset: Dataset, form: str | None = None) -> str:
    """The score by which checkpoints are compared: the field's first for published data, if the labels allow it."""
    usual = DATASETS[form].scores if form in DATASETS else ()
    return next(_possible(usual, dataset), SCORE)


def _possible(names: tuple[str, ...], dataset: Dataset) -> Iterator[str]:
    """The scores that give a number when the labels answer for themselves."""
    labels = dataset.labels
    count = len(labels)
    ideal = Predictions(
        labels.image,
        labels.xy,
        np.ones((count, labels.keypoints)),
        np.ones(count),
        labels.boxes,
        np.arange(count, dtype=np.int32),
    )
    for name in names:
        try:
            value = next(iter(SCORES[name].tally(labels, ideal, dataset.skeleton).values().values()))
        except PoseError:
            continue
        if np.isfinite(value):
            yield name
