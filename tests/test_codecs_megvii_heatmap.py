"""MegviiHeatmap: its targets, and what is its own in decoding."""

import math

import pytest
import torch

from vitruvian.codecs import MegviiHeatmap

NAN = math.nan
CODEC = MegviiHeatmap((96, 128))


def points(*xy: tuple[float, float]) -> torch.Tensor:
    """(1, K, 2)"""
    return torch.tensor([xy], dtype=torch.float32)


def peak_at(x: int, y: int) -> torch.Tensor:
    """A map (1, 1, 32, 24) of zeros but for 255 in one cell."""
    heatmap = torch.zeros(1, 1, 32, 24)
    heatmap[0, 0, y, x] = 255
    return heatmap


def test_a_bump_stands_on_the_cell_of_the_keypoint():
    """Pixel (43, 62) is in cell (10, 15). A blur of 11 cells has a sigma of 2: the next cell has exp(-1 / 8)."""
    heatmap = CODEC.encode(points((43, 62)))["heatmap"][0, 0]
    assert heatmap[15, 10] == 255
    assert heatmap[15, 11].item() == pytest.approx(255 * math.exp(-1 / 8), rel=1e-5)
    assert heatmap[17, 11].item() == pytest.approx(255 * math.exp(-5 / 8), rel=1e-5)
    assert heatmap[15, 16] == 0


def test_a_small_blur_has_the_weights_of_opencv():
    """Of a kernel of 5 they are 1, 4, 6, 4, 1."""
    row = MegviiHeatmap((96, 128), blur_kernel=5).encode(points((43, 62)))["heatmap"][0, 0, 15, 7:14]
    assert row.tolist() == pytest.approx([0, 255 / 6, 255 * 4 / 6, 255, 255 * 4 / 6, 255 / 6, 0])


def test_the_blur_reads_the_map_mirrored_at_its_border():
    """In column 1, of a kernel of 5: itself 6 and, mirrored, -1, which is 1 away; column 0 has 4 twice."""
    row = MegviiHeatmap((96, 128), blur_kernel=5).encode(points((6, 62)))["heatmap"][0, 0, 15, :4]
    assert row.tolist() == pytest.approx([255 * 8 / 7, 255, 255 * 4 / 7, 255 / 7])


@pytest.mark.parametrize(
    ("xy", "weight"),
    [
        ((0.0, 0.0), 1),
        ((-3.9, -3.9), 1),  # a quirk of the reference: less than a cell outside counts as the first cell
        ((-4.0, 60.0), 0),
        ((95.9, 127.9), 1),
        ((96.0, 60.0), 0),
        ((NAN, 60.0), 0),
        ((40.0, math.inf), 0),
    ],
)
def test_a_joint_counts_in_its_cell_only(xy: tuple[float, float], weight: int):
    encoded = CODEC.encode(points(xy, (40, 60)))
    assert encoded["weight"].tolist() == [[weight, 1]]
    assert encoded["heatmap"][0, 0].any().item() == bool(weight)


def test_a_symmetric_peak_is_the_middle_of_its_cell():
    xy, score = CODEC.decode({"heatmap": peak_at(10, 15)})
    assert xy.tolist() == [[[42, 62]]]
    assert score.tolist() == [[1]]


def test_a_peak_moves_a_quarter_of_a_cell_towards_the_higher_neighbour():
    heatmap = peak_at(10, 15)
    heatmap[0, 0, 15, 11] = 100
    heatmap[0, 0, 14, 10] = 100
    assert CODEC.decode({"heatmap": heatmap})[0].tolist() == [[[43, 61]]]


@pytest.mark.parametrize(("cell", "xy"), [((1, 15), [4, 60]), ((23, 15), [92, 60]), ((10, 31), [40, 124])])
def test_a_peak_near_the_border_is_the_corner_of_its_cell(cell: tuple[int, int], xy: list[int]):
    """As published: in the first two columns or rows, and in the last one."""
    assert CODEC.decode({"heatmap": peak_at(*cell)})[0].tolist() == [[xy]]


def test_the_score_is_the_height_before_the_blur():
    """Of 51 out of 255, a fifth; more than 255 is certain."""
    scores = CODEC.decode({"heatmap": torch.cat([peak_at(10, 15) / 5, 2 * peak_at(10, 15)], dim=1)})[1]
    assert scores.tolist() == [[pytest.approx(0.2), 1]]


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_map_without_a_positive_value_has_no_peak(value: float):
    xy, score = CODEC.decode({"heatmap": torch.full((1, 1, 32, 24), value)})
    assert xy.isnan().all()
    assert score.tolist() == [[0]]
