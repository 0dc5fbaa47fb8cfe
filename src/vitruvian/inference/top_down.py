"""Top-down estimation: one crop per box, the whole path of a coordinate on one screen."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from vitruvian.errors import BoxError, RecipeError, ShapeError
from vitruvian.geometry import Crop, usable, whole_image
from vitruvian.runtime import Network
from vitruvian.structures import Poses, Skeleton

BATCH = 32  # crops per network call
WAITING_PIXELS = 100_000_000  # of images that are held until a batch is full

Image = TypeVar("Image")


class TopDown:
    """People in boxes: cut, predict, map back to the image. Made by `vitruvian.load`."""

    def __init__(self, network: Network, batch_size: int = BATCH):
        if batch_size < 1:
            raise RecipeError(f"batch_size must be at least 1, got {batch_size}")
        self.network = network
        self.batch_size = batch_size

    @property
    def skeleton(self) -> Skeleton:
        """What the K keypoints are called."""
        return self.network.card.skeleton

    def __call__(self, image: np.ndarray, boxes: np.ndarray | None = None) -> Poses:
        """image (H, W, 3) uint8 RGB; boxes (N, 4) x0 y0 x1 y1, N may be 0; None for the whole image -> N poses.

        Raises ShapeError for another kind of array, BoxError for a box that shows nothing of the image.
        """
        return next(self.stream([(image, boxes)]))

    def batch(self, images: Sequence[np.ndarray], boxes: Sequence[np.ndarray | None] | None = None) -> list[Poses]:
        """The poses of several images; everybody in them goes through the network in full batches."""
        return list(self.stream(pair_up(images, boxes)))

    def stream(self, images: Iterable[tuple[np.ndarray, np.ndarray | None]]) -> Iterator[Poses]:
        """Poses image by image, reading no further ahead than a batch needs."""
        waiting: list[tuple[np.ndarray, list[Crop]]] = []  # boxes and crops of images that have no poses yet
        pixels: list[np.ndarray] = []
        held = 0
        for image, boxes in images:
            checked = check_boxes(image, boxes)
            crops = [self._crop(box) for box in checked]
            pixels.extend(crop.cut(image) for crop in crops)
            waiting.append((checked, crops))
            held += image.shape[0] * image.shape[1]
            if max(len(pixels), len(waiting)) >= self.batch_size or held > WAITING_PIXELS:
                yield from self._finish(waiting, pixels)
                waiting, pixels, held = [], [], 0
        yield from self._finish(waiting, pixels)

    def likelihood(self, image: np.ndarray, box: np.ndarray, keypoint: str) -> tuple[np.ndarray, np.ndarray]:
        """How likely one keypoint of the person in `box` (4,) is at each place of the image.

        Returns the map (h, w) in [0, 1] and the matrix (2, 3) from its cells to image pixels.
        """
        crop = self._crop(check_boxes(image, box[None])[0])
        maps = self.network.likelihood(crop.cut(image)[None])
        likelihood = maps[0, self.skeleton.index(keypoint)]
        to_image = np.linalg.inv(np.vstack([crop.matrix, [0.0, 0.0, 1.0]]))[:2]
        sx, sy, tx, ty = self.network.card.grid
        return likelihood, to_image @ np.array([[sx, 0, tx], [0, sy, ty], [0, 0, 1.0]])

    def _crop(self, box: np.ndarray) -> Crop:
        card = self.network.card
        return Crop.around(box, card.input_size, card.padding, card.convention)

    def _finish(self, waiting: list[tuple[np.ndarray, list[Crop]]], pixels: list[np.ndarray]) -> Iterator[Poses]:
        keypoints = len(self.skeleton)
        xy = np.zeros((len(pixels), keypoints, 2), np.float32)
        score = np.zeros((len(pixels), keypoints), np.float32)
        calls = -(-len(pixels) // self.batch_size)
        for part in np.array_split(np.arange(len(pixels)), calls) if calls else []:
            xy[part], score[part] = self.network.points(np.stack([pixels[row] for row in part]))
        first = 0
        for boxes, crops in waiting:
            rows = slice(first, first + len(crops))
            mapped = [crop.to_image(points) for crop, points in zip(crops, xy[rows], strict=True)]
            yield Poses(np.array(mapped, np.float32).reshape(-1, keypoints, 2), score[rows].copy(), boxes)
            first += len(crops)


def pair_up(
    images: Sequence[Image], boxes: Sequence[np.ndarray | None] | np.ndarray | None
) -> Iterator[tuple[Image, np.ndarray | None]]:
    """Each image with its boxes, or with None. Raises ShapeError unless there are as many of both."""
    given = [None] * len(images) if boxes is None else boxes
    if len(given) != len(images):
        raise ShapeError(
            f"{len(images)} images need as many arrays of boxes (None for a whole image), got {len(given)}"
        )
    return zip(images, given, strict=True)


def check_boxes(image: np.ndarray, boxes: np.ndarray | None) -> np.ndarray:
    """The boxes (N, 4) float32 to look at in `image` (H, W, 3) uint8; the whole image where none are given.

    Raises ShapeError for another kind of array, BoxError that names the first box that shows nothing of the image.
    """
    if not isinstance(image, np.ndarray):
        raise ShapeError(f"an image must be an array (H, W, 3) uint8 RGB, got {image!r}; read files with read_image")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ShapeError(f"an image must be (H, W, 3) uint8 RGB and not empty, got {image.shape} {image.dtype}")
    if boxes is None:
        return whole_image(image)
    boxes = np.asarray(boxes, np.float32)
    boxes = boxes.reshape(0, 4) if boxes.size == 0 else boxes
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ShapeError(f"boxes must be (N, 4) = x0 y0 x1 y1, got {boxes.shape}")
    bad = np.flatnonzero(~usable(boxes, image))
    if len(bad):
        height, width = image.shape[:2]
        raise BoxError(
            f"box {bad[0]} is {np.round(boxes[bad[0]], 2).tolist()} and shows nothing of the image, "
            f"{width} x {height} pixels; expected finite x0 < x1 and y0 < y1 that touch it. Correct it or leave it out."
        )
    return boxes
