"""Charts of an evaluation and its worst cases, beside its result."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vitruvian.datasets import Dataset
from vitruvian.draw import Print, draw_error_histograms, draw_pck_curve, draw_reliability, draw_sheet
from vitruvian.errors import DataError, ImageError
from vitruvian.inference import PointErrors, Trial, by_overlap, point_errors, without_looking, worst_cases
from vitruvian.media import read_image, write_image
from vitruvian.metrics import score_groups
from vitruvian.structures import Poses

WORST = 24  # cases on the contact sheet
COLUMNS, SIDE = 8, 220  # of the sheet; two prints a case
MARGIN = 0.3  # of the box, around it


def write_plots(dataset: Dataset, trial: Trial, name: str, out: Path) -> Iterator[Path]:
    """Draw beside the result `out`, and give each file that was written. name: of what is evaluated.

    Predictions that do not say which labels they answer are taken to answer those whose boxes overlap theirs by half.
    Raises DataError where none does.
    """
    if trial.predictions.label is None:
        trial, name = by_overlap(trial), f"{name}, in boxes that overlap by half"
    found = point_errors(trial)
    if found is None or not len(trial.predictions):
        raise DataError(
            "charts compare label by label, and no prediction says which label it answers, nor has a box that overlaps "
            "that of a label by half; leave --plots out"
        )
    groups = score_groups(found.in_boxes, found.score)
    pictures = {
        "pck": draw_pck_curve(_curves(trial, name), found.scale),
        "errors": draw_error_histograms(found.distance, trial.skeleton.names, found.scale),
        "reliability": draw_reliability(groups.score, groups.share, groups.count),
    }
    prints = list(_worst_cases(dataset, trial, found))
    if prints:
        pictures["worst"] = draw_sheet(prints, trial.skeleton, COLUMNS, SIDE)
    for part, picture in pictures.items():
        path = out.with_name(f"{out.stem}.{part}.png")
        write_image(path, picture)
        yield path


def _curves(trial: Trial, name: str) -> dict[str, np.ndarray]:
    """The distances of the predictions and of the mean pose, by what the legend calls them."""
    pairs = ((name, trial), ("mean pose", without_looking(trial)))
    found = {label: point_errors(one) for label, one in pairs if one is not None}
    return {label: one.distance for label, one in found.items() if one is not None}


def _worst_cases(dataset: Dataset, trial: Trial, found: PointErrors) -> Iterator[Print]:
    """Two prints a case, as labelled and as predicted; a case whose image cannot be read is passed over."""
    predictions, labels = trial.predictions, trial.labels
    means = found.means
    for label in worst_cases(found, WORST).tolist():
        row, image_row = int(found.answer[label]), int(labels.image[label])
        try:
            image = read_image(dataset.path(int(trial.images[image_row])))
        except ImageError:
            continue
        corner, part = _part(image, labels.boxes[label], labels.xy[label])
        yield _print(part, corner, labels.xy[label], str(labels.files[image_row]))
        yield _print(part, corner, predictions.xy[row], f"predicted, {means[label]:.2f} {found.scale} off")


def _print(image: np.ndarray, corner: np.ndarray, xy: np.ndarray, caption: str) -> Print:
    """All points are drawn, however unsure."""
    points = (xy - corner)[None].astype(np.float32)
    return Print(
        image, Poses(points, np.ones(points.shape[:2], np.float32), np.full((1, 4), np.nan, np.float32)), caption
    )


def _part(image: np.ndarray, box: np.ndarray, xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corner (2,) and the pixels of the part of the image around the box and the labelled points."""
    known = xy[np.isfinite(xy).all(1)]
    low = np.nanmin([box[:2], *known], axis=0)
    high = np.nanmax([box[2:], *known], axis=0)
    margin = MARGIN * max(high - low)
    size = np.array(image.shape[1::-1])
    x0, y0 = np.clip(np.floor(low - margin), 0, size - 1).astype(int).tolist()
    x1, y1 = np.clip(np.ceil(high + margin) + 1, 1, size).astype(int).tolist()
    return np.array([x0, y0]), image[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
