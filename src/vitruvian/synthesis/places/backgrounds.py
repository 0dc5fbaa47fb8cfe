"""Pictures to put people into: of places made up, or parts of photos that the user has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from vitruvian.errors import DataError, ImageError
from vitruvian.media import find_images, read_image
from vitruvian.synthesis.places.makings import any_colour
from vitruvian.synthesis.places.noise import SIDE, clouds, fast
from vitruvian.synthesis.places.places import random_place
from vitruvian.synthesis.places.scenery import FAR, View, drawn
from vitruvian.synthesis.places.strewing import strew

PERSON = 1.7  # metres, of those who will stand there
ABSTRACT = 0.07  # of the backgrounds show no place at all
BLURRED_FROM = 1.6  # pixels; a picture blurred more is drawn at half its size
PHOTO_SIDE = 512  # pixels, of what is kept of a photo
PHOTOS_KEPT = 128
GREY = 0.04  # of the pictures have no colours


@dataclass(frozen=True, eq=False)
class Background:
    """image: (H, W, 3) uint8 RGB; view: how its ground is seen, None where it has none; distance: metres ahead, up to
    which that is free, so that people can stand there."""

    image: np.ndarray
    view: View | None
    distance: float | None = None

    @property
    def horizon(self) -> float | None:
        """The row, in or outside the image, in which the ground would end."""
        return None if self.view is None else self.view.horizon


@dataclass(frozen=True)
class Photos:
    """Photos to cut backgrounds from. skipped: those that could not be used, and why; it grows while they are read."""

    paths: Sequence[Path]
    skipped: dict[Path, str] = field(default_factory=dict)

    @classmethod
    def of(cls, sources: str | Path | Sequence[str | Path]) -> "Photos":
        """The images that folders, files and patterns name, as `media.find_images` finds them."""
        return cls(find_images(sources))

    def part(self, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        """A part of one of them at random, (H, W, 3) uint8 RGB, mirrored half of the time. size: (width, height).

        Raises DataError when none can be read.
        """
        while len(self.skipped) < len(self.paths):
            path = self.paths[int(rng.integers(len(self.paths)))]
            if path in self.skipped:
                continue
            try:
                return _part(_photo(path), size, rng)
            except ImageError as problem:
                self.skipped[path] = str(problem)
        reasons = "; ".join(list(self.skipped.values())[:3])
        raise DataError(f"none of the {len(self.paths)} photos for backgrounds can be used: {reasons}")


@lru_cache(maxsize=PHOTOS_KEPT)
def _photo(path: Path) -> np.ndarray:
    """A photo, its shorter side not longer than PHOTO_SIDE."""
    image = read_image(path)
    scale = PHOTO_SIDE / min(image.shape[:2])
    return image if scale >= 1 else cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _part(photo: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A window of the shape of `size`, at least a third of the largest one."""
    height, width = photo.shape[:2]
    scale = min(width / size[0], height / size[1]) * rng.uniform(0.33, 1.0)
    wide, high = max(int(size[0] * scale), 1), max(int(size[1] * scale), 1)
    left, top = rng.integers(width - wide + 1), rng.integers(height - high + 1)
    smoothing = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    cut = cv2.resize(photo[top : top + high, left : left + wide], size, interpolation=smoothing)
    return np.ascontiguousarray(cut[:, ::-1]) if rng.random() < 0.5 else cut


def random_background(
    size: tuple[int, int],
    rng: np.random.Generator,
    photos: Photos | None = None,
    view: View | None = None,
    distance: float | None = None,
) -> Background:
    """A picture without people, to put some into. size: (width, height).

    photos: cut from these instead. view: how the camera sees the ground, where that is settled; else one in which
    people of about the picture's height can stand. distance: metres ahead, where the people stand: nothing is nearer,
    and it is in focus; else where a grown person is three quarters as tall as the picture.
    """
    if photos is not None:
        return Background(photos.part(size, rng), view, distance)
    if view is None and rng.random() < ABSTRACT:
        picture = (_collage if rng.random() < 0.7 else _mist)(size, rng)
        return Background(_exposed(picture, rng), None)
    seen = view or random_view(size, rng)
    distance = distance or seen.focal * PERSON / (0.75 * size[1])
    scenery, blur = random_place(rng, distance), _blur(size, rng)
    part = 2 if blur > BLURRED_FROM else 1
    small = (-(-size[0] // part), -(-size[1] // part))
    smaller = View((seen.horizon - (part - 1) / 2) / part, seen.focal / part, seen.height)
    picture, ahead = drawn(scenery, smaller, small, int(rng.integers(1 << 20)))
    strew(picture, ahead, scenery.room[4] >= FAR, smaller, distance, rng)
    picture = _focused(picture, ahead, distance, blur / part, rng)
    if part > 1:
        picture = cv2.resize(picture, (small[0] * part, small[1] * part))[: size[1], : size[0]]
    return Background(_exposed(picture, rng), seen, distance)


def random_view(size: tuple[int, int], rng: np.random.Generator) -> View:
    """A camera's, mostly at the height of eyes, that shows a person about as large as the picture."""
    height = (rng.normal(1.5, 0.2), rng.uniform(0.3, 1.2), rng.uniform(1.8, 6))[int(rng.choice(3, p=(0.5, 0.35, 0.15)))]
    distance = rng.uniform(2.0, 10.0)
    focal = rng.uniform(0.6, 1.1) * size[1] * distance / PERSON
    leaps = rng.random() < 0.12
    middle = rng.uniform(1.5, 4) if leaps else rng.normal(1.0, 0.35)  # metres up, of what the picture's middle shows
    return View(float(size[1] / 2 - focal * (height - middle) / distance), float(focal), float(height))


def _blur(size: tuple[int, int], rng: np.random.Generator) -> float:
    """How much things far behind the people are out of focus, in pixels."""
    return 0.0 if rng.random() < 0.75 else float(rng.lognormal(-4.9, 0.8) * max(size))


def _focused(
    picture: np.ndarray, ahead: np.ndarray, distance: float, blur: float, rng: np.random.Generator
) -> np.ndarray:
    """Blurred by `blur` pixels far away, not at all where the people stand, and a little everywhere, as lenses do."""
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.2, 0.4))
    if blur < 0.4:
        return picture
    soft = cv2.GaussianBlur(picture, (0, 0), blur)
    share = np.minimum(2.5 * np.abs(1 - np.float32(distance) / np.maximum(ahead, 0.1)), 1)
    return picture + (soft - picture) * cv2.GaussianBlur(share, (0, 0), 0.7 * blur)[..., None]


