"""How many planted mistakes the data set doctor finds, and how much of what it finds was planted.

Each kind of mistake is planted alone, into one in twenty people or images of a real data set, and the whole set is
examined. What was not planted counts as a false alarm, though real sets have mistakes of their own: where a person
looked at the false alarms, the share of them that are real mistakes is counted, too (REVIEWED).
"""

import argparse
import csv
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.timing import FOLDER, Finding, Report, Timing, finish
from vitruvian.datasets import Dataset, examine, open_dataset, read_lsp
from vitruvian.datasets import Finding as Found
from vitruvian.inference import load
from vitruvian.media import read_image, write_image
from vitruvian.structures import SKELETONS, Labels, Predictions

RATE = 0.05  # of the people, or the images, get a mistake
NEAR, FAR = 0.2, 0.6  # of the longer side of the box: how far a displaced point is moved
APART = 0.05  # of it: keypoints closer together than this are not exchanged, for nobody could tell
RECALL = 0.8  # at which the goal for the precision holds
GOAL = ">= 0.9"
AIMS = ("missing_image", "same_image", "swapped_sides", "swapped_pair", "displaced")  # kinds with a goal

Key = tuple[str, int | None, frozenset[str]]  # what a finding is about: image, instance, keypoints
Planted = tuple[Dataset, set[Key]]

REVIEWED = {
    ("lsp_extended, body14", "displaced"): (32, 25),
    ("lsp_extended, body14", "swapped_neighbours"): (32, 12),
    ("lsp_extended, body14", "swapped_sides"): (32, 6),
}
"""(data set, kind) -> findings in the unchanged labels, chosen at random and looked at on the image, and how many of
them are real mistakes beyond doubt. For most of the sides nobody can tell: silhouettes, profiles, somersaults."""


def shared() -> Path:
    """The folder of real data sets."""
    return Path(os.environ.get("VITRUVIAN_SHARED", Path(__file__).parents[2] / "shared")) / "realdata"


