"""`vitruvian evaluate`: how good a model is on labelled images."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from vitruvian.cli.options import OFF
from vitruvian.cli.pull import at_hand

if TYPE_CHECKING:
    from vitruvian.inference import Answer, Evaluation, Question, TopDown, Trial


def evaluate(
    model: Annotated[str, tyro.conf.Positional],
    data: Annotated[Path, tyro.conf.Positional],
    form: Annotated[str | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    boxes: Annotated[Path | None, OFF] = None,
    where: Annotated[str | None, OFF] = None,
    scores: Annotated[tuple[str, ...], OFF] = (),
    min_joints: int = 1,
    one_based: tyro.conf.FlagCreatePairsOff[bool] = False,
    compare: Annotated[Path | None, OFF] = None,
    errors: tyro.conf.FlagCreatePairsOff[bool] = False,
    out: Annotated[Path | None, OFF] = None,
    plots: tyro.conf.FlagCreatePairsOff[bool] = False,
    backend: Literal["auto", "onnxruntime", "openvino", "openvino_bf16", "torch"] = "auto",
    threads: int = 0,
) -> int:
    """Run a model over a data set and score it, with 95 % intervals.

    With --out, a run that was stopped or killed goes on where it was.

    Unreadable images are left out with everybody in them, and counted.

    Args:
        model: A name from `vitruvian models`, an exported .onnx file, or a .safetensors checkpoint.
        data: The annotations, as they are downloaded: a file or a folder.
        form: Of the annotations, such as coco or lsp; without it, what their content tells.
        folder: Of the images, if they are not where the download has them.
        where: A column of the labels, such as test, frontal or occlusion: those alone for which it is true.
        boxes: A detector's file of boxes: a COCO list of detections, or what `vitruvian predict` takes. Without it,
            the labelled boxes.
        scores: Names of scores, such as pck_box; without it, what the field scores the data by.
        min_joints: Leave people with fewer labelled joints out.
        one_based: The annotations count the first pixel as 1, as tables made from MATLAB files do; those files
            themselves (.mat) are read rightly without.
        compare: A file of other predictions for the same data: the difference, with its interval.
        errors: Tell the kinds of errors too (jitter, inversion, swap, miss, score), and what AP would be without each.
        out: A json file for the result; the predictions are written beside it.
        plots: Write charts and the worst cases beside the result; in a detector's boxes, of the people whose labelled
            box overlaps one by half.
        backend: What runs the model; auto is ONNX Runtime for .onnx files.
        threads: For the model; 0 for one per core.
    """
    from vitruvian.cli.evaluation_files import Files
    from vitruvian.inference import Settings, ask, load

    files = Files(out, plots)
    settings = Settings(
        data=str(data),
        model=at_hand(model),
        form=form,
        folder=_text(folder),
        boxes=_text(boxes),
        where=where,
        scores=scores,
        min_joints=min_joints,
        one_based=one_based,
        compare=_text(compare),
        backend=backend,
        errors=errors,
    )
    top_down = load(settings.model or "", backend, threads)
    question = ask(settings, top_down)
    trial, result = run_question(question, top_down, files.journal)
    return files.finish(question, trial, result)


def run_question(question: "Question", top_down: "TopDown", journal: Path | None) -> "tuple[Trial, Evaluation]":
    """The model's trial and its evaluation, with a progress bar on stderr."""
    from vitruvian.inference import Journal, Run, conclude, images_done, run_model

    start, kept = time.perf_counter(), Journal(journal, question.key)
    if kept.began_anew:
        print(f"the answers kept in {journal} are of another model, data or code, and are not used", file=sys.stderr)
    done = images_done(kept)
    if done:
        print(f"going on with an earlier run: {done} images are done", file=sys.stderr)
    trial = run_model(question, top_down, kept, _watched)
    return trial, conclude(question, trial, Run(round(time.perf_counter() - start, 2), done > 0))


def _watched(answers: "Iterable[Answer]", total: int) -> "Iterable[Answer]":
    from rich.progress import track

    from vitruvian.cli.output import console

    screen = console()
    return track(answers, "evaluate", total, console=screen, transient=True, disable=not screen.is_terminal)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
