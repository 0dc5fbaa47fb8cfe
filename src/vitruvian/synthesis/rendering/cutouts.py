"""Flat things in front of a finished picture: leaves, cloth, frames, letters, somebody's arm at the edge."""

from collections.abc import Callable

import cv2
import numpy as np

from vitruvian.synthesis.places.materials import Colour
from vitruvian.synthesis.places.strewing import skin

Cover = Callable[[tuple[int, int], np.random.Generator], np.ndarray]
LEAST = 0.5  # of a pixel: covered more, what is behind counts as hidden


def covered(image: np.ndarray, rng: np.random.Generator, count: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """The picture (H, W, 3) uint8 with flat things in front, and (H, W) bool where they hide it."""
    size = image.shape[1], image.shape[0]
    found, hidden = image.astype(np.float32), np.zeros(image.shape[:2], bool)
    for _ in range(count):
        cover = COVERS[rng.integers(len(COVERS))](size, rng)
        found += (_texture(size, rng) - found) * cover[..., None]
        hidden |= cover > LEAST
    return np.clip(found + 0.5, 0, 255).astype(np.uint8), hidden


def _texture(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) float32 in [0, 255]: a colour, a second one in stripes or patches, noise."""
    first, second = (np.array(_colour(rng), np.float32) for _ in range(2))
    coarse = rng.random((rng.integers(2, 9), rng.integers(2, 9)), np.float32)
    patches = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)[..., None]
    if rng.random() < 0.4:
        patches = np.clip((patches - 0.5) * rng.uniform(3, 30) + 0.5, 0, 1)
    fine = cv2.resize(rng.random((size[1] // 3 + 1, size[0] // 3 + 1), np.float32), size)[..., None]
    share = rng.uniform(0, 1) if rng.random() < 0.5 else 0.1
    return 255 * (first + (second - first) * patches * share) * (0.85 + rng.uniform(0.05, 0.4) * (fine + patches - 0.7))


def _colour(rng: np.random.Generator) -> Colour:
    """One in three is of skin."""
    if rng.random() < 0.33:
        return skin(rng)
    red, green, blue = (float(x) for x in np.clip(rng.beta(0.7, 0.7) + rng.normal(0, 0.12, 3), 0.02, 0.98))
    return red, green, blue


def _filled(size: tuple[int, int], outline: np.ndarray) -> np.ndarray:
    """(H, W) float32: 1 within an outline of (P, 2) pixels."""
    cover = np.zeros((size[1], size[0]), np.float32)
    cv2.fillPoly(cover, [np.round(16 * outline).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    return cover


def patch(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Something with corners, anywhere."""
    corners = rng.integers(3, 9)
    bearing = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = max(size) * rng.uniform(0.08, 0.3) * rng.uniform(0.6, 1, corners)
    outline = rng.uniform(0.05, 0.95, 2) * size + radius[:, None] * np.stack([np.cos(bearing), np.sin(bearing)], 1)
    return _filled(size, outline)


def blob(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Something ragged, as leaves out of focus are."""
    coarse = rng.random((rng.integers(4, 12),) * 2, np.float32)
    noise = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    down, across = np.mgrid[: size[1], : size[0]].astype(np.float32)
    middle, reach = rng.uniform(-0.1, 1.1, 2) * size, max(size) * rng.uniform(0.12, 0.35)
    off = np.hypot(across - middle[0], down - middle[1]) / reach
    return np.clip((1.2 - off**2 + 1.2 * (noise - 0.5)) * rng.uniform(2, 12), 0, 1)


def frame(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """An edge or two of the picture, as of a door, a window or a sheet laid over it."""
    cover = np.zeros((size[1], size[0]), np.float32)
    for side in rng.permutation(4)[: rng.integers(1, 3)]:
        deep = int((0.03 + 0.2 * rng.random() ** 2) * size[1 - side % 2]) + 1
        rows, columns = slice(None), slice(None)
        if side % 2 == 0:
            rows = slice(None, deep) if side == 0 else slice(-deep, None)
        else:
            columns = slice(None, deep) if side == 1 else slice(-deep, None)
        cover[rows, columns] = 1
    return cover


def bar(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A pole, a rope or a beam across."""
    bearing, wide = rng.uniform(0, np.pi), max(size) * (0.01 + 0.06 * rng.random() ** 2)
    way = np.array([np.cos(bearing), np.sin(bearing)])
    aside, middle = np.array([-way[1], way[0]]) * wide, rng.uniform(0.1, 0.9, 2) * size
    far = 2 * max(size)
    return _filled(size, np.array([middle + far * way + aside, middle + far * way - aside,
                                   middle - far * way - aside, middle - far * way + aside]))  # fmt: skip


def letters(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A line of marks, as a caption."""
    high = max(int(size[1] * rng.uniform(0.03, 0.12)), 5)
    count = int(rng.integers(3, 20))
    glyphs = (rng.random((7, count, 5)) < 0.6).astype(np.float32)
    glyphs[[0, -1]], glyphs[:, :, 3:] = 0, 0
    line = cv2.resize(glyphs.reshape(7, -1), (max(int(high * count * 0.7), 2), high), interpolation=cv2.INTER_AREA)
    top, left = int(rng.integers(0, max(size[1] - high, 1))), int(rng.integers(0, max(size[0] - line.shape[1], 1)))
    cover = np.zeros((size[1], size[0]), np.float32)
    room = cover[top : top + high, left : left + line.shape[1]]
    room[:] = line[: room.shape[0], : room.shape[1]]
    return cover


def arm(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A limb that reaches in from an edge, of somebody who stands beside the camera."""
    bearing, reach = rng.uniform(0, 2 * np.pi), max(size)
    way = np.array([np.cos(bearing), np.sin(bearing)])
    start = np.array(size) / 2 + 0.8 * reach * way + rng.normal(0, 0.15 * reach, 2)
    elbow = start - way * reach * rng.uniform(0.3, 0.45) + rng.normal(0, 0.08 * reach, 2)
    hand = elbow + (elbow - start) * rng.uniform(0.3, 0.6) + rng.normal(0, 0.12 * reach, 2)
    wide = reach * rng.uniform(0.03, 0.08)
    cover = _tapered(size, start, elbow, wide, 0.8 * wide)
    return np.maximum(cover, _tapered(size, elbow, hand, 0.8 * wide, 0.6 * wide))


def _tapered(size: tuple[int, int], first: np.ndarray, last: np.ndarray, wide: float, narrow: float) -> np.ndarray:
    """A piece with round ends."""
    bearing = np.arctan2(last[1] - first[1], last[0] - first[0]) + np.linspace(-np.pi / 2, np.pi / 2, 9)
    half = np.stack([np.cos(bearing), np.sin(bearing)], 1)
    return _filled(size, np.concatenate([last + narrow * half, first - wide * half]))


COVERS: tuple[Cover, ...] = (patch, patch, blob, blob, frame, bar, letters, arm)