def _collage(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Shapes of all sizes one upon another, which have the statistics of photos (Lee, Mumford and Huang, 2001)."""
    picture = np.empty((size[1], size[0], 3), np.float32)
    picture[:] = any_colour(rng)
    base = np.array(any_colour(rng, 0.9))
    for _ in range(rng.integers(15, 70)):
        radius = max(size) * min(0.02 * rng.random() ** -0.7, 0.6)
        colour = 0.5 * base + 0.5 * np.array(any_colour(rng, 0.9)) if rng.random() < 0.7 else np.array(any_colour(rng))
        centre = rng.uniform(0, 1, 2) * size
        corners = int(rng.choice([3, 4, 4, 5, 16]))
        bearing = rng.uniform(0, 6.3) + np.arange(corners) * 2 * np.pi / corners
        around = np.stack([np.cos(bearing), np.sin(bearing)], 1) * (radius, radius * rng.uniform(0.2, 1))
        cv2.fillPoly(picture, [(8 * (centre + around)).astype(np.int32)], colour.tolist(), cv2.LINE_AA, 3)
    return cv2.GaussianBlur(picture * (1 + 0.15 * _noise(size, rng)[..., None]), (0, 0), rng.lognormal(-0.3, 0.8))


def _mist(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Noise of all scales, its colours alike."""
    grey, tint = _noise(size, rng), _noise(size, rng)
    colour, spread = np.array(any_colour(rng), np.float32), rng.normal(0, 0.02, 3).astype(np.float32)
    return colour * (1 + rng.uniform(0.1, 0.5) * grey[..., None]) + spread * tint[..., None]


def _noise(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(H, W) float32: the clouds, turned and enlarged at random."""
    turn, scale = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.5)
    cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
    matrix = np.array([[cosine, -sine, rng.uniform(0, SIDE)], [sine, cosine, rng.uniform(0, SIDE)]])
    level = clouds()[: SIDE * SIDE].reshape(SIDE, SIDE)
    return cv2.warpAffine(
        level, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_WRAP
    )


def _exposed(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Brightness, contrast and colours as photos have them: (H, W, 3) float32 -> uint8."""
    brightness = min(max(rng.normal(0.43, 0.15), 0.1), 0.85)
    contrast = min(max(rng.normal(0.3, 0.06), 0.14), 0.45)
    vivid = 0.0 if rng.random() < GREY else min(max(rng.normal(1.3, 0.4), 0.1), 2.4)
    return _developed(picture, brightness, contrast, vivid, rng.normal(1, 0.035, 3))


@fast
def _developed(picture: np.ndarray, brightness: float, contrast: float, vivid: float, cast: np.ndarray) -> np.ndarray:
    """Most of the way to a mean and a deviation of the grey, colours drawn in the more the stronger they are."""
    height, width = picture.shape[:2]
    found, total, squares = np.empty((height, width, 3), np.uint8), 0.0, 0.0
    for y in range(height):
        for x in range(width):
            grey = 0.299 * picture[y, x, 0] + 0.587 * picture[y, x, 1] + 0.114 * picture[y, x, 2]  # ITU-R BT.601
            grey = min(max(grey, 0.0), 1.3)
            total += grey
            squares += grey * grey
    mean = total / (height * width)
    spread = np.sqrt(max(squares / (height * width) - mean * mean, 0.0)) + 0.02
    gain, middle = min((contrast / spread) ** 0.9, 2.1), mean + 0.8 * (brightness - mean)
    for y in range(height):
        for x in range(width):
            red, green, blue = picture[y, x, 0], picture[y, x, 1], picture[y, x, 2]
            grey = 0.299 * red + 0.587 * green + 0.114 * blue
            shown = middle + gain * (grey - mean)
            strength = max(abs(red - grey), max(abs(green - grey), abs(blue - grey)))
            colour = vivid * min(gain, 1.3) / (1 + 2 * strength)
            for c in range(3):
                value = (shown + colour * (picture[y, x, c] - grey)) * cast[c]
                found[y, x, c] = np.uint8(min(max(value, 0.0), 1.0) * 255 + 0.5)
    return found
