"""The smallest training problem: pictures of a red and a blue dot, and a network of two layers that finds them."""

import numpy as np
import pytest
from torch import nn

from vitruvian.codecs import ProbabilityHeatmap
from vitruvian.models import MODELS, Heads, PoseModel, Size
from vitruvian.models.pose_model import MapHead
from vitruvian.recipes import Recipe
from vitruvian.structures import SKELETONS, Poses, Sample, Skeleton

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


def dot_samples(count: int = 12) -> list[Sample]:
    """Pictures 32 x 32 with a soft dot of each colour, whose box is the whole picture."""
    rng = np.random.default_rng(0)
    return [_sample(f"{number}.png", rng.integers(3, 29, (2, 2))) for number in range(count)]


def _sample(name: str, places: np.ndarray) -> Sample:
    rows, columns = np.mgrid[:32, :32]
    image = np.zeros((32, 32, 3), np.uint8)
    for channel, (x, y) in zip((0, 2), places, strict=True):
        image[..., channel] = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 32)
    xy = places[None].astype(np.float32)
    return Sample(name, lambda: image, Poses(xy, np.ones((1, 2), np.float32), np.array([[0, 0, 32, 32]], np.float32)))
