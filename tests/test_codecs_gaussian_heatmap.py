"""GaussianHeatmap: its targets, and what is its own in decoding and flipping."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.slow_codecs import encode_gaussian
from vitruvian.codecs import GaussianHeatmap
from vitruvian.errors import RecipeError

NAN = math.nan


def points(*xy: tuple[float, float]) -> torch.Tensor:
    """(1, K, 2)"""
    return torch.tensor([xy], dtype=torch.float32)


def test_a_biased_bump_stands_on_the_nearest_cell_and_ends_at_three_sigma():
    """Pixel (41, 30) is cell (10.25, 7.5): the nearest is (10, 8). Six cells away is exp(-36 / 8), seven is 0."""
    heatmap = GaussianHeatmap((96, 128)).encode(points((41, 30)))["heatmap"][0, 0]
    assert heatmap[8, 10] == 1
    assert heatmap[8, 9].item() == pytest.approx(math.exp(-1 / 8))
    assert heatmap[2, 10].item() == pytest.approx(math.exp(-36 / 8))
    assert heatmap[1, 10] == 0
    assert heatmap[2, 16].item() == pytest.approx(math.exp(-72 / 8))  # a square, not a disc


def test_an_unbiased_bump_stands_on_the_keypoint_and_has_no_end():
    """Cell (10, 8) is (0.25, -0.5) cells from (10.25, 7.5); the far corner is 20 cells away and not 0."""
    heatmap = GaussianHeatmap((96, 128), unbiased=True).encode(points((41, 30)))["heatmap"][0, 0]
    assert heatmap[8, 10].item() == pytest.approx(math.exp(-(0.25**2 + 0.5**2) / 8))
    assert 0 < heatmap[8, 23].item() < 1e-8


@given(st.integers(0, 10_000), st.sampled_from([1.0, 2.0, 3.0]))
def test_targets_equal_those_of_the_slow_version(seed: int, sigma: float):
    """Joints inside, outside, far outside and unknown."""
    codec = GaussianHeatmap((96, 128), sigma=sigma)
    xy = np.random.default_rng(seed).uniform(-60, 180, (2, 30, 2)).astype(np.float32)
    xy[0, 3], xy[1, 5] = np.nan, (np.nan, 20)
    encoded = codec.encode(torch.from_numpy(xy))
    for person in range(2):
        maps, weight = encode_gaussian(xy[person] / codec.stride, codec.map_size, sigma)
        np.testing.assert_allclose(encoded["heatmap"][person], maps, atol=1e-6)
        np.testing.assert_array_equal(encoded["weight"][person], weight)


@pytest.mark.parametrize("unbiased", [False, True])
@pytest.mark.parametrize(
    ("xy", "weight"),
    [
        ((-24.0, 60.0), 1),  # cell -6: its bump ends in column 0
        ((-28.0, 60.0), 1),  # one cell further it touches nothing, and still counts, as in the reference
        ((-36.0, 60.0), 0),
        ((40.0, 148.0), 1),  # cell 37: its bump begins in row 31, the last
        ((40.0, 152.0), 0),
        ((NAN, 60.0), 0),
        ((40.0, NAN), 0),
        ((NAN, NAN), 0),
        ((-math.inf, 60.0), 0),
        ((40.0, math.inf), 0),
        ((1e30, 60.0), 0),
    ],
)
def test_a_joint_counts_while_its_bump_touches_the_map(unbiased: bool, xy: tuple[float, float], weight: int):
    encoded = GaussianHeatmap((96, 128), unbiased=unbiased).encode(points(xy, (40, 60)))
    assert encoded["weight"].tolist() == [[weight, 1]]
    assert encoded["heatmap"].isfinite().all()
    if not weight:
        assert not encoded["heatmap"][0, 0].any()


@pytest.mark.parametrize("refine", ["none", "quarter", "dark"])
def test_a_map_without_a_positive_value_has_no_point(refine):
    codec = GaussianHeatmap((48, 64), refine=refine)
    maps = torch.stack([torch.zeros(16, 12), torch.full((16, 12), -1.0), torch.eye(16)[:, :12]])[None]
    xy, score = codec.decode({"heatmap": maps})
    assert xy.isnan().tolist() == [[[True] * 2, [True] * 2, [False] * 2]]
    assert score.tolist() == [[0, 0, 1]]


def test_a_score_is_the_height_of_the_map_and_never_above_one():
    maps = torch.zeros(1, 2, 16, 12)
    maps[0, 0, 3, 4], maps[0, 1, 3, 4] = 0.7, 1.3
    _, score = GaussianHeatmap((48, 64)).decode({"heatmap": maps})
    assert score[0].tolist() == pytest.approx([0.7, 1.0])


@pytest.mark.parametrize(("shift_flip", "offset"), [(False, -3.0), (True, 1.0)])
def test_a_flip_test_moves_the_point_by_the_asymmetry_of_the_grid(shift_flip: bool, offset: float):
    """Mirrored, pixel 50 of 96 is 45, cell 11.25; cell 23 - 11.25 = 11.75 is pixel 47: 3/4 of a cell to the left."""
    codec = GaussianHeatmap((96, 128), unbiased=True, refine="dark", shift_flip=shift_flip)
    mirrored = codec.encode(points((95 - 50.0, 60.0)))
    xy, _ = codec.decode(codec.flip({"heatmap": mirrored["heatmap"]}, [0]))
    assert xy[0, 0].tolist() == pytest.approx([50 + offset, 60], abs=0.01)


def test_the_shift_of_a_flip_test_repeats_the_first_column():
    codec = GaussianHeatmap((12, 4))
    flipped = codec.flip({"heatmap": torch.tensor([[[[1.0, 2.0, 3.0]]]])}, [0])
    assert flipped["heatmap"].tolist() == [[[[3, 3, 2]]]]


def test_an_unknown_refinement_is_refused():
    with pytest.raises(RecipeError, match='refine must be one of none, quarter, dark, got "darkk"'):
        GaussianHeatmap((48, 64), refine="darkk")
