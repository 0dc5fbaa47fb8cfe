"""What part of an image a training crop shows, and how it is turned; all motion is composed into one affine map, so the
image is resampled once."""

from collections.abc import Sequence
from functools import cache
from statistics import NormalDist

import numpy as np

from vitruvian.datasets.augment import Augmentation, CropSettings
from vitruvian.geometry import Crop
from vitruvian.structures import Skeleton

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
ZOOM = (0.4, 0.8)  # of the extent


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
        centre, zoom = known[rng.integers(len(known))], rng.uniform(*ZOOM)
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


def smallest_widths(xy: np.ndarray, boxes: np.ndarray, settings: CropSettings, lower: Sequence[int] = ()) -> np.ndarray:
    """(N,) image pixels: the width of the smallest part of the image that `random_crop` can show of each person.

    xy (N, K, 2), boxes (N, 4), image pixels.
    """
    change = settings.augmentation
    widths = _filled((boxes[:, 2:] - boxes[:, :2]) * settings.padding, settings.size)
    if change.half:
        below = np.isin(np.arange(xy.shape[1]), lower)
        known = np.isfinite(xy).all(-1)
        for half, least in zip((~below, below), HALF_HAS, strict=True):
            extent = _extent(xy[:, half])
            shown = (known.sum(1) >= HALF_OF) & (known[:, half].sum(1) >= least) & extent.any(1)
            halved = _filled(extent * HALF_PADDING, settings.size)
            widths = np.where(shown, np.minimum(widths, halved), widths)
    factor = 2 - change.scale if change.draw == "normal" else 1 / change.scale
    return widths * factor * (ZOOM[0] if change.zoom else 1)


def _filled(extent: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The widths (N,) of `Crop.fill` for (N, 2)."""
    return np.asarray(np.maximum(extent[:, 0], extent[:, 1] * size[0] / size[1]))


def _extent(xy: np.ndarray) -> np.ndarray:
    """(N, 2) from the first to the last known point of (N, K, 2); 0 where none is known."""
    low, high = (
        np.nan_to_num(xy, nan=np.inf).min(1, initial=np.inf),
        np.nan_to_num(xy, nan=-np.inf).max(1, initial=-np.inf),
    )
    return np.where(low <= high, high - low, 0)


@cache
def lower_body(skeleton: Skeleton) -> tuple[int, ...]:
    """The keypoints of hips, legs and feet, by their names."""
    return tuple(k for k, name in enumerate(skeleton.names) if any(word in name.lower() for word in LOWER_BODY))
