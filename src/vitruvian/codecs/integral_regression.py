"""IntegralRegression: a probability over cells, and its mean, the coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from vitruvian.codecs.gaussian_heatmap import GaussianHeatmap
from vitruvian.codecs.grid import check_map
from vitruvian.codecs.regression import Regression
from vitruvian.errors import RecipeError
from vitruvian.geometry import Convention


@dataclass(frozen=True)
class IntegralRegression:
    """A distribution over the cells of a map, and the coordinates that are its mean, which the model takes itself.

    Integral regression or soft-argmax (arXiv:1711.08229, arXiv:1710.02322), DSNT (arXiv:1801.07372), and AlphaPose's
    symmetric integral (arXiv:2211.03375). Cell (x, y) of the map stands for input pixel (stride * x, stride * y), and
    coordinates are shares of the input's width and height. `decode` finds what `encode` gave to 0.001 px.

    input_size: (width, height) of the network input in pixels.
    sigma:      standard deviation, in cells, of the bump that the map is compared with in training.
    reach:      half the side, in cells, of the square around the point whose probability is the score. None: the score
                is 1, as in the reference implementation.
    shift_flip: in a flip test, move mirrored maps by a cell to the right, and mirrored points by a pixel to the left;
                see `GaussianHeatmap` and `Regression`.
    """

    input_size: tuple[int, int]
    stride: int = 4
    sigma: float = 2.0
    reach: float | None = 6.0
    shift_flip: bool = True

    convention: Convention = field(default="msra", init=False)

    def __post_init__(self) -> None:
        if self.reach is not None and not self.reach > 0:
            raise RecipeError(f"reach must be positive or None, got {self.reach}")
        self.heads(1)  # both parts refuse settings without sense

    @property
    def _maps(self) -> GaussianHeatmap:
        return GaussianHeatmap(self.input_size, self.stride, self.sigma, shift_flip=self.shift_flip)

    @property
    def _points(self) -> Regression:
        return Regression(self.input_size, shift_flip=self.shift_flip)

    @property
    def map_size(self) -> tuple[int, int]:
        """(width, height) of the heatmap in cells."""
        return self._maps.map_size

    @property
    def grid(self) -> tuple[float, float, float, float]:
        """(sx, sy, tx, ty): cell (x, y) stands for input pixel (sx * x + tx, sy * y + ty)."""
        return self._maps.grid

    def heads(self, keypoints: int) -> dict[str, tuple[int, ...]]:
        """Output name -> shape of one answer; the model builds its heads from this."""
        return self._maps.heads(keypoints) | self._points.heads(keypoints)

    def encode(self, xy: Tensor) -> dict[str, Tensor]:
        """xy (B, K, 2) input pixels, NaN where unknown -> heatmap (B, K, H, W), xy (B, K, 2) shares, weight (B, K).

        Each map sums to 1, or is 0 where the keypoint is unknown or its bump outside the map. The weight is 0 where the
        keypoint is unknown or beyond the middle of the outermost pixels.
        Raises ShapeError for points of another shape or without fractions.
        """
        heatmap = self._maps.encode(xy)["heatmap"]
        total = heatmap.sum((-1, -2), keepdim=True)
        return self._points.encode(xy) | {"heatmap": heatmap / torch.where(total > 0, total, 1.0)}

    def decode(self, outputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """heatmap (B, K, H, W), each summing to 1, xy (B, K, 2) shares -> xy (B, K, 2) input pixels, score (B, K).

        Where the score is 0, because nothing of the map is near the point, xy is NaN.
        """
        heatmap = check_map(outputs["heatmap"], self.map_size)
        xy, score = self._points.decode(outputs)
        if self.reach is None:
            return xy, score
        inside = [
            ((torch.arange(length, device=xy.device) - xy[..., axis, None] / self.stride).abs() <= self.reach).to(xy)
            for axis, length in enumerate(self.map_size)
        ]
        score = (heatmap * inside[0][..., None, :] * inside[1][..., :, None]).sum((-1, -2)).clamp(0, 1)
        return torch.where(score[..., None] > 0, xy, torch.nan), score

    def flip(self, outputs: dict[str, Tensor], mirror: Sequence[int]) -> dict[str, Tensor]:
        """What the network says of a mirrored image -> the same for the image itself, keypoints renamed."""
        maps = self._maps.flip({"heatmap": outputs["heatmap"]}, mirror)
        return maps | self._points.flip({"xy": outputs["xy"]}, mirror)

    def likelihood(self, outputs: dict[str, Tensor]) -> Tensor:
        """heatmap (B, K, H, W) -> the same scaled to the score at its peak, for display."""
        heatmap = check_map(outputs["heatmap"], self.map_size)
        peak = heatmap.amax((-1, -2), keepdim=True).clamp(min=torch.finfo(heatmap.dtype).tiny)
        return (heatmap / peak * self.decode(outputs)[1][..., None, None]).clamp(0, 1)
