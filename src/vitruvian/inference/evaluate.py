"""How well a model does on labelled people."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from vitruvian.errors import DataError, ShapeError
from vitruvian.geometry import usable
from vitruvian.inference.top_down import TopDown
from vitruvian.metrics import box_scale, pck, reliability, torso_scale
from vitruvian.structures import Sample, Skeleton

THRESHOLD = 0.2  # of PCK, in torso lengths or box sides


@dataclass(frozen=True, eq=False)
class Evaluation:
    """PCK@0.2 of a model and of the mean pose, for each of K joints and, last, for all together; arrays (K + 1,).

    mean_pose_*: what one gets without looking: every joint at its mean place in the box, over the people scored here.
    people:      how many were scored; torsos: how many of them have the torso that `torso` needs.
    calibration: the mean difference between score and share of points within 0.2 torso, over ten equal groups.
    """

    joints: tuple[str, ...]
    torso: np.ndarray
    box: np.ndarray
    mean_pose_torso: np.ndarray
    mean_pose_box: np.ndarray
    people: int
    torsos: int
    calibration: float

    def to_json(self) -> str:
        """All numbers, by name; null where there was nothing to measure."""
        arrays = ("torso", "box", "mean_pose_torso", "mean_pose_box")
        names = (*self.joints, "all")
        rows = {name: {part: _number(getattr(self, part)[k]) for part in arrays} for k, name in enumerate(names)}
        about = {"people": self.people, "torsos": self.torsos, "calibration": _number(self.calibration)}
        return json.dumps({"metric": f"PCK@{THRESHOLD}", **about, "joints": rows}, indent=1)


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def evaluate_people(top_down: TopDown, samples: Iterable[Sample]) -> Evaluation:
    """Predict everybody in `samples` in the labelled boxes, and score.

    People without a usable box are left out. The torso is the longer of the two shoulder-hip diagonals.

    Raises DataError when nobody is left, ShapeError for labels of another number of keypoints than the model's.
    """
    labels: list[np.ndarray] = []

    def shown() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for sample in samples:
            _check_keypoints(sample, top_down.skeleton)
            image = sample.load()
            rows = usable(sample.poses.boxes, image)
            labels.append(sample.poses.xy[rows])
            yield image, sample.poses.boxes[rows]

    answers = list(top_down.stream(shown()))
    if not any(len(poses) for poses in answers):
        raise DataError("the samples show nobody in a usable box; give labelled images")
    pred = np.concatenate([poses.xy for poses in answers])
    score = np.concatenate([poses.score for poses in answers])
    boxes = np.concatenate([poses.boxes for poses in answers])
    return score_people(pred, score, np.concatenate(labels), boxes, top_down.skeleton)


def _check_keypoints(sample: Sample, skeleton: Skeleton) -> None:
    if sample.poses.xy.shape[1] != len(skeleton):
        raise ShapeError(
            f"{sample.name} is labelled with {sample.poses.xy.shape[1]} keypoints, the model has the {len(skeleton)} "
            f"of {skeleton.name}; evaluate it on data with these"
        )


def score_people(
    pred: np.ndarray, score: np.ndarray, true: np.ndarray, boxes: np.ndarray, skeleton: Skeleton
) -> Evaluation:
    """pred, true: (N, K, 2) image pixels, NaN where unknown; score: (N, K); boxes: (N, 4) x0 y0 x1 y1."""
    torso = torso_scale(true, torso_diagonals(skeleton))
    side = box_scale(boxes)
    trivial = mean_pose(true, boxes)
    return Evaluation(
        joints=skeleton.names,
        torso=pck(pred, true, torso, THRESHOLD),
        box=pck(pred, true, side, THRESHOLD),
        mean_pose_torso=pck(trivial, true, torso, THRESHOLD),
        mean_pose_box=pck(trivial, true, side, THRESHOLD),
        people=len(true),
        torsos=int(np.isfinite(torso).sum()),
        calibration=reliability(pred, score, true, torso, THRESHOLD),
    )


def mean_pose(true: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Every joint at its mean place relative to the box: true (N, K, 2), boxes (N, 4) -> (N, K, 2) image pixels."""
    corner, extent = boxes[:, None, :2], (boxes[:, 2:] - boxes[:, :2])[:, None]
    relative = (true - corner) / extent
    known = np.isfinite(relative).all(-1, keepdims=True)
    mean = np.where(known, relative, 0.0).sum(0) / np.maximum(known.sum(0), 1)
    return corner + mean * extent


def torso_diagonals(skeleton: Skeleton) -> tuple[tuple[int, int], ...]:
    """The pairs (shoulder, opposite hip) of a skeleton; none for a skeleton without them."""
    pairs = (("left_shoulder", "right_hip"), ("right_shoulder", "left_hip"))
    return tuple(
        (skeleton.index(a), skeleton.index(b)) for a, b in pairs if a in skeleton.names and b in skeleton.names
    )
