"""Augmentation: what a training crop may look like. All motion is composed into one affine map, so that the image is
resampled once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Literal, get_args

import numpy as np

from vitruvian.errors import RecipeError
from vitruvian.geometry import Convention, Crop
from vitruvian.structures import Skeleton

Draw = Literal["uniform", "normal"]
LOWER_BODY = (
    "pelvis",
    "hip",
    "knee",
    "ankle",
    "heel",
    "toe",
    "foot",
)  # words in names
HALF_OF = 9  # a person with fewer known keypoints is not cut in half
HALF_HAS = (2, 3)  # known keypoints of an upper and of a lower body, at least
UPPER = 0.7  # of the halves, where both are known
HALF_PADDING = 1.5  # of the box of half a person's keypoints


@dataclass(frozen=True)
class Augmentation:
    """How much a training crop may differ from the crop around the box. The default changes nothing.

    flip:     probability of mirroring left to right.
    degrees:  the content turns by a uniform angle up to this, either way, with probability `turn`.
    scale:    the shown extent is multiplied by a log-uniform factor in [1 / scale, scale].
    shift:    the centre moves by a uniform share, up to this, of the shown extent, on each axis, with probability
              `move`.
    draw:     "uniform" is what the three lines above say; "normal" is as published models were trained: angle, factor
              and share come from a normal distribution cut off at one standard deviation, which is `degrees`,
              `scale` - 1 (around 1: the factor is in [2 - scale, scale]) and `shift`, and the share is of the padded
              box, before it is scaled and filled up to the shape of the input.
    half:     probability of showing only the upper (7 of 10 times) or the lower body of a person of whom at least 9
              keypoints are known: 1.5 times the box of the known keypoints of that half, about their mean.
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
    draw: Draw = "uniform"
    move: float = 1.0
    half: float = 0.0

    def __post_init__(self) -> None:
        for name in ("flip", "turn", "move", "half", "zoom", "grey", "cut_out"):
            if not 0 <= getattr(self, name) <= 1:
                raise RecipeError(f"augmentation {name} is a probability between 0 and 1, got {getattr(self, name)}")
        if not (self.scale >= 1 and self.shift >= 0 and self.degrees >= 0 and 0 <= self.colour < 1):
            raise RecipeError(
                f"augmentation needs scale >= 1, shift >= 0, degrees >= 0 and 0 <= colour < 1, got {self}"
            )
        if self.draw not in get_args(Draw):
            raise RecipeError(f"augmentation draw must be {' or '.join(get_args(Draw))}, got {self.draw}")
        if self.draw == "normal" and not self.scale < 2:
            raise RecipeError(f"augmentation scale must be less than 2 where draw is normal, got {self.scale}")


@dataclass(frozen=True)
class CropSettings:
    """How people become network inputs."""

    size: tuple[int, int]
    padding: float
    convention: Convention
    augmentation: Augmentation


def random_crop(
    xy: np.ndarray, box: np.ndarray, settings: CropSettings, rng: np.random.Generator, lower: Sequence[int] = ()
) -> tuple[Crop, bool]:
    """A random crop around a person, and whether it is mirrored: xy (K, 2) image pixels, box (4,) x0 y0 x1 y1.

    lower: the keypoints of the lower body, as `lower_body` finds them; all others are of the upper body.

    The mirror is part of the crop's matrix; the caller exchanges left and right joints.
    """
    change = settings.augmentation
    centre, padded = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) * settings.padding
    if change.half and rng.random() < change.half:
        centre, padded = _half(xy, lower, rng) or (centre, padded)
    known, zoom = xy[np.isfinite(xy).all(-1)], 1.0
    if len(known) and rng.random() < change.zoom:
        centre, zoom = known[rng.integers(len(known))], rng.uniform(0.4, 0.8)
    shown = Crop.fill(padded, settings.size) * zoom
    factor, share, degrees = (_normal if change.draw == "normal" else _uniform)(change, rng)
    whole = padded * zoom if change.draw == "normal" else shown * factor  # what the shift is a share of
    if change.move == 1 or rng.random() < change.move:
        centre = centre + whole * share
    crop = Crop.of(centre, shown * factor, degrees, settings.size, settings.convention)
    mirrored = bool(rng.random() < change.flip)
    return (crop.mirrored() if mirrored else crop), mirrored


def _uniform(change: Augmentation, rng: np.random.Generator) -> tuple[float, np.ndarray, float]:
    """A factor of the extent, a shift (2,) as a share of it, an angle in degrees."""
    factor = change.scale ** rng.uniform(-1, 1)
    share = rng.uniform(-change.shift, change.shift, 2)
    return factor, share, rng.uniform(-change.degrees, change.degrees) * (rng.random() < change.turn)


def _normal(change: Augmentation, rng: np.random.Generator) -> tuple[float, np.ndarray, float]:
    """The same from normal distributions cut off at one standard deviation."""
    low, high = NormalDist().cdf(-1), NormalDist().cdf(1)
    across, down, larger, angle = (NormalDist().inv_cdf(rng.uniform(low, high)) for _ in range(4))
    factor = 1 + (change.scale - 1) * larger
    share = change.shift * np.array([across, down])
    return factor, share, change.degrees * angle * (rng.random() < change.turn)


def _half(xy: np.ndarray, lower: Sequence[int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray] | None:
    """The middle (2,) and padded size (2,) of the upper or lower body; None where there is not enough of either.

    The other half is shown where too little is known of the one that was drawn.
    """
    known = np.isfinite(xy).all(-1)
    below = np.isin(np.arange(len(xy)), lower)
    halves = [xy[known & ~below], xy[known & below]]
    fit = [
        half for half, least in zip(halves, HALF_HAS, strict=True) if len(half) >= least and np.ptp(half, axis=0).any()
    ]
    if known.sum() < HALF_OF or not fit:
        return None
    half = fit[0] if rng.random() < UPPER else fit[-1]
    return half.mean(axis=0), np.ptp(half, axis=0) * HALF_PADDING


@cache
def lower_body(skeleton: Skeleton) -> tuple[int, ...]:
    """The keypoints of hips, legs and feet, by their names."""
    return tuple(k for k, name in enumerate(skeleton.names) if any(word in name.lower() for word in LOWER_BODY))


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
