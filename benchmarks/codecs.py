"""Codecs beside their slow obvious versions and what memory allows, on one thread: `python -m benchmarks.codecs`."""

from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch import Tensor

from benchmarks.timing import Report, finish, options, ratio, timed
from tests import slow_codecs
from vitruvian.codecs import GaussianHeatmap, UDPHeatmap

INPUT_SIZE = (192, 256)  # gives maps of 48 x 64 cells
BATCH = 64
DECODED = 17  # keypoints a sample
ENCODED = 133
SIGMA, KERNEL = 2.0, 11

Decoder = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

QUARTER = GaussianHeatmap(INPUT_SIZE)
DARK = GaussianHeatmap(INPUT_SIZE, sigma=SIGMA, unbiased=True, refine="dark", blur_kernel=KERNEL)
UDP = UDPHeatmap(INPUT_SIZE, sigma=SIGMA, blur_kernel=KERNEL)
DECODERS: dict[str, tuple[GaussianHeatmap | UDPHeatmap, Decoder]] = {
    "quarter": (QUARTER, slow_codecs.decode_quarter),
    "DARK": (DARK, lambda maps: slow_codecs.decode_dark(maps, KERNEL)),
    "UDP": (UDP, lambda maps: slow_codecs.decode_udp(maps, KERNEL)),
}
GOALS = {"quarter": "", "DARK": ">= 15", "UDP": ">= 15"}
PUBLISHED = {"decode quarter": 4.9, "decode DARK": 31.0, "decode UDP": 24.0, "encode": 1.3 * BATCH}


def keypoints(count: int) -> Tensor:
    """(64, count, 2) input pixels, anywhere in the input."""
    generator = torch.Generator().manual_seed(0)
    return torch.rand(BATCH, count, 2, generator=generator) * (torch.tensor(INPUT_SIZE) - 1)


def network_maps() -> Tensor:
    """(64, 17, 64, 48) bumps with a little noise, as a network gives them."""
    noise = torch.randn(BATCH, DECODED, INPUT_SIZE[1] // 4, INPUT_SIZE[0] // 4, generator=torch.Generator().manual_seed(1))
    return DARK.encode(keypoints(DECODED))["heatmap"] + 0.01 * noise
