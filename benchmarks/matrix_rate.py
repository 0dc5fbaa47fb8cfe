"""How much of the chip's matrix rate a network reaches: `python -m benchmarks.matrix_rate [NAME ...]`.

The network runs in bfloat16 with channels last, on a GPU where there is one, else on the CPU. The limit it is held
against is measured in the same run: the rate of one large bfloat16 matrix product.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.models import build, cost, input_size
from benchmarks.timing import FOLDER, Finding, Report, Timing, finish, timed

NAMES = ("simple_baseline_resnet50", "hrnet_w32", "vitpose_base", "rtmpose_m")
SIDE = {"cuda": 8192, "cpu": 2048}  # of the square matrices
BATCH = {"cuda": 64, "cpu": 16}


def waited(call: Callable[[], object], device: str) -> Callable[[], object]:
    """The call, over only when the device has done it."""

    def run() -> object:
        answer = call()
        if device == "cuda":
            torch.cuda.synchronize()
        return answer

    return run


def product(device: str) -> tuple[Callable[[], object], float]:
    """One large matrix product, and its operations (a multiplication and an addition are two)."""
    side = SIDE[device]
    a, b = (torch.randn(side, side, device=device).to(torch.bfloat16) for _ in range(2))
    return waited(lambda: a @ b, device), 2.0 * side**3


def network(name: str, device: str) -> tuple[Callable[[], object], float]:
    """A batch through the network, and its operations."""
    width, height = input_size(name)
    model = build(name).to(device, torch.bfloat16, memory_format=torch.channels_last)  # type: ignore[call-overload]
    images = torch.randn(BATCH[device], 3, height, width, device=device).to(torch.bfloat16)
    images = images.contiguous(memory_format=torch.channels_last)

    def run() -> object:
        with torch.inference_mode():
            return model(images)

    return waited(run, device), 2e9 * cost(name).multiply_adds * BATCH[device]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES, help="models (default: %(default)s)")
    parser.add_argument("--device", choices=sorted(SIDE), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--repeats", type=int, default=10, help="timed calls of each case (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the JSON file (default: %(default)s)")
    arguments = parser.parse_args()
    limit, limit_operations = product(arguments.device)
    timings: list[Timing] = []
    findings: list[Finding] = []
    for name in arguments.names:
        run, operations = network(name, arguments.device)
        measured = timed({f"product beside {name}": limit, name: run}, arguments.repeats)
        timings += measured.values()
        rate = operations / measured[name].median
        peak = limit_operations / measured[f"product beside {name}"].median
        findings.append(Finding(f"{name}: share of the matrix rate", rate / peak))
        findings.append(Finding(f"{name}: images a second", 1e3 * BATCH[arguments.device] / measured[name].median))
    settings = {
        "device": arguments.device,
        "chip": torch.cuda.get_device_name() if arguments.device == "cuda" else "see measured_on",
        "batch": BATCH[arguments.device],
        "side": SIDE[arguments.device],
    }
    finish(Report("matrix_rate", settings, timings, findings), arguments.out)


if __name__ == "__main__":
    main()
