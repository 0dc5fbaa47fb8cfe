"""Boxes for people of one's own data who have none drawn, the same in training as in evaluation."""

from dataclasses import replace

import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.joined import without_images
from vitruvian.errors import DataError, ImageError
from vitruvian.geometry import around_points
from vitruvian.media import read_size
from vitruvian.structures import Labels

FILLS = 0.5  # of a side of the image: subjects that are as long are looked for in the whole image
MARGIN = 0.1  # of a box around points, on each side


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
    area = np.where(own & np.isfinite(labels.area), labels.area, (boxes[:, 2:] - boxes[:, :2]).prod(1))
    return replace(dataset, labels=replace(labels, boxes=boxes, area=area)), said


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


def boxed(dataset: Dataset, padding: float = 1.0) -> Dataset:
    """The data set with a box for everybody labelled, as `with_boxes` makes it, and a note of what was done.

    padding: how much more than a box the crops of a model show; around whole images that may be too much, which the
             note says.

    Where the labels do not say how large images are, their files are asked; in those that do not answer, boxes stay as
    they are.
    """
    labels = dataset.labels
    rows = np.flatnonzero((labels.visible > 0).any(1) & ~labels.crowd)
    if _drawn(labels.of_instances(rows)).all():
        return dataset
    sized, unread = _measured(dataset)
    rows = rows[~np.isin(labels.image[rows], list(unread))]
    people, said = with_boxes(replace(sized, labels=sized.labels.of_instances(rows)))
    if not said:
        return sized
    if _are_whole(people.labels) and padding > 1:
        said = (
            f"{said}; crops show {padding:g} times as much: draw boxes, or train with --set padding=1, if that is too "
            f"much"
        )
    boxes = labels.boxes.copy()
    boxes[rows] = people.labels.boxes
    notes = (*sized.notes, f"{dataset.name}: {said}")
    return replace(sized, labels=replace(sized.labels, boxes=boxes), notes=notes)


def with_sizes(dataset: Dataset) -> Dataset:
    """The data set with the sizes of all its images, without those that cannot be read, and a note of them.

    Images whose size is labelled are not looked for. Raises DataError when none can be read.
    """
    sized, unread = _measured(dataset)
    if not unread:
        return sized
    first = next(iter(unread.values()))
    if len(unread) == len(dataset):
        raise DataError(f"{dataset.name}: none of its {len(dataset)} images can be read: {first}")
    note = f"{dataset.name}: {len(unread)} of {len(dataset)} images cannot be read, left out: {first}"
    return without_images(replace(sized, notes=(*sized.notes, note)), {dataset.path(row) for row in unread})


def _measured(dataset: Dataset) -> tuple[Dataset, dict[int, str]]:
    """The data set with the sizes of its images; and why some, by their row, cannot be read, which stay (0, 0)."""
    sizes, unread = dataset.labels.sizes.copy(), dict[int, str]()
    for row in np.flatnonzero((sizes <= 0).any(1)).tolist():
        try:
            sizes[row] = read_size(dataset.path(row))[0]
        except ImageError as error:
            sizes[row], unread[row] = 0, str(error)
    return replace(dataset, labels=replace(dataset.labels, sizes=sizes)), unread


def _are_whole(labels: Labels) -> bool:
    """Whether the boxes are the images."""
    return bool(np.allclose(labels.boxes[:, 2:] - labels.boxes[:, :2], labels.sizes[labels.image]))
