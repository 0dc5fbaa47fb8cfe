"""How good a model is on held-out labels while it is trained; several processes share the images."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch

from vitruvian.datasets import Dataset
from vitruvian.errors import DataError, PoseError
from vitruvian.geometry import Crop
from vitruvian.media import read_image
from vitruvian.metrics import SCORES, Tally
from vitruvian.models import PoseModel, normalise
from vitruvian.recipes import Recipe
from vitruvian.structures import Labels, Predictions
from vitruvian.training.hardware import Team

BATCH = 64  # crops in a pass


@dataclass(frozen=True)
class Check:
    """The scores of the averaged model after a step, on held-out images.

    values: the numbers by name, the first says it all. best: no check before was better; seconds: that it took.
    bad_images: that could not be read, left out.
    """

    number: int
    score: str
    values: dict[str, float]
    best: bool
    seconds: float
    bad_images: int = 0

    @property
    def value(self) -> float:
        """The one number."""
        return next(iter(self.values.values()))


def check(
    model: PoseModel, recipe: Recipe, dataset: Dataset, score: str, number: int, before: float | None, team: Team
) -> Check:
    """Score a model on everybody in labelled boxes; every image is one process's alone.

    before: the best value so far. Raises DataError when nobody is there to be scored, UnknownNameError for a score that
    is not in the table, and what the score says of labels that it cannot use.
    """
    start = time.perf_counter()
    rows = np.arange(len(dataset))[team.share(len(dataset))]
    labels, predictions, bad = predict(model, recipe, replace(dataset, labels=dataset.labels.of_images(rows)), team)
    found = team.gather((SCORES[score].tally(labels, predictions, recipe.joints), bad))
    values = _joined([tally for tally, _ in found]).values()
    value = next(iter(values.values()))
    if not np.isfinite(value):
        raise DataError(f"{dataset.name}: {score} finds nothing to score; expected labelled people in boxes")
    better = before is None or (value > before if SCORES[score].higher_is_better else value < before)
    return Check(number, score, values, better, time.perf_counter() - start, sum(count for _, count in found))


def _joined(tallies: list[Tally]) -> Tally:
    whole = tallies[0]
    for tally in tallies[1:]:
        whole = whole + tally
    return whole


@torch.inference_mode()
def predict(model: PoseModel, recipe: Recipe, dataset: Dataset, team: Team) -> tuple[Labels, Predictions, int]:
    """What a model says of everybody labelled, in their boxes: the labels of images that can be read, the answers to
    them, and how many images cannot."""
    labels = dataset.labels
    wanted = np.flatnonzero(_usable(labels))
    crops = _crops(recipe, dataset, wanted)
    rows: list[int] = []
    found = [(np.zeros((0, labels.keypoints, 2)), np.zeros((0, labels.keypoints)))]
    while batch := list(islice(crops, BATCH)):
        rows += [row for row, _, _ in batch]
        found.append(_answer(model, recipe, batch, team))
    bad = np.unique(labels.image[np.setdiff1d(wanted, rows)])
    xy, score = (np.concatenate(column) for column in zip(*found, strict=True))
    left = labels.of_images(np.setdiff1d(np.arange(labels.images), bad))
    return left, _predictions(labels, left, rows, xy, score), len(bad)


def _usable(labels: Labels) -> np.ndarray:
    """(N,) bool, who is looked at: labelled people in a box that has a size."""
    sized = np.isfinite(labels.boxes).all(1) & (labels.boxes[:, 2:] > labels.boxes[:, :2]).all(1)
    return np.asarray(sized & (labels.visible > 0).any(1) & ~labels.crowd)


def _crops(recipe: Recipe, dataset: Dataset, rows: np.ndarray) -> Iterator[tuple[int, Crop, np.ndarray]]:
    """The row, the crop and its pixels (H, W, 3), image by image; people in images that cannot be read are left out."""
    wanted = set(rows.tolist())
    for image in np.unique(dataset.labels.image[rows]).tolist():
        try:
            pixels = read_image(dataset.path(image))
        except (PoseError, OSError):
            continue
        for row in dataset.instances(image).tolist():
            if row in wanted:
                box = dataset.labels.boxes[row]
                crop = Crop.around(box, recipe.codec.input_size, recipe.padding, recipe.codec.convention)
                yield row, crop, crop.cut(pixels)


def _answer(
    model: PoseModel, recipe: Recipe, batch: list[tuple[int, Crop, np.ndarray]], team: Team
) -> tuple[np.ndarray, np.ndarray]:
    """xy (B, K, 2) image pixels, score (B, K)."""
    images = torch.from_numpy(np.stack([pixels for _, _, pixels in batch]))
    outputs = model(normalise(images.to(team.device)))
    xy, score = recipe.codec.decode({name: value.float() for name, value in outputs.items()})
    points = zip(batch, xy.double().cpu().numpy(), strict=True)
    return np.stack([crop.to_image(one) for (_, crop, _), one in points]), score.double().cpu().numpy()


def _predictions(labels: Labels, left: Labels, rows: list[int], xy: np.ndarray, score: np.ndarray) -> Predictions:
    """The answers to rows of `labels`, as answers to `left`, which has fewer images."""
    number = {int(one): row for row, one in enumerate(left.ids)}
    own = np.array([number[int(one)] for one in labels.ids[rows]], np.int32)
    return Predictions(left.image[own], xy, score, score.mean(1) if len(score) else score[:, 0], left.boxes[own], own)
