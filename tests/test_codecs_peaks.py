"""Finding and reading peaks of maps."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vitruvian.codecs.peaks import argmax_2d, banded, blurred, blurred_window, gaussian_kernel, window

SMALL_MAPS = arrays.arrays(
    np.float32, arrays.array_shapes(min_dims=2, max_dims=4, max_side=7), elements=st.integers(-3, 3)
)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


@given(SMALL_MAPS)
def test_the_peak_is_that_of_numpy_and_of_equal_cells_the_first(heatmap: np.ndarray):
    xy, score = argmax_2d(torch.from_numpy(heatmap))
    flat = heatmap.reshape(*heatmap.shape[:-2], -1)
    rows, columns = np.unravel_index(flat.argmax(-1), heatmap.shape[-2:])
    assert xy.dtype == torch.int64
    np.testing.assert_array_equal(xy, np.stack([columns, rows], -1))
    np.testing.assert_array_equal(score, flat.max(-1))


def test_no_maps_have_no_peaks():
    xy, score = argmax_2d(torch.zeros(0, 3, 4, 5))
    assert xy.shape == (0, 3, 2)
    assert score.shape == (0, 3)


def test_a_window_is_the_neighbourhood_and_repeats_the_border():
    """Cell (1, 0) of a map of 3 x 4; the row above it is row 0 again."""
    heatmap = torch.arange(12.0).reshape(3, 4)
    assert window(heatmap, torch.tensor([1, 0]), 1).tolist() == [[0, 1, 2], [0, 1, 2], [4, 5, 6]]


@given(SMALL_MAPS, st.integers(1, 3), st.data())
def test_a_window_is_cut_from_the_padded_map(heatmap: np.ndarray, radius: int, data: st.DataObject):
    height, width = heatmap.shape[-2:]
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    cells = torch.tensor([x, y]).expand(*heatmap.shape[:-2], 2)
    pad = [(0, 0)] * (heatmap.ndim - 2) + [(radius, radius)] * 2
    expected = np.pad(heatmap, pad, mode="edge")[..., y : y + 2 * radius + 1, x : x + 2 * radius + 1]
    np.testing.assert_array_equal(window(torch.from_numpy(heatmap), cells, radius), expected)


@pytest.mark.parametrize("size", [1, 3, 5, 7, 9, 11, 17, 23])
def test_the_kernel_is_that_of_opencv(size: int):
    np.testing.assert_allclose(gaussian_kernel(size), cv2.getGaussianKernel(size, 0)[:, 0], atol=1e-7)


def test_a_banded_matrix_by_hand():
    """Kernel (1, 2, 3): cell i reads i - 1 once, itself twice and i + 1 three times; mirrored, -1 is 1 and 4 is 2."""
    kernel = torch.tensor([1.0, 2.0, 3.0])
    assert banded(kernel, 4).tolist() == [[2, 3, 0, 0], [1, 2, 3, 0], [0, 1, 2, 3], [0, 0, 1, 2]]
    assert banded(kernel, 4, reflect=True).tolist() == [[2, 4, 0, 0], [1, 2, 3, 0], [0, 1, 2, 3], [0, 0, 4, 2]]


@pytest.mark.parametrize("size", [(48, 64), (12, 12), (8, 5), (2, 3), (1, 4)])
@pytest.mark.parametrize("kernel_size", [11, 23])
def test_a_blur_is_that_of_opencv_however_small_the_map(size: tuple[int, int], kernel_size: int):
    """A kernel longer than the map reads it mirrored again and again."""
    maps = noise(2, 3, *size)
    expected = [[cv2.GaussianBlur(one, (kernel_size, kernel_size), 0) for one in person] for person in maps.numpy()]
    np.testing.assert_allclose(blurred(maps, kernel_size), np.array(expected).reshape(maps.shape), atol=1e-6)


@pytest.mark.parametrize("kernel_size", [11, 17])
@pytest.mark.parametrize("clamp", [False, True])
def test_a_blurred_window_is_cut_from_the_blurred_map(kernel_size: int, clamp: bool):
    """At every cell of the map, its border included. Beyond the map only `clamp` says what stands there."""
    height, width, radius = 24, 18, 2
    heatmap = noise(height, width)
    border = kernel_size // 2
    padded = np.pad(heatmap.numpy(), border)
    whole = cv2.GaussianBlur(padded, (kernel_size, kernel_size), 0)[border:-border, border:-border]
    cells = torch.stack(torch.meshgrid(torch.arange(width), torch.arange(height), indexing="xy"), -1)
    found = blurred_window(heatmap.expand(height, width, height, width), cells, radius, kernel_size, clamp)
    filled = np.pad(whole, radius, mode="edge") if clamp else np.pad(whole, radius, constant_values=np.nan)
    expected = np.lib.stride_tricks.sliding_window_view(filled, (2 * radius + 1, 2 * radius + 1))
    known = np.isfinite(expected)
    np.testing.assert_allclose(found.numpy()[known], expected[known], atol=1e-6)
