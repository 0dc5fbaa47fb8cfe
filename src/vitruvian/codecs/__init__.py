"""Keypoints <-> network outputs, one file per representation, and the table of codecs. Needs torch."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from vitruvian.codecs.gaussian_heatmap import GaussianHeatmap, Refine
from vitruvian.codecs.integral_regression import IntegralRegression
from vitruvian.codecs.megvii_heatmap import MegviiHeatmap
from vitruvian.codecs.probability_heatmap import ProbabilityHeatmap
from vitruvian.codecs.regression import Regression
from vitruvian.codecs.simcc import SimCC
from vitruvian.codecs.udp_heatmap import UDPHeatmap
from vitruvian.geometry import Convention


class Codec(Protocol):
    """The only object that knows how keypoints become network outputs and back; a frozen dataclass of settings."""

    @property
    def input_size(self) -> tuple[int, int]:
        """(width, height) of the network input in pixels."""

    @property
    def convention(self) -> Convention:
        """How the crops that this codec expects are laid over the image; see `Crop.of`."""

    @property
    def map_size(self) -> tuple[int, int]:
        """(width, height) of `likelihood` in cells, which are those of the network's maps where it has maps."""

    @property
    def grid(self) -> tuple[float, float, float, float]:
        """(sx, sy, tx, ty): cell (x, y) stands for input pixel (sx * x + tx, sy * y + ty)."""

    def heads(self, keypoints: int) -> dict[str, tuple[int, ...]]:
        """Output name -> shape of one answer, the batch left out; the model builds its heads from this."""

    def encode(self, xy: Tensor) -> dict[str, Tensor]:
        """xy (B, K, 2) input pixels, NaN where unknown -> targets by the name of their output, and "weight" (B, K)."""

    def decode(self, outputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Network outputs -> xy (B, K, 2) input pixels, score (B, K) in [0, 1]."""

    def flip(self, outputs: dict[str, Tensor], mirror: Sequence[int]) -> dict[str, Tensor]:
        """What the network says of a mirrored image -> the same for the image itself, keypoints renamed."""

    def likelihood(self, outputs: dict[str, Tensor]) -> Tensor:
        """Network outputs -> (B, K, H, W), how likely each keypoint is at each cell, for display."""


CODECS: dict[str, type[Codec]] = {
    "gaussian_heatmap": GaussianHeatmap,
    "integral_regression": IntegralRegression,
    "megvii_heatmap": MegviiHeatmap,
    "probability_heatmap": ProbabilityHeatmap,
    "regression": Regression,
    "simcc": SimCC,
    "udp_heatmap": UDPHeatmap,
}

__all__ = [
    "CODECS",
    "Codec",
    "GaussianHeatmap",
    "IntegralRegression",
    "MegviiHeatmap",
    "ProbabilityHeatmap",
    "Refine",
    "Regression",
    "SimCC",
    "UDPHeatmap",
]
