"""A model run by PyTorch, and the module that is exported: pixels in, points out."""

import numpy as np
import torch
from torch import Tensor, nn

from vitruvian.codecs import Codec
from vitruvian.models import normalise
from vitruvian.runtime.card import ModelCard
from vitruvian.runtime.network import check_crops
from vitruvian.structures import Skeleton

ROUNDING = 3e-6  # how far the outputs of a deep network may differ between runtimes, as a share of the largest value
DRAWS = 3


class PixelsToPoints(nn.Module):
    """Normalisation, network, optional flip test and decoding as one module.

    crops (N, height, width, 3) uint8 RGB -> xy (N, K, 2) input pixels, score (N, K), likelihood (N, K, h, w).
    """

    def __init__(self, model: nn.Module, codec: Codec, skeleton: Skeleton, flip_test: bool):
        super().__init__()
        self.model = model
        self.codec = codec
        self.mirror = skeleton.mirror
        self.flip_test = flip_test

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        outputs = self.outputs(crops)
        xy, score = self.codec.decode(outputs)
        return xy, score, self.codec.likelihood(outputs)

    def outputs(self, crops: Tensor) -> dict[str, Tensor]:
        """What the network says before it is decoded; the mean of both looks in a flip test."""
        image = normalise(crops)
        outputs: dict[str, Tensor] = self.model(image)
        if self.flip_test:
            mirrored = self.codec.flip(self.model(image.flip(-1)), self.mirror)
            outputs = {name: (value + mirrored[name]) / 2 for name, value in outputs.items()}
        return outputs


class TorchNetwork:
    """A trained model, run by PyTorch on the device where its weights lie."""

    def __init__(self, module: PixelsToPoints, card: ModelCard):
        self._module = module.eval()
        self._device = next((weight.device for weight in module.parameters()), torch.device("cpu"))
        self.card = card

    def points(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """crops (N, height, width, 3) uint8 RGB -> xy (N, K, 2) float32 input pixels, score (N, K) in [0, 1]."""
        xy, score, _ = self._run(crops)
        return xy, score

    def likelihood(self, crops: np.ndarray) -> np.ndarray:
        """crops (N, height, width, 3) uint8 RGB -> (N, K, h, w), how likely each keypoint is at each cell."""
        return self._run(crops)[2]

    @torch.inference_mode()
    def steady(self, crops: np.ndarray, pixels: float) -> np.ndarray:
        """Which points depend on more than rounding: crops (N, height, width, 3) uint8 RGB -> (N, K) bool.

        True where a point moves by at most `pixels` when every value of the network's outputs changes by up to
        `ROUNDING` of the largest. Where a map is flat, no two runtimes find the same peak.
        """
        outputs = self._module.outputs(torch.from_numpy(check_crops(crops, self.card)).to(self._device))
        xy, _ = self._module.codec.decode(outputs)
        generator = torch.Generator().manual_seed(0)
        steady = torch.ones(xy.shape[:2], dtype=torch.bool, device=xy.device)
        for _ in range(DRAWS):
            moved, _ = self._module.codec.decode({name: _rounded(value, generator) for name, value in outputs.items()})
            steady &= ((moved - xy).norm(dim=-1) <= pixels) | (moved.isnan() & xy.isnan()).all(-1)
        return steady.cpu().numpy()

    @torch.inference_mode()
    def _run(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        answers = self._module(torch.from_numpy(check_crops(crops, self.card)).to(self._device))
        xy, score, likelihood = (answer.cpu().numpy() for answer in answers)
        return xy, score, likelihood


def _rounded(output: Tensor, generator: torch.Generator) -> Tensor:
    """The output with every value changed by a random amount of the size of rounding errors."""
    noise = torch.rand(output.shape, generator=generator).to(output) * 2 - 1
    return output + ROUNDING * output.abs().amax() * noise
