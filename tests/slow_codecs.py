"""Gaussian maps as their papers' code makes and reads them: one joint at a time, blurring whole maps with OpenCV.

The obvious versions that the fast ones in `vitruvian.codecs` must equal, and that benchmarks time them against. One
person a call, NumPy arrays, coordinates in cells.
"""

import math

import cv2
import numpy as np


def encode_gaussian(xy: np.ndarray, size: tuple[int, int], sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """xy (K, 2) cells, NaN where unknown; size (width, height) -> maps (K, height, width) float32, weight (K,).

    As SimpleBaseline and HRNet were trained (arXiv:1804.06208): each joint moves to its cell, and a square patch of
    3 sigma around it holds the bump. The weight is 0 where the patch lies outside the map.
    """
    width, height = size
    reach = int(3 * sigma)
    steps = np.arange(-reach, reach + 1, dtype=np.float32)
    patch = np.exp(-(steps[None, :] ** 2 + steps[:, None] ** 2) / (2 * sigma**2))
    maps = np.zeros((len(xy), height, width), np.float32)
    weight = np.zeros(len(xy), np.float32)
    for k, (exact_x, exact_y) in enumerate(xy):
        if not (math.isfinite(exact_x) and math.isfinite(exact_y)):
            continue
        x, y = int(exact_x + 0.5), int(exact_y + 0.5)
        left, top, right, bottom = x - reach, y - reach, x + reach + 1, y + reach + 1
        if left >= width or top >= height or right < 0 or bottom < 0:
            continue
        weight[k] = 1
        columns = slice(max(0, left), max(0, min(right, width)))
        rows = slice(max(0, top), max(0, min(bottom, height)))
        maps[k, rows, columns] = patch[
            rows.start - top : rows.stop - top,
            columns.start - left : columns.stop - left,
        ]
    return maps, weight


def decode_quarter(heatmaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """maps (K, H, W) -> xy (K, 2) cells, score (K,): a quarter of a cell towards the higher neighbour.

    arXiv:1603.06937, section 3.2, with the borders of the code that published scores rely on.
    """
    _, height, width = heatmaps.shape
    xy, score = _peaks(heatmaps)
    for k, heatmap in enumerate(heatmaps):
        x, y = xy[k].astype(int)
        if 1 < x < width - 1 and 0 < y < height:
            xy[k, 0] += 0.25 * np.sign(heatmap[y, x + 1] - heatmap[y, x - 1])
        if 1 < y < height - 1 and 0 < x < width:
            xy[k, 1] += 0.25 * np.sign(heatmap[y + 1, x] - heatmap[y - 1, x])
    return xy, score


def decode_dark(heatmaps: np.ndarray, kernel_size: int) -> tuple[np.ndarray, np.ndarray]:
    """maps (K, H, W) -> xy (K, 2) cells, score (K,): Newton's step on the logarithm of the blurred map.

    arXiv:1910.06278, equations 4 to 9.
    """
    _, height, width = heatmaps.shape
    xy, score = _peaks(heatmaps)
    for k, heatmap in enumerate(heatmaps):
        log = np.log(np.maximum(_blur(heatmap, kernel_size), 1e-10))
        x, y = xy[k].astype(int)
        if not (1 < x < width - 2 and 1 < y < height - 2):
            continue
        dx = (log[y, x + 1] - log[y, x - 1]) / 2
        dy = (log[y + 1, x] - log[y - 1, x]) / 2
        dxx = (log[y, x + 2] - 2 * log[y, x] + log[y, x - 2]) / 4
        dyy = (log[y + 2, x] - 2 * log[y, x] + log[y - 2, x]) / 4
        dxy = (log[y + 1, x + 1] - log[y - 1, x + 1] - log[y + 1, x - 1] + log[y - 1, x - 1]) / 4
        if dxx * dyy - dxy**2 != 0:
            xy[k] -= np.linalg.solve(np.array([[dxx, dxy], [dxy, dyy]]), np.array([dx, dy]))
    return xy, score


def decode_udp(heatmaps: np.ndarray, kernel_size: int) -> tuple[np.ndarray, np.ndarray]:
    """maps (K, H, W) -> xy (K, 2) cells, score (K,): the same step between neighbouring cells, as UDP's code takes it.

    arXiv:1911.07524. The border of the blurred map is repeated outside it.
    """
    xy, score = _peaks(heatmaps)
    for k, heatmap in enumerate(heatmaps):
        log = np.pad(np.log(np.clip(_blur(heatmap, kernel_size), 1e-3, 50)), 1, mode="edge")
        x, y = xy[k].astype(int) + 1
        here, left, right, above, below = log[y, x], log[y, x - 1], log[y, x + 1], log[y - 1, x], log[y + 1, x]
        slope = np.array([right - left, below - above]) / 2
        dxy = (log[y + 1, x + 1] - right - below + 2 * here - left - above + log[y - 1, x - 1]) / 2
        hessian = np.array([[right - 2 * here + left, dxy], [dxy, below - 2 * here + above]])
        xy[k] -= np.linalg.solve(hessian + np.finfo(np.float32).eps * np.eye(2), slope)
    return xy, score


def _peaks(heatmaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The highest cell of each map, as floats, and its value."""
    xy = np.zeros((len(heatmaps), 2), np.float32)
    score = np.zeros(len(heatmaps), np.float32)
    for k, heatmap in enumerate(heatmaps):
        y, x = np.unravel_index(np.argmax(heatmap), heatmap.shape)
        xy[k], score[k] = (x, y), heatmap[y, x]
    return xy, score


def _blur(heatmap: np.ndarray, kernel_size: int) -> np.ndarray:
    """A Gaussian blur with zeros around the map, scaled back to the maximum that the map had."""
    border = kernel_size // 2
    blurred = cv2.GaussianBlur(np.pad(heatmap, border), (kernel_size, kernel_size), 0)
    blurred = blurred[border:-border, border:-border]
    return blurred * (heatmap.max() / blurred.max())
