"""What the benchmarks share: interleaved timing, medians, ratios with goals, JSON that says where it was measured."""

import argparse
import gc
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

PACKAGES = ("vitruvian", "numpy", "opencv-python-headless", "onnxruntime", "openvino", "torch", "tyro")
FOLDER = Path("out/benchmarks")
WIDTH = 120  # of the tables, in characters


@dataclass(frozen=True)
class Timing:
    """How long one thing took, in milliseconds: the median of `repeats`, and the quartiles around it.

    published: the time of another system, measured elsewhere, for orientation only; never part of a ratio.
    """

    name: str
    median: float
    low: float
    high: float
    repeats: int
    published: float | None = None

    @classmethod
    def of(cls, name: str, seconds: Sequence[float], published: float | None = None) -> "Timing":
        """The summary of some measured times."""
        low, median, high = np.quantile(np.array(seconds) * 1e3, [0.25, 0.5, 0.75]).tolist()
        return cls(name, round(median, 4), round(low, 4), round(high, 4), len(seconds), published)


@dataclass(frozen=True)
class Finding:
    """A number that matters: a ratio of two medians of one run, a share, or a time. goal: ">= 15" or "" for none."""

    name: str
    value: float
    goal: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if not self.goal:
            return None
        relation, limit = self.goal.split()
        return self.value >= float(limit) if relation == ">=" else self.value <= float(limit)


@dataclass(frozen=True)
class Report:
    """What one benchmark found. settings: what the numbers depend on, such as sizes and threads."""

    benchmark: str
    settings: Mapping[str, Any]
    timings: Sequence[Timing]
    findings: Sequence[Finding]


def interleaved(cases: Mapping[str, Callable[[], object]], repeats: int, warm_up: int = 2) -> dict[str, list[float]]:
    """Seconds of every call, case by case: A B C A B C ..., so that a busy moment falls on all of them alike."""
    for _ in range(warm_up):
        for call in cases.values():
            call()
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeats):
            for name, call in cases.items():
                start = time.perf_counter()
                call()
                seconds[name].append(time.perf_counter() - start)
    finally:
        gc.enable()
    return seconds


def timed(
    cases: Mapping[str, Callable[[], object]],
    repeats: int,
    published: Mapping[str, float] | None = None,
    warm_up: int = 2,
) -> dict[str, Timing]:
    """`interleaved`, summed up by case. published: milliseconds of another system, by the name of the case."""
    measured = interleaved(cases, repeats, warm_up)
    return {name: Timing.of(name, seconds, (published or {}).get(name)) for name, seconds in measured.items()}


def ratio(name: str, timings: Mapping[str, Timing], over: str, under: str, goal: str = "") -> Finding:
    """The median of one case divided by that of another of the same run."""
    return Finding(name, timings[over].median / timings[under].median, goal)


def finish(report: Report, folder: Path) -> None:
    """Print the report as tables and write it to `folder`."""
    console = Console(width=WIDTH)
    console.print(_timing_table(report))
    console.print(_finding_table(report))
    write(report, folder)


def write(report: Report, folder: Path) -> None:
    """Write the report to `folder`, with what it was measured on."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report.benchmark}.json"
    findings = [{**asdict(finding), "met": finding.met} for finding in report.findings]
    content = {**asdict(report), "findings": findings, "measured_on": surroundings()}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"-> {path}")


def _timing_table(report: Report) -> Table:
    table = Table(title=f"{report.benchmark}, milliseconds")
    table.add_column("case")
    for heading in ("median", "quartiles", "repeats", "published elsewhere"):
        table.add_column(heading, justify="right")
    for timing in report.timings:
        published = "" if timing.published is None else f"{timing.published:g}"
        quartiles = f"{timing.low:.2f} .. {timing.high:.2f}"
        table.add_row(timing.name, f"{timing.median:.2f}", quartiles, str(timing.repeats), published)
    return table


def _finding_table(report: Report) -> Table:
    table = Table(title=f"{report.benchmark}, in this run")
    table.add_column("what")
    for heading in ("value", "goal", ""):
        table.add_column(heading, justify="right")
    for finding in report.findings:
        verdict = {None: "", True: "met", False: "missed"}[finding.met]
        value = f"{finding.value:.0f}" if finding.value >= 100 else f"{finding.value:.3g}"
        table.add_row(finding.name, value, finding.goal, verdict)
    return table


def surroundings() -> dict[str, Any]:
    """Commit, versions and device: what a number depends on besides the code that is timed."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": _commit(),
        "python": platform.python_version(),
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def _commit() -> str | None:
    """The commit, with a + when files were changed since; None outside a clone."""
    try:
        return _git("rev-parse", "HEAD") + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def options(description: str | None, repeats: int) -> argparse.Namespace:
    """The command line of a benchmark: --repeats and --out."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repeats", type=int, default=repeats, help="timed calls of each case (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the JSON file (default: %(default)s)")
    return parser.parse_args()
