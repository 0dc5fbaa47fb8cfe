"""What a model answers, image by image, with what it has answered before in a journal."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from vitruvian.datasets import Dataset
from vitruvian.errors import PoseError
from vitruvian.geometry import usable
from vitruvian.inference.evaluation.journal import Journal
from vitruvian.inference.evaluation.looks import Looks
from vitruvian.inference.top_down import TopDown, as_boxes
from vitruvian.media import read_image

BATCHES = 4  # full batches that an entry of the journal holds; a kill loses the work on one entry
DECIMALS = 3  # of a pixel, that are kept; so what is scored is what is written
SCORE_DECIMALS = 6


@dataclass(frozen=True)
class Answer:
    """What became of one image. row: of the image in the labels; error: why it could not be read, or nothing.

    looks: the rows of `Looks` that have an answer: those in the image, but for boxes that show nothing of it.
    xy, score: lists (M, K, 2) in image pixels and (M, K), in their order; NaN, or None, for no answer.
    """

    row: int
    looks: list[int] = field(default_factory=list)
    xy: list[list[list[float | None]]] = field(default_factory=list)
    score: list[list[float | None]] = field(default_factory=list)
    error: str = ""


def answer(top_down: TopDown, dataset: Dataset, looks: Looks, journal: Journal) -> Iterator[Answer]:
    """An answer for each image with something to look at, in their order; an image that cannot be read has none.

    Images go through the network in the same batches however often the work was cut short, so that the numbers are
    those of a single run.
    """
    for number, rows in enumerate(chunks(looks, BATCHES * top_down.batch_size)):
        if number in journal:
            yield from msgspec.json.decode(journal[number], type=list[Answer])
            continue
        answers = []
        for one in _answer_images(top_down, dataset, looks, rows):
            answers.append(one)
            yield one
        journal.add(number, msgspec.json.encode(answers))


def images_done(journal: Journal) -> int:
    """How many images have an answer in the journal."""
    return sum(len(msgspec.json.decode(entry, type=list[Answer])) for entry in journal.entries.values())


def chunks(looks: Looks, size: int) -> Iterator[list[int]]:
    """The rows of the images with something to look at, cut where `size` boxes are full."""
    images, counts = np.unique(looks.image, return_counts=True)
    chunk: list[int] = []
    boxes = 0
    for image, count in zip(images.tolist(), counts.tolist(), strict=True):
        chunk.append(image)
        boxes += count
        if boxes >= size:
            yield chunk
            chunk, boxes = [], 0
    if chunk:
        yield chunk


def _answer_images(top_down: TopDown, dataset: Dataset, looks: Looks, rows: list[int]) -> Iterator[Answer]:
    waiting: list[Answer] = []  # images that were looked at: failures, and those that have no poses yet

    def shown() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for row in rows:
            try:
                image, boxes, chosen = _look(dataset, looks, row)
            except (PoseError, OSError) as error:
                waiting.append(Answer(row, error=str(error)))
                continue
            waiting.append(Answer(row, looks=chosen))
            yield image, boxes

    for poses in top_down.stream(shown()):
        while waiting[0].error:
            yield waiting.pop(0)
        first = waiting.pop(0)
        yield Answer(first.row, first.looks, _plain(poses.xy, DECIMALS), _plain(poses.score, SCORE_DECIMALS))
    yield from waiting


def _look(dataset: Dataset, looks: Looks, row: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """The image, the boxes (M, 4) that show some of it, and their rows."""
    image = read_image(dataset.path(row))
    first, last = np.searchsorted(looks.image, [row, row + 1]).tolist()
    boxes = as_boxes(image, looks.boxes[first:last])
    shows = usable(boxes, image)
    return image, boxes[shows], (first + np.flatnonzero(shows)).tolist()


def _plain(numbers: np.ndarray, decimals: int) -> list[Any]:
    """Nested lists, rounded."""
    return list(np.round(numbers.astype(np.float64), decimals).tolist())
