"""`vitruvian score`: how good the predictions of any system are."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.options import OFF

if TYPE_CHECKING:
    from vitruvian.inference import Evaluation, Question, Trial


def score(
    predictions: Annotated[Path, tyro.conf.Positional],
    data: Annotated[Path, tyro.conf.Positional],
    form: Annotated[str | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    where: Annotated[str | None, OFF] = None,
    scores: Annotated[tuple[str, ...], OFF] = (),
    one_based: tyro.conf.FlagCreatePairsOff[bool] = False,
    compare: Annotated[Path | None, OFF] = None,
    errors: tyro.conf.FlagCreatePairsOff[bool] = False,
    out: Annotated[Path | None, OFF] = None,
    plots: tyro.conf.FlagCreatePairsOff[bool] = False,
) -> int:
    """Score a file of predictions, from any system, with 95 % intervals.

    Scores such as PCK need to know which label each prediction answers: by
    "annotation_id", by its box, or because every image has one of both.

    Args:
        predictions: A COCO results list, or what `vitruvian predict` or `vitruvian evaluate` wrote. Points are in
            pixels of the image; the centre of the top-left pixel is 0, 0.
        data: The annotations, as they are downloaded: a file or a folder.
        form: Of the annotations, such as coco or lsp; without it, what their content tells.
        folder: Of the images, if they are not where the download has them.
        where: A column of the labels, such as test, frontal or occlusion: those alone for which it is true.
        scores: Names of scores, such as oks_ap; without it, what the field scores the data by.
        one_based: The annotations count the first pixel as 1, as tables made from MATLAB files do; those files
            themselves (.mat) are read rightly without.
        compare: A file of other predictions for the same data: the difference, with its interval.
        errors: Tell the kinds of errors too (jitter, inversion, swap, miss, score), and what AP would be without each.
        out: A json file for the result.
        plots: Write charts and the worst cases beside the result.
    """
    from vitruvian.cli.evaluation_files import Files
    from vitruvian.inference import Settings, ask

    files = Files(out, plots)
    settings = Settings(
        data=str(data),
        predictions=str(predictions),
        form=form,
        folder=None if folder is None else str(folder),
        where=where,
        scores=scores,
        one_based=one_based,
        compare=None if compare is None else str(compare),
        errors=errors,
    )
    question = ask(settings)
    trial, result = score_question(question)
    return files.finish(question, trial, result)


def score_question(question: "Question") -> "tuple[Trial, Evaluation]":
    """The trial of a file of predictions, and its evaluation."""
    from vitruvian.inference import Run, conclude, read_file

    start = time.perf_counter()
    trial = read_file(question)
    return trial, conclude(question, trial, Run(round(time.perf_counter() - start, 2)))
