"""A data set for the tests of the doctor: flat masks of ten points, turned and scaled, one in each picture."""

from pathlib import Path

import cv2
import numpy as np

from vitruvian.datasets import Dataset
from vitruvian.media import write_image
from vitruvian.structures import Skeleton

from .labels import labels

MASK = Skeleton.define(
    "mask",
    (
        "left_eye", "right_eye", "left_ear", "right_ear", "left_mouth", "right_mouth", "left_brow", "right_brow",
        "nose", "chin",
    ),
    limbs=(("left_eye", "left_brow"), ("right_eye", "right_brow"), ("left_mouth", "chin"), ("nose", "chin")),
)  # fmt: skip
PLACES = np.array(
    [[20, -10], [-20, -10], [50, 0], [-50, 0], [15, 30], [-15, 30], [22, -25], [-22, -25], [0, 8], [0, 50]], np.float64
)  # of the points of an upright mask, pixels from its middle; its own left is to the right, as in a portrait


def masks(count: int = 120, seed: int = 0) -> np.ndarray:
    """(N, 10, 2) masks, turned by up to a quarter of a right angle, of half to double size, labelled to a pixel."""
    rng = np.random.default_rng(seed)
    angle, size = rng.uniform(-0.4, 0.4, count), rng.uniform(0.5, 2, count)
    turn = np.stack([np.stack([np.cos(angle), -np.sin(angle)], 1), np.stack([np.sin(angle), np.cos(angle)], 1)], 1)
    xy = np.einsum("nij,kj->nki", turn * size[:, None, None], PLACES) + rng.uniform(200, 300, (count, 1, 2))
    return xy + rng.normal(0, 0.5, xy.shape)


def masked(xy: np.ndarray, folder: Path = Path("nowhere"), **columns: object) -> Dataset:
    """The masks, each in an image of its own."""
    return Dataset("masks", MASK, labels(list(range(len(xy))), xy, **columns), folder)


def painted(dataset: Dataset, seed: int = 0) -> Dataset:
    """The data set with a picture of coloured clouds, 64 x 48, in every file."""
    for row in range(len(dataset)):
        write_image(dataset.path(row), clouds(seed + row))
    sizes = np.tile(np.array([[64, 48]], np.int32), (len(dataset), 1))
    dataset.labels.sizes[:] = sizes
    return dataset


def clouds(seed: int) -> np.ndarray:
    """(48, 64, 3) uint8: noise of several sizes, so that every picture is another one."""

    rng = np.random.default_rng(seed)
    layers = [
        cv2.resize(rng.normal(0, 40, (side, side, 3)), (64, 48), interpolation=cv2.INTER_CUBIC) for side in (3, 8, 24)
    ]
    return np.clip(128 + sum(layers), 0, 255).astype(np.uint8)
