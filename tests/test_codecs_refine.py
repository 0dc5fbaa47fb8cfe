"""Refinement below a cell: by hand, and equal to the slow versions."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.slow_codecs import decode_dark, decode_quarter, decode_udp
from vitruvian.codecs.peaks import argmax_2d
from vitruvian.codecs.refine import dark, quarter, udp_dark

MAP = (48, 64)  # width, height


def bumps(seed: int, noise: float, margin: float, sigma: float = 2.0) -> np.ndarray:
    """(17, 64, 48) maps of one Gaussian each, of any height, at least `margin` cells from the border, plus noise."""
    rng = np.random.default_rng(seed)
    width, height = MAP
    centre = margin + rng.uniform(0, 1, (17, 2)) * (np.array(MAP) - 1 - 2 * margin)
    dx = np.arange(width) - centre[:, 0, None]
    dy = np.arange(height) - centre[:, 1, None]
    maps = np.exp(-(dx[:, None, :] ** 2 + dy[:, :, None] ** 2) / (2 * sigma**2)) * rng.uniform(0.2, 1, (17, 1, 1))
    return (maps + noise * rng.uniform(0, 1, maps.shape)).astype(np.float32)


def fast(refine, maps: np.ndarray, *kernel_size: int) -> np.ndarray:
    heatmap = torch.from_numpy(maps)
    cells, score = argmax_2d(heatmap)
    return refine(heatmap, cells, *((score, *kernel_size) if kernel_size else ())).numpy()


def test_quarter_goes_towards_the_higher_neighbour():
    """Peak at (2, 2) of 5 x 5; right is higher than left, above is higher than below."""
    heatmap = torch.zeros(5, 5)
    heatmap[2, 2], heatmap[2, 3], heatmap[1, 2] = 1.0, 0.5, 0.4
    assert quarter(heatmap, torch.tensor([2, 2])).tolist() == [2.25, 1.75]


@pytest.mark.parametrize(
    ("cell", "moves"),
    [
        ((0, 0), (0, 0)),  # column 0 and row 0: not at all
        ((0, 3), (0, 0)),
        ((3, 0), (0, 0)),
        ((1, 1), (0, 0)),  # column 1 and row 1: not along that axis
        ((1, 3), (0, 1)),
        ((3, 1), (1, 0)),
        ((3, 3), (1, 1)),
        ((6, 3), (0, 1)),  # the last column and row: not along that axis
        ((3, 6), (1, 0)),
        ((6, 6), (0, 0)),
    ],
)
def test_quarter_at_the_border_of_the_map(cell: tuple[int, int], moves: tuple[int, int]):
    """A map of 7 x 7 that grows to the right and downwards moves a peak a quarter of a cell that way, if it may."""
    heatmap = torch.arange(7.0)[None, :] + torch.arange(7.0)[:, None]
    found = quarter(heatmap, torch.tensor(cell)) - torch.tensor(cell)
    assert found.tolist() == [0.25 * moves[0], 0.25 * moves[1]]


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.05, 1.0]), st.sampled_from([0.0, 4.0]))
def test_quarter_equals_the_slow_version(seed: int, noise: float, margin: float):
    maps = bumps(seed, noise, margin)
    np.testing.assert_array_equal(fast(quarter, maps), decode_quarter(maps)[0])


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02]), st.sampled_from([0.0, 4.0]), st.sampled_from([11, 17]))
def test_dark_equals_the_slow_version(seed: int, noise: float, margin: float, kernel_size: int):
    maps = bumps(seed, noise, margin)
    np.testing.assert_allclose(fast(dark, maps, kernel_size), decode_dark(maps, kernel_size)[0], atol=2e-3)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02]), st.sampled_from([0.0, 4.0]), st.sampled_from([11, 17]))
def test_udp_dark_equals_the_slow_version(seed: int, noise: float, margin: float, kernel_size: int):
    maps = bumps(seed, noise, margin)
    np.testing.assert_allclose(fast(udp_dark, maps, kernel_size), decode_udp(maps, kernel_size)[0], atol=2e-3)


@pytest.mark.parametrize("refine", [dark, udp_dark])
def test_the_parabola_finds_the_centre_of_a_gaussian(refine):
    """The logarithm of a Gaussian is a parabola, before and after a blur: the maximum is exact."""
    x, y = 20.3, 30.4
    dx, dy = torch.arange(MAP[0]) - x, torch.arange(MAP[1]) - y
    heatmap = torch.exp(-(dx[None, :] ** 2 + dy[:, None] ** 2) / 8)
    cells, score = argmax_2d(heatmap)
    assert cells.tolist() == [20, 30]
    assert refine(heatmap, cells, score, 11).tolist() == pytest.approx([x, y], abs=1e-3)


@pytest.mark.parametrize("cell", [(0, 5), (1, 5), (5, 1), (8, 5), (9, 5), (5, 8)])
def test_dark_stays_on_the_cell_within_two_of_the_border(cell: tuple[int, int]):
    heatmap = torch.zeros(10, 10)
    heatmap[cell[1], cell[0]] = 1.0
    heatmap[5, 5] = 0.5
    assert dark(heatmap, torch.tensor(cell), torch.tensor(1.0), 11).tolist() == list(cell)


@pytest.mark.parametrize("refine", [dark, udp_dark])
@pytest.mark.parametrize("value", [1e-12, 1.0, 1000.0])
def test_on_a_plateau_only_rounding_is_followed_but_not_to_infinity(refine, value: float):
    heatmap, cell, score = torch.full((40, 40), value), torch.tensor([20, 20]), torch.tensor(value)
    assert refine(heatmap, cell, score, 11).isfinite().all()


def test_a_hessian_of_determinant_zero_takes_no_step(monkeypatch):
    """The epsilon that UDP adds meets its negative: the centre is 0, left and right of it are -epsilon / 2."""
    epsilon = torch.finfo(torch.float32).eps
    log = torch.zeros(5, 5)
    log[2, 1] = log[2, 3] = -epsilon / 2
    log[1, 1] = log[3, 3] = -epsilon / 2  # so that the mixed derivative is 0, too
    monkeypatch.setattr("vitruvian.codecs.refine._log_of_blurred", lambda *_: log)
    found = udp_dark(torch.ones(9, 9), torch.tensor([4, 4]), torch.tensor(1.0), 3)
    assert found.tolist() == [4, 4]
