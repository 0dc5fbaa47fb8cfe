"""AP as PoseTrack scores it: every joint apart, after matching people by the share of their joints that are near."""

from dataclasses import dataclass

import numpy as np

from vitruvian.errors import ShapeError
from vitruvian.metrics.posetrack_frames import JOINTS, people_with, read_frames, scores_of
from vitruvian.structures import Labels, Predictions, Skeleton


@dataclass(frozen=True, eq=False)
class JointPrecisions:
    """The D predicted joints and M labelled people of I images, of J joints; D over all joints together.

    image, joint: (D,) rows, by falling score; score: (D,); correct: (D,) bool, near the person matched.
    person: (M,), the image of each; labelled: (M, J) bool, the joints of each.
    """

    images: int
    image: np.ndarray
    joint: np.ndarray
    score: np.ndarray
    correct: np.ndarray
    person: np.ndarray
    labelled: np.ndarray

    def __post_init__(self) -> None:
        order = np.lexsort((-self.score, self.joint))  # stable: equal scores stay in the order they came in
        for name in ("image", "joint", "score", "correct"):
            object.__setattr__(self, name, getattr(self, name)[order])

    def values(self, times: np.ndarray | None = None) -> dict[str, float]:
        """AP in [0, 1]: "AP", the mean of the joints; by part of the body; by joint. NaN for a joint without label."""
        weights = np.ones(self.images) if times is None else np.asarray(times, np.float64)
        if weights.shape != (self.images,):
            raise ShapeError(f"times must be ({self.images},), one number an image, got {weights.shape}")
        labelled, weight = weights[self.person] @ self.labelled, weights[self.image]
        ends = np.searchsorted(self.joint, np.arange(len(JOINTS) + 1))
        joints = {
            name: average_precision(self.correct[first:last], labelled[j], weight[first:last])
            for j, (name, first, last) in enumerate(zip(JOINTS, ends[:-1], ends[1:], strict=True))
        }
        return {name: _mean([joints[one] for one in part]) for name, part in scores_of("AP").items()}

    @property
    def instances(self) -> dict[str, int]:
        """How many people have any of the joints labelled."""
        return {name: people_with(part, self.labelled) for name, part in scores_of("AP").items()}

    def __add__(self, other: "JointPrecisions") -> "JointPrecisions":
        """The tally of both: first the images of this one, then those of the other."""
        return JointPrecisions(
            self.images + other.images,
            np.append(self.image, other.image + self.images),
            np.append(self.joint, other.joint),
            np.append(self.score, other.score),
            np.append(self.correct, other.correct),
            np.append(self.person, other.person + self.images),
            np.concatenate([self.labelled, other.labelled]),
        )


def average_precision(correct: np.ndarray, labelled: float, weight: np.ndarray) -> float:
    """The area under precision against recall, precision being raised to the highest at any larger recall.

    correct: (D,) bool by falling score; labelled: how many there are to find; weight: (D,) >= 0, how often each
    prediction counts. NaN where nothing is labelled. Source: Everingham et al., "The PASCAL Visual Object Classes
    (VOC) Challenge", the area under all points.
    """
    if not labelled > 0:
        return float("nan")
    found, shown = np.cumsum(weight * correct), np.cumsum(weight)
    precision = np.where(shown > 0, found / np.where(shown > 0, shown, 1.0), 0.0)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(found, prepend=0.0) * best).sum() / labelled)


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return sum(known) / len(known) if known else float("nan")


def posetrack_ap(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> JointPrecisions:
    """AP of PoseTrack in [0, 1]: a joint is right within 0.5 head sizes of the person it is matched with.

    Head size: 0.6 times the diagonal of the head box. Each predicted joint ranks by its own score, not by the
    person's. As in poseval (https://github.com/leonid-pishchulin/poseval, which prints percents): only images in
    which somebody is labelled count; a prediction goes to one label at most and a label to one prediction; regions to
    be ignored are cut out of labels and predictions (`read_frames`); "AP" is the mean over 15 joints, in which the
    head has three. Equal scores rank in the order of the predictions, where poseval's order is undefined. A joint
    that is nowhere labelled is NaN and left out of the mean, also where poseval, for want of predictions, says 0.
    Ids of tracks play no part. Raises DataError without head boxes (the column "head_box").
    """
    parts = []
    person = [np.zeros(0, np.int64)]
    labelled = [np.zeros((0, len(JOINTS)), bool)]
    for frame in read_frames(labels, predictions, skeleton):
        labelled.append(frame.labelled)
        person.append(np.full(len(frame.labelled), frame.image))
        answer, joint = np.nonzero(frame.predicted)
        score = predictions.score[frame.answers][:, [skeleton.index(name) for name in JOINTS]]
        parts.append((np.full(len(joint), frame.image), joint, score[answer, joint], frame.correct()[answer, joint]))
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, bool))
    image, joint, score, correct = (np.concatenate(column) for column in zip(none, *parts, strict=True))
    return JointPrecisions(
        labels.images, image, joint, score, correct, np.concatenate(person), np.concatenate(labelled)
    )
