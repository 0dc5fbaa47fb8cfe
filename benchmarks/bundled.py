"""The models of the package, milliseconds a crop in each runtime: `python -m benchmarks.bundled`.

Batches of 1 and 32 crops, on one core and on two. Beside them RTMPose-t (arXiv:2303.07399), a published small model,
with random weights and inputs of the same size: how fast a network is does not depend on what it has learned. The
package's models look at every crop twice, once mirrored, and RTMPose-t once.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.timing import Report, Timing, finish, interleaved, options
from vitruvian.codecs import SimCC
from vitruvian.export import comparison_crops, export_onnx
from vitruvian.recipes import Recipe, build, card_for
from vitruvian.runtime import BUNDLED, Network, OnnxNetwork, OpenVinoNetwork, find_model

PEER = "rtmpose_t"
CORES, BATCHES = (1, 2), (1, 32)
BACKENDS: dict[str, Callable[[Path, int], Network]] = {
    "ONNX Runtime": OnnxNetwork,
    "OpenVINO": OpenVinoNetwork,
    "OpenVINO bfloat16": lambda path, threads: OpenVinoNetwork(path, threads, "bfloat16"),
}


def peer(path: Path, size: tuple[int, int]) -> Path:
    """The published model, written to `path`."""
    torch.manual_seed(0)
    recipe = Recipe("halpe26", PEER, SimCC(size), "kl_discretised_sharp")
    model = build(recipe).eval()
    card = card_for(recipe, model, path.stem)
    export_onnx(path, model, recipe, card, comparison_crops(card))
    return path


def crops(path: Path) -> np.ndarray:
    """(32, height, width, 3), of the size that the model takes."""
    card = OnnxNetwork(path, 1).card
    some = comparison_crops(card)
    return np.concatenate([some] * (max(BATCHES) // len(some) + 1))[: max(BATCHES)]


def measured(paths: dict[str, Path], repeats: int) -> list[Timing]:
    """Milliseconds a crop, all models of one runtime, number of cores and batch in turns."""
    found = []
    for backend, make in BACKENDS.items():
        for cores in CORES:
            networks = {name: make(path, cores) for name, path in paths.items()}
            for batch in BATCHES:
                cases = {
                    f"{name}, {backend}, {cores} cores, batch {batch}": partial(
                        network.points, crops(paths[name])[:batch]
                    )
                    for name, network in networks.items()
                }
                for case, seconds in interleaved(cases, repeats if batch > 1 else 8 * repeats).items():
                    found.append(Timing.of(case, [second / batch for second in seconds]))
    return found


def main() -> None:
    """Measure, print, write the JSON."""
    arguments = options(__doc__, repeats=7)
    paths = {name: find_model(name) for name in BUNDLED}
    sizes = dict.fromkeys(OnnxNetwork(path, 1).card.input_size for path in paths.values())
    with tempfile.TemporaryDirectory() as folder:
        for width, height in sizes:
            paths[f"{PEER} {width} x {height}"] = peer(Path(folder) / f"{PEER}_{width}.onnx", (width, height))
        timings = measured(paths, arguments.repeats)
    finish(Report("bundled", {"cores": CORES, "batches": BATCHES}, timings, []), arguments.out)


if __name__ == "__main__":
    main()
