"""GaussianHeatmap: one Gaussian bump per keypoint, the representation of SimpleBaseline, HRNet and DARK."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import torch
from torch import Tensor

from vitruvian.codecs.grid import (
    check_map,
    check_points,
    check_settings,
    flip_map,
    gaussian_profiles,
    nearest_cell,
    outer_product,
    visible_bump,
)
from vitruvian.codecs.peaks import argmax_2d
from vitruvian.codecs.refine import dark, quarter
from vitruvian.errors import RecipeError
from vitruvian.geometry import Convention

Refine = Literal["none", "quarter", "dark"]


@dataclass(frozen=True)
class GaussianHeatmap:
    """One Gaussian bump per keypoint, on a grid `stride` times coarser than the input (arXiv:1804.06208).

    Heatmap cell (x, y) stands for input pixel (stride * x, stride * y).

    `decode` finds what `encode` drew to half a cell; from unbiased targets to a quarter of a cell with "quarter", and
    to 0.1 px with "dark", two cells and half a blur_kernel from the border of the map. Right of and below the last
    cell there is none to find, and the point is off by up to a cell.

    input_size:  (width, height) of the network input in pixels.
    sigma:       standard deviation of the bump, in cells.
    unbiased:    centre the bump on the keypoint itself and draw it whole (DARK, arXiv:1910.06278), instead of on the
                 nearest cell and within 3 sigma, as SimpleBaseline and HRNet were trained.
    refine:      how `decode` goes below a cell.
    blur_kernel: size of the blur of DARK, in cells; 11 for sigma 2, 17 for sigma 3.
    shift_flip:  in a flip test, move the mirrored map by one cell to the right. The grid is not symmetric in the
                 input, so that mirrored maps lie 3/4 of a cell to the left; published flip-test scores rely on this.
    """

    input_size: tuple[int, int]
    stride: int = 4
    sigma: float = 2.0
    unbiased: bool = False
    refine: Refine = "quarter"
    blur_kernel: int = 11
    shift_flip: bool = True

    convention: Convention = field(default="msra", init=False)

    def __post_init__(self) -> None:
        check_settings(self.input_size, self.stride, self.sigma, self.blur_kernel)
        if self.refine not in get_args(Refine):
            raise RecipeError(f'refine must be one of {", ".join(get_args(Refine))}, got "{self.refine}"')

    @property
    def map_size(self) -> tuple[int, int]:
        """(width, height) of the heatmap in cells."""
        return self.input_size[0] // self.stride, self.input_size[1] // self.stride

    @property
    def grid(self) -> tuple[float, float, float, float]:
        """(sx, sy, tx, ty): cell (x, y) stands for input pixel (sx * x + tx, sy * y + ty)."""
        return float(self.stride), float(self.stride), 0.0, 0.0

    def heads(self, keypoints: int) -> dict[str, tuple[int, ...]]:
        """Output name -> (channels, height, width) of one answer; the model builds its heads from this."""
        return {"heatmap": (keypoints, *reversed(self.map_size))}

    def encode(self, xy: Tensor) -> dict[str, Tensor]:
        """xy (B, K, 2) input pixels, NaN where unknown -> heatmap (B, K, H, W) in [0, 1], weight (B, K).

        The weight is 0 where the keypoint is unknown or its bump lies outside the map; the map is then 0, too.
        Raises ShapeError for points of another shape or without fractions.
        """
        exact = check_points(xy).nan_to_num(-1e6) / self.stride
        centre = exact if self.unbiased else nearest_cell(exact)
        reach = 3 * self.sigma
        weight = visible_bump(centre, reach, self.map_size)
        across, down = gaussian_profiles(centre, self.sigma, self.map_size, None if self.unbiased else reach)
        return {"heatmap": outer_product(across * weight[..., None], down), "weight": weight}

    def decode(self, outputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """heatmap (B, K, H, W) -> xy (B, K, 2) input pixels, score (B, K) in [0, 1].

        A map without a positive value has no peak: xy is NaN and the score 0.
        """
        heatmap = check_map(outputs["heatmap"], self.map_size)
        cells, score = argmax_2d(heatmap)
        if self.refine == "quarter":
            refined = quarter(heatmap, cells)
        elif self.refine == "dark":
            refined = dark(heatmap, cells, score, self.blur_kernel)
        else:
            refined = cells.to(heatmap.dtype)
        xy = torch.where(score[..., None] > 0, refined * self.stride, torch.nan)
        return xy, torch.where(score > 0, score.clamp(max=1), 0.0)

    def flip(self, outputs: dict[str, Tensor], mirror: Sequence[int]) -> dict[str, Tensor]:
        """What the network says of a mirrored image -> the same for the image itself, keypoints renamed."""
        heatmap = flip_map(outputs["heatmap"], mirror)
        if self.shift_flip:
            heatmap = torch.cat([heatmap[..., :1], heatmap[..., :-1]], dim=-1)
        return {"heatmap": heatmap}

    def likelihood(self, outputs: dict[str, Tensor]) -> Tensor:
        """heatmap (B, K, H, W) -> how likely each keypoint is at each cell, in [0, 1], for display."""
        return outputs["heatmap"].clamp(0, 1)
