"""OKS AP of parts: of whole bodies, of single keypoints, and of crowded images.

Sources: COCO-WholeBody, "Whole-Body Human Pose Estimation in the Wild", arXiv:2007.11858; CrowdPose, "CrowdPose:
Efficient Crowded Scenes Pose Estimation and a New Benchmark", arXiv:1812.00324; both as in
https://github.com/jin-s13/xtcocoapi, which published numbers come from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from vitruvian.errors import DataError, ShapeError
from vitruvian.metrics.oks_ap import OksTally, check_keypoints, read_answered, read_labelled
from vitruvian.structures import Labels, Predictions, Skeleton

WHOLEBODY_PARTS = {  # of COCO-WholeBody's 133 keypoints
    "body": range(17),
    "foot": range(17, 23),
    "face": range(23, 91),
    "left hand": range(91, 112),
    "right hand": range(112, 133),
}
BODY = slice(0, 17)  # spans the area of an answer, whichever part is scored
BOX_SHARE = 0.53  # of its box that a person is taken to fill where the data set has no areas
CROWD_NAMES = ("AP", "AP50", "AP75", "AR", "AR50", "AR75")
CROWD_LEVELS = {"easy": (-np.inf, 0.2), "medium": (0.2, 0.8), "hard": (0.8, np.inf)}  # of the crowd index, [low, high)


@dataclass(frozen=True, eq=False)
class PartsTally:
    """Tallies of the same images by the name of the part, "" for the whole; a `Tally` of "AP", "face AP" and so on."""

    parts: Mapping[str, OksTally]

    @property
    def images(self) -> int:
        """I."""
        return next(iter(self.parts.values())).images

    def values(self, times: np.ndarray | None = None) -> dict[str, float]:
        """The ten values of `OksTally` for each part."""
        return {
            f"{part} {name}".strip(): value
            for part, tally in self.parts.items()
            for name, value in tally.values(times).items()
        }

    @property
    def instances(self) -> dict[str, int]:
        """How many people have the part labelled."""
        return {
            f"{part} {name}".strip(): count
            for part, tally in self.parts.items()
            for name, count in tally.instances.items()
        }

    def __add__(self, other: "PartsTally") -> "PartsTally":
        if list(self.parts) != list(other.parts):
            raise ShapeError(
                f"the tallies are of {_listed(self.parts)} and of {_listed(other.parts)}; join like tallies"
            )
        return PartsTally({part: tally + other.parts[part] for part, tally in self.parts.items()})


def _listed(parts: Mapping[str, OksTally]) -> str:
    return ", ".join(part or "the whole" for part in parts)


def oks_ap_wholebody(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> PartsTally:
    """The tally of OKS AP over all 133 keypoints of COCO-WholeBody, and of body, foot, face and each hand; a scorer.

    A part's people are those with a keypoint of it labelled; area and size are always those of the whole person. An
    answer that has no keypoint of a part with a score above 0 is left out of that part.
    """
    if len(skeleton) != 133:
        raise ShapeError(f"the parts of COCO-WholeBody are of 133 keypoints, {skeleton.name} has {len(skeleton)}")
    parts = {"": range(133), **WHOLEBODY_PARTS}
    tallies = _part_tallies(labels, predictions, skeleton, {name: np.array(rows) for name, rows in parts.items()}, BODY)
    return PartsTally(tallies)


def oks_ap_joints(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> PartsTally:
    """The tally of OKS AP of each keypoint by itself, "nose AP" and so on; a scorer.

    OKS is then the similarity of that one keypoint, and only people who have it labelled count; the ranking is that of
    whole people. COCO publishes no such score: it is its own definition with one keypoint.
    """
    joints = {name: np.array([k]) for k, name in enumerate(skeleton.names)}
    return PartsTally(_part_tallies(labels, predictions, skeleton, joints, slice(None)))


def _part_tallies(
    labels: Labels, predictions: Predictions, skeleton: Skeleton, parts: Mapping[str, np.ndarray], spanned: slice
) -> dict[str, OksTally]:
    """parts: name -> (J,) keypoints; spanned: the keypoints that tell an answer's area."""
    check_keypoints(labels, predictions, skeleton)
    labelled, answered = read_labelled(labels), read_answered(predictions, labels.images, spanned)
    sigmas, shown = np.array(skeleton.sigmas), _shown(predictions)
    return {
        name: OksTally(
            labelled.of_joints(joints),
            answered.of_rows(np.flatnonzero(shown[:, joints].any(1))).of_joints(joints),
            tuple(sigmas[joints].tolist()),
            labels.image_ids,
        )
        for name, joints in parts.items()
    }


