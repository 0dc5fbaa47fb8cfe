"""Poses for many image files: what fails is set aside, what succeeds is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vitruvian.errors import PoseError
from vitruvian.inference.top_down import TopDown, check_boxes
from vitruvian.media import read_image
from vitruvian.structures import Poses


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one image file: poses and the image (H, W, 3), or the error that says why not."""

    path: Path
    poses: Poses | None = None
    image: np.ndarray | None = None
    error: PoseError | None = None


def predict_files(
    top_down: TopDown, paths: Sequence[Path], boxes: Mapping[Path, np.ndarray] | None = None
) -> Iterator[Outcome]:
    """One outcome a file; files in a row that can be read share network calls. Failures come as soon as they are met.

    boxes: (N, 4) for each file; a file that is not among them has nobody in it. None: the whole image is one person.
    """
    failures: list[Outcome] = []
    opened: list[tuple[Path, np.ndarray]] = []

    def readable() -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        for path in paths:
            try:
                image = read_image(path)
                checked = check_boxes(image, None if boxes is None else boxes.get(path, np.zeros((0, 4))))
            except PoseError as error:
                failures.append(Outcome(path, error=error))
                continue
            opened.append((path, image))
            yield image, checked

    for poses in top_down.stream(readable()):
        yield from failures
        failures.clear()
        path, image = opened.pop(0)
        yield Outcome(path, poses, image)
    yield from failures
