"""Crops a second of training: of the loader alone, of the steps alone, and of both together.

Both together should be as fast as the slower of the two. On the CPU they share the cores, so that they cannot be unless
loading is a small part of the work; its share of the work is shown beside the ratio. Photos of 640 x 480 as in
`benchmarks.loading`, decoded anew every time; batches of 64, inputs of 192 x 256, bfloat16. Each model also shows the
share of the chip's bfloat16 matrix rate that its steps reach, three times the operations of a forward pass.
"""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from benchmarks.loading import PUBLISHED, SIZES, people, settings, write_photos
from benchmarks.matrix_rate import SIDE, product
from benchmarks.models import cost
from benchmarks.timing import FOLDER, Finding, Report, Timing, finish, interleaved
from vitruvian.codecs import GaussianHeatmap
from vitruvian.datasets import CropBatches, Pixels
from vitruvian.recipes import Recipe, build
from vitruvian.training import Hardware, Run, train
from vitruvian.training.hardware import Team, team
from vitruvian.training.loader import load

NAMES = ("simple_baseline_resnet50", "hrnet_w32", "residual_unet_small")
SIZE = "640 x 480"
WARM_UP = 2  # batches before those that are timed, in which loading processes begin
GOAL = ">= 0.95"


def recipe(model: str) -> Recipe:
    """As the published models of COCO are trained."""
    return Recipe(
        skeleton="coco17",
        model=model,
        codec=GaussianHeatmap(input_size=(192, 256)),
        loss="heatmap_mse",
        augmentation=PUBLISHED,
        batch_size=64,
        steps=10_000,
        precision="bfloat16",
    )


@dataclass
class Bench:
    """One model and its batches. number: of batches that a timed call takes."""

    chosen: Recipe
    batches: CropBatches
    members: Team
    hardware: Hardware
    number: int

    def loader(self) -> Callable[[], object]:
        """Batches of a loader that has begun."""
        coming = load(self.batches, 0, 1_000_000, self.hardware, self.members)
        return self._begun(lambda: next(coming))

    def steps(self) -> Callable[[], object]:
        """Steps on one batch that is there."""
        batch = tuple(torch.from_numpy(part) for part in self.batches[0])
        return self._trained(batch for _ in count())

    def both(self) -> Callable[[], object]:
        """Steps on batches that are loaded meanwhile."""
        return self._trained(load(self.batches, 0, 1_000_000, self.hardware, self.members))

    def _trained(self, coming: object) -> Callable[[], object]:
        run = Run.begin(build(self.chosen), self.chosen, self.members)
        steps = train(run, coming, self.chosen, 1_000_000, self.members)  # type: ignore[arg-type]
        return self._begun(lambda: next(steps))

    def _begun(self, one: Callable[[], object]) -> Callable[[], object]:
        for _ in range(WARM_UP):
            one()

        def several() -> None:
            for _ in range(self.number):
                one()
            if self.members.device.type == "cuda":
                torch.cuda.synchronize()

        return several


def measure(name: str, bench: Bench, repeats: int) -> tuple[list[Timing], list[Finding]]:
    """Crops a second of the three, and their ratio."""
    cases = {f"{name}: loader": bench.loader(), f"{name}: steps": bench.steps(), f"{name}: both": bench.both()}
    timings = {case: Timing.of(case, times) for case, times in interleaved(cases, repeats, warm_up=0).items()}
    crops = bench.number * bench.chosen.batch_size
    rates = {case: 1e3 * crops / timing.median for case, timing in timings.items()}
    loader, steps, both = rates.values()
    kind = "cuda" if bench.members.device.type == "cuda" else "cpu"
    multiply, operations = product(kind)
    start = time.perf_counter()
    multiply()
    limit = operations / (time.perf_counter() - start)
    goal = GOAL if kind == "cuda" else ""
    return list(timings.values()), [
        *(Finding(f"{case}, crops a second", rate) for case, rate in rates.items()),
        Finding(f"{name}: loader, crops a second for each core", loader / (bench.hardware.workers or 1)),
        Finding(f"{name}: both / the slower", both / min(loader, steps), goal),
        Finding(f"{name}: loading, share of the work on one device", (1 / loader) / (1 / loader + 1 / steps)),
        Finding(f"{name}: steps, share of the matrix rate", 6e9 * cost(name).multiply_adds * steps / limit),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES, help="models (default: %(default)s)")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--workers", type=int, help="processes that load; without it, none on the CPU, else all cores")
    parser.add_argument("--batches", type=int, default=2, help="of a timed call (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="timed calls of each case (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the JSON file (default: %(default)s)")
    arguments = parser.parse_args()
    timings: list[Timing] = []
    findings: list[Finding] = []
    with TemporaryDirectory() as folder, team(arguments.device) as members:
        write_photos(Path(folder) / "photos", SIZES[SIZE][0])
        everybody = people(Path(folder) / "photos", *SIZES[SIZE])
        usual = 0 if members.device.type == "cpu" else os.cpu_count() or 1
        hardware = Hardware(arguments.device, usual if arguments.workers is None else arguments.workers)
        with Pixels.of(everybody, settings(PUBLISHED), 0) as pixels:
            for name in arguments.names:
                chosen = recipe(name)
                batches = CropBatches(everybody, settings(PUBLISHED), chosen.batch_size, 0, pixels)
                more, found = measure(
                    name, Bench(chosen, batches, members, hardware, arguments.batches), arguments.repeats
                )
                timings, findings = timings + more, findings + found
    about = {"device": str(members.device), "workers": hardware.workers, "side": SIDE, "batches": arguments.batches}
    finish(Report("training", about, timings, findings), arguments.out)


if __name__ == "__main__":
    main()
