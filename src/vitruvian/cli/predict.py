"""`vitruvian predict`: poses for files, folders and patterns."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from vitruvian.cli.options import OFF
from vitruvian.cli.pull import at_hand
from vitruvian.errors import DataError, RecipeError

if TYPE_CHECKING:
    import numpy as np

    from vitruvian.cli.output import PoseWriter
    from vitruvian.inference import TopDown


def predict(
    source: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="SOURCE...", help_behavior_hint="")],
    out: Path = Path("out"),
    model: str = "body",
    boxes: Annotated[Path | None, OFF] = None,
    draw: bool = True,
    format: Literal["json", "coco", "csv"] = "json",
    heatmap: Annotated[str | None, OFF] = None,
    threshold: float = 0.5,
    keypoints: Annotated[str | None, OFF] = None,
    backend: Literal["auto", "onnxruntime", "openvino", "openvino_bf16", "torch"] = "auto",
    threads: int = 0,
) -> int:
    """Find the joints of people in images; write them to a file, and draw them.

    Files that cannot be used are named at the end; the others are kept.

    The exit code is 1 if there were such files.

    Args:
        source: Image files, folders of images, or patterns such as "photos/*.jpg".
        out: Folder for the poses and the drawings; made if it is not there.
        model: body, hand, face, another name from `vitruvian models`, an exported .onnx file, or a .safetensors
            checkpoint. A published model is pulled on first use.
        boxes: Where the people are: json (plain, COCO, or our own poses.json) or csv. Without it, each whole image is
            taken for one person.
        draw: Draw the poses on each image.
        format: Of the file with the poses.
        heatmap: A joint whose likelihood is laid over the drawings, such as left_wrist.
        threshold: Points with a lower score are not drawn; all are written.
        keypoints: Answer with these alone, such as coco17 out of the 26 of halpe26.
        backend: What runs the model; auto is ONNX Runtime for .onnx files.
        threads: For the model; 0 for one per core.
    """
    from vitruvian.cli.output import PoseWriter, without_drawings
    from vitruvian.datasets import for_paths, read_boxes
    from vitruvian.inference import load
    from vitruvian.media import find_images
    from vitruvian.structures import skeleton

    if not source:
        raise DataError('nothing to look at; give image files, folders or patterns, such as "photos/*.jpg"')
    if keypoints is not None:
        skeleton(keypoints)  # refuse an unknown one before a model is pulled
    if heatmap and not draw:
        raise RecipeError("--heatmap is laid over the drawings, which --no-draw leaves out; leave out one of the two")
    found = find_images(source)
    paths = without_drawings(found, source, out)
    if not paths:
        raise DataError(f"there are only drawings of an earlier run in {out}; give photos, or another --out")
    if len(paths) < len(found):
        print(f"left out {len(found) - len(paths)} drawings of an earlier run in {out}", file=sys.stderr)
    given = for_paths(read_boxes(boxes), paths) if boxes else None
    top_down = load(at_hand(model), backend, threads, keypoints)
    if heatmap:
        top_down.skeleton.index(heatmap)  # refuse an unknown joint before any work
    if given is not None and len(given) < len(paths):
        missing = f"{len(paths) - len(given)} of {len(paths)}"
        print(f"{missing} images are not in {boxes} and are taken as empty", file=sys.stderr)
    writer = PoseWriter(out, top_down, format, draw, heatmap, threshold)
    return _run(top_down, paths, given, writer)


def _run(top_down: "TopDown", paths: list[Path], boxes: "dict[Path, np.ndarray] | None", writer: "PoseWriter") -> int:
    """Through all files with a progress bar; what is finished is written even when the run is stopped."""
    from rich.progress import track

    from vitruvian.cli.output import console
    from vitruvian.inference import predict_files

    outcomes = predict_files(top_down, paths, boxes, keep_images=writer.draw)
    screen = console()
    try:
        for outcome in track(
            outcomes, "predict", len(paths), console=screen, transient=True, disable=not screen.is_terminal
        ):
            writer.add(outcome)
    finally:
        writer.save()
        code = writer.report(len(paths))
    return code
