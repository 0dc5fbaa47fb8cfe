"""SimCC: x and y of a keypoint as two classifications, over bins finer than pixels (arXiv:2107.03332)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional

from vitruvian.codecs.grid import DISPLAY, LOWEST, check_points, check_settings, outer_product
from vitruvian.codecs.peaks import gaussian_kernel
from vitruvian.errors import RecipeError, ShapeError
from vitruvian.geometry import Convention

Smoothing = Literal["gaussian", "standard"]
SimCCRefine = Literal["none", "dark"]


@dataclass(frozen=True)
class SimCC:
    """Two vectors per keypoint: how likely it is in each bin of x, and of y (arXiv:2107.03332; RTMPose, 2303.07399).

    Bin i stands for input pixel i / split. `decode` finds what `encode` drew to half a bin; refined, only 1.5 sigma
    from the border, where the published parabola may be off by up to 10 pixels.

    input_size:      (width, height) of the network input in pixels.
    split:           bins per pixel.
    smoothing:       the targets are "gaussian" bumps, or "standard": one bin, and the same little in all others.
    sigma:           standard deviation of the bumps in x and in y, in bins; of 192 x 256, RTMPose has (4.9, 5.66).
    normalise:       let a bump sum to 1, as SimCC is trained; otherwise its highest value is 1, as RTMPose is.
    label_smoothing: what the other bins of a "standard" target share.
    refine:          how `decode` goes below a bin: not at all, or by a parabola through the logarithm, as DARK does.
    sharpness:       None: the score is the lower of the two highest values, cut off at 1, as published; it is no
                     probability, and logits, such as those of SimCC with "standard" targets, exceed 1. Otherwise it is
                     the lower of the highest values of softmax(sharpness * sigma * vector); RTMW has 150.
    """

    input_size: tuple[int, int]
    split: float = 2.0
    smoothing: Smoothing = "gaussian"
    sigma: tuple[float, float] = (6.0, 6.0)
    normalise: bool = True
    label_smoothing: float = 0.0
    refine: SimCCRefine = "none"
    sharpness: float | None = None

    convention: Convention = field(default="msra", init=False)

    def __post_init__(self) -> None:
        if len(self.sigma) != 2:
            raise RecipeError(f"sigma must be two numbers, for x and for y, got {self.sigma}")
        for sigma in self.sigma:
            check_settings(self.input_size, DISPLAY, sigma)
        if not self.split > 0 or (DISPLAY * self.split) % 1:
            raise RecipeError(f"split must give {DISPLAY} pixels a whole number of bins, got {self.split}")
        if not 0 <= self.label_smoothing < 1:
            raise RecipeError(f"label_smoothing must be at least 0 and less than 1, got {self.label_smoothing}")
        if self.sharpness is not None and not 0 < self.sharpness < math.inf:
            raise RecipeError(f"sharpness must be positive and finite, or None, got {self.sharpness}")
        for name, choices in (("smoothing", get_args(Smoothing)), ("refine", get_args(SimCCRefine))):
            if getattr(self, name) not in choices:
                raise RecipeError(f'{name} must be one of {", ".join(choices)}, got "{getattr(self, name)}"')

    @property
    def bins(self) -> tuple[int, int]:
        """How many there are of x and of y."""
        return round(self.input_size[0] * self.split), round(self.input_size[1] * self.split)

    @property
    def map_size(self) -> tuple[int, int]:
        """(width, height) of `likelihood`, in cells of 4 pixels."""
        return self.input_size[0] // DISPLAY, self.input_size[1] // DISPLAY

    @property
    def grid(self) -> tuple[float, float, float, float]:
        """(sx, sy, tx, ty): cell (x, y) of `likelihood` stands for input pixel (sx * x + tx, sy * y + ty)."""
        middle = (DISPLAY - 1 / self.split) / 2  # of the bins of a cell
        return float(DISPLAY), float(DISPLAY), middle, middle

    def heads(self, keypoints: int) -> dict[str, tuple[int, ...]]:
        """Output name -> (keypoints, bins) of one answer; the model builds its heads from this."""
        across, down = self.bins
        return {"x": (keypoints, across), "y": (keypoints, down)}

    def encode(self, xy: Tensor) -> dict[str, Tensor]:
        """xy (B, K, 2) input pixels, NaN where unknown -> x (B, K, bins), y (B, K, bins), weight (B, K).

        The keypoint moves to the nearest bin. The weight is 0 where it is unknown or outside the bins, of bumps three
        sigma outside; the vectors are then 0, too. Raises ShapeError for points of another shape or without fractions.
        """
        place = (check_points(xy).nan_to_num(-1e6) * self.split).round()
        bins = torch.tensor(self.bins, dtype=xy.dtype, device=xy.device)
        reach = 3 * torch.tensor(self.sigma, dtype=xy.dtype, device=xy.device)
        if self.smoothing == "gaussian":  # the bin after the bump counts, too, as in the reference implementation
            weight = ((place - reach < bins) & (place + reach + 1 >= 0)).all(-1).to(xy.dtype)
        else:
            weight = ((place >= 0) & (place < bins)).all(-1).to(xy.dtype)
        vectors = [self._vector(place[..., axis], axis) * weight[..., None] for axis in (0, 1)]
        return {"x": vectors[0], "y": vectors[1], "weight": weight}

    def _vector(self, place: Tensor, axis: int) -> Tensor:
        """place (B, K) in bins -> (B, K, bins)."""
        bins, sigma = self.bins[axis], self.sigma[axis]
        distance = torch.arange(bins, dtype=place.dtype, device=place.device) - place[..., None]
        if self.smoothing == "standard":
            return torch.where(distance == 0, 1 - self.label_smoothing, self.label_smoothing / (bins - 1)).to(place)
        bump = torch.exp((distance.square() * (-0.5 / sigma**2)).clamp(min=LOWEST))
        return bump / (sigma * math.sqrt(2 * math.pi)) if self.normalise else bump

    def decode(self, outputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """x (B, K, bins), y (B, K, bins) -> xy (B, K, 2) input pixels, score (B, K) in [0, 1].

        A keypoint with a vector without a positive value has no peak: xy is NaN and the score 0.
        """
        vectors = self._checked(outputs)
        peaks = [vector.max(dim=-1) for vector in vectors]
        places = [peak.indices.to(vector.dtype) for vector, peak in zip(vectors, peaks, strict=True)]
        if self.refine == "dark":
            kernels = [_dark_kernel(sigma) for sigma in self.sigma]
            places = [
                dark_1d(vector, peak.indices, peak.values, kernel)
                for vector, peak, kernel in zip(vectors, peaks, kernels, strict=True)
            ]
        xy = torch.stack(places, dim=-1) / self.split
        found = torch.minimum(peaks[0].values, peaks[1].values) > 0
        score = torch.where(found, self._score(vectors), 0.0)
        return torch.where(found[..., None], xy, torch.nan), score

    def _checked(self, outputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        for name, bins in zip(("x", "y"), self.bins, strict=True):
            if outputs[name].ndim != 3 or outputs[name].shape[-1] != bins:
                raise ShapeError(f"{name} must be (B, K, {bins}), got {tuple(outputs[name].shape)}")
        return outputs["x"], outputs["y"]

    def _score(self, vectors: tuple[Tensor, Tensor]) -> Tensor:
        across, down = vectors
        if self.sharpness is not None:
            across = (self.sharpness * self.sigma[0] * across).softmax(-1)
            down = (self.sharpness * self.sigma[1] * down).softmax(-1)
        return torch.minimum(across.amax(-1), down.amax(-1)).clamp(0, 1)

    def flip(self, outputs: dict[str, Tensor], mirror: Sequence[int]) -> dict[str, Tensor]:
        """What the network says of a mirrored image -> the same for the image itself, keypoints renamed.

        As published, without a shift, though the mirrored bins lie split - 1 bins to the right.
        """
        keypoints = list(mirror)
        return {"x": outputs["x"].flip(-1)[:, keypoints], "y": outputs["y"][:, keypoints]}

    def likelihood(self, outputs: dict[str, Tensor]) -> Tensor:
        """How likely each keypoint is at each cell of 4 pixels, for display: (B, K, H, W), at its peak the score.

        The product of the highest values in the bins of the cell, each vector scaled to a maximum of 1.
        """
        vectors = self._checked(outputs)
        across, down = (
            vector.clamp(min=0).unflatten(-1, (-1, round(DISPLAY * self.split))).amax(-1) for vector in vectors
        )
        peak = self.decode(outputs)[1][..., None]
        return outer_product(_relative(across) * peak, _relative(down))


def _relative(values: Tensor) -> Tensor:
    """values (..., N), not negative -> the same as shares of the largest; 0 where there is none."""
    return values / values.amax(-1, keepdim=True).clamp(min=torch.finfo(values.dtype).tiny)


def _dark_kernel(sigma: float) -> int:
    """The size of the blur before a parabola, for a bump of that sigma, as in the reference implementation: odd."""
    size = int((20 * sigma - 7) // 3)
    return max(1, size - (size % 2 == 0))


def dark_1d(vector: Tensor, peak: Tensor, value: Tensor, kernel_size: int) -> Tensor:
    """The maximum of a parabola through the logarithm of the blurred vector (arXiv:1910.06278, in one dimension).

    vector (B, K, N), peak (B, K) int64, value (B, K) that it has there -> (B, K). Outside the vector the blur reads 0,
    and the parabola the last value again. The blurred vector is scaled to the maximum it had, with a floor of 0.001.
    """
    kernel = gaussian_kernel(kernel_size).to(vector)
    smooth = functional.conv1d(vector.flatten(0, 1)[:, None], kernel[None, None], padding=kernel_size // 2)
    smooth = smooth.reshape(vector.shape)
    highest = smooth.amax(-1)
    scale = value / torch.where(highest == 0, 1.0, highest)
    steps = peak[..., None] + torch.arange(-2, 3, device=peak.device)
    near = smooth.gather(-1, steps.clamp(0, vector.shape[-1] - 1))
    log = (near * scale[..., None]).clamp(1e-3, 50.0).log()
    slope = (log[..., 3] - log[..., 1]) / 2
    curvature = (log[..., 4] - 2 * log[..., 2] + log[..., 0]) / 4 + 1e-9  # as in the reference, so that it divides
    return peak - torch.where(curvature == 0, 0.0, slope / torch.where(curvature == 0, 1.0, curvature))
