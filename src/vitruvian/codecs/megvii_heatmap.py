"""MegviiHeatmap: a blurred cell per keypoint, the representation of CPN, MSPN and RSN."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from vitruvian.codecs.grid import check_map, check_points, check_settings, flip_map, outer_product
from vitruvian.codecs.peaks import argmax_2d, banded, blurred, gaussian_kernel, window
from vitruvian.geometry import Convention

PEAK = 255.0  # of the targets
ROUNDING = 1e-6  # as a share of the peak; neighbours that differ by less are equal, as those of a symmetric bump are


@dataclass(frozen=True)
class MegviiHeatmap:
    """One cell per keypoint, blurred so that it is 255 there (arXiv:1711.07319, arXiv:1901.00148, arXiv:2003.04030).

    Heatmap cell (x, y) covers the input pixels from stride * x up to stride * (x + 1), and stands for the middle,
    stride * (x + 1/2).

    `decode` finds what `encode` drew to half a cell, half a blur_kernel and half a cell from the border of the map.
    Nearer to it, and as published, it may be off by a cell or, with a blur_kernel of 11, by two: there the blur of the
    target reads the map mirrored, so that its highest cell can lie beside the keypoint, and a peak in the first two
    columns or rows, or in the last one, is read as the corner of its cell.

    input_size:  (width, height) of the network input in pixels.
    blur_kernel: size of the blur in cells, of the targets as of the maps that are decoded. The stages of MSPN and RSN
                 are trained with 15, 11, 9 and 7, or 5 in the last.
    """

    input_size: tuple[int, int]
    stride: int = 4
    blur_kernel: int = 11

    convention: Convention = field(default="msra", init=False)

    def __post_init__(self) -> None:
        check_settings(self.input_size, self.stride, 1.0, self.blur_kernel)

    @property
    def map_size(self) -> tuple[int, int]:
        """(width, height) of the heatmap in cells."""
        return self.input_size[0] // self.stride, self.input_size[1] // self.stride

    @property
    def grid(self) -> tuple[float, float, float, float]:
        """(sx, sy, tx, ty): cell (x, y) stands for input pixel (sx * x + tx, sy * y + ty)."""
        return float(self.stride), float(self.stride), self.stride / 2, self.stride / 2

    def heads(self, keypoints: int) -> dict[str, tuple[int, ...]]:
        """Output name -> (channels, height, width) of one answer; the model builds its heads from this."""
        return {"heatmap": (keypoints, *reversed(self.map_size))}

    def encode(self, xy: Tensor) -> dict[str, Tensor]:
        """xy (B, K, 2) input pixels, NaN where unknown -> heatmap (B, K, H, W), 255 at the keypoint, weight (B, K).

        The weight is 0 where the keypoint is unknown or outside the map; the map is then 0, too. As in the reference
        implementation, a point less than a cell left of the map or above it counts as in its first cell.
        Raises ShapeError for points of another shape or without fractions.
        """
        cell = (check_points(xy).nan_to_num(-1e6) / self.stride).clamp(-1e6, 1e6).long()  # cuts towards zero
        size = torch.tensor(self.map_size, device=xy.device)
        weight = ((cell >= 0) & (cell < size)).all(-1).to(xy.dtype)
        inside = cell.clamp(min=0).minimum(size - 1)
        kernel = gaussian_kernel(self.blur_kernel).to(xy)
        across, down = (
            self._profile(inside[..., axis], banded(kernel, length, reflect=True))
            for axis, length in enumerate(self.map_size)
        )
        return {"heatmap": outer_product(across * (PEAK * weight[..., None]), down), "weight": weight}

    def _profile(self, cell: Tensor, blur: Tensor) -> Tensor:
        """cell (B, K) int64, blur (N, N) -> (B, K, N): the blur of that cell alone, 1 there."""
        profile = blur.T[cell]
        return profile / profile.gather(-1, cell[..., None])

    def decode(self, outputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """heatmap (B, K, H, W), up to 255 -> xy (B, K, 2) input pixels, score (B, K) in [0, 1].

        The highest cell of the blurred map, and a quarter of a cell towards the higher neighbour. The score is the
        highest value, as a share of 255; the published evaluation adds 0.5 to it.
        A map without a positive value has no peak: xy is NaN and the score 0.
        """
        heatmap = check_map(outputs["heatmap"], self.map_size)
        smooth = blurred(heatmap, self.blur_kernel, reflect=False)
        cells, peak = argmax_2d(smooth)
        near = window(smooth, cells, radius=1)
        slope = torch.stack([near[..., 1, 2] - near[..., 1, 0], near[..., 2, 1] - near[..., 0, 1]], dim=-1)
        towards = torch.where(slope.abs() > ROUNDING * peak.abs()[..., None], slope.sign(), 0.0)
        size = torch.tensor(self.map_size, device=cells.device)
        free = ((cells > 1) & (cells < size - 1)).all(-1, keepdim=True)
        xy = (cells + free * (0.5 + 0.25 * towards)) * self.stride
        score = (heatmap.amax((-1, -2)) / PEAK).clamp(0, 1)
        return torch.where(score[..., None] > 0, xy, torch.nan), score

    def flip(self, outputs: dict[str, Tensor], mirror: Sequence[int]) -> dict[str, Tensor]:
        """What the network says of a mirrored image -> the same for the image itself, keypoints renamed.

        As published, without a shift, though the mirrored maps lie a pixel to the right.
        """
        return {"heatmap": flip_map(outputs["heatmap"], mirror)}

    def likelihood(self, outputs: dict[str, Tensor]) -> Tensor:
        """heatmap (B, K, H, W) -> how likely each keypoint is at each cell, in [0, 1], for display."""
        return (outputs["heatmap"] / PEAK).clamp(0, 1)
