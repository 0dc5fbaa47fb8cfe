"""What the numbers of the labels alone show: outside the image, at zero, contradicting flags, twice there."""

from collections.abc import Iterator

import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.doctor.finding import Finding, Fix
from vitruvian.datasets.doctor.fixes import clipped
from vitruvian.structures import HIDDEN, UNLABELLED, Labels

EDGE = 1.0  # pixels; annotators and rounding reach so far beyond the edge, and it harms nobody
TWICE = 0.02  # of the size of a person: the mean distance of two labels of one and the same
FLAGGED = 6  # points that must all be hidden before it is odd
ODD = 1e-4  # how likely a person is, by the habits of the data set, before it is odd


def frame_findings(dataset: Dataset, sizes: np.ndarray) -> Iterator[Finding]:
    """Boxes that enclose nothing or reach outside, points outside; sizes (I, 2) of the images, 0 where unknown."""
    labels = dataset.labels
    edge = sizes[labels.image].astype(np.float64) - 0.5  # (N, 2)
    edge[(edge < 0).any(1)] = np.nan
    for row in np.flatnonzero(np.isfinite(labels.boxes).all(1)).tolist():
        yield from _box_findings(labels, row, edge[row])
    with np.errstate(invalid="ignore"):
        outside = (labels.xy < -0.5 - EDGE) | (labels.xy > edge[:, None] + EDGE)
    for row, k in np.argwhere(outside.any(-1)).tolist():
        name = dataset.skeleton.names[k]
        where = _at(labels.xy[row, k])
        message = f"{name} is at {where}, outside the image of {_size(sizes[labels.image[row]])}"
        yield _finding(labels, "point_outside", row, (name,), message, "unlabel")


def _box_findings(labels: Labels, row: int, edge: np.ndarray) -> Iterator[Finding]:
    box = labels.boxes[row]
    if (box[2:] <= box[:2]).any():
        yield _finding(labels, "empty_box", row, (), f"the box {_numbers(box)} encloses nothing", None)
    elif np.isfinite(edge).all():
        beyond = max(float((-0.5 - box[:2]).max()), float((box[2:] - edge).max()))
        if beyond > EDGE:
            left = clipped(box, edge + 0.5)
            seen = float(np.prod(np.maximum(left[2:] - left[:2], 0)) / np.prod(box[2:] - box[:2]))
            message = f"the box {_numbers(box)} reaches {beyond:.1f} pixels beyond the image of {_size(edge + 0.5)}"
            if seen <= 0:
                yield _finding(labels, "box_outside", row, (), f"{message} and shows nothing of it", "drop_instance")
            else:
                yield _finding(labels, "box_outside", row, (), message, "clip_box")


def zero_findings(dataset: Dataset) -> Iterator[Finding]:
    """People with all points at one place, and points labelled at (0, 0)."""
    labels, names = dataset.labels, dataset.skeleton.names
    known = np.isfinite(labels.xy).all(-1)
    spread = np.where(known[..., None], labels.xy, np.nan)
    for row in np.flatnonzero(known.sum(1) > 1).tolist():
        points = spread[row][known[row]]
        if np.ptp(points, axis=0).max() == 0:
            message = f"all {len(points)} points are at {_at(points[0])}"
            yield _finding(labels, "all_zero", row, (), message, "drop_instance")
            continue
        for k in np.flatnonzero(known[row] & (spread[row] == 0).all(-1)):
            message = f"{names[k]} is labelled at (0, 0)"
            yield _finding(labels, "zero_point", row, (names[k],), message, "unlabel")


def flag_findings(dataset: Dataset) -> Iterator[Finding]:
    """Flags that contradict the coordinates, or say of everything that it is hidden where that is hardly ever so."""
    labels, names = dataset.labels, dataset.skeleton.names
    known = np.isfinite(labels.xy).all(-1)
    for row, k in np.argwhere(known & (labels.visible == UNLABELLED)).tolist():
        message = f"{names[k]} is flagged as not labelled, but lies at {_at(labels.xy[row, k])}"
        yield _finding(labels, "wrong_flag", row, (names[k],), message, "unlabel")
    for row, k in np.argwhere(~known & (labels.visible != UNLABELLED)).tolist():
        message = f"{names[k]} is flagged {int(labels.visible[row, k])}, but has no coordinates"
        yield _finding(labels, "wrong_flag", row, (names[k],), message, "unlabel")
    known &= labels.visible != UNLABELLED
    hidden = known & (labels.visible == HIDDEN)
    habit = (hidden.sum(0) + 1) / (known.sum(0) + 2)  # (K,)
    chance = np.where(known, np.log(habit), 0.0).sum(1)
    odd = (hidden == known).all(1) & (known.sum(1) >= FLAGGED) & (chance < np.log(ODD))
    for row in np.flatnonzero(odd).tolist():
        usual = f"usually {habit[known[row]].mean():.0%} of them are"
        message = f"all {known[row].sum()} points are flagged hidden; {usual}"
        yield _finding(labels, "odd_flags", row, (), message, None, 0.6)


def twice_findings(dataset: Dataset) -> Iterator[Finding]:
    """People who are labelled again in the same image; the later label of two is named."""
    labels = dataset.labels
    for image in range(len(dataset)):
        rows = dataset.instances(image)
        rows = rows[~labels.crowd[rows]]
        if len(rows) < 2:
            continue
        xy = labels.xy[rows]
        for b in range(1, len(rows)):
            apart = np.linalg.norm(xy[:b] - xy[b], axis=-1)  # (b, K)
            both = np.isfinite(apart)
            size = np.ptp(xy[b][np.isfinite(xy[b]).all(-1)], axis=0).max() if both.any() else 0.0
            close = np.where(both, apart, 0).sum(1) <= TWICE * size * both.sum(1)
            for a in np.flatnonzero(close & (both.sum(1) >= 3) & (size > 0))[:1]:
                message = f"has the points of instance {labels.ids[rows[a]]}, labelled before in the same image"
                yield _finding(labels, "same_instance", int(rows[b]), (), message, "drop_instance", 0.95)


def _finding(
    labels: Labels, kind: str, row: int, keypoints: tuple[str, ...], message: str, do: str | None, sure: float = 1.0
) -> Finding:
    image, instance = str(labels.files[labels.image[row]]), int(labels.ids[row])
    fix = None if do is None else Fix(do, image, instance, keypoints, message)  # type: ignore[arg-type]
    return Finding(kind, image, instance, keypoints, sure, message, fix)


def _numbers(box: np.ndarray) -> str:
    return " ".join(f"{value:g}" for value in np.round(box, 1))


def _at(point: np.ndarray) -> str:
    return f"({point[0]:.1f}, {point[1]:.1f})"


def _size(size: np.ndarray) -> str:
    return f"{size[0]:.0f} x {size[1]:.0f} pixels"
