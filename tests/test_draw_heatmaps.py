"""Drawing the likelihood of a joint over an image."""

import cv2
import numpy as np
import pytest

from vitruvian.draw import draw_heatmap
from vitruvian.draw.heatmaps import COLOURMAP, OPACITY
from vitruvian.errors import ShapeError

SAME = np.array([[1.0, 0, 0], [0, 1, 0]])  # one cell is one pixel
BRIGHTEST = cv2.applyColorMap(np.array([[255]], np.uint8), COLOURMAP)[0, 0, ::-1].astype(float)


def grey(width: int = 60, height: int = 40) -> np.ndarray:
    return np.full((height, width, 3), 100, np.uint8)


def peak(x: int, y: int, value: float = 1.0) -> np.ndarray:
    """(10, 12), zero but for one cell."""
    cells = np.zeros((10, 12), np.float32)
    cells[y, x] = value
    return cells


def test_a_certain_cell_has_the_brightest_colour_at_the_full_opacity():
    drawn = draw_heatmap(grey(), peak(5, 3), SAME)
    np.testing.assert_allclose(drawn[3, 5], OPACITY * BRIGHTEST + (1 - OPACITY) * 100, atol=0.51)
    assert (drawn != 100).any(-1).sum() == 1


def test_a_cell_lands_where_the_map_sends_it():
    """Four pixels a cell, cell (0, 0) at pixel (10, 6): cell (5, 3) at (30, 18), faded out four pixels further."""
    drawn = draw_heatmap(grey(), peak(5, 3), np.array([[4.0, 0, 10], [0, 4, 6]]))
    np.testing.assert_array_equal(drawn[18, 30], draw_heatmap(grey(), peak(5, 3), SAME)[3, 5])
    touched = (drawn != 100).any(-1)
    assert touched[15:22, 27:34].all()
    touched[15:22, 27:34] = False
    assert not touched.any()


def test_a_turned_map_turns_the_heatmap():
    """x and y exchanged: cell (5, 3) at pixel (3, 5)."""
    drawn = draw_heatmap(grey(), peak(5, 3), np.array([[0.0, 1, 0], [1, 0, 0]]))
    assert np.argwhere((drawn != 100).any(-1)).tolist() == [[5, 3]]


def test_likelier_is_brighter_on_black():
    cells = np.linspace(0, 1, 11, dtype=np.float32)[None]
    drawn = draw_heatmap(np.zeros((1, 11, 3), np.uint8), cells, SAME)
    lightness = cv2.cvtColor(drawn, cv2.COLOR_RGB2LAB)[0, :, 0].astype(int)
    assert (np.diff(lightness) > 0).all()


def test_no_likelihood_leaves_the_image_as_it_is():
    for cells in (peak(5, 3, 0), peak(5, 3, -2), peak(5, 3, np.nan)):
        np.testing.assert_array_equal(draw_heatmap(grey(), cells, SAME), grey())


def test_likelihoods_above_one_count_as_one():
    np.testing.assert_array_equal(draw_heatmap(grey(), peak(5, 3, 7), SAME), draw_heatmap(grey(), peak(5, 3), SAME))


def test_the_image_itself_stays_as_it_is():
    image = grey()
    draw_heatmap(image, peak(5, 3), SAME)
    np.testing.assert_array_equal(image, grey())


@pytest.mark.parametrize("shift", [-100, 100, 1e12])
def test_a_heatmap_beside_the_image_changes_nothing(shift):
    to_image = np.array([[1.0, 0, shift], [0, 1, 0]])
    np.testing.assert_array_equal(draw_heatmap(grey(), np.ones((10, 12)), to_image), grey())


def test_a_heatmap_partly_beside_the_image_is_cut_off():
    drawn = draw_heatmap(grey(), np.ones((10, 12), np.float16), np.array([[1.0, 0, -6], [0, 1, 35]]))
    touched = (drawn != 100).any(-1)
    assert touched[35:, :6].all()
    assert touched.sum() == 5 * 6


@pytest.mark.parametrize(
    ("likelihood", "to_image", "message"),
    [
        (
            np.zeros((17, 64, 48)),
            SAME,
            r"likelihood must be \(h, w\), the map of one joint of one person, got \(17, 64, 48",
        ),
        (np.zeros((0, 48)), SAME, r"likelihood must be \(h, w\).* got \(0, 48\)"),
        (np.zeros((64, 48)), np.eye(3), r"to_image must be \(2, 3\), from heatmap cells to image pixels, got \(3, 3\)"),
        (np.zeros((64, 48)), SAME * np.nan, r"to_image must be finite and invertible, got \[\[nan"),
        (np.zeros((64, 48)), SAME * 0, r"to_image must be finite and invertible, got \[\[0.0"),
    ],
)
def test_other_arrays_are_refused(likelihood, to_image, message):
    with pytest.raises(ShapeError, match=message):
        draw_heatmap(grey(), likelihood, to_image)


def test_only_rgb_bytes_are_drawn_on():
    with pytest.raises(ShapeError, match="an image to draw on must be"):
        draw_heatmap(grey()[..., 0], peak(5, 3), SAME)
