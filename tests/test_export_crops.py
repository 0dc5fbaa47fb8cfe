"""Real crops to compare an export with its original on."""

from pathlib import Path

import numpy as np
import pytest

from tests.fake_network import colour_card
from vitruvian.errors import DataError
from vitruvian.export import comparison_crops
from vitruvian.media import EXAMPLE_PHOTO, read_image, write_image


def test_the_example_photo_gives_sixteen_different_crops():
    crops = comparison_crops(colour_card((48, 64)))
    assert crops.shape == (16, 64, 48, 3)
    assert crops.dtype == np.uint8
    assert len({crop.tobytes() for crop in crops}) == 16
    assert (crops.std(axis=(1, 2, 3)) > 10).all()


def test_they_are_the_same_every_time():
    np.testing.assert_array_equal(comparison_crops(colour_card()), comparison_crops(colour_card()))


def test_a_folder_gives_crops_of_its_images_in_turn(tmp_path: Path):
    photo = read_image(EXAMPLE_PHOTO)
    write_image(tmp_path / "1.png", photo[:100, :100])
    write_image(tmp_path / "2.png", np.full((50, 80, 3), 7, np.uint8))
    crops = comparison_crops(colour_card(), tmp_path)
    assert crops.shape == (16, 64, 64, 3)
    assert set(np.unique(crops[1::2])) <= set(range(8))  # one grey, and what the black around it blends with
    assert (crops[::2].max(axis=(1, 2, 3)) > 7).all()


def test_a_folder_without_images_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match="the folder has no images"):
        comparison_crops(colour_card(), tmp_path)
