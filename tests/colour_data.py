"""Photos of a red, a green and a blue dot, labelled: a data set that `FakeNetwork` and `write_tiny_model` solve."""

from pathlib import Path

import numpy as np

from tests.fake_network import COLOURS, painted
from tests.labels import labels
from vitruvian.datasets import Dataset
from vitruvian.media import write_image

UNSCALED = (20.0, 10.0, 84.0, 74.0)  # a box as large as the network's input


def places(count: int) -> np.ndarray:
    """Where the dots are in each photo: (count, 3, 2)."""
    return np.array([[(30 + k, 20), (40, 30 + k), (60, 60)] for k in range(count)], np.float64)


def colour_data(folder: Path, xy: np.ndarray, shift: np.ndarray | float = 0.0, **columns: object) -> Dataset:
    """Photos 0.png, 1.png, ... with dots at xy (I, 3, 2), one instance each, labelled `shift` pixels off."""
    for row, points in enumerate(xy):
        write_image(folder / f"{row}.png", painted((100, 90), *(tuple(point) for point in points)))
    plain = {
        "files": np.array([f"{row}.png" for row in range(len(xy))]),
        "boxes": np.tile(UNSCALED, (len(xy), 1)),
        "sizes": np.tile(np.array([[100, 90]], np.int32), (len(xy), 1)),
    }
    return Dataset("colours", COLOURS, labels(list(range(len(xy))), xy + shift, **(plain | columns)), folder)
