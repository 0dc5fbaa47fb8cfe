"""Crops of whole images, worked by hand."""

import numpy as np
import pytest

from vitruvian.errors import ShapeError, UnknownNameError
from vitruvian.geometry import whole_crop


def test_an_image_that_fits_has_black_above_and_below():
    """200 x 100 in 100 x 100: half as large, 100 x 50, from row 25 to 75."""
    crop = whole_crop((200, 100), (100, 100), "fit")
    assert crop.size == (100, 100)
    np.testing.assert_allclose(crop.to_input(np.array([[0, 0], [200, 100]])), [[0, 25], [100, 75]])


def test_an_image_that_covers_makes_the_input_longer():
    """200 x 100 over 100 x 100: as large as it is."""
    crop = whole_crop((200, 100), (100, 100), "expand")
    assert crop.size == (200, 100)
    np.testing.assert_allclose(crop.to_input(np.array([[0, 0], [200, 100]])), [[0, 0], [200, 100]])


def test_what_covers_is_rounded_up_to_the_strides_of_the_network():
    """200 x 100 over 96 x 96: 192 x 96; with strides of 64 over 128 x 128: 256 x 128."""
    assert whole_crop((200, 100), (96, 96), "expand", 32).size == (192, 96)
    assert whole_crop((200, 100), (96, 96), "expand", 64).size == (256, 128)


def test_in_the_udp_convention_the_content_lies_in_the_corner():
    """The centre (99.5, 49.5) is the middle of the 100 x 50 that are shown, (49.5, 24.5)."""
    crop = whole_crop((200, 100), (100, 100), "fit", convention="udp")
    np.testing.assert_allclose(crop.to_input(np.array([99.5, 49.5])), [49.5, 24.5])
    assert crop.size == (100, 100)


def test_a_whole_image_is_cut_whole():
    image = np.full((10, 20, 3), 255, np.uint8)
    cut = whole_crop((20, 10), (20, 20), "fit").cut(image)
    assert cut.shape == (20, 20, 3)
    assert (cut[6:14] == 255).all()
    assert (cut[[0, -1]] == 0).all()


def test_what_does_not_fit_is_refused():
    with pytest.raises(
        ShapeError, match=r"^an image that is to fit needs sizes that are multiples of 32, got \(100, 64\)$"
    ):
        whole_crop((200, 100), (100, 64), "fit", 32)
    with pytest.raises(UnknownNameError, match=r'^unknown fitting "stretch"; known: expand, fit\.'):
        whole_crop((200, 100), (100, 100), "stretch")
