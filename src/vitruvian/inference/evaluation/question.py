"""A question: an evaluation that can begin, because everything that can be refused has been looked at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vitruvian.datasets import Dataset, read_predictions
from vitruvian.errors import DataError, ShapeError, SkeletonError
from vitruvian.inference.evaluation.fingerprint import code_sha256, images_sha256, joined_sha256, labels_sha256
from vitruvian.inference.evaluation.result import DataFacts, ModelFacts, Protocol
from vitruvian.inference.evaluation.scoring import check_scores, fitting, usual_scores
from vitruvian.inference.evaluation.settings import Settings
from vitruvian.inference.evaluation.trial import NMS
from vitruvian.inference.top_down import TopDown
from vitruvian.metrics import BOX_SHARE, SCORES
from vitruvian.runtime import file_sha256, find_model
from vitruvian.structures import Predictions, shared_names


@dataclass(frozen=True, eq=False)
class Question:
    """What was asked, the data, and what the result will say about both and the model.

    model: None where a file is scored; rival: the predictions to compare with, for the whole data set.
    """

    settings: Settings
    dataset: Dataset
    model: ModelFacts | None
    data: DataFacts
    protocol: Protocol
    rival: Predictions | None = None

    @property
    def key(self) -> str:
        """One hash of all that decides the answers of the model."""
        facts = (self.data.labels_sha256, self.data.images_sha256, self.protocol.boxes_sha256)
        asked = (self.settings.backend, self.settings.min_joints, self.dataset.skeleton.names)
        return joined_sha256(map(str, (code_sha256(), self.model, *facts, *asked)))


def ask(settings: Settings, top_down: TopDown | None = None) -> Question:
    """Read the data, and refuse what cannot be answered. top_down: of a model, loaded.

    Raises DataError, UnknownNameError for unknown scores, ShapeError for labels of keypoints that the model lacks.
    """
    check_scores(settings.scores)
    dataset = settings.open_data(1.0 if top_down is None else top_down.network.card.padding)
    if settings.errors or any(name.startswith("oks_ap") for name in settings.scores):
        dataset = _with_areas(dataset)
    if top_down is not None:
        dataset = _answerable(dataset, top_down)
    if not len(dataset.labels):
        raise DataError(f"{settings.data}: nobody is labelled in its {len(dataset)} images; give labelled images")
    boxes = "predictions" if top_down is None else "detections" if settings.boxes else "ground truth"
    protocol = Protocol(
        boxes,
        settings.min_joints,
        _sha256(settings.boxes),
        _sha256(settings.predictions),
        _sha256(settings.compare),
        NMS if boxes == "detections" else None,
    )
    model = None if top_down is None else _model_facts(settings, top_down)
    rival = None if settings.compare is None else _read_rival(settings, dataset)
    question = Question(settings, dataset, model, _data_facts(dataset), protocol, rival)
    if settings.errors:
        _check_errors(question)
    if top_down is not None:  # refuse what cannot be scored before the model runs
        comparable(question, choose_scores(question, boxes == "ground truth")[0])
    return question


def _answerable(dataset: Dataset, top_down: TopDown) -> Dataset:
    """The data set, with a note where the model has more keypoints. Raises ShapeError where it has not all of them."""
    ours, theirs = dataset.skeleton, top_down.skeleton
    if ours.names == theirs.names:
        return dataset
    try:
        top_down.answering(ours)
    except SkeletonError as error:
        raise ShapeError(
            f"{dataset.name} is labelled with the {len(ours)} keypoints of {ours.name}, the model answers with those "
            f"of {theirs.name}: {error}; evaluate it on data whose keypoints it has"
        ) from None
    renamed = [f"{name} is its {other}" for name, other in shared_names(ours, theirs).items() if name != other]
    note = ", ".join(
        [f"of the {len(theirs)} keypoints of the model, the {len(ours)} of {ours.name} are judged", *renamed]
    )
    return replace(dataset, notes=(*dataset.notes, note))


def _with_areas(dataset: Dataset) -> Dataset:
    """The data set where 0.53 x the box stands for areas that are not labelled, as CrowdPose is scored, and a note."""
    labels = dataset.labels
    area = BOX_SHARE * (labels.boxes[:, 2:] - labels.boxes[:, :2]).prod(1)
    needed = np.isnan(labels.area) & np.isfinite(area)
    if not needed.any():
        return dataset
    note = f"{needed.sum()} labels have no area, which OKS needs: {BOX_SHARE} x that of their box stands for it"
    labels = replace(labels, area=np.where(needed, area, labels.area))
    return replace(dataset, labels=labels, notes=(*dataset.notes, note))


def _read_rival(settings: Settings, dataset: Dataset) -> Predictions:
    """The predictions to compare with. Raises DataError where some of them would count as wrong unjustly."""
    path = Path(settings.compare or "")
    rival = read_predictions(path, dataset)
    if settings.min_joints > 1 and rival.label is None:
        raise DataError(
            f"{path}: it is not plain which labels its predictions answer, so those for people with fewer than "
            f'{settings.min_joints} labelled keypoints cannot be left out; add "annotation_id" to its entries, or '
            f"leave min_joints out"
        )
    return rival


def _check_errors(question: Question) -> None:
    """Raises DataError where the kinds of errors cannot be told from these labels."""
    _, reasons = fitting(("oks_ap",), question.dataset, one_by_one=False)
    for reason in reasons.values():
        raise DataError(f"{question.settings.data}: errors are told apart by OKS: {reason}")


def choose_scores(question: Question, one_by_one: bool) -> tuple[tuple[str, ...], dict[str, str]]:
    """The names of the scores to give, and why each of the usual ones that are left out does not fit.

    one_by_one: whether it is known which label each prediction answers. Raises DataError for a score that was asked for
    and cannot be given, and when none is left.
    """
    settings = question.settings
    names = settings.scores or usual_scores(question.dataset, settings.form)
    fit, reasons = fitting(names, question.dataset, one_by_one)
    if reasons and (settings.scores or not fit):
        hint = "" if settings.form or settings.scores else "; of a published data set, name the form"
        raise DataError(f"{settings.data}: {'; '.join(by_reason(reasons))}{hint}")
    return fit, reasons


def by_reason(reasons: Mapping[str, str]) -> Iterator[str]:
    """Why scores are not given, a sentence for each reason: "pck_torso, pck_box: the labels have no ..."."""
    for reason in dict.fromkeys(reasons.values()):
        yield f"{', '.join(name for name, one in reasons.items() if one == reason)}: {reason}"


def comparable(question: Question, names: Sequence[str]) -> tuple[str, ...]:
    """Those of the scores that the predictions to compare with allow. Raises DataError when they allow none."""
    rival = question.rival
    fit = tuple(name for name in names if rival is None or rival.label is not None or not SCORES[name].one_by_one)
    if names and not fit:
        raise DataError(
            f"{question.settings.compare}: it is not plain which labels its predictions answer, and {', '.join(names)} "
            f'compare label by label; add "annotation_id" to its entries, or choose other scores'
        )
    return fit


def _sha256(path: str | None) -> str | None:
    return None if path is None else file_sha256(Path(path))


def _model_facts(settings: Settings, top_down: TopDown) -> ModelFacts:
    card = top_down.network.card
    return ModelFacts(
        name=card.name,
        version=card.version,
        sha256=file_sha256(find_model(settings.model or "")),
        input_size=card.input_size,
        padding=card.padding,
        convention=card.convention,
        flip_test=card.flip_test,
    )


def _data_facts(dataset: Dataset) -> DataFacts:
    return DataFacts(
        name=dataset.name,
        title=dataset.about.title,
        licence=dataset.about.licence,
        citation=dataset.about.citation,
        skeleton=dataset.skeleton.name,
        images=len(dataset),
        instances=len(dataset.labels),
        labels_sha256=labels_sha256(dataset.labels),
        images_sha256=images_sha256(dataset),
        notes=dataset.notes,
    )
