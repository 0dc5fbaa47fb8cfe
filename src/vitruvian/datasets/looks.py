"""How the pixels of a training crop may look: colours, wear, what covers them, and other people in between."""

import cv2
import numpy as np

from vitruvian.datasets.augment import Augmentation

CUT_OUT = (0.1, 0.4)  # sides of the rectangle, of the input


def random_looks(image: np.ndarray, settings: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """The image (H, W, 3) uint8 with other colours, worn, and perhaps with parts missing; a new array."""
    image = _worn(_coloured(image, settings, rng), settings, rng)
    if rng.random() < settings.cut_out:
        _cover(image, CUT_OUT, rng)
    if settings.holes and rng.random() < settings.holes:
        low, high = settings.hole_count
        for _ in range(rng.integers(low, high + 1)):
            _cover(image, settings.hole_side, rng)
    return image


def blended(image: np.ndarray, other: np.ndarray, settings: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """The image (H, W, 3) uint8 with another one shining through; a new array."""
    share = rng.uniform(*settings.blend_share)
    return cv2.addWeighted(image, 1 - share, other, share, 0)


def pasted(image: np.ndarray, other: np.ndarray, settings: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """The image (H, W, 3) uint8 with an ellipse from anywhere in another one somewhere; a new array."""
    rows, columns = _window(image, settings.paste_side, rng)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    y, x = (rng.integers(whole - part) for whole, part in zip(image.shape[:2], (height, width), strict=True))
    down, across = (2 * np.arange(side) - (side - 1) for side in (height, width))
    inside = np.add.outer((down / height) ** 2, (across / width) ** 2) <= 1
    image = image.copy()
    image[rows, columns][inside] = other[y : y + height, x : x + width][inside]
    return image


def _coloured(image: np.ndarray, settings: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """The image with another gamma, gain and offset, or grey; a new array."""
    gamma = np.exp(rng.uniform(-settings.colour, settings.colour))
    gain = (1 + rng.uniform(-settings.colour, settings.colour)) * (
        1 + rng.uniform(-settings.colour, settings.colour, 3) / 2
    )
    offset = rng.uniform(-settings.colour, settings.colour) / 2
    image = cv2.LUT(image, _table(gamma, gain, offset)) if settings.colour else image.copy()
    if rng.random() < settings.grey:
        image = np.repeat(np.rint(image @ np.array([0.299, 0.587, 0.114]))[..., None], 3, axis=-1).astype(np.uint8)
    return image


def _table(gamma: float, gain: np.ndarray, offset: float) -> np.ndarray:
    """(1, 256, 3) uint8, what becomes of each level of each channel; gain (3,)."""
    levels = np.linspace(0, 1, 256) ** gamma
    return np.rint(255 * (levels[None, :, None] * gain + offset)).clip(0, 255).astype(np.uint8)


def _worn(image: np.ndarray, settings: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """The image as a worse camera and a narrow line would have given it: blurred, noisy, compressed."""
    if settings.blur and rng.random() < settings.blur:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(*settings.blur_sigma))
    if settings.noise and rng.random() < settings.noise:
        level = np.float32(rng.uniform(*settings.noise_levels))
        image = cv2.add(image, level * rng.standard_normal(image.shape, np.float32), dtype=cv2.CV_8U)
    if settings.jpeg and rng.random() < settings.jpeg:
        low, high = settings.jpeg_quality
        image = _compressed(image, int(rng.integers(low, high + 1)))
    return image


def _compressed(image: np.ndarray, quality: int) -> np.ndarray:
    """What is left of an RGB image after it was a JPEG."""
    _, data = cv2.imencode(".jpg", image[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, quality))
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None  # it was encoded just now
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)


def _cover(image: np.ndarray, sides: tuple[float, float], rng: np.random.Generator) -> None:
    """Paint a random rectangle of the image in one random colour."""
    window = _window(image, sides, rng)
    image[window] = rng.integers(0, 256, 3)


def _window(image: np.ndarray, sides: tuple[float, float], rng: np.random.Generator) -> tuple[slice, slice]:
    """The rows and columns of a random rectangle, whose sides are shares of those of the image."""
    height, width = image.shape[:2]
    h, w = np.maximum((rng.uniform(*sides, 2) * (height, width)).astype(int), 1)
    y, x = rng.integers(height - h), rng.integers(width - w)
    return slice(y, y + h), slice(x, x + w)
