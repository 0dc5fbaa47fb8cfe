"""Codecs beside their slow obvious versions and what memory allows, on one thread: `python -m benchmarks.codecs`.

Run from the root of the repository: the slow versions are those of the tests.
"""

import os
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
import torch
from torch import Tensor

from benchmarks.timing import Finding, Report, Timing, finish, options, ratio, timed
from tests import slow_codecs
from vitruvian.codecs import GaussianHeatmap, UDPHeatmap

INPUT_SIZE, MAP_SIZE = (192, 256), (48, 64)
BATCH = 64
DECODED, ENCODED = 17, 133  # keypoints a sample
SIGMA, KERNEL = 2.0, 11
NOISE = 0.01  # of the maps to decode; the bumps are 1 high
CELLS = 1e-2  # how far the slow and the fast answers may be apart

Heatmap = GaussianHeatmap | UDPHeatmap
Decoder = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
DARK = GaussianHeatmap(INPUT_SIZE, sigma=SIGMA, unbiased=True, refine="dark", blur_kernel=KERNEL)
DECODERS: dict[str, tuple[Heatmap, Decoder]] = {
    "quarter": (GaussianHeatmap(INPUT_SIZE), slow_codecs.decode_quarter),
    "DARK": (DARK, lambda maps: slow_codecs.decode_dark(maps, KERNEL)),
    "UDP": (UDPHeatmap(INPUT_SIZE, blur_kernel=KERNEL), lambda maps: slow_codecs.decode_udp(maps, KERNEL)),
}
GOALS = {"quarter": "", "DARK": ">= 15", "UDP": ">= 15"}
PUBLISHED = {"quarter, slow": 4.9, "DARK, slow": 31.0, "UDP, slow": 24.0, "encode, slow": 1.3 * BATCH}


def points(count: int) -> Tensor:
    """(64, count, 2) input pixels, anywhere in the input."""
    generator = torch.Generator().manual_seed(0)
    return torch.rand(BATCH, count, 2, generator=generator) * (torch.tensor(INPUT_SIZE) - 1)


def network_maps() -> Tensor:
    """(64, 17, 64, 48): a bump for each keypoint and a little noise, as networks give them."""
    noise = torch.randn(BATCH, DECODED, *reversed(MAP_SIZE), generator=torch.Generator().manual_seed(1))
    return DARK.encode(points(DECODED))["heatmap"] + NOISE * noise


def slow_decode(decode: Decoder, maps: np.ndarray) -> np.ndarray:
    """maps (B, K, H, W) -> xy (B, K, 2) cells, one sample after the other."""
    return np.stack([decode(sample)[0] for sample in maps])


def slow_encode(xy: np.ndarray) -> np.ndarray:
    """xy (B, K, 2) input pixels -> maps (B, K, H, W), one sample after the other."""
    cells = xy / (np.array(INPUT_SIZE) / MAP_SIZE)
    return np.stack([slow_codecs.encode_gaussian(sample, MAP_SIZE, SIGMA)[0] for sample in cells])


def decoding(repeats: int) -> tuple[list[Timing], list[Finding]]:
    """Each decoder and its slow version, and reading the maps once, which no decoder can do without."""
    maps = network_maps()
    outputs, plain = {"heatmap": maps}, maps.numpy()
    cases: dict[str, Callable[[], object]] = {"read the maps once": lambda: maps.amax((-1, -2))}
    for name, (codec, slow) in DECODERS.items():
        answer = codec.decode(outputs)[0].numpy() / codec.grid[:2]
        apart = np.abs(answer - slow_decode(slow, plain)).max()
        assert apart <= CELLS, f"{name} and its slow version are {apart} cells apart"
        cases[name] = partial(codec.decode, outputs)
        cases[f"{name}, slow"] = partial(slow_decode, slow, plain)
    timings = timed(cases, repeats, PUBLISHED)
    found = [ratio(f"{name}: slow / fast", timings, f"{name}, slow", name, GOALS[name]) for name in DECODERS]
    found += [ratio(f"{name}: fast / reading the maps once", timings, name, "read the maps once") for name in DECODERS]
    return list(timings.values()), found


def encoding(repeats: int) -> tuple[list[Timing], list[Finding]]:
    """A batch of targets, its slow version, and filling as much new memory, which no encoder can do without."""
    codec, xy = GaussianHeatmap(INPUT_SIZE, sigma=SIGMA), points(ENCODED)
    encoded = codec.encode(xy)["heatmap"]
    assert np.abs(encoded.numpy() - slow_encode(xy.numpy())).max() < 1e-5, "encode and its slow version differ"
    shape = encoded.shape
    del encoded
    cases = {
        "fill new memory once": lambda: torch.ones(shape),
        "encode": lambda: codec.encode(xy),
        "encode, slow": lambda: slow_encode(xy.numpy()),
    }
    timings = timed(cases, repeats, PUBLISHED)
    found = [
        ratio("encode: slow / fast", timings, "encode, slow", "encode", ">= 10"),
        ratio("encode: fast / filling new memory once", timings, "encode", "fill new memory once"),
    ]
    return list(timings.values()), found


def measure(repeats: int) -> Report:
    """Everything on one thread."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    settings = {
        "threads": 1,
        "batch": BATCH,
        "map": MAP_SIZE,
        "keypoints decoded": DECODED,
        "keypoints encoded": ENCODED,
        "large pages": os.environ.get("THP_MEM_ALLOC_ENABLE") == "1",  # of PyTorch's memory
    }
    with torch.inference_mode():
        decoded, encoded = decoding(repeats), encoding(max(3, repeats // 3))
    return Report("codecs", settings, [*decoded[0], *encoded[0]], [*decoded[1], *encoded[1]])


if __name__ == "__main__":
    arguments = options(__doc__, repeats=30)
    finish(measure(arguments.repeats), arguments.out)
