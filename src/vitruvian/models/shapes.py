"""What a head can be asked for, and the grid of cells that a backbone makes of an image."""

from torch import Tensor

from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models.pose_model import Heads, Size


def keypoints_of(heads: Heads, *names: str) -> int:
    """K, where `heads` asks for exactly the outputs `names`, each of them for the same K keypoints.

    Raises RecipeError otherwise.
    """
    counts = {shape[0] if shape and min(shape) > 0 else 0 for shape in heads.values()}
    if set(heads) != set(names) or len(counts) != 1 or counts == {0}:
        raise RecipeError(
            f"this model gives {' and '.join(names)} for a number of keypoints, but was asked for {dict(heads)}; "
            f"take heads from the codec it is made for: codec.heads(keypoints)"
        )
    return counts.pop()


def grid_of(input_size: Size, stride: int) -> Size:
    """(width, height) in cells of `stride` pixels. Raises RecipeError where a side is no multiple of the stride."""
    width, height = input_size
    if min(width, height) < 1 or width % stride or height % stride:
        raise RecipeError(f"the sides of input_size must be multiples of {stride}, got {width} x {height}")
    return width // stride, height // stride


def check_grid(features: Tensor, grid: Size, stride: int) -> None:
    """Raises ShapeError unless features (B, C, h, w) have the grid that the model was built for."""
    height, width = features.shape[-2:]
    if (width, height) != grid:
        raise ShapeError(
            f"the model was built for images of {grid[0] * stride} x {grid[1] * stride}, "
            f"got one of {width * stride} x {height * stride} (width x height)"
        )
