"""ProbabilityHeatmap: one probability distribution over the cells per keypoint."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from vitruvian.codecs.grid import check_map, check_points, check_settings, flip_map, gaussian_profiles, outer_product
from vitruvian.codecs.peaks import argmax_2d, banded, window
from vitruvian.errors import RecipeError
from vitruvian.geometry import Convention


@dataclass(frozen=True)
class ProbabilityHeatmap:
    """The network's map is a softmax over all cells: where the keypoint is, with which probability.

    Trained with the cross-entropy against a Gaussian, as in spatial-softmax pose networks (arXiv:1801.07372 calls the
    layer DSNT; the loss here is on the distribution, not on its mean). Cell (x, y) covers the input pixels around
    (stride * (x + 1/2) - 1/2, ...), so the grid is symmetric in the input and a mirrored map needs no shift.

    `decode` finds what `encode` drew to a quarter of a cell with sigma 1 and reach 1, because the square cuts the bump
    off unevenly; to a twentieth with reach 2. In the outermost cells it is off by up to a cell.

    input_size: (width, height) of the network input in pixels.
    sigma:      standard deviation of the target, in cells.
    reach:      radius, in cells, of the square whose probability is the score and whose centre of mass is the point.
    """

    input_size: tuple[int, int]
    stride: int = 4
    sigma: float = 1.0
    reach: int = 2

    convention: Convention = field(default="msra", init=False)

    def __post_init__(self) -> None:
        check_settings(self.input_size, self.stride, self.sigma)
        if self.reach < 0:
            raise RecipeError(f"reach must be 0 or more cells, got {self.reach}")

    @property
    def map_size(self) -> tuple[int, int]:
        """(width, height) of the heatmap in cells."""
        return self.input_size[0] // self.stride, self.input_size[1] // self.stride

    @property
    def grid(self) -> tuple[float, float, float, float]:
        """(sx, sy, tx, ty): cell (x, y) stands for input pixel (sx * x + tx, sy * y + ty)."""
        half = (self.stride - 1) / 2
        return float(self.stride), float(self.stride), half, half

    def heads(self, keypoints: int) -> dict[str, tuple[int, ...]]:
        """Output name -> (channels, height, width) of one answer; the model builds its heads from this."""
        return {"heatmap": (keypoints, *reversed(self.map_size))}

    def encode(self, xy: Tensor) -> dict[str, Tensor]:
        """xy (B, K, 2) input pixels, NaN where unknown -> heatmap (B, K, H, W) that sums to 1, weight (B, K).

        A keypoint outside the input has the uniform map: it could be at no cell rather than another. The weight is 0
        where the keypoint is unknown.
        Raises ShapeError for points of another shape or without fractions.
        """
        centre = (check_points(xy).nan_to_num(0.0) + 0.5) / self.stride - 0.5
        size = torch.tensor(self.map_size, dtype=xy.dtype, device=xy.device)
        inside = ((centre > -0.5) & (centre < size - 0.5)).all(-1)
        profiles = gaussian_profiles(centre, self.sigma, self.map_size)
        across, down = (torch.where(inside[..., None], profile, 1.0) for profile in profiles)
        heatmap = outer_product(across / across.sum(-1, keepdim=True), down / down.sum(-1, keepdim=True))
        return {"heatmap": heatmap, "weight": xy.isfinite().all(-1).to(xy.dtype)}

    def decode(self, outputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """heatmap (B, K, H, W) of unnormalised log-probabilities -> xy (B, K, 2) input pixels, score (B, K) in [0, 1].

        The point is the centre of mass of the square of 2 * reach + 1 cells that holds the most probability; the
        score is that probability, so a network that is calibrated gives calibrated scores.
        """
        probability = self._probability(outputs)
        cells, score = argmax_2d(self._mass(probability))
        near = window(torch.nn.functional.pad(probability, (self.reach,) * 4), cells + self.reach, self.reach)
        steps = torch.arange(-self.reach, self.reach + 1, dtype=near.dtype, device=near.device)
        offset = torch.stack([(near.sum(-2) * steps).sum(-1), (near.sum(-1) * steps).sum(-1)], dim=-1)
        centre = cells + offset / near.sum((-1, -2))[..., None]
        return (centre + 0.5) * self.stride - 0.5, score.clamp(0, 1)

    def flip(self, outputs: dict[str, Tensor], mirror: Sequence[int]) -> dict[str, Tensor]:
        """What the network says of a mirrored image -> the same for the image itself, keypoints renamed."""
        return {"heatmap": flip_map(outputs["heatmap"], mirror)}

    def likelihood(self, outputs: dict[str, Tensor]) -> Tensor:
        """Network outputs -> how likely each keypoint is in the square around each cell; at its peak the score."""
        return self._mass(self._probability(outputs)).clamp(0, 1)

    def _probability(self, outputs: dict[str, Tensor]) -> Tensor:
        """(B, K, H, W): how likely each keypoint is at each cell; each map sums to 1."""
        heatmap = check_map(outputs["heatmap"], self.map_size)
        return heatmap.flatten(-2).softmax(dim=-1).unflatten(-1, heatmap.shape[-2:])

    def _mass(self, probability: Tensor) -> Tensor:
        """(B, K, H, W): the sum of the probabilities in the square of 2 * reach + 1 cells around each cell."""
        width, height = self.map_size
        ones = torch.ones(2 * self.reach + 1, dtype=probability.dtype, device=probability.device)
        return banded(ones, height) @ probability @ banded(ones, width).T
