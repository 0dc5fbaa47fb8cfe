"""Poses for many image files: what fails is set aside, what succeeds is kept."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
    """One outcome a file, in the order of the paths; files that can be read share network calls.

    boxes: (N, 4) for each file; a file that is not among them has nobody in it. None: the whole image is one person.
    """
    waiting: deque[Outcome] = deque()  # files that were looked at: failures, and images that have no poses yet

    def readable() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for path in paths:
            try:
                image = read_image(path)
                checked = check_boxes(image, None if boxes is None else boxes.get(path, np.zeros((0, 4))))
            except PoseError as error:
                waiting.append(Outcome(path, error=error))
                continue
            waiting.append(Outcome(path, image=image))
            yield image, checked

    for poses in top_down.stream(readable()):
        while waiting[0].error:
            yield waiting.popleft()
        yield replace(waiting.popleft(), poses=poses)
    yield from waiting
