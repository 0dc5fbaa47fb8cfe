"""Poses for many image files: what fails is set aside, what succeeds is kept."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vitruvian.errors import PoseError
from vitruvian.geometry import usable
from vitruvian.inference.top_down import TopDown, as_boxes, box_errors
from vitruvian.media import read_image
from vitruvian.structures import Poses

WAITING_PIXELS = 100_000_000  # of images that are held until a batch is full


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one image file.

    poses:  None when the file could not be used. size: its (width, height); image: (H, W, 3), if it was to be kept.
    errors: why there are no poses, or which boxes have none.
    """

    path: Path
    poses: Poses | None = None
    size: tuple[int, int] | None = None
    image: np.ndarray | None = None
    errors: tuple[PoseError, ...] = ()


def predict_files(
    top_down: TopDown,
    paths: Sequence[Path],
    boxes: Mapping[Path, np.ndarray] | None = None,
    keep_images: bool = True,
) -> Iterator[Outcome]:
    """One outcome a file, in the order of the paths; files that can be read share network calls.

    boxes: (N, 4) for each file; a file that is not among them has nobody in it. None: the whole image is one person.
           A box that shows nothing of the image is left out; a file without any other fails.
    keep_images: whether outcomes carry their image.
    """
    waiting: deque[Outcome] = deque()  # files that were looked at: failures, and images that have no poses yet

    def readable() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for path in paths:
            try:
                image = read_image(path)
                given = as_boxes(image, None if boxes is None else boxes.get(path, np.zeros((0, 4))))
            except PoseError as error:
                waiting.append(Outcome(path, errors=(error,)))
                continue
            errors = tuple(box_errors(image, given))
            if errors and len(errors) == len(given):
                waiting.append(Outcome(path, errors=errors))
                continue
            size = (image.shape[1], image.shape[0])
            waiting.append(Outcome(path, size=size, image=image if keep_images else None, errors=errors))
            yield image, given[usable(given, image)]

    for poses in top_down.stream(readable(), WAITING_PIXELS if keep_images else None):
        while waiting[0].size is None:
            yield waiting.popleft()
        yield replace(waiting.popleft(), poses=poses)
    yield from waiting
