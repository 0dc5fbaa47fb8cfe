"""Curves as SVG text."""

from xml.etree import ElementTree

import pytest

from vitruvian.draw import Curve, svg_curves
from vitruvian.draw.curves import ticks


def texts(svg: str) -> list[str]:
    return [element.text for element in ElementTree.fromstring(svg).iter("text")]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (0.03, 0.11, [0.04, 0.06, 0.08, 0.1]),
        (-1, 1, [-1, -0.5, 0, 0.5, 1]),
        (7, 7, [7]),
    ],
)
def test_ticks_are_round_numbers(low, high, expected):
    assert ticks(low, high) == expected


def test_a_chart_names_its_curves_and_axes():
    svg = svg_curves([Curve("loss <1>", [(0, 1.0), (100, 0.5)], marked=(100, 0.5))], "step", "loss")
    assert {"loss <1>", "step", "loss", "0", "100"} <= set(texts(svg))
    assert svg.count("<polyline") == svg.count("<circle") == 1


def test_a_rising_line_goes_up():
    svg = svg_curves([Curve("a", [(0, 0.0), (1, 1.0)])], "x", "y")
    (line,) = ElementTree.fromstring(svg).iter("polyline")
    (x0, y0), (x1, y1) = (map(float, point.split(",")) for point in line.get("points").split())
    assert x0 < x1
    assert y0 > y1


def test_on_a_logarithmic_axis_equal_factors_are_equally_far():
    svg = svg_curves([Curve("a", [(0, 1.0), (1, 10.0), (2, 100.0), (3, 0.0), (4, float("nan"))])], "x", "y", True)
    (line,) = ElementTree.fromstring(svg).iter("polyline")
    heights = [float(point.split(",")[1]) for point in line.get("points").split()]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)
    assert len(heights) == 3


def test_many_points_become_means_of_neighbours():
    svg = svg_curves([Curve("a", [(x, x % 2) for x in range(4000)])], "x", "y")
    (line,) = ElementTree.fromstring(svg).iter("polyline")
    assert len(line.get("points").split()) == 400
    assert len({point.split(",")[1] for point in line.get("points").split()}) == 1


def test_single_points_and_none_are_charts_too():
    assert "<circle" in svg_curves([Curve("a", [(5, 2.0)])], "x", "y")
    assert "nothing to draw" in svg_curves([Curve("a", [])], "x", "y")
