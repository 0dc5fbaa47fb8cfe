"""The page of `vitruvian fit`: curves, predictions beside labels, worst cases, and why it was trained as it was."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np

from vitruvian.cli.fit_folder import MODEL, PAGE, RESULT, Decided
from vitruvian.cli.fit_screen import joint_rows
from vitruvian.datasets import Dataset
from vitruvian.draw import Curve, draw_poses, html_cards, html_page, html_picture, html_table, svg_curves
from vitruvian.errors import PoseError
from vitruvian.folders import write_text
from vitruvian.geometry import Crop
from vitruvian.inference import Trial, point_errors, worst_cases
from vitruvian.media import read_image
from vitruvian.metrics import one_by_one
from vitruvian.structures import Poses, Skeleton

SHOWN, WORST = 12, 12  # subjects
SIDE = 260  # pixels of a picture
GAP = 4  # between two of them
AROUND = 1.05  # times what the model sees of the surroundings, in a picture
APART = (255, 64, 96)  # the colour of the line from a prediction to its label


def write_page(out: Path, decided: Decided, trial: Trial, dataset: Dataset, lines: Sequence[str], on: str) -> None:
    """Write the page, with everything it shows inside. lines: the result in words; on: "held-out images (15)"."""
    padding = AROUND * decided.plan.recipe.padding
    sections = [
        *(f"<p>{escape(line)}</p>" for line in lines),
        *(f'<p class="faint">{escape(note)}</p>' for note in decided.notes),
        _charts(out, decided),
        f"<h2>Predictions on {on}</h2>\n<p>Left as labelled; right as predicted, with a line to each label.</p>",
        html_cards(list(_pairs(dataset, trial, _even(trial, SHOWN), padding)), "pairs"),
        f"<h2>Worst cases of the {on}</h2>\n<p>The largest mean errors first; wrong labels are among them, too.</p>",
        html_cards(list(_pairs(dataset, trial, _worst(trial), padding)), "pairs"),
        "<h2>Keypoint by keypoint</h2>",
        _keypoints(trial),
        "<h2>How it was trained, and why</h2>",
        html_table(list(decided.plan.reasons.items())),
        *_joints(decided),
        _use(out),
    ]
    write_text(out / PAGE, html_page(f"{out.absolute().name}: {len(dataset.skeleton)} keypoints", sections))


def _charts(out: Path, decided: Decided) -> str:
    """The curves of the loss and of the score."""
    from vitruvian.training import read_log

    records = read_log(out)
    losses = [(one["step"], one["loss"]) for one in records if one.get("loss") is not None]
    checks = [(one["step"], next(iter(one["values"].values())), one["best"]) for one in records if "values" in one]
    values = [(step, value) for step, value, _ in checks if value is not None]
    best = [(step, value) for step, value, is_best in checks if is_best and value is not None]
    charts = [svg_curves([Curve("loss", losses)], "step", "loss", logarithmic=True)]
    if values:
        curve = Curve(decided.score, values, best[-1] if best else None)
        charts.append(svg_curves([curve], "step", f"{decided.score} on held-out images"))
    return '<div class="charts">\n' + "\n".join(charts) + "\n</div>"


def _even(trial: Trial, count: int) -> np.ndarray:
    """Rows of the labels that have an answer, evenly taken."""
    rows = np.unique(trial.predictions.label) if trial.predictions.label is not None else np.arange(0)
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int))]


def _worst(trial: Trial) -> np.ndarray:
    found = point_errors(trial)
    return np.arange(0) if found is None else worst_cases(found, WORST)


def _pairs(dataset: Dataset, trial: Trial, rows: np.ndarray, padding: float) -> Iterator[str]:
    """A picture of each of the labels, as labelled and as predicted; passed over where it cannot be read."""
    labels, predictions = trial.labels, trial.predictions
    answers = {} if predictions.label is None else {int(label): k for k, label in enumerate(predictions.label)}
    for row in rows.tolist():
        file = str(labels.files[labels.image[row]])
        try:
            image = read_image(dataset.path(int(trial.images[labels.image[row]])))
        except (PoseError, OSError):
            continue
        crop = Crop.around(labels.boxes[row], (SIDE, SIDE), padding)
        true, answer = labels.xy[row], predictions.xy[answers[row]]
        both = _side_by_side(crop.cut(image), crop.to_input(true), crop.to_input(answer), dataset.skeleton)
        apart = np.linalg.norm(answer - true, axis=-1)
        yield html_picture(both, f"{file}: {np.nanmean(apart):.1f} px on average, {np.nanmax(apart):.1f} px at most")


def _side_by_side(pixels: np.ndarray, true: np.ndarray, answer: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """The picture with the labels, and with the answers (K, 2) and a line from each to its label."""
    labelled, answered = draw_poses(pixels, _pose(true), skeleton), draw_poses(pixels, _pose(answer), skeleton)
    both = np.isfinite(true).all(1) & np.isfinite(answer).all(1)
    ends = np.round(np.stack([true, answer], 1)[both].clip(-SIDE, 2 * SIDE)).astype(int)  # (known, 2, 2)
    for label, point in ends.tolist():
        cv2.line(answered, label, point, APART, 1, cv2.LINE_AA)
    return np.concatenate([labelled, np.full((SIDE, GAP, 3), 255, np.uint8), answered], axis=1)


def _pose(xy: np.ndarray) -> Poses:
    """All points are drawn, however unsure."""
    points = xy[None].astype(np.float32)
    return Poses(points, np.ones(points.shape[:2], np.float32), np.full((1, 4), np.nan, np.float32))


def _keypoints(trial: Trial) -> str:
    """The errors of each keypoint in pixels."""
    pred, true = one_by_one(trial.labels, trial.predictions)
    apart = np.linalg.norm(pred - true, axis=-1)
    rows = []
    for k, name in enumerate(trial.skeleton.names):
        known = apart[:, k][np.isfinite(apart[:, k])]
        cells = [f"{np.median(known):.1f}", f"{known.mean():.1f}", f"{known.max():.1f}"] if len(known) else [""] * 3
        rows.append([name, str(len(known)), *cells])
    return html_table(rows, ("keypoint", "labelled", "median error, px", "mean", "largest"))


def _joints(decided: Decided) -> Iterator[str]:
    if any(one.how != "none" for one in decided.matches):
        yield "<h2>Joints of the starting model</h2>"
        yield html_table(joint_rows(decided.matches), ("joint", "starts as", "because of its", "distance, of the box"))


def _use(out: Path) -> str:
    """The commands that go on from here."""
    model = out / MODEL
    lines = [f"vitruvian predict photo.jpg --model {model}", f"vitruvian repro {out / RESULT}"]
    return "<h2>To use it</h2>\n<pre>" + escape("\n".join(lines)) + "</pre>"
