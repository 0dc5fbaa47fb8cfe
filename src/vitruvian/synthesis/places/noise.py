"""Noise as nature has it, with as much variance in every octave, made once and read by whoever paints a surface."""

from functools import cache

import numpy as np
from numba import njit

SIDE = 512  # texels of the finest level; every level repeats
LEVELS = 8  # each half as wide as the one before

fast = njit(cache=True, fastmath=True, error_model="numpy")  # compiles all that paints backgrounds


@cache
def clouds() -> np.ndarray:
    """The levels one after another, (n,) float32, of mean 0 and, at the finest, deviation 1.

    The power of a wave falls with the square of its frequency, as in photographs (Field, 1987).
    """
    rng = np.random.default_rng(7)
    down, across = np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)
    frequency = np.hypot(down, across)
    frequency[0, 0] = np.inf
    waves = rng.standard_normal((2, *frequency.shape))
    level = np.fft.irfft2((waves[0] + 1j * waves[1]) / np.maximum(frequency, 4 / SIDE), (SIDE, SIDE))
    level /= level.std()
    levels = []
    for _ in range(LEVELS):
        levels.append(level.astype(np.float32).ravel())
        level = level.reshape(len(level) // 2, 2, -1, 2).mean((1, 3))
    return np.concatenate(levels)


@fast
def cloud(levels: np.ndarray, u: float, v: float, foot: float) -> float:
    """The noise at a place, averaged over about `foot`; all in texels of the finest level."""
    start, side = 0, SIDE
    while foot > 1.5 and side > SIDE >> (LEVELS - 1):
        start, side, foot, u, v = start + side * side, side >> 1, foot * 0.5, u * 0.5, v * 0.5
    left, top = np.floor(u), np.floor(v)
    across, down, mask = u - left, v - top, side - 1
    column, row = np.int64(left) & mask, np.int64(top) & mask
    upper, lower = start + row * side, start + ((row + 1) & mask) * side
    right = (column + 1) & mask
    above = levels[upper + column] * (1 - across) + levels[upper + right] * across
    below = levels[lower + column] * (1 - across) + levels[lower + right] * across
    return above * (1 - down) + below * down


@fast
def chance(column: int, row: int, seed: int) -> float:
    """A number in [0, 1) that belongs to a cell of a grid."""
    mixed = (np.int64(column) * 374761393 + np.int64(row) * 668265263 + np.int64(seed) * 1013904223) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1274126177) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 1911520717) & 0xFFFFFFFF
    return (mixed ^ (mixed >> 16)) / 4294967296.0
