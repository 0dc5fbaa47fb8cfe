"""Data sets in a folder: a few images as files, with the people in them."""

from pathlib import Path

import cv2
import numpy as np

from vitruvian.datasets import Dataset, Everybody, Part, everybody_of
from vitruvian.structures import Skeleton

from .labels import labels

HANDS = Skeleton.define("hands3", ["left_hand", "right_hand", "head"])
NAN = [np.nan, np.nan]


def save(path: Path, image: np.ndarray, *parameters: int) -> None:
    """Write an RGB image as whatever the suffix says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image[..., ::-1], parameters)


def portraits(
    folder: Path, images: dict[str, np.ndarray], xy: np.ndarray, boxes: np.ndarray, **columns: object
) -> Dataset:
    """A data set of one person an image: name -> image, xy (N, K, 2), boxes (N, 4)."""
    for name, image in images.items():
        save(folder / name, image)
    found = labels(
        list(range(len(images))), xy, files=np.array(list(images)), boxes=np.asarray(boxes, float), **columns
    )
    skeleton = (
        HANDS if found.keypoints == len(HANDS) else Skeleton.define("own", [f"k{k}" for k in range(found.keypoints)])
    )
    return Dataset(folder.name, skeleton, found, folder)


def alone(dataset: Dataset) -> Everybody:
    """Everybody of one data set."""
    return everybody_of([Part(dataset)], dataset.skeleton)


def greys(folder: Path, count: int, suffix: str = ".png", size: int = 100) -> Dataset:
    """People in pictures of one brightness, 0, 1, 2 ..., by which they can be told."""
    images = {f"{level}{suffix}": np.full((size, size, 3), level, np.uint8) for level in range(count)}
    places = np.tile([[20.0, 50.0], [70.0, 40.0], [45.0, 20.0]], (count, 1, 1))
    return portraits(folder, images, places, np.tile([40.0, 40, 60, 60], (count, 1)))
