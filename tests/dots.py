"""The smallest training problem: pictures of a red and a blue dot, and a network of two layers that finds them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from vitruvian.codecs import ProbabilityHeatmap
from vitruvian.datasets import Dataset
from vitruvian.media import write_image
from vitruvian.models import MODELS, Heads, PoseModel, Size
from vitruvian.models.pose_model import MapHead
from vitruvian.recipes import Recipe
from vitruvian.structures import SKELETONS, VISIBLE, Labels, Skeleton

DOTS = Skeleton.define("dots2", ["left_dot", "right_dot"])


def dot_finder(heads: Heads, input_size: Size) -> PoseModel:
    """image (B, 3, H, W) -> maps at a quarter of it."""
    backbone = nn.Sequential(nn.Conv2d(3, 8, 4, stride=4), nn.BatchNorm2d(8), nn.ReLU())
    return PoseModel(backbone, MapHead(8, heads))


@pytest.fixture
def dots(monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """`dots_recipe`; its skeleton and model are in the tables as long as the test runs."""
    monkeypatch.setitem(SKELETONS, DOTS.name, DOTS)
    monkeypatch.setitem(MODELS, "dot_finder", dot_finder)
    return dots_recipe()


def dots_recipe() -> Recipe:
    """A recipe for the problem."""
    return Recipe(
        skeleton=DOTS.name,
        model="dot_finder",
        codec=ProbabilityHeatmap(input_size=(32, 32)),
        loss="heatmap_cross_entropy",
        padding=1.0,
        batch_size=4,
        steps=60,
        warm_up=5,
        learning_rate=0.03,
    )


def dot_pictures(count: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (N, 32, 32, 3) with a soft dot of each colour, and where the dots are: (N, 2, 2)."""
    rng = np.random.default_rng(0)
    xy = np.stack([rng.integers(3, 29, (2, 2)) for _ in range(count)])
    return np.stack([_picture(places) for places in xy]), xy.astype(np.float32)


def dot_batches(size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Endless batches of the pictures in changing order."""
    images, xy = dot_pictures()
    rng = np.random.default_rng(1)
    while True:
        rows = rng.permutation(len(images))[:size]
        yield images[rows], xy[rows]


def dot_data(folder: Path, count: int = 12) -> Dataset:
    """The pictures as files, labelled, one in each box of the size of the picture."""
    images, xy = dot_pictures(count)
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images):
        write_image(folder / f"{number}.png", image)
    rows = np.arange(count)
    labels = Labels(
        files=np.array([f"{number}.png" for number in rows]),
        sizes=np.full((count, 2), 32, np.int32),
        image_ids=rows,
        groups=rows,
        image=rows.astype(np.int32),
        ids=rows,
        xy=xy.astype(np.float64),
        visible=np.full((count, 2), VISIBLE, np.uint8),
        boxes=np.tile([0.0, 0.0, 32.0, 32.0], (count, 1)),
        area=np.full(count, 1024.0),
        crowd=np.zeros(count, bool),
    )
    return Dataset("dots", DOTS, labels, folder)


def _picture(places: np.ndarray) -> np.ndarray:
    rows, columns = np.mgrid[:32, :32]
    image = np.zeros((32, 32, 3), np.uint8)
    for channel, (x, y) in zip((0, 2), places, strict=True):
        image[..., channel] = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 32)
    return image
