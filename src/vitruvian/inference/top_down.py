"""Top-down estimation: one crop per box, the whole path of a coordinate on one screen."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import TypeVar

import cv2
import numpy as np

from vitruvian.errors import BoxError, RecipeError, ShapeError
from vitruvian.geometry import Crop, usable, whole_image
from vitruvian.runtime import Network, PartNetwork
from vitruvian.structures import Poses, Skeleton

BATCH = 32  # crops per network call
MAX_SIDE = 32_766 if int(cv2.__version__.split(".")[0]) < 5 else 2**31 - 1  # of an image that OpenCV cuts from

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

    def answering(self, skeleton: Skeleton) -> "TopDown":
        """The same model, with the keypoints of `skeleton` alone, such as coco17 of halpe26.

        Raises SkeletonError when the model lacks one of them.
        """
        if skeleton.names == self.skeleton.names:
            return self
        return TopDown(PartNetwork(self.network, skeleton), self.batch_size)

    def __call__(self, image: np.ndarray, boxes: np.ndarray | None = None) -> Poses:
        """image (H, W, 3) uint8 RGB; boxes (N, 4) x0 y0 x1 y1, N may be 0; None for the whole image -> N poses.

        Raises ShapeError for another kind of array, BoxError for a box that shows nothing of the image.
        """
        return next(self.stream([(image, boxes)]))

    def batch(self, images: Sequence[np.ndarray], boxes: Sequence[np.ndarray | None] | None = None) -> list[Poses]:
        """The poses of several images; everybody in them goes through the network in full batches."""
        return list(self.stream(pair_up(images, boxes)))

    def stream(
        self, images: Iterable[tuple[np.ndarray, np.ndarray | None]], waiting_pixels: int | None = None
    ) -> Iterator[Poses]:
        """Poses image by image. Crops wait for a full batch, across images; an image waits for its last crop.

        waiting_pixels: when the waiting images have more, they wait no longer; for callers that hold on to them.
        """
        queue = _Queue(self.network, self.batch_size, waiting_pixels)
        for image, boxes in images:
            checked = check_boxes(image, boxes)
            queue.put(image, checked, [self._crop(box) for box in checked])
            yield from queue.finished()
        queue.flush()
        yield from queue.finished()

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


class _Queue:
    """Images in, poses out in the same order; in between their crops go through the network in batches."""

    def __init__(self, network: Network, batch_size: int, waiting_pixels: int | None):
        self.network, self.batch_size, self.waiting_pixels = network, batch_size, waiting_pixels
        self.pixels = 0  # of all images that have no poses yet
        self.images: deque[tuple[np.ndarray, list[Crop], int]] = deque()  # boxes, crops, pixels of each image
        self.crops: list[np.ndarray] = []  # cut, not yet seen by the network
        self.answers: deque[tuple[np.ndarray, np.ndarray]] = deque()  # xy (K, 2) and score (K,), not yet claimed

    def put(self, image: np.ndarray, boxes: np.ndarray, crops: list[Crop]) -> None:
        """Add an image, and run every batch that is full; the last one early when too many pixels wait for it."""
        pixels = image.shape[0] * image.shape[1]
        self.images.append((boxes, crops, pixels))
        self.pixels += pixels
        for crop in crops:
            self.crops.append(crop.cut(image))
            if len(self.crops) == self.batch_size:
                self.flush()
        if self.waiting_pixels is not None and self.pixels > self.waiting_pixels:
            self.flush()

    def flush(self) -> None:
        """Run the batch as it is."""
        if self.crops:
            xy, score = self.network.points(np.stack(self.crops))
            self.answers.extend(zip(xy, score, strict=True))
            self.crops.clear()

    def finished(self) -> Iterator[Poses]:
        """The poses of the images, from the first on, whose crops have all been answered."""
        keypoints = len(self.network.card.skeleton)
        while self.images and len(self.images[0][1]) <= len(self.answers):
            boxes, crops, pixels = self.images.popleft()
            self.pixels -= pixels
            answers = [self.answers.popleft() for _ in crops]
            xy = [crop.to_image(points) for crop, (points, _) in zip(crops, answers, strict=True)]
            shape = (len(crops), keypoints)
            points = np.array(xy, np.float32).reshape(*shape, 2)
            yield self._poses(points, np.array([s for _, s in answers], np.float32).reshape(shape), boxes)

    def _poses(self, xy: np.ndarray, score: np.ndarray, boxes: np.ndarray) -> Poses:
        """With radii, if the model is calibrated."""
        calibration = self.network.card.calibration
        known = np.where(np.isfinite(xy).all(-1), score, np.nan)
        return Poses(xy, score, boxes, radii=calibration.radius(known, boxes) if calibration else None)


def pair_up(
    images: Sequence[Image], boxes: Sequence[np.ndarray | None] | np.ndarray | None
) -> Iterator[tuple[Image, np.ndarray | None]]:
    """Each image with its boxes, or with None. Raises ShapeError unless there are as many of both."""
    if not isinstance(images, Sized):
        raise ShapeError(f"expected an image or a list of images, got {images!r}; make a list of them")
    given = [None] * len(images) if boxes is None else boxes
    if not isinstance(given, Sized):
        raise ShapeError(f"expected a list of arrays of boxes, one for each image, got {given!r}; make a list of them")
    if len(given) != len(images):
        raise ShapeError(
            f"{len(images)} images need as many arrays of boxes (None for a whole image), got {len(given)}"
        )
    return zip(images, given, strict=True)


def check_boxes(image: np.ndarray, boxes: np.ndarray | None) -> np.ndarray:
    """The boxes (N, 4) float32 to look at in `image` (H, W, 3) uint8; the whole image where none are given.

    Raises ShapeError for another kind of array, BoxError that names the first box that shows nothing of the image.
    """
    checked = as_boxes(image, boxes)
    for error in box_errors(image, checked):
        raise error
    return checked


def as_boxes(image: np.ndarray, boxes: np.ndarray | None) -> np.ndarray:
    """The boxes as a new array (N, 4) float32, whatever they show; the whole image where none are given.

    Raises ShapeError for what is no image, or too large to cut from, and for what are no boxes.
    """
    if not isinstance(image, np.ndarray):
        raise ShapeError(f"an image must be an array (H, W, 3) uint8 RGB, got {image!r}; read files with read_image")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ShapeError(f"an image must be (H, W, 3) uint8 RGB and not empty, got {image.shape} {image.dtype}")
    height, width = image.shape[:2]
    if max(height, width) > MAX_SIDE:
        raise ShapeError(
            f"the image has {width} x {height} pixels, OpenCV {cv2.__version__} cuts from sides of at most "
            f"{MAX_SIDE:,}; make it smaller, or install OpenCV 5"
        )
    if boxes is None:
        return whole_image(image)
    try:
        numbers = np.array(boxes)
    except ValueError:  # rows of unequal length
        numbers = np.array(None)
    if numbers.size == 0:
        return np.zeros((0, 4), np.float32)
    if numbers.dtype.kind not in "iuf":
        raise ShapeError(f"boxes must be (N, 4) numbers, x0 y0 x1 y1, got {boxes!r}")
    if numbers.ndim != 2 or numbers.shape[1] != 4:
        raise ShapeError(f"boxes must be (N, 4) = x0 y0 x1 y1, got {numbers.shape}")
    return numbers.astype(np.float32)


def box_errors(image: np.ndarray, boxes: np.ndarray) -> list[BoxError]:
    """One for each of the boxes (N, 4) that shows nothing of the image."""
    height, width = image.shape[:2]
    return [
        BoxError(
            f"box {k} is {np.round(boxes[k], 2).tolist()} and shows nothing of the image, {width} x {height} pixels; "
            f"expected finite x0 < x1 and y0 < y1 that touch it. Correct it or leave it out."
        )
        for k in np.flatnonzero(~usable(boxes, image))
    ]
