"""Images a second of the models, in every runtime: `python -m benchmarks.models [NAME ...]`.

The bare networks with random weights, from a normalised image to their named answers: how fast a network is does not
depend on what it has learned. The input is 192 x 256 pixels, or 256 x 256 where the published models of a family have
that; the table shows it. Without names, one model of each family is measured; `--all` takes the whole table. Exporting
takes longer than measuring: with `--exports` it can be done before, on a machine that need not be quiet.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import openvino
import torch
from rich.console import Console
from rich.table import Table
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.timing import FOLDER, WIDTH, Finding, Report, Timing, timed, write
from tests.model_heads import export_bare, heads_of
from vitruvian.models import MODELS, PoseModel, Size

BATCHES = (1, 16)
ENOUGH = 15.0  # seconds of timed calls of one model at one batch size; one round is made in any case
KEYPOINTS = 17
FAMILIES = (
    "simple_baseline_mobilenetv2",
    "simple_baseline_resnet50",
    "scnet50",
    "hourglass52",
    "cpn_resnet50",
    "fast_pose_resnet50",
    "mspn50",
    "rsn18",
    "hrnet_w32",
    "hrnetv2_w18",
    "lite_hrnet_18",
    "vipnas_resnet50",
    "token_pose_s_v2",
    "vitpose_small",
    "vitpose_base",
    "simcc_resnet50",
    "rtmpose_t",
    "rtmpose_m",
    "deep_pose_resnet50_rle",
    "integral_resnet50",
    "residual_unet_small",
)
Run = Callable[[np.ndarray], object]


@dataclass(frozen=True)
class Cost:
    """What a model costs. parameters: millions; multiply_adds: billions for one image."""

    parameters: float
    multiply_adds: float


def input_size(name: str) -> Size:
    """(width, height)"""
    return (256, 256) if name.startswith(("hourglass", "hrnetv2", "integral", "dsnt")) else (192, 256)


def build(name: str) -> PoseModel:
    """With random weights."""
    torch.manual_seed(0)
    size = input_size(name)
    return MODELS[name](heads_of(name, KEYPOINTS, size), size).eval()


def cost(name: str) -> Cost:
    """Counted on tensors without memory; as in the tables of papers, one multiplication and its addition are one."""
    width, height = input_size(name)
    with torch.device("meta"):
        model = build(name)
        counter = FlopCounterMode(display=False)
        with counter:
            model(torch.empty(1, 3, height, width))
    return Cost(sum(p.numel() for p in model.parameters()) / 1e6, counter.get_total_flops() / 2e9)


def exported(name: str, folder: Path) -> Path:
    """The bare network of a model as a file, made unless it is there."""
    path = folder / name / "model.onnx"
    if not path.exists():
        width, height = input_size(name)
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=folder))
        export_bare(build(name), torch.zeros(2, 3, height, width), unfinished / path.name)
        unfinished.rename(path.parent)
    return path


def runtimes(model: PoseModel, path: Path) -> dict[str, Run]:
    """The model in every runtime; path: the same, as a file."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    core = openvino.Core()
    compiled = {
        f"OpenVINO {name}": core.compile_model(
            core.read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": hint, "PERFORMANCE_HINT": "LATENCY"}
        )
        for name, hint in (("float32", "f32"), ("bfloat16", "bf16"))
    }
    last_memory = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def eager(x: np.ndarray) -> object:
        with torch.inference_mode():
            return last_memory(torch.from_numpy(x).contiguous(memory_format=torch.channels_last))

    return {
        "PyTorch": eager,
        "ONNX Runtime": lambda x: session.run(None, {"image": x}),
        **{name: lambda x, network=network: network([x]) for name, network in compiled.items()},
    }


def rounds(cases: dict[str, Callable[[], object]], most: int) -> int:
    """How often to time the cases: as often as `ENOUGH` allows, once at least, `most` times at most. Warms them up."""
    start = time.perf_counter()
    for call in cases.values():
        call()
    return max(1, min(most, int(ENOUGH / (time.perf_counter() - start))))


def measure(name: str, repeats: int, exports: Path) -> tuple[Cost, list[Timing], list[Finding]]:
    """One model, in all runtimes at all batch sizes."""
    width, height = input_size(name)
    rng = np.random.default_rng(0)
    timings: dict[str, Timing] = {}
    found: list[Finding] = []
    runs = runtimes(build(name), exported(name, exports))
    for n in BATCHES:
        batch = rng.standard_normal((n, 3, height, width), dtype=np.float32)
        cases = {f"{name}, {runtime}, {n}": (lambda run=run, batch=batch: run(batch)) for runtime, run in runs.items()}
        timings |= timed(cases, rounds(cases, repeats), warm_up=0)
        slow = timings[f"{name}, PyTorch, {n}"].median
        found += [
            Finding(f"{name}, {runtime}, {n}: speed / PyTorch", slow / timings[f"{name}, {runtime}, {n}"].median)
            for runtime in runs
            if runtime != "PyTorch"
        ]
    return cost(name), list(timings.values()), found


def rows(costs: dict[str, Cost], timings: list[Timing]) -> Iterator[list[str]]:
    """The table of the documents: images a second in PyTorch, and how many times as many elsewhere."""
    by_name = {timing.name: timing.median for timing in timings}
    for name, size in costs.items():
        width, height = input_size(name)
        row = [name, f"{width} x {height}", f"{size.parameters:.1f}", f"{size.multiply_adds:.2f}"]
        for n in BATCHES:
            eager = by_name[f"{name}, PyTorch, {n}"]
            row.append(f"{1e3 * n / eager:.1f}")
            for runtime in ("ONNX Runtime", "OpenVINO float32", "OpenVINO bfloat16"):
                row.append(f"{eager / by_name[f'{name}, {runtime}, {n}']:.1f}")
        yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="models; default: one of each family")
    parser.add_argument("--all", action="store_true", help="every model of the table")
    parser.add_argument("--repeats", type=int, default=5, help="timed calls of each case (default: %(default)s)")
    parser.add_argument("--exports", type=Path, help="folder that keeps exported networks; those in it are used")
    parser.add_argument("--export-only", action="store_true", help="fill --exports and measure nothing")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the JSON file (default: %(default)s)")
    arguments = parser.parse_args()
    names = arguments.names or (sorted(MODELS) if arguments.all else FAMILIES)
    costs: dict[str, Cost] = {}
    timings: list[Timing] = []
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory() as temporary:
        for name in names:
            print(name, flush=True)
            exports = arguments.exports or Path(temporary)
            if arguments.export_only:
                exported(name, exports)
                continue
            costs[name], some, found = measure(name, arguments.repeats, exports)
            timings += some
            findings += found
            sizes = {name: asdict(size) for name, size in costs.items()}
            settings: dict[str, Any] = {"batches": BATCHES, "models": sizes}
            write(Report("models", settings, timings, findings), arguments.out)  # a kill loses one model
    Console(width=WIDTH).print(_table(costs, timings))


def _table(costs: dict[str, Cost], timings: list[Timing]) -> Table:
    table = Table(title="images a second in PyTorch, and how many times as many elsewhere")
    runtimes = ("PyTorch", "ORT", "OV", "OV bf16")
    for heading in ("model", "input", "M param.", "G mult-adds", *(f"{r}, {n}" for n in BATCHES for r in runtimes)):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for row in rows(costs, timings):
        table.add_row(*row)
    return table


if __name__ == "__main__":
    main()