def faces() -> Dataset:
    """1,000 faces of 68 points, from a table of file and x, y of every point."""
    folder = shared() / "youtube_faces_68"
    with (folder / "keypoints.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    xy = np.array([row[1:] for row in rows], np.float64).reshape(len(rows), -1, 2)
    labels = Labels(
        files=np.array([row[0] for row in rows]),
        sizes=np.zeros((len(rows), 2), np.int32),
        image_ids=np.arange(len(rows)),
        groups=np.arange(len(rows)),
        image=np.arange(len(rows), dtype=np.int32),
        ids=np.arange(len(rows)),
        xy=xy,
        visible=np.full(xy.shape[:2], 2, np.uint8),
        boxes=np.concatenate([xy.min(1), xy.max(1)], axis=1),
        area=np.full(len(rows), np.nan),
        crowd=np.zeros(len(rows), bool),
    )
    return Dataset("youtube_faces_68", SKELETONS["face68"], labels, folder)


def bodies() -> Dataset:
    """1,400 people of 14 joints, labelled by a crowd."""
    return read_lsp(shared() / "lsp_extended", one_based=True)


def coco() -> Dataset:
    """1,336 people of 17 joints; the images are not at hand."""
    path = shared() / "eval_reference/coco_val2017_subset/person_keypoints_val2017_subset.json"
    return open_dataset(path, "coco")


def asked(dataset: Dataset, model: str) -> Predictions:
    """What the model says in the labelled boxes of a set with one person an image."""
    top_down = load(model)
    rows = np.flatnonzero(np.isfinite(dataset.labels.xy).all(-1).sum(1) >= 3)
    boxes = dataset.labels.boxes[rows]
    images = (read_image(dataset.path(int(row))) for row in dataset.labels.image[rows])
    poses = list(top_down.stream((image, box[None]) for image, box in zip(images, boxes, strict=True)))
    xy, score = np.concatenate([one.xy for one in poses]), np.concatenate([one.score for one in poses])
    columns = [top_down.skeleton.index(name) for name in dataset.skeleton.names]
    xy, score = xy[:, columns].astype(np.float64), score[:, columns].astype(np.float64)
    return Predictions(dataset.labels.image[rows], xy, score, score.mean(1), boxes, rows.astype(np.int32))


def chosen(dataset: Dataset, rng: np.random.Generator) -> Iterator[int]:
    """The people who get a mistake; those with fewer than six points are spared."""
    usable = np.isfinite(dataset.labels.xy).all(-1).sum(1) >= 6
    yield from np.flatnonzero(usable & ~dataset.labels.crowd & (rng.random(len(usable)) < RATE)).tolist()


def changed(dataset: Dataset, xy: np.ndarray) -> Dataset:
    """The data set with other points."""
    return replace(dataset, labels=replace(dataset.labels, xy=xy))


def key(dataset: Dataset, row: int, keypoints: tuple[int, ...] = ()) -> Key:
    """What a finding about these keypoints of a person is about."""
    labels, names = dataset.labels, dataset.skeleton.names
    return str(labels.files[labels.image[row]]), int(labels.ids[row]), frozenset(names[k] for k in keypoints)


def sizes(dataset: Dataset) -> np.ndarray:
    """(N,) the longer side of what each person's points enclose, pixels."""
    known = np.isfinite(dataset.labels.xy).all(-1, keepdims=True)
    high = np.where(known, dataset.labels.xy, -np.inf).max(1)
    low = np.where(known, dataset.labels.xy, np.inf).min(1)
    return np.where(known.any(1), high - low, 0.0).max(1)


def displaced(dataset: Dataset, rng: np.random.Generator) -> Planted:
    """One point of a person, moved in any direction."""
    xy, size, keys = dataset.labels.xy.copy(), sizes(dataset), set()
    for row in chosen(dataset, rng):
        k = int(rng.choice(np.flatnonzero(np.isfinite(xy[row]).all(-1))))
        angle = rng.uniform(0, 2 * np.pi)
        xy[row, k] += rng.uniform(NEAR, FAR) * size[row] * np.array([np.cos(angle), np.sin(angle)])
        keys.add(key(dataset, row, (k,)))
    return changed(dataset, xy), keys


def exchanged(dataset: Dataset, rng: np.random.Generator, pairs: list[tuple[int, int]]) -> Planted:
    """One of the pairs of keypoints of a person, exchanged."""
    xy, size, keys = dataset.labels.xy.copy(), sizes(dataset), set()
    for row in chosen(dataset, rng):
        apart = [np.linalg.norm(xy[row, a] - xy[row, b]) > APART * size[row] for a, b in pairs]
        if any(apart):
            a, b = pairs[int(rng.choice(np.flatnonzero(apart)))]
            xy[row, [a, b]] = xy[row, [b, a]]
            keys.add(key(dataset, row, (a, b)))
    return changed(dataset, xy), keys


def mirrored(dataset: Dataset) -> list[tuple[int, int]]:
    """Left and right of every joint."""
    return [(k, other) for k, other in enumerate(dataset.skeleton.mirror) if k < other]


def swapped_pair(dataset: Dataset, rng: np.random.Generator) -> Planted:
    """Left and right of one joint."""
    return exchanged(dataset, rng, mirrored(dataset))


def swapped_neighbours(dataset: Dataset, rng: np.random.Generator) -> Planted:
    """The two ends of a limb."""
    return exchanged(dataset, rng, [one for one in dataset.skeleton.limbs if dataset.skeleton.mirror[one[0]] != one[1]])


def swapped_sides(dataset: Dataset, rng: np.random.Generator) -> Planted:
    """Left and right of the whole person."""
    xy, keys = dataset.labels.xy.copy(), set()
    pairs = tuple(k for pair in mirrored(dataset) for k in pair)
    for row in chosen(dataset, rng):
        xy[row] = xy[row, list(dataset.skeleton.mirror)]
        keys.add(key(dataset, row, pairs))
    return changed(dataset, xy), keys


def all_zero(dataset: Dataset, rng: np.random.Generator) -> Planted:
    """All labelled points at (0, 0)."""
    xy, keys = dataset.labels.xy.copy(), set()
    for row in chosen(dataset, rng):
        xy[row] = np.where(np.isfinite(xy[row]), 0.0, np.nan)
        keys.add(key(dataset, row))
    return changed(dataset, xy), keys


def wrong_flag(dataset: Dataset, rng: np.random.Generator) -> Planted:
    """A point with coordinates, flagged as not labelled."""
    visible, keys = dataset.labels.visible.copy(), set()
    for row in chosen(dataset, rng):
        k = int(rng.choice(np.flatnonzero(np.isfinite(dataset.labels.xy[row]).all(-1))))
        visible[row, k] = 0
        keys.add(key(dataset, row, (k,)))
    return replace(dataset, labels=replace(dataset.labels, visible=visible)), keys


def box_outside(dataset: Dataset, rng: np.random.Generator) -> Planted:
    """A box that is moved to the left by its width and the width of the image, and a third of it back."""
    boxes, keys = dataset.labels.boxes.copy(), set()
    for row in chosen(dataset, rng):
        boxes[row, [0, 2]] -= boxes[row, 2] - (boxes[row, 2] - boxes[row, 0]) / 3
        keys.add(key(dataset, row))
    return replace(dataset, labels=replace(dataset.labels, boxes=boxes)), keys


def links(dataset: Dataset, folder: Path) -> Dataset:
    """The data set with its image files linked to from another folder."""
    for row in range(len(dataset)):
        path = folder / str(dataset.labels.files[row])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(dataset.path(row).resolve())
    return replace(dataset, folder=folder)


def missing_image(dataset: Dataset, rng: np.random.Generator, folder: Path) -> Planted:
    """A file that is not there."""
    linked, keys = links(dataset, folder), set()
    for row in np.flatnonzero(rng.random(len(dataset)) < RATE).tolist():
        linked.path(row).unlink()
        keys.add((str(dataset.labels.files[row]), None, frozenset()))
    return linked, keys


def damaged_image(dataset: Dataset, rng: np.random.Generator, folder: Path) -> Planted:
    """A file that is cut somewhere between a tenth and nine tenths."""
    linked, keys = links(dataset, folder), set()
    for row in np.flatnonzero(rng.random(len(dataset)) < RATE).tolist():
        data = dataset.path(row).read_bytes()
        linked.path(row).unlink()
        linked.path(row).write_bytes(data[: int(rng.uniform(0.1, 0.9) * len(data))])
        keys.add((str(dataset.labels.files[row]), None, frozenset()))
    return linked, keys


def same_image(dataset: Dataset, rng: np.random.Generator, folder: Path) -> Planted:
    """A copy of an image instead of another one: the file itself, or smaller, brighter, compressed, mirrored."""
    linked, keys = links(dataset, folder), set()
    rows = np.flatnonzero(rng.random(len(dataset)) < RATE).tolist()
    sources = sorted(set(range(len(dataset))) - set(rows))
    for row, source in zip(rows, rng.choice(sources, len(rows), replace=False).tolist(), strict=True):
        path = linked.path(row)
        path.unlink()
        copied(dataset.path(source), path, int(rng.integers(5)))
        files = dataset.labels.files
        keys.add((str(files[max(row, source)]), None, frozenset()))  # the later of the two is named
    return linked, keys


def copied(source: Path, target: Path, how: int) -> None:
    """One of five copies of an image file."""
    image = read_image(source)
    height, width = image.shape[:2]
    if how == 0:
        shutil.copy(source, target)
    elif how == 1:
        write_image(target, cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA))
    elif how == 2:
        write_image(target, cv2.convertScaleAbs(image, alpha=1.3, beta=20))
    elif how == 3:
        cv2.imwrite(str(target), cv2.cvtColor(image, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, 30))
    else:
        write_image(target, np.ascontiguousarray(image[:, ::-1]))


