"""What each way of training and decoding gives, on real faces and bodies: `python -m benchmarks.decoding DATA ...`.

One small network, the residual U-Net of `body` with its weights, and a fresh head as each way needs it; the same
images in the same order, the same augmentation, the same number of images seen. From fresh weights, heatmaps trained
by their squared error still answered nothing but zero after 600 steps, so that there was nothing to compare. The models
are scored on other images, in their labelled boxes, without a flip test; and exported, to see what the whole path from
pixels to points costs.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from benchmarks.doctor import shared
from benchmarks.timing import FOLDER, WIDTH, Finding, Report, Timing, timed, write
from vitruvian.codecs import Codec, GaussianHeatmap, IntegralRegression, SimCC, UDPHeatmap
from vitruvian.datasets import Augmentation, Dataset, Everybody, Part, everybody_of, open_dataset
from vitruvian.export import export_onnx
from vitruvian.inference import Evaluation, Run, Settings, ask, conclude, load, run_model
from vitruvian.media import read_image
from vitruvian.models import MODELS, Heads, PoseModel, Size
from vitruvian.models.initialise import small_gaussian
from vitruvian.models.pose_model import MapHead
from vitruvian.models.residual_unet import ResidualUNet
from vitruvian.models.simcc import SimCCHead
from vitruvian.recipes import Recipe, build, card_for, load_checkpoint, save_checkpoint
from vitruvian.structures import SKELETONS
from vitruvian.training import BEST, Hardware, Job, Step, run
from vitruvian.training.start import read_start

SIZE = (128, 128)  # of the input, in pixels
SIGMA, KERNEL = 1.4, 7  # of the bumps, in cells of 4 pixels, and of the blur before DARK, whose deviation is the same
BATCH = 16  # crops in a step
MODEL = "residual_unet_of_any_head"
RUNS = 50  # timed calls of an exported model, 16 crops each


class SoftArgmaxHead(nn.Module):
    """feature (B, C, H, W) -> heatmap (B, K, H, W), which sums to 1, and its mean xy (B, K, 2), shares of the input."""

    def __init__(self, channels: int, heads: Heads):
        super().__init__()
        self.maps = MapHead(channels, {"heatmap": heads["heatmap"]})

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        maps = self.maps(features)["heatmap"].float()
        heatmap = maps.flatten(2).softmax(-1).unflatten(2, maps.shape[2:])
        across, down = (torch.arange(size, device=maps.device) / size for size in (maps.shape[3], maps.shape[2]))
        return {"heatmap": heatmap, "xy": torch.stack([heatmap.sum(2) @ across, heatmap.sum(3) @ down], dim=-1)}


def of_any_head(heads: Heads, input_size: Size) -> PoseModel:
    """The residual U-Net with the head that answers so."""
    backbone = ResidualUNet(stem=16, widths=(48, 96, 160, 256), depths=(1, 2, 2, 2))
    if "x" in heads:
        grid = (input_size[0] // 4, input_size[1] // 4)
        return PoseModel(backbone, SimCCHead(backbone.channels, heads, grid, deconv=False))
    head = (SoftArgmaxHead if "xy" in heads else MapHead)(backbone.channels, heads)
    head.apply(small_gaussian)
    return PoseModel(backbone, head)


@dataclass(frozen=True)
class Way:
    """A way to train and to decode. losses: as in `Recipe`."""

    codec: Codec
    loss: str
    losses: tuple[tuple[str, str], ...] = ()


WAYS: dict[str, Way] = {
    "plain": Way(GaussianHeatmap(SIZE, sigma=SIGMA, refine="quarter"), "heatmap_mse"),
    "DARK": Way(
        GaussianHeatmap(SIZE, sigma=SIGMA, unbiased=True, refine="dark", blur_kernel=KERNEL),
        "heatmap_mse",
    ),
    "UDP": Way(UDPHeatmap(SIZE, sigma=SIGMA, blur_kernel=KERNEL), "heatmap_mse"),
    "soft-argmax": Way(IntegralRegression(SIZE, sigma=SIGMA), "smooth_l1", (("heatmap", "js_discretised"),)),
    "SimCC": Way(SimCC(SIZE, sigma=(4.0, 4.0)), "kl_discretised"),
}


@dataclass(frozen=True)
class Task:
    """What is learned from whom, and how it is scored. form: of the held-out labels, as `open_dataset` takes it."""

    skeleton: str
    train: Callable[[], Everybody]
    held_out: Path
    form: str
    one_based: bool
    score: str
    value: str
    augmentation: Augmentation


def _faces() -> Everybody:
    """2,252 faces of two tables of unnamed points."""
    skeleton = SKELETONS["face68"]
    tables = [open_dataset(shared() / name) for name in ("youtube_faces_68", "ibug_faces_68_crops")]
    return everybody_of([_renamed(table) for table in tables], skeleton)


def _renamed(table: Dataset) -> Part:
    return Part(table, dict(zip(SKELETONS["face68"].names, table.skeleton.names, strict=True)))


def _bodies() -> Everybody:
    """7,733 athletes."""
    return everybody_of([Part(open_dataset(shared() / "lsp_extended_crops"))], SKELETONS["lsp14"])


TURNS = Augmentation(flip=0.5, degrees=30, scale=1.25, shift=0.06, colour=0.3, cut_out=0.3)
TASKS = {
    "faces": Task("face68", _faces, shared() / "ibug_faces_68", "300w", False, "nme_eyes", "NME", TURNS),
    "bodies": Task(
        "lsp14",
        _bodies,
        shared() / "lsp_extended",
        "lsp_extended",
        True,
        "pck_box",
        "PCK@0.2",
        replace(TURNS, degrees=45),
    ),
}


def recipe(task: Task, way: Way, images: int) -> Recipe:
    """Of so many images seen."""
    steps = images // BATCH
    return Recipe(
        skeleton=task.skeleton,
        model=MODEL,
        codec=way.codec,
        loss=way.loss,
        losses=way.losses,
        augmentation=task.augmentation,
        steps=steps,
        warm_up=min(200, steps // 10),
        batch_size=BATCH,
        learning_rate=2e-3,
        weight_decay=0.0,
        average=0.998,
        precision="bfloat16",
    )


def started(chosen: Recipe, folder: Path) -> Path:
    """A checkpoint with what `body` learned, but for the head."""
    torch.manual_seed(chosen.seed)
    model = build(chosen)
    learned = read_start("body").model.backbone.state_dict()
    model.backbone.load_state_dict(learned)
    folder.mkdir(parents=True, exist_ok=True)
    save_checkpoint(folder / "start.safetensors", model, chosen)
    return folder / "start.safetensors"


def trained(task: Task, chosen: Recipe, folder: Path) -> tuple[Path, float]:
    """The checkpoint, and the seconds that its steps took."""
    job = Job(chosen, task.train(), folder, every=10_000, hardware=Hardware(), start=started(chosen, folder))
    steps = [step for step in run(job) if isinstance(step, Step)]
    return folder / BEST, sum(step.seconds for step in steps)


def evaluated(task: Task, checkpoint: Path) -> Evaluation:
    """Scores with their intervals on the held-out images."""
    settings = Settings(
        data=str(task.held_out), model=str(checkpoint), form=task.form, scores=(task.score,), one_based=task.one_based,
        min_joints=6,
    )  # fmt: skip
    top_down = load(checkpoint)
    question = ask(settings, top_down)
    start = time.perf_counter()
    found = run_model(question, top_down)
    return conclude(question, found, Run(time.perf_counter() - start))


def _pictures(task: Task) -> np.ndarray:
    """(8, H, W, 3) pixels to compare an export on."""
    paths = task.train().paths[:8]
    return np.stack([cv2.resize(read_image(path), SIZE, interpolation=cv2.INTER_AREA) for path in paths])


def inference(paths: dict[str, Path]) -> dict[str, Timing]:
    """From 16 crops of pixels to points and scores, in ONNX Runtime."""
    crops = np.random.default_rng(0).integers(0, 256, (16, SIZE[1], SIZE[0], 3), dtype=np.uint8)
    sessions = {
        name: onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]) for name, path in paths.items()
    }
    return timed(
        {
            name: (lambda session=session: session.run(None, {session.get_inputs()[0].name: crops}))
            for name, session in sessions.items()
        },
        RUNS,
    )


def one(name: str, images: int, folder: Path) -> Iterator[dict[str, Any]]:
    """A row for each way: its score and interval, images a second in training."""
    task, exports = TASKS[name], {}
    for way, settings in WAYS.items():
        print(f"{name}, {way}", flush=True)
        home = folder / name / way
        chosen = recipe(task, settings, images)
        checkpoint, seconds = trained(task, chosen, home)
        exports[way] = home / "model.onnx"
        model, stored = load_checkpoint(checkpoint)
        export_onnx(exports[way], model, stored, card_for(stored, model, way), _pictures(task))
        result = evaluated(task, checkpoint)
        value = result.scores[task.score].values[task.value]
        yield {"data": name, "way": way, "score": f"{task.score} {task.value}", **asdict(value),
               "train_images_a_second": images / seconds, "train_seconds": seconds}  # fmt: skip
    yield from ({"data": name, "way": way, "timing": timing} for way, timing in inference(exports).items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(TASKS), help="faces, bodies; default: both")
    parser.add_argument("--images", type=int, default=12_800, help="seen by each model (default: %(default)s)")
    parser.add_argument("--runs", type=Path, default=FOLDER / "decoding", help="folder of the checkpoints")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the JSON file (default: %(default)s)")
    arguments = parser.parse_args()
    MODELS[MODEL] = of_any_head
    rows: list[dict[str, Any]] = []
    timings: list[Timing] = []
    for name in arguments.names:
        for row in one(name, arguments.images, arguments.runs):
            if "timing" in row:
                timings.append(replace(row["timing"], name=f"{name}, {row['way']}"))
            else:
                rows.append(row)
            findings = [Finding(f"{row['data']}, {row['way']}: {row['score']}", row["value"]) for row in rows]
            settings: dict[str, Any] = {"images": arguments.images, "input": SIZE, "rows": rows}
            write(Report("decoding", settings, timings, findings), arguments.out)  # a kill loses one model
    Console(width=WIDTH).print(_table(rows))


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="held-out score, 95 % interval, images a second in training")
    for heading in ("data", "way", "score", "value", "low", "high", "images / s"):
        table.add_column(heading)
    for row in rows:
        numbers = (f"{row[key]:.4f}" for key in ("value", "low", "high"))
        table.add_row(row["data"], row["way"], row["score"], *numbers, f"{row['train_images_a_second']:.0f}")
    return table


if __name__ == "__main__":
    main()
