"""What codecs share: drawing bumps on a grid, mirroring maps, checking shapes."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vitruvian.errors import RecipeError, ShapeError

DISPLAY = 4  # pixels a cell of the likelihood map has, where the network itself has no map


def check_settings(input_size: tuple[int, int], stride: int, sigma: float, blur_kernel: int = 1) -> None:
    """Raise RecipeError for an input that the stride does not divide, a bump without width, or an even kernel."""
    width, height = input_size
    if stride < 1 or width < stride or height < stride or width % stride or height % stride:
        raise RecipeError(f"input_size {width} x {height} must be a positive multiple of the stride {stride}")
    if not sigma > 0:
        raise RecipeError(f"sigma must be positive, got {sigma}")
    if blur_kernel < 1 or blur_kernel % 2 == 0:
        raise RecipeError(f"blur_kernel must be odd and positive, got {blur_kernel}")


def check_points(xy: Tensor) -> Tensor:
    """The points themselves. Raises ShapeError unless they are (B, K, 2) floats."""
    if xy.ndim != 3 or xy.shape[-1] != 2 or not xy.is_floating_point():
        raise ShapeError(f"xy must be (B, K, 2) of floats, got {tuple(xy.shape)} of {xy.dtype}")
    return xy


def check_map(heatmap: Tensor, map_size: tuple[int, int], per_keypoint: int = 1) -> Tensor:
    """The heatmap itself. Raises ShapeError unless it is (B, K * per_keypoint, height, width) of `map_size`."""
    width, height = map_size
    if heatmap.ndim != 4 or heatmap.shape[-2:] != (height, width) or heatmap.shape[1] % per_keypoint:
        channels = "K" if per_keypoint == 1 else f"{per_keypoint} * K"
        raise ShapeError(f"heatmap must be (B, {channels}, {height}, {width}), got {tuple(heatmap.shape)}")
    return heatmap


def nearest_cell(exact: Tensor) -> Tensor:
    """The cell around a position: adds a half and cuts the fraction off, towards zero as the published targets do."""
    return (exact + 0.5).trunc()


def visible_bump(centre: Tensor, reach: float, map_size: tuple[int, int]) -> Tensor:
    """centre (..., 2) cells -> (...) 1.0 where a bump of that reach touches the map, else 0.0.

    A bump that ends one cell left of the map or above it counts, too, as in the reference implementation.
    """
    size = torch.tensor(map_size, dtype=centre.dtype, device=centre.device)
    return ((centre - reach < size) & (centre + reach + 1 >= 0)).all(-1).to(centre.dtype)


LOWEST = (
    -40.0
)  # of an exponent: e^-80, of two of them, is nothing beside 1 and not yet a number that CPUs are slow with


def gaussian_profiles(
    centre: Tensor, sigma: float, map_size: tuple[int, int], reach: float | None = None, about: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """exp(-d² / 2σ²) along each axis from each centre (..., 2), in cells -> (..., W), (..., H).

    Their `outer_product` is a bump. What changes a whole bump is cheaper done to one of its profiles.

    reach: cells further than this from `about` (default: the centre) are 0; None for no limit.
    """
    profiles = []
    for axis, length in enumerate(map_size):
        cell = torch.arange(length, dtype=centre.dtype, device=centre.device)
        squared = (cell - centre[..., axis, None]).square()
        profile = torch.exp((squared * (-0.5 / sigma**2)).clamp(min=LOWEST))
        if reach is not None:
            middle = (centre if about is None else about)[..., axis, None]
            profile = profile * ((cell - middle).abs() <= reach)
        profiles.append(profile)
    return profiles[0], profiles[1]


def outer_product(across: Tensor, down: Tensor) -> Tensor:
    """across (..., W), down (..., H) -> (..., H, W)."""
    return down[..., :, None] * across[..., None, :]


def flip_map(heatmap: Tensor, mirror: Sequence[int]) -> Tensor:
    """(B, K, H, W) of a mirrored image -> the cells mirrored back, left and right keypoints exchanged."""
    return heatmap.flip(-1)[:, list(mirror)]