LABELS: dict[str, Callable[[Dataset, np.random.Generator], Planted]] = {
    one.__name__: one
    for one in (swapped_sides, swapped_pair, swapped_neighbours, displaced, all_zero, wrong_flag, box_outside)
}
FILES: dict[str, Callable[[Dataset, np.random.Generator, Path], Planted]] = {
    one.__name__: one for one in (missing_image, damaged_image, same_image)
}


def judged(name: str, kind: str, found: tuple[Found, ...], keys: set[Key]) -> list[Finding]:
    """Recall, precision, and the precision where the likeliest findings reach RECALL, if they do."""
    ranked = sorted((one for one in found if one.kind == kind), key=lambda one: -one.likelihood)
    right = np.array([(one.image, one.instance, frozenset(one.keypoints)) in keys for one in ranked], bool)
    recall, precision = right.cumsum() / max(len(keys), 1), right.cumsum() / np.arange(1, len(right) + 1)
    reached = np.flatnonzero(recall >= RECALL)
    at_recall = float(precision[reached].max()) if len(reached) else 0.0
    title = f"{name}, {kind}"
    results = [
        Finding(f"{title}: planted", len(keys)),
        Finding(f"{title}: recall", float(right.sum() / max(len(keys), 1))),
        Finding(f"{title}: precision", float(right.mean()) if len(right) else 0.0),
        Finding(f"{title}: precision at {RECALL} recall", at_recall, GOAL if kind in AIMS else ""),
    ]
    if (name, kind) in REVIEWED and len(right):
        seen, real = REVIEWED[name, kind]
        share = (right.sum() + (~right).sum() * real / seen) / len(right)
        results.append(Finding(f"{title}: precision, with real mistakes among {seen} looked at", float(share)))
    return results


def of_labels(name: str, dataset: Dataset, predictions: Predictions | None = None) -> list[Finding]:
    """Every kind of mistake of the labels."""
    results = []
    for kind, plant in LABELS.items():
        planted, keys = plant(dataset, np.random.default_rng(0))
        images = kind == "box_outside" and dataset.path(0).is_file()
        if kind == "box_outside" and not images and not dataset.labels.sizes.all():
            continue
        results += judged(name, kind, examine(planted, predictions, images=images).findings, keys)
    return results


def of_files(name: str, dataset: Dataset) -> list[Finding]:
    """Every kind of mistake of the image files."""
    results = []
    for kind, plant in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            planted, keys = plant(dataset, np.random.default_rng(0), Path(folder))
            results += judged(name, kind, examine(planted).findings, keys)
    return results


def measure(model: str) -> Report:
    """All data sets, without and with a model."""
    face, body, labels_only = faces(), bodies(), coco()
    start = time.perf_counter()
    examine(face)
    timing = Timing.of(f"examine {len(face):,} images, no model", [time.perf_counter() - start])
    results = [*of_labels(face.name, face), *of_labels("coco_val2017_subset", labels_only)]
    results += [*of_labels("lsp_extended", body), *of_labels(f"lsp_extended, {model}", body, asked(body, model))]
    results += of_files("lsp_extended", body)
    settings = {"rate": RATE, "moved": [NEAR, FAR], "exchanged if apart": APART, "model": model}
    return Report("doctor", settings, [timing], results)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="body", help="that is asked about bodies (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the JSON file (default: %(default)s)")
    arguments = parser.parse_args()
    finish(measure(arguments.model), arguments.out)
