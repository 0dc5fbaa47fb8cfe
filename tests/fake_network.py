"""A network whose answers can be read off the image: its keypoints are the reddest, greenest and bluest pixel."""

import numpy as np

from vitruvian.runtime import ModelCard
from vitruvian.structures import Skeleton

COLOURS = Skeleton.define("colours", ["red", "green", "blue"], [("red", "green"), ("green", "blue")])


def colour_card(input_size: tuple[int, int] = (64, 64), padding: float = 1.0, stride: int = 1) -> ModelCard:
    """The card of a network that finds colours. With padding 1, a square box as large as the input is not scaled."""
    offset = (stride - 1) / 2  # a cell of the likelihood covers stride x stride input pixels; this is their middle
    return ModelCard(
        name="colours",
        version="0",
        skeleton=COLOURS,
        input_size=input_size,
        padding=padding,
        convention="msra",
        codec={},
        grid=(stride, stride, offset, offset),
        flip_test=False,
        parameters=0,
        score="the brightness of the pixel",
        trained_on="nothing",
        accuracy={"colours found": 1.0},
        licence="Apache-2.0",
        data_licence="There are no data.",
    )


class FakeNetwork:
    """Finds colours, and remembers how many crops each call brought."""

    def __init__(self, card: ModelCard | None = None):
        self.card = card or colour_card()
        self.calls: list[int] = []

    def points(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.calls.append(len(crops))
        number, _, width, _ = crops.shape
        flat = crops.transpose(0, 3, 1, 2).reshape(number, 3, -1)
        best = flat.argmax(-1)
        return np.stack([best % width, best // width], -1).astype(np.float32), flat.max(-1).astype(np.float32) / 255

    def likelihood(self, crops: np.ndarray) -> np.ndarray:
        number, height, width, _ = crops.shape
        stride = int(self.card.grid[0])
        cells = crops.reshape(number, height // stride, stride, width // stride, stride, 3).mean((2, 4))
        return (cells / 255).transpose(0, 3, 1, 2).astype(np.float32)


def painted(
    size: tuple[int, int],
    red: tuple[int, int] | None = None,
    green: tuple[int, int] | None = None,
    blue: tuple[int, int] | None = None,
    radius: int = 0,
) -> np.ndarray:
    """A black image of size (width, height) with a spot of each colour, brightest at a pixel (x, y), gone at radius."""
    rows, columns = np.mgrid[: size[1], : size[0]]
    image = np.zeros((size[1], size[0], 3), np.uint8)
    for channel, place in enumerate((red, green, blue)):
        if place is not None:
            distance = np.hypot(columns - place[0], rows - place[1])
            image[..., channel] = 255 * np.clip(1 - distance / (radius + 0.5), 0, 1)
    return image