def _shown(predictions: Predictions) -> np.ndarray:
    """(P, K) bool, the keypoints that an answer has: known, with a score above 0."""
    return np.asarray(np.isfinite(predictions.xy).all(-1) & (predictions.score > 0))


@dataclass(frozen=True, eq=False)
class CrowdTally:
    """The tally of all images and their crowd index (I,), in [0, 1]; a `Tally`."""

    everything: OksTally
    crowd_index: np.ndarray

    @property
    def images(self) -> int:
        """I."""
        return self.everything.images

    def values(self, times: np.ndarray | None = None) -> dict[str, float]:
        """AP, AP50, AP75, AR, AR50, AR75, and AP easy, AP medium and AP hard of images by their crowd index."""
        found = self.everything.values(times)
        once = np.ones(self.images) if times is None else times
        levels = {
            f"AP {level}": self.everything.values(once * chosen)["AP"] for level, chosen in self._levels().items()
        }
        return {name: found[name] for name in CROWD_NAMES} | levels

    @property
    def instances(self) -> dict[str, int]:
        """How many people count, for a level those in its images."""
        found, image = self.everything.instances, self.everything.labelled.image
        levels = {
            f"AP {level}": replace(
                self.everything, labelled=self.everything.labelled.of_rows(np.flatnonzero(chosen[image]))
            ).instances["AP"]
            for level, chosen in self._levels().items()
        }
        return {name: found[name] for name in CROWD_NAMES} | levels

    def _levels(self) -> dict[str, np.ndarray]:
        """(I,) bool, the images of each level."""
        return {
            level: (self.crowd_index >= low) & (self.crowd_index < high) for level, (low, high) in CROWD_LEVELS.items()
        }

    def __add__(self, other: "CrowdTally") -> "CrowdTally":
        return CrowdTally(self.everything + other.everything, np.concatenate([self.crowd_index, other.crowd_index]))


def oks_ap_crowdpose(labels: Labels, predictions: Predictions, skeleton: Skeleton) -> CrowdTally:
    """The tally of OKS AP as CrowdPose publishes it, also for easy, medium and hard images; a scorer.

    The area of a person is 0.53 x that of the box, whatever the labels say. An answer without a keypoint whose score is
    above 0 is left out. The levels are below 0.2, below 0.8 and above, as in the code that the numbers come from, not
    0.1 and 0.8 as in the paper. Raises DataError when the labels have no image column "crowd_index".
    """
    check_keypoints(labels, predictions, skeleton)
    if "crowd_index" not in labels.image_extras:
        raise DataError(
            f"the labels have no crowd index of their images (columns: {', '.join(labels.image_extras) or 'none'}); "
            f"read CrowdPose's own annotations, or score with oks_ap"
        )
    area = BOX_SHARE * (labels.boxes[:, 2:] - labels.boxes[:, :2]).prod(-1)
    answered = read_answered(predictions, labels.images).of_rows(np.flatnonzero(_shown(predictions).any(1)))
    tally = OksTally(read_labelled(labels, area), answered, skeleton.sigmas, labels.image_ids)
    return CrowdTally(tally, np.asarray(labels.image_extras["crowd_index"], np.float64))
