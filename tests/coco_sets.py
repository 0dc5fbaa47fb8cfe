"""Labels and predictions made up or read from COCO's files, and what pycocotools says about them."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from vitruvian.structures import Labels, Predictions

from .parity.metric_oks import PARTS, read_labels

KEYS = ("AP", "AP50", "AP75", "APm", "APl", "AR", "AR50", "AR75", "ARm", "ARl")  # in the order of pycocotools


def some_labels(xy: np.ndarray, image: list[int], images: int, **columns: Any) -> Labels:
    """Labels of people (N, K, 2) in images numbered 10, 20 ...; boxes and areas as the points span them."""
    n = len(xy)
    known = np.isfinite(xy).all(-1)
    boxes = np.zeros((n, 4))
    for row in np.flatnonzero(known.any(1)):
        boxes[row] = [*xy[row][known[row]].min(0), *xy[row][known[row]].max(0)]
    usual = {
        "files": np.array([f"{i}.jpg" for i in range(images)]),
        "sizes": np.zeros((images, 2), np.int32),
        "image_ids": 10 * np.arange(1, images + 1),
        "groups": np.arange(images),
        "image": np.array(image, np.int32),
        "ids": np.arange(1, n + 1),
        "xy": np.asarray(xy, np.float64),
        "visible": np.where(known, 2, 0).astype(np.uint8),
        "boxes": boxes,
        "area": (boxes[:, 2:] - boxes[:, :2]).prod(-1),
        "crowd": np.zeros(n, bool),
    }
    return Labels(**(usual | columns))


def some_predictions(xy: np.ndarray, image: list[int], confidence: list[float], **columns: Any) -> Predictions:
    """Predictions of people (P, K, 2) without boxes, every keypoint with score 1."""
    usual = {
        "image": np.array(image, np.int32),
        "xy": np.asarray(xy, np.float64),
        "score": np.ones(np.shape(xy)[:2]),
        "confidence": np.array(confidence, np.float64),
        "boxes": np.full((len(xy), 4), np.nan),
    }
    return Predictions(**(usual | columns))


def random_set(seed: int, images: int = 8, keypoints: int = 17) -> tuple[Labels, Predictions]:
    """People of all sizes, crowds, people without labelled keypoints, images without people and without answers.

    Answers are labels moved a little, moved far and made up; confidences are tied. Images are not in the order of
    their numbers, and rows not in the order of images.
    """
    rng = np.random.default_rng(seed)
    people, answers = int(rng.integers(0, 4 * images)), int(rng.integers(0, 6 * images))
    size = np.exp(rng.uniform(2, 6, (people, 1, 1)))
    whole = rng.uniform(0, 400, (people, 1, 2)) + size * rng.random((people, keypoints, 2))
    seen = rng.random((people, keypoints)) < rng.choice([0.0, 0.5, 1.0], (people, 1), p=[0.15, 0.5, 0.35])
    image = rng.integers(0, images - 1, people)
    boxes = np.concatenate([whole.min(1), whole.max(1)], -1)
    labels = some_labels(
        np.where(seen[..., None], whole, np.nan), image.tolist(), images, boxes=boxes,
        area=0.6 * (boxes[:, 2:] - boxes[:, :2]).prod(-1), crowd=rng.random(people) < 0.1,
        image_ids=rng.permutation(1000)[:images],
    )  # fmt: skip
    source = rng.integers(0, max(people, 1), answers) if people else np.zeros(0, int)
    off = rng.choice([0.0, 0.02, 0.06, 0.3], len(source))[:, None, None] * size[source] if people else 0.0
    xy = np.round(whole[source] + off * rng.normal(size=(len(source), keypoints, 2)), 2)
    confidence = np.round(rng.random(len(source)), 1)
    return labels, some_predictions(xy, image[source].tolist(), confidence.tolist())


def read_set(truth: Path, results: Path) -> tuple[Labels, Predictions]:
    """Labels and predictions from files in COCO's layout, whole-body parts included."""
    labels = read_labels(json.loads(truth.read_text()))
    rows = json.loads(results.read_text())
    triples = np.array([sum((row.get(part, []) for part in PARTS), []) for row in rows]).reshape(len(rows), -1, 3)  # noqa: RUF017
    image = np.searchsorted(labels.image_ids, [row["image_id"] for row in rows])
    boxes = np.array([row.get("bbox", [np.nan] * 4) for row in rows], np.float64)
    boxes[:, 2:] += boxes[:, :2]
    confidence = np.array([row["score"] for row in rows])
    return labels, Predictions(image.astype(np.int32), triples[..., :2], triples[..., 2], confidence, boxes)


def by_pycocotools(labels: Labels, predictions: Predictions) -> dict[str, float]:
    """The ten values; NaN where pycocotools says -1."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    true, found = as_coco(labels, predictions)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = true
        truth.createIndex()
        results = COCO()
        results.dataset = {**true, "annotations": found}
        results.createIndex()
        evaluation = COCOeval(truth, results, "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return {
        key: float("nan") if value == -1 else float(value) for key, value in zip(KEYS, evaluation.stats, strict=True)
    }


def as_coco(labels: Labels, predictions: Predictions) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """COCO's annotations and results; areas of answers as pycocotools works them out."""
    numbers = labels.image_ids.tolist()
    visible = (labels.visible > 0).astype(float)
    triples = np.concatenate([np.nan_to_num(labels.xy), visible[..., None]], -1)
    sizes = labels.boxes[:, 2:] - labels.boxes[:, :2]
    people = [
        {"id": row + 1, "image_id": numbers[labels.image[row]], "category_id": 1,
         "keypoints": triples[row].ravel().tolist(), "num_keypoints": int(visible[row].sum()),
         "bbox": [*labels.boxes[row, :2], *sizes[row]],
         "area": float(labels.area[row]), "iscrowd": int(labels.crowd[row])}
        for row in range(len(labels))
    ]  # fmt: skip
    points = np.concatenate([predictions.xy, np.ones_like(predictions.score)[..., None]], -1)
    found = [
        {"id": row + 1, "image_id": numbers[predictions.image[row]], "category_id": 1,
         "keypoints": points[row].ravel().tolist(), "score": float(predictions.confidence[row]),
         "area": float(np.ptp(predictions.xy[row], 0).prod())}
        for row in range(len(predictions))
    ]  # fmt: skip
    category = {"id": 1, "name": "person", "keypoints": ["keypoint"] * labels.keypoints, "skeleton": []}
    return {"images": [{"id": number} for number in numbers], "annotations": people, "categories": [category]}, found
