"""Getting people's own labels ready to train on: images that can be read, boxes for everybody, some images held out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from vitruvian.datasets import DATASETS, Dataset, split
from vitruvian.errors import DataError, PoseError
from vitruvian.geometry import around_points
from vitruvian.media import read_image
from vitruvian.metrics import SCORES
from vitruvian.structures import Labels, Predictions

THREADS = 4
MANY = 5_000  # images, too many to read them all just to see whether they are whole
HELD_OUT = 0.15  # of the images
LEAST = 5  # images held out
ENOUGH = 2 * LEAST  # images, of which some are held out
GROUPS = 4  # from which on they are held out whole
MOST = 0.4  # of the images, that groups may make the held-out part
FILLS = 0.5  # of a side of the image: subjects that are as long are looked for in the whole image
MARGIN = 0.1  # of a box around points, on each side
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


def with_boxes(dataset: Dataset) -> tuple[Dataset, str]:
    """The data set with a box of some size for everybody, and how they came about, "" where they are the labelled ones.

    Where no box was drawn, but only points: the whole image for single subjects that fill it, or of one point; else the
    box around the points, a tenth larger on each side, and at least half as large as is usual.
    """
    labels = dataset.labels
    own = _drawn(labels)
    if own.all():
        return dataset, ""
    if not own.any() and _fills(labels):
        boxes, said = _whole(labels), "each subject is alone in its image and fills it, so that the image is the box"
    else:
        boxes = np.where(own[:, None], labels.boxes, _around(labels))
        count = "no box is drawn" if not own.any() else f"{(~own).sum()} of {len(own)} boxes are not drawn"
        said = f"{count}: a box around the points, a tenth larger on each side, stands for it"
    extent = boxes[:, 2:] - boxes[:, :2]
    return replace(dataset, labels=replace(labels, boxes=boxes, area=extent.prod(1))), said


def _drawn(labels: Labels) -> np.ndarray:
    """(N,) bool, who has a box that is not just the one around the points."""
    tight = around_points(labels.xy).astype(np.float64)
    with np.errstate(invalid="ignore"):
        sized = np.isfinite(labels.boxes).all(1) & (labels.boxes[:, 2:] > labels.boxes[:, :2]).all(1)
    return np.asarray(sized & ~np.isclose(labels.boxes, tight, atol=1e-3).all(1))


def _fills(labels: Labels) -> bool:
    """Whether every image has one subject, and it usually fills the image, or is one point."""
    if len(np.unique(labels.image)) < len(labels):
        return False
    tight = around_points(labels.xy)
    share = ((tight[:, 2:] - tight[:, :2]) / labels.sizes[labels.image]).max(1)
    return labels.keypoints == 1 or bool(np.median(share) >= FILLS)


def _whole(labels: Labels) -> np.ndarray:
    sizes = labels.sizes[labels.image].astype(np.float64)
    return np.concatenate([np.full_like(sizes, -0.5), sizes - 0.5], axis=1)


def _around(labels: Labels) -> np.ndarray:
    """(N, 4) boxes around the points, enlarged; at least half of the usual ones, or of a quarter of the image."""
    tight = around_points(labels.xy).astype(np.float64)
    extent = tight[:, 2:] - tight[:, :2]
    usual = float(np.median(extent.max(1)))
    least = np.full(len(labels), usual) if usual > 0 else labels.sizes[labels.image].min(1) / 2
    half = np.maximum(extent * (1 + 2 * MARGIN), least[:, None] / 2) / 2
    centre = (tight[:, :2] + tight[:, 2:]) / 2
    return np.concatenate([centre - half, centre + half], axis=1)


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
