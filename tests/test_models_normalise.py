"""Pixels as networks expect them."""

import numpy as np
import pytest
import torch

from vitruvian.models import normalise


def test_a_pixel_by_hand():
    """Red 255 is (255 - 123.675) / 58.395, green 0 is -116.28 / 57.12, blue 103 is about 0."""
    found = normalise(torch.tensor([[[[255, 0, 103]]]], dtype=torch.uint8))
    assert found.shape == (1, 3, 1, 1)
    assert found.flatten().tolist() == pytest.approx([2.248909, -2.035714, -0.009237], abs=1e-5)


def test_channels_come_before_rows_and_columns():
    image = torch.from_numpy(np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3))
    found = normalise(image)
    assert found.shape == (2, 3, 4, 5)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found[1, 2, 3, 4], (image[1, 3, 4, 2].float() - 103.53) / 57.375)


def test_the_mean_colour_of_photos_becomes_grey_zero():
    mean = torch.tensor([123.675, 116.28, 103.53]).round().to(torch.uint8).expand(1, 2, 2, 3)
    assert normalise(mean).abs().max() < 0.01
