"""What `vitruvian fit` leaves behind: the model as one file, how good it is, and a page of pictures."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.cli.fit_folder import LABELS, MODEL, PAGE, RESULT, SEEN, Decided
from vitruvian.cli.fit_page import write_page
from vitruvian.datasets import FORMATS, Dataset
from vitruvian.errors import DataError, PoseError
from vitruvian.folders import write_text
from vitruvian.geometry import Crop
from vitruvian.inference import Evaluation, Run, Settings, Trial, ask, load, run_model
from vitruvian.inference import conclude as concluded
from vitruvian.media import read_image
from vitruvian.metrics import SCORES, one_by_one, torso_diagonals, torso_scale
from vitruvian.runtime import BUNDLED, ModelCard, pulled

if TYPE_CHECKING:
    from vitruvian.training import Parts

COMPARED = 16  # crops on which the export is compared with the checkpoint
FLIP_TESTED = 0.5  # the probability of mirroring from which on a model looks at every crop twice


def conclude(out: Path, decided: Decided, parts: "Parts") -> int:
    """Export, score, draw and print. Returns the exit code."""
    exported = _export(out, parts.train)
    result, trial, dataset = _score(out, decided, parts)
    on = f"{'images it was trained on' if parts.held_out is None else 'held-out images'} ({result.counts.images})"
    lines = list(summary(result, trial, on))
    write_text(out / RESULT, result.to_json())
    write_page(out, decided, trial, dataset, lines, on)
    use = f"to use it: vitruvian predict photo.jpg --model {out / MODEL}"
    for line in (exported, *lines, f"result -> {out / RESULT}; pictures -> {out / PAGE}", use):
        print(line)
    return 0


def summary(result: Evaluation, trial: Trial, on: str) -> Iterator[str]:
    """How good the model is, a sentence each."""
    pixels = errors_in_pixels(trial)
    if len(pixels):
        yield (
            f"error on {on}: {np.median(pixels):.1f} px in the middle, {pixels.mean():.1f} px on average, "
            f"{np.quantile(pixels, 0.9):.1f} px or less for nine of ten of {len(pixels)} points"
        )
    for name, score in result.scores.items():
        value_name, value = next(iter(score.values.items()))
        if value.value is not None and name != "epe":
            between = "" if value.low is None else f" (95 %: {value.low:.3f} to {value.high:.3f})"
            mean = "" if value.mean_pose is None else f"; the mean pose, without looking: {value.mean_pose:.3f}"
            yield f"{name}: {value_name} {value.value:.3f}{between}{mean}"
    if learnt_nothing(result):
        yield (
            "the mean pose, which does not look at the image, is nearer: the model is of no use yet; give it more "
            "--minutes or more images, and another --out"
        )


def learnt_nothing(result: Evaluation) -> bool:
    """Whether the first score that is known of the mean pose is better for it than for the model."""
    for name, score in result.scores.items():
        value = next(iter(score.values.values()))
        if value.value is not None and value.mean_pose is not None:
            ahead = value.value - value.mean_pose
            return ahead < 0 if SCORES[name].higher_is_better else ahead > 0
    return False


def errors_in_pixels(trial: Trial) -> np.ndarray:
    """How far each labelled point is from its answer, pixels of the image; those that have an answer."""
    pred, true = one_by_one(trial.labels, trial.predictions)
    apart = np.linalg.norm(pred - true, axis=-1)
    return np.asarray(apart[np.isfinite(apart)])


def _export(out: Path, dataset: Dataset) -> str:
    """Write the best checkpoint as one file, and say how well that agrees."""
    from vitruvian.export import export_onnx
    from vitruvian.recipes import card_for, load_checkpoint
    from vitruvian.training import BEST, LAST

    path = out / BEST if (out / BEST).is_file() else out / LAST
    model, recipe = load_checkpoint(path)
    flip_test = recipe.augmentation.flip >= FLIP_TESTED
    about = {"score": "not calibrated", **_origin(dataset, recipe.start)}
    card = card_for(recipe, model, out.absolute().name, flip_test, **about)
    agreement = export_onnx(out / MODEL, model, recipe, card, _crops(card, dataset))
    return (
        f"model -> {out / MODEL}: differs from the checkpoint by {agreement.percentile_99:.1e} px at the 99th "
        f"percentile over {agreement.points} points"
    )


def _origin(dataset: Dataset, start: str) -> dict[str, str]:
    """What the card says of the data: one's own, and those of the starting model, if it is one with a card."""
    trained_on, licence = f"{dataset.about.title}, {len(dataset)} images", dataset.about.licence
    if start in (*BUNDLED, *pulled()):
        before = load(start).network.card
        trained_on += f", starting from {start} ({before.trained_on})"
        licence += f"; of the starting model: {before.data_licence}"
    elif start:
        trained_on += f", starting from {start}"
    return {"trained_on": trained_on, "data_licence": licence}


def _crops(card: ModelCard, dataset: Dataset) -> np.ndarray:
    """(N, height, width, 3) of some labelled subjects. Raises DataError where no image can be read any more."""
    labels = dataset.labels
    found = []
    for row in range(0, len(labels), max(1, len(labels) // COMPARED)):
        try:
            image = read_image(dataset.path(int(labels.image[row])))
        except (PoseError, OSError):
            continue
        found.append(Crop.around(labels.boxes[row], card.input_size, card.padding, card.convention).cut(image))
    if not found:
        raise DataError(f"{dataset.name}: no image in {dataset.folder} can be read any more; put them back, and go on")
    return np.stack(found)


def _score(out: Path, decided: Decided, parts: "Parts") -> tuple[Evaluation, Trial, Dataset]:
    """The evaluation of the exported file on the held-out labels; without any, on those it was trained on."""
    dataset, name = (parts.train, SEEN) if parts.held_out is None else (parts.held_out, LABELS)
    FORMATS["coco_json"].write(dataset, out / name)
    diagonals = torso_diagonals(dataset.skeleton)
    torso = ("pck_torso",) * bool(np.isfinite(torso_scale(dataset.labels.xy, diagonals)).any())
    scores = tuple(dict.fromkeys((decided.score, *torso, "pck_box", "epe")))
    start = time.perf_counter()
    top_down = load(out / MODEL)
    settings = Settings(
        data=str(out / name), model=str(out / MODEL), form="coco_json", folder=str(dataset.folder), scores=scores
    )
    question = ask(settings, top_down)
    trial = run_model(question, top_down)
    return concluded(question, trial, Run(round(time.perf_counter() - start, 2))), trial, question.dataset
