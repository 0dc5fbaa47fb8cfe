"""From a question to an `Evaluation`: run the model, or read the file of predictions, then score."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from vitruvian.datasets import read_detections, read_predictions
from vitruvian.errors import DataError
from vitruvian.inference.evaluation.answers import Answer, answer
from vitruvian.inference.evaluation.calibration import calibration, point_errors
from vitruvian.inference.evaluation.diagnosis import diagnose
from vitruvian.inference.evaluation.journal import Journal
from vitruvian.inference.evaluation.looks import Looks, at_detections, at_labels, joints
from vitruvian.inference.evaluation.question import Question, choose_scores, comparable
from vitruvian.inference.evaluation.result import Counts, Evaluation, Run
from vitruvian.inference.evaluation.scoring import differences, measured, tallies
from vitruvian.inference.evaluation.trial import Trial, scored_file, trial
from vitruvian.inference.top_down import TopDown

SHOWN = 5  # bad images that a result names; it counts all

Watch = Callable[[Iterable[Answer], int], Iterable[Answer]]  # (answers, how many there will be) -> the same, watched


def run_model(
    question: Question, top_down: TopDown, journal: Journal | None = None, watch: Watch | None = None
) -> Trial:
    """Predict everybody who is to be looked at.

    journal: keeps the answers as they come; with those of a run that was killed, that run goes on.
    watch:   sees the answers pass, for a progress bar.

    Raises DataError when there is nobody to look at, or not one image can be read.
    """
    looks = _looks(question)
    total = len(np.unique(looks.image))
    kept = Journal(None, question.key) if journal is None else journal
    answers = answer(top_down.answering(question.dataset.skeleton), question.dataset, looks, kept)
    watched = answers if watch is None else watch(answers, total)
    found = trial(question.dataset, looks, watched, question.settings.min_joints)
    if not len(found.predictions):
        reason = f"{found.bad_images[0].reason}" if found.bad_images else "no box shows anything of its image"
        raise DataError(f"{question.settings.data}: nobody could be looked at: {reason}")
    return found


def _looks(question: Question) -> Looks:
    settings, dataset = question.settings, question.dataset
    if settings.boxes:
        looks = at_detections(read_detections(Path(settings.boxes), dataset))
    else:
        looks = at_labels(dataset.labels, settings.min_joints)
    if not len(looks):
        raise DataError(
            f"{settings.boxes or settings.data}: shows nobody in a usable box"
            + (f" with {settings.min_joints} labelled keypoints" if settings.min_joints > 1 else "")
            + "; give labelled images, or a file of boxes"
        )
    return looks


def read_file(question: Question) -> Trial:
    """The trial of the file of predictions. Raises DataError for a file that is none, or has none."""
    path = Path(question.settings.predictions or "")
    predictions = read_predictions(path, question.dataset)
    if not len(predictions):
        raise DataError(f"{path}: there is no prediction in it; give those of {question.dataset.name}")
    return scored_file(question.dataset, predictions)


def conclude(question: Question, found: Trial, run: Run) -> Evaluation:
    """All numbers of a trial."""
    settings = question.settings
    names, unfit = choose_scores(question, found.predictions.label is not None)
    scored = tallies(found, names)
    rival = None
    if question.rival is not None:
        rival = tallies(replace(found, predictions=found.narrowed(question.rival)), comparable(question, names))
    return Evaluation(
        settings=settings,
        model=question.model,
        data=question.data,
        protocol=question.protocol,
        counts=_counts(found),
        scores=measured(found, scored),
        run=run,
        calibration=calibration(point_errors(found)),
        bad_images=found.bad_images[:SHOWN],
        differences=None if rival is None else differences(rival, scored),
        not_scored=unfit,
        errors=diagnose(found) if settings.errors else None,
    )


def _counts(found: Trial) -> Counts:
    scored = (joints(found.labels) > 0) & ~found.labels.crowd
    return Counts(
        images=found.labels.images,
        instances=int(scored.sum()),
        predictions=len(found.predictions),
        bad_images=len(found.bad_images),
        without_box=found.without_box,
        few_joints=found.few_joints,
    )
