"""UDPHeatmap: its targets, and the combined representation."""

import math

import pytest
import torch

from vitruvian.codecs import UDPHeatmap
from vitruvian.errors import RecipeError, ShapeError

NAN = math.nan


def points(*xy: tuple[float, float]) -> torch.Tensor:
    """(1, K, 2)"""
    return torch.tensor([xy], dtype=torch.float32)


def test_the_corners_of_the_map_are_the_corners_of_the_input():
    """Input 96 x 128, map 24 x 32: a cell is 95 / 23 by 127 / 31 pixels."""
    codec = UDPHeatmap((96, 128))
    assert codec.grid == (95 / 23, 127 / 31, 0.0, 0.0)
    heatmap = codec.encode(points((0.0, 0.0), (95.0, 127.0)))["heatmap"][0]
    assert heatmap[0, 0, 0] == 1
    assert heatmap[1, 31, 23].item() == pytest.approx(1)


def test_a_bump_stands_on_the_keypoint_and_ends_three_sigma_from_its_cell():
    """Cell 10.4 is in cell 10: columns 4 to 16 are drawn, as a Gaussian around 10.4."""
    codec = UDPHeatmap((96, 128))
    row = codec.encode(points((10.4 * 95 / 23, 20 * 127 / 31)))["heatmap"][0, 0, 20]
    assert row[10].item() == pytest.approx(math.exp(-(0.4**2) / 8), rel=1e-4)
    assert row[16].item() == pytest.approx(math.exp(-(5.6**2) / 8), rel=1e-4)
    assert row[4].item() == pytest.approx(math.exp(-(6.4**2) / 8), rel=1e-4)
    assert row[[3, 17]].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("xy", "weight"),
    [((-24.0, 60.0), 1), ((-40.0, 60.0), 0), ((40.0, 170.0), 0), ((NAN, 60.0), 0), ((40.0, math.inf), 0)],
)
def test_a_joint_counts_while_its_bump_touches_the_map(xy: tuple[float, float], weight: int):
    encoded = UDPHeatmap((96, 128)).encode(points(xy, (40, 60)))
    assert encoded["weight"].tolist() == [[weight, 1]]
    assert encoded["heatmap"].isfinite().all()
    if not weight:
        assert not encoded["heatmap"][0, 0].any()


def test_a_disc_and_the_offsets_to_the_keypoint():
    """Radius 0.0546875 * 32 = 1.75 cells. Keypoint at cell (10, 20): the disc has 9 cells; offsets in units of it."""
    codec = UDPHeatmap((96, 128), combined=True)
    disc, dx, dy = codec.encode(points((10 * 95 / 23, 20 * 127 / 31)))["heatmap"][0]
    assert disc.sum() == 9
    assert disc[19:22, 9:12].all()
    assert dx[20, 9].item() == pytest.approx(1 / 1.75, abs=1e-5)
    assert dy[22, 9].item() == pytest.approx(-2 / 1.75, abs=1e-5)


@pytest.mark.parametrize("bad", [(NAN, NAN), (NAN, 5.0), (math.inf, -math.inf), (3e38, math.nan)])
@pytest.mark.parametrize("size", [(96, 128), (16, 24)])
def test_combined_maps_of_an_unknown_joint_are_empty(bad: tuple[float, float], size: tuple[int, int]):
    encoded = UDPHeatmap(size, stride=1, combined=True).encode(points((9.0, 9.0), bad))
    assert encoded["weight"].tolist() == [[1, 0]]
    assert encoded["heatmap"].isfinite().all()
    assert not encoded["heatmap"][0, 3:].any()


def test_combined_maps_of_a_joint_outside_have_no_disc_but_count():
    encoded = UDPHeatmap((96, 128), combined=True).encode(points((-40.0, 60.0)))
    assert encoded["weight"].tolist() == [[1]]
    assert not encoded["heatmap"][0, 0].any()


@pytest.mark.parametrize("combined", [False, True])
def test_a_map_without_a_positive_value_has_no_point(combined: bool):
    codec = UDPHeatmap((48, 64), combined=combined)
    for value in (0.0, -1.0):
        xy, score = codec.decode({"heatmap": torch.full((2, 3, 16, 12), value)})
        assert xy.isnan().all()
        assert not score.any()


def test_combined_decoding_follows_the_offsets_of_the_peak():
    """A disc around cell (5, 8); every x offset says half a radius to the right, every y offset nothing."""
    codec = UDPHeatmap((96, 128), combined=True)
    maps = torch.zeros(1, 3, 32, 24)
    maps[0, 0, 7:10, 4:7] = 1.0
    maps[0, 1] = 0.5
    xy, _ = codec.decode({"heatmap": maps})
    sx, sy, _, _ = codec.grid
    assert xy[0, 0].tolist() == pytest.approx([(5 + 0.5 * 1.75) * sx, 8 * sy], rel=1e-5)


def test_a_mirrored_x_offset_points_the_other_way():
    codec = UDPHeatmap((8, 8), combined=True)
    maps = torch.arange(1.0, 25.0).reshape(1, 6, 2, 2)
    flipped = codec.flip({"heatmap": maps}, [1, 0])["heatmap"][0]
    assert flipped[0].tolist() == maps[0, 3].flip(-1).tolist()
    assert flipped[1].tolist() == (-maps[0, 4].flip(-1)).tolist()
    assert flipped[2].tolist() == maps[0, 5].flip(-1).tolist()


def test_a_map_smaller_than_the_blur_still_decodes():
    """23 cells of blur, the published size, over a map of 8 x 8."""
    codec = UDPHeatmap((32, 32), combined=True, radius=0.3)
    xy = points((9.0, 20.0))
    assert (codec.decode(codec.encode(xy))[0] - xy).abs().max() < 1e-3


def test_combined_maps_come_in_threes():
    with pytest.raises(ShapeError, match=r"heatmap must be \(B, 3 \* K, 16, 12\), got \(1, 4, 16, 12\)"):
        UDPHeatmap((48, 64), combined=True).decode({"heatmap": torch.zeros(1, 4, 16, 12)})


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"input_size": (4, 64)}, r"two cells a side, stride 4 leaves \(1, 16\)"),
        ({"input_size": (48, 64), "radius": 0.0}, "radius must be positive, got 0.0"),
    ],
)
def test_settings_that_leave_no_grid_are_refused(settings, sentence: str):
    with pytest.raises(RecipeError, match=sentence):
        UDPHeatmap(**settings)
