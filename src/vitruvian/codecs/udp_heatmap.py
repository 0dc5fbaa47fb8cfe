"""UDPHeatmap: heatmaps on a grid whose corners are the corners of the input (arXiv:1911.07524)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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
from vitruvian.codecs.peaks import argmax_2d, blurred, take_cells
from vitruvian.codecs.refine import udp_dark
from vitruvian.errors import RecipeError
from vitruvian.geometry import Convention


@dataclass(frozen=True)
class UDPHeatmap:
    """One Gaussian bump per keypoint, or a disc with two offset maps, without bias in a flip test (arXiv:1911.07524).

    Heatmap cell (x, y) stands for input pixel ((w - 1) / (W - 1) * x, (h - 1) / (H - 1) * y), where (w, h) is the
    input and (W, H) the map: the corners of both coincide, so that a mirrored map is the map of a mirrored image.

    `decode` finds what `encode` drew to 0.1 px, two cells and half a blur_kernel from the border of the map; at the
    border, to 1.2 cells, as published. Combined, it is exact everywhere.

    input_size:  (width, height) of the network input in pixels.
    sigma:       standard deviation of the bump, in cells.
    combined:    per keypoint three maps instead of one: a disc, and the offsets to the keypoint in x and in y.
    radius:      of that disc, as a fraction of the longer side of the map; offsets are in units of it.
    blur_kernel: size of the blur before the peak is refined (or found, when combined), in cells.
    """

    input_size: tuple[int, int]
    stride: int = 4
    sigma: float = 2.0
    combined: bool = False
    radius: float = 0.0546875
    blur_kernel: int = 11

    convention: Convention = field(default="udp", init=False)

    def __post_init__(self) -> None:
        check_settings(self.input_size, self.stride, self.sigma, self.blur_kernel)
        if min(self.map_size) < 2:
            raise RecipeError(f"a UDP map needs two cells a side, stride {self.stride} leaves {self.map_size}")
        if not self.radius > 0:
            raise RecipeError(f"radius must be positive, got {self.radius}")

    @property
    def map_size(self) -> tuple[int, int]:
        """(width, height) of the heatmap in cells."""
        return self.input_size[0] // self.stride, self.input_size[1] // self.stride

    @property
    def grid(self) -> tuple[float, float, float, float]:
        """(sx, sy, tx, ty): cell (x, y) stands for input pixel (sx * x + tx, sy * y + ty)."""
        (width, height), (cells_x, cells_y) = self.input_size, self.map_size
        return (width - 1) / (cells_x - 1), (height - 1) / (cells_y - 1), 0.0, 0.0

    def heads(self, keypoints: int) -> dict[str, tuple[int, ...]]:
        """Output name -> (channels, height, width) of one answer; the model builds its heads from this."""
        return {"heatmap": (3 * keypoints if self.combined else keypoints, *reversed(self.map_size))}

    def _pixels_per_cell(self, like: Tensor) -> Tensor:
        return torch.tensor(self.grid[:2], dtype=like.dtype, device=like.device)

    def encode(self, xy: Tensor) -> dict[str, Tensor]:
        """xy (B, K, 2) input pixels, NaN where unknown -> heatmap, weight (B, K).

        heatmap: (B, K, H, W) in [0, 1], or combined (B, 3K, H, W): disc, x offset, y offset of keypoint 0, then 1, ...
        The weight is 0 where the keypoint is unknown, and, unless combined, where its bump lies outside the map.
        Raises ShapeError for points of another shape or without fractions.
        """
        known = check_points(xy).isfinite().all(-1).to(xy.dtype)
        centre = torch.where(known[..., None] > 0, xy, 0.0) / self._pixels_per_cell(xy)
        if self.combined:
            return {"heatmap": self._discs(centre, known), "weight": known}
        cell, reach = nearest_cell(centre), 3 * self.sigma
        weight = known * visible_bump(cell, reach, self.map_size)
        across, down = gaussian_profiles(centre, self.sigma, self.map_size, reach, about=cell)
        return {"heatmap": outer_product(across * weight[..., None], down), "weight": weight}

    def _discs(self, centre: Tensor, known: Tensor) -> Tensor:
        """centre (B, K, 2) cells, known (B, K) 1 or 0 -> (B, 3K, H, W), 0 where unknown."""
        radius = self.radius * max(self.map_size)
        width, height = self.map_size
        dx = (centre[..., 0, None] - torch.arange(width, device=centre.device)) / radius  # (B, K, W)
        dy = (centre[..., 1, None] - torch.arange(height, device=centre.device)) / radius  # (B, K, H)
        limit = torch.where(known > 0, 1.0, -1.0)[..., None, None]  # no cell is within -1
        disc = (dx[..., None, :] ** 2 + dy[..., :, None] ** 2 <= limit).to(centre.dtype)
        offsets = (dx * known[..., None])[..., None, :], (dy * known[..., None])[..., :, None]
        return torch.stack([disc, *(offset.expand_as(disc) for offset in offsets)], dim=2).flatten(1, 2)

    def decode(self, outputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """heatmap (B, K or 3K, H, W) -> xy (B, K, 2) input pixels, score (B, K) in [0, 1].

        A map without a positive value has no peak: xy is NaN and the score 0.
        """
        heatmap = check_map(outputs["heatmap"], self.map_size, 3 if self.combined else 1)
        refined, score = self._decode_combined(heatmap) if self.combined else self._decode_gaussian(heatmap)
        xy = torch.where(score[..., None] > 0, refined * self._pixels_per_cell(refined), torch.nan)
        return xy, torch.where(score > 0, score.clamp(max=1), 0.0)

    def _decode_gaussian(self, heatmap: Tensor) -> tuple[Tensor, Tensor]:
        cells, score = argmax_2d(heatmap)
        return udp_dark(heatmap, cells, score, self.blur_kernel), score

    def _decode_combined(self, heatmap: Tensor) -> tuple[Tensor, Tensor]:
        """The peak of the blurred disc, moved by the offsets found there."""
        disc = blurred(heatmap[:, ::3], 2 * self.blur_kernel + 1)  # the published size of this blur
        cells, score = argmax_2d(disc)
        x, y = cells[..., :1], cells[..., 1:]
        offset = torch.cat([take_cells(heatmap[:, part::3], y, x) for part in (1, 2)], dim=-1).squeeze(-2)  # (B, K, 2)
        return cells + offset * (self.radius * max(self.map_size)), score

    def flip(self, outputs: dict[str, Tensor], mirror: Sequence[int]) -> dict[str, Tensor]:
        """What the network says of a mirrored image -> the same for the image itself, keypoints renamed."""
        heatmap = outputs["heatmap"]
        if not self.combined:
            return {"heatmap": flip_map(heatmap, mirror)}
        sign = torch.tensor([1.0, -1.0, 1.0]).to(heatmap).view(3, 1, 1)  # an offset in x points the other way
        maps = [flip_map(heatmap[:, part::3], mirror) for part in range(3)]
        return {"heatmap": (torch.stack(maps, dim=2) * sign).flatten(1, 2)}

    def likelihood(self, outputs: dict[str, Tensor]) -> Tensor:
        """heatmap -> (B, K, H, W), how likely each keypoint is at each cell, in [0, 1], for display."""
        return (outputs["heatmap"][:, ::3] if self.combined else outputs["heatmap"]).clamp(0, 1)
