"""What heads can be asked for, and the grid of cells."""

import pytest
import torch

from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models.shapes import check_grid, grid_of, keypoints_of


def test_all_outputs_have_the_same_number_of_keypoints():
    assert keypoints_of({"y": (17, 512), "x": (17, 384)}, "x", "y") == 17


@pytest.mark.parametrize(
    "heads",
    [
        {},
        {"x": (17, 384)},
        {"heatmap": (17, 64, 48)},
        {"x": (17, 384), "y": (17, 512), "z": (17, 8)},
        {"x": (17, 384), "y": (16, 512)},
        {"x": (0, 384), "y": (0, 512)},
        {"x": (17, 0), "y": (17, 512)},
        {"x": (), "y": ()},
    ],
)
def test_other_outputs_are_refused(heads):
    with pytest.raises(RecipeError, match="gives x and y for a number of keypoints"):
        keypoints_of(heads, "x", "y")


def test_a_grid_divides_the_input():
    assert grid_of((192, 256), 32) == (6, 8)


@pytest.mark.parametrize("size", [(200, 256), (192, 250), (0, 256), (-32, 256)])
def test_an_input_that_does_not_divide_is_refused(size):
    with pytest.raises(RecipeError, match=f"multiples of 32, got {size[0]} x {size[1]}"):
        grid_of(size, 32)


def test_an_image_of_another_size_is_named():
    check_grid(torch.empty(1, 4, 8, 6), (6, 8), 32)
    with pytest.raises(ShapeError, match="images of 192 x 256, got one of 256 x 192"):
        check_grid(torch.empty(1, 4, 6, 8), (6, 8), 32)
