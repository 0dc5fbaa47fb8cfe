"""Real crops to compare an export with its original on."""

from pathlib import Path

import numpy as np

from vitruvian.geometry import Crop
from vitruvian.media import EXAMPLE_PHOTO, find_images, read_image
from vitruvian.runtime import ModelCard

COUNT = 16


def comparison_crops(card: ModelCard, folder: Path | None = None) -> np.ndarray:
    """(16, height, width, 3) uint8: random boxes in the images of a folder, or in the example photo."""
    images = [read_image(path) for path in (find_images([folder])[:COUNT] if folder else [EXAMPLE_PHOTO])]
    rng = np.random.default_rng(0)
    crops = []
    for number in range(COUNT):
        image = images[number % len(images)]
        size = np.array(image.shape[1::-1]) - 1
        extent = size * rng.uniform(0.3, 1.0)
        corner = (size - extent) * rng.uniform(0, 1, 2)
        box = np.concatenate([corner, corner + extent])
        crops.append(Crop.around(box, card.input_size, card.padding, card.convention).cut(image))
    return np.stack(crops)
