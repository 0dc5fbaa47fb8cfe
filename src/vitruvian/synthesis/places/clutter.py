"""Things without a plan, painted over a picture of a place: leaves, branches, pipes, lights, shadows of leaves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitruvian.synthesis.places.materials import Colour, limited
from vitruvian.synthesis.places.noise import SIDE, cloud, clouds, fast
from vitruvian.synthesis.places.scenery import FAR, View


@dataclass(frozen=True)
class Rod:
    """A tapering piece with round ends. low, high: (right, ahead, up) of its ends; radii: there; all in metres."""

    low: Sequence[float] | np.ndarray
    high: Sequence[float] | np.ndarray
    radii: tuple[float, float]
    colour: Colour


def add_leaves(
    picture: np.ndarray, ahead: np.ndarray, view: View, place: np.ndarray, size: tuple[float, float], colour: Colour
) -> None:
    """A bush or a tree's crown. place: (3,) its middle, metres (right, ahead, up); size: half width and half height."""
    column, row, scale = _seen(picture, view, place)
    if scale > 0:
        middle = np.array([column, row, size[0] * scale, size[1] * scale, place[1]])
        _leaves(picture, ahead, middle, np.array(colour), scale, clouds(), int(1000 * abs(column)) % SIDE)


def add_rods(picture: np.ndarray, ahead: np.ndarray, view: View, rods: Sequence[Rod]) -> None:
    """Trunks, poles, pipes, bent pieces of anything."""
    if rods:
        eye = np.array([view.horizon, view.focal, view.height])
        _rods(picture, ahead, eye, np.array([(*one.low, *one.high, *one.radii, *one.colour) for one in rods]), clouds())


def add_lights(picture: np.ndarray, rng: np.random.Generator, count: int, radius: float, top: float) -> None:
    """Lamps, out of focus as discs or with a halo, from the top down to the row `top`. radius: pixels."""
    width = picture.shape[1]
    disc = rng.random() < 0.5
    for _ in range(count):
        colour = np.clip(np.array([1.0, 0.9, 0.7]) + rng.normal(0, 0.25, 3), 0.1, 1.3) * rng.uniform(0.3, 1.2)
        place = rng.uniform(0, width), rng.uniform(0, max(top, 1.0))
        _light(picture, *place, radius * rng.uniform(0.6, 1.4), colour, disc)


def dapple(picture: np.ndarray, ahead: np.ndarray, view: View, seed: int, strength: float) -> None:
    """The shadows of leaves and clouds on the ground and on all that stands."""
    _dapple(picture, ahead, np.array([view.horizon, view.focal, view.height]), seed, strength, clouds())


def _seen(picture: np.ndarray, view: View, place: np.ndarray) -> tuple[float, float, float]:
    """Column, row and pixels a metre of a place ahead; 0 of them for one behind."""
    if place[1] < 0.1:
        return 0.0, 0.0, 0.0
    scale = view.focal / place[1]
    return (picture.shape[1] - 1) / 2 + scale * place[0], view.horizon - scale * (place[2] - view.height), scale


@fast
def _leaves(
    picture: np.ndarray, ahead: np.ndarray, middle: np.ndarray, colour: np.ndarray, scale: float, levels: np.ndarray,
    seed: int,
) -> None:  # fmt: skip
    height, width = ahead.shape
    column, row, wide, high, depth = middle
    texel = 60 / scale  # of noise in a pixel, so that lumps are half a metre wide
    for y in range(max(int(row - 1.4 * high), 0), min(int(row + 1.4 * high) + 1, height)):
        for x in range(max(int(column - 1.4 * wide), 0), min(int(column + 1.4 * wide) + 1, width)):
            if ahead[y, x] < depth:
                continue
            right, down = (x - column) / wide, (y - row) / high
            u, v = (x - column) * texel + 97 * seed, (y - row) * texel
            lump, leaf = cloud(levels, u * 0.5, v * 0.5, texel * 0.5), cloud(levels, u * 4, v * 4, texel * 4)
            dense = 1.1 - right * right - down * down + 0.35 * lump + 0.25 * leaf
            cover = limited(4 * (dense - 0.3))
            if cover > 0:
                bright = max(0.55 - 0.3 * down - 0.1 * right + 0.3 * lump + 0.35 * leaf, 0.08)
                for c in range(3):
                    picture[y, x, c] += (colour[c] * bright * (1.6 if c != 2 else 1.4) - picture[y, x, c]) * cover
                if cover > 0.5:
                    ahead[y, x] = depth


