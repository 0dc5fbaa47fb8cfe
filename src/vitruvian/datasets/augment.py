"""Augmentation: what a training crop may look like. All motion is composed into one affine map, so that the image is
resampled once."""

from dataclasses import dataclass

import numpy as np

from vitruvian.errors import RecipeError
from vitruvian.geometry import Convention, Crop


@dataclass(frozen=True)
class Augmentation:
    """How much a training crop may differ from the crop around the box. The default changes nothing.

    flip:     probability of mirroring left to right.
    degrees:  the content turns by a uniform angle up to this, either way, with probability `turn`.
    scale:    the shown extent is multiplied by a log-uniform factor in [1 / scale, scale].
    shift:    the centre moves by a uniform share, up to this, of the shown extent, on each axis.
    zoom:     probability of showing only the surroundings of one joint, between 0.4 and 0.8 of the extent.
    colour:   the gain changes by up to this share, each channel's own gain and the offset by up to half of it; gamma
              is at most the exponential of it, and at least one over that.
    grey:     probability of losing all colour.
    cut_out:  probability of one rectangle of a random colour with sides between 0.1 and 0.4 of the input.
    """

    flip: float = 0.0
    degrees: float = 0.0
    turn: float = 1.0
    scale: float = 1.0
    shift: float = 0.0
    zoom: float = 0.0
    colour: float = 0.0
    grey: float = 0.0
    cut_out: float = 0.0

    def __post_init__(self) -> None:
        for name in ("flip", "turn", "zoom", "grey", "cut_out"):
            if not 0 <= getattr(self, name) <= 1:
                raise RecipeError(f"augmentation {name} is a probability between 0 and 1, got {getattr(self, name)}")
        if not (self.scale >= 1 and self.shift >= 0 and self.degrees >= 0 and 0 <= self.colour < 1):
            raise RecipeError(
                f"augmentation needs scale >= 1, shift >= 0, degrees >= 0 and 0 <= colour < 1, got {self}"
            )


@dataclass(frozen=True)
class CropSettings:
    """How people become network inputs."""

    size: tuple[int, int]
    padding: float
    convention: Convention
    augmentation: Augmentation


def random_crop(xy: np.ndarray, box: np.ndarray, settings: CropSettings, rng: np.random.Generator) -> tuple[Crop, bool]:
    """A random crop around a person, and whether it is mirrored: xy (K, 2) image pixels, box (4,) x0 y0 x1 y1.

    The mirror is part of the crop's matrix; the caller exchanges left and right joints.
    """
    change = settings.augmentation
    centre = (box[:2] + box[2:]) / 2
    extent = Crop.fill((box[2:] - box[:2]) * settings.padding, settings.size)
    known = xy[np.isfinite(xy).all(-1)]
    if len(known) and rng.random() < change.zoom:
        centre, extent = known[rng.integers(len(known))], extent * rng.uniform(0.4, 0.8)
    extent = extent * change.scale ** rng.uniform(-1, 1)
    centre = centre + extent * rng.uniform(-change.shift, change.shift, 2)
    degrees = rng.uniform(-change.degrees, change.degrees) * (rng.random() < change.turn)
    crop = Crop.of(centre, extent, degrees, settings.size, settings.convention)
    mirrored = bool(rng.random() < change.flip)
    return (crop.mirrored() if mirrored else crop), mirrored


def random_colour(image: np.ndarray, settings: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """The image (H, W, 3) uint8 with other colours and perhaps a rectangle missing; a new array."""
    levels = np.linspace(0, 1, 256) ** np.exp(rng.uniform(-settings.colour, settings.colour))
    gain = (1 + rng.uniform(-settings.colour, settings.colour)) * (
        1 + rng.uniform(-settings.colour, settings.colour, 3) / 2
    )
    offset = rng.uniform(-settings.colour, settings.colour) / 2
    table = np.rint(255 * (levels[:, None] * gain + offset)).clip(0, 255).astype(np.uint8)  # (256, 3)
    image = np.stack([table[image[..., channel], channel] for channel in range(3)], axis=-1)
    if rng.random() < settings.grey:
        image = np.repeat(np.rint(image @ np.array([0.299, 0.587, 0.114]))[..., None], 3, axis=-1).astype(np.uint8)
    if rng.random() < settings.cut_out:
        height, width = image.shape[:2]
        h, w = (rng.uniform(0.1, 0.4, 2) * (height, width)).astype(int)
        y, x = rng.integers(height - h), rng.integers(width - w)
        image[y : y + h, x : x + w] = rng.integers(0, 256, 3)
    return image