@fast
def _rods(picture: np.ndarray, ahead: np.ndarray, eye: np.ndarray, rods: np.ndarray, levels: np.ndarray) -> None:
    """rods: (N, 11), as `Rod` has its values."""
    middle = 0.5 * (ahead.shape[1] - 1)
    for n in range(len(rods)):
        if min(rods[n, 1], rods[n, 4]) < 0.1:
            continue  # behind the eye
        low, high = eye[1] / rods[n, 1], eye[1] / rods[n, 4]  # pixels a metre
        x0, y0 = middle + low * rods[n, 0], eye[0] - low * (rods[n, 2] - eye[2])
        x1, y1 = middle + high * rods[n, 3], eye[0] - high * (rods[n, 5] - eye[2])
        depth = 0.5 * (rods[n, 1] + rods[n, 4])
        _rod(picture, ahead, x0, y0, x1, y1, low * rods[n, 6], high * rods[n, 7], depth, rods[n, 8:], levels)


@fast
def _rod(
    picture: np.ndarray, ahead: np.ndarray, x0: float, y0: float, x1: float, y1: float, first: float, last: float,
    depth: float, colour: np.ndarray, levels: np.ndarray,
) -> None:  # fmt: skip
    height, width = ahead.shape
    reach, along_x, along_y = max(first, last) + 1, x1 - x0, y1 - y0
    length = max(np.sqrt(along_x * along_x + along_y * along_y), 1e-3)
    for y in range(max(int(min(y0, y1) - reach), 0), min(int(max(y0, y1) + reach) + 2, height)):
        for x in range(max(int(min(x0, x1) - reach), 0), min(int(max(x0, x1) + reach) + 2, width)):
            share = limited(((x - x0) * along_x + (y - y0) * along_y) / length**2)
            off_x, off_y = x - x0 - share * along_x, y - y0 - share * along_y
            radius, off = first + (last - first) * share, np.sqrt(off_x * off_x + off_y * off_y)
            cover = limited(radius - off + 0.5) * min(2 * radius, 1.0)
            if cover <= 0 or ahead[y, x] < depth:
                continue
            side = (off_x * along_y - off_y * along_x) / (length * max(radius, 0.5))
            bright = 0.95 - 0.35 * side - 0.35 * side * side
            bright += 0.12 * cloud(levels, 9.0 * x + 31 * x0, 9.0 * y, 9.0)
            for c in range(3):
                picture[y, x, c] += (colour[c] * bright - picture[y, x, c]) * cover
            if cover > 0.5:
                ahead[y, x] = depth


@fast
def _light(picture: np.ndarray, column: float, row: float, radius: float, colour: np.ndarray, disc: bool) -> None:
    height, width = picture.shape[:2]
    reach = radius if disc else 3 * radius
    for y in range(max(int(row - reach), 0), min(int(row + reach) + 2, height)):
        for x in range(max(int(column - reach), 0), min(int(column + reach) + 2, width)):
            off = np.sqrt((x - column) ** 2 + (y - row) ** 2)
            bright = 0.5 * limited(radius - off + 0.5) if disc else np.exp(-1.5 * (off / radius) ** 2)
            for c in range(3):
                picture[y, x, c] += colour[c] * bright


@fast
def _dapple(
    picture: np.ndarray, ahead: np.ndarray, eye: np.ndarray, seed: int, strength: float, levels: np.ndarray
) -> None:
    height, width = ahead.shape
    for y in range(height):
        for x in range(width):
            t = ahead[y, x]
            if t < 0.05 * FAR:
                u, v = t * (x - 0.5 * width) / eye[1] * 40, t * 30
                w = (eye[2] + t * (eye[0] - y) / eye[1]) * 40
                dark = cloud(levels, u + 0.5 * w + 97 * seed, v + w, 60 * t / eye[1])
                bright = 1 - strength * limited(0.5 + 0.4 * dark)
                for c in range(3):
                    picture[y, x, c] *= bright
