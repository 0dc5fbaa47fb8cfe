"""MOTA as PoseTrack scores it: misses, false alarms and switches of identity, every joint apart."""

from dataclasses import dataclass, field

import numpy as np

from vitruvian.errors import DataError, needs
from vitruvian.metrics.clips import clips
from vitruvian.metrics.per_image import MeanTally
from vitruvian.metrics.posetrack_frames import JOINTS, Frame, people_with, read_frames, scores_of
from vitruvian.structures import Labels, Predictions, Skeleton

COUNTS = ("objects", "misses", "alarms", "switches", "matches", "distance")


@dataclass
class Follower:
    """Who was last matched with whom, of one joint in one clip: label's track -> prediction's track."""

    last: dict[int, int] = field(default_factory=dict)

    def update(self, people: np.ndarray, answers: np.ndarray, distance: np.ndarray) -> tuple[float, ...]:
        """Match one more frame, and count it as `COUNTS` names it.

        people: (G,) tracks of the labels, answers: (P,) of the predictions; distance: (G, P), infinite where they
        cannot be the same. A pair of before stays while it is possible; the rest are as many pairs as can be, of the
        smallest total distance. A label with another track than its last, however long ago, is a switch.
        """
        pairs = self._kept(people, answers, distance)
        free = distance.copy()
        for g, p in pairs:
            free[g], free[:, p] = np.inf, np.inf
        fresh = assigned(free)
        before = [(self.last.get(int(people[g])), int(answers[p])) for g, p in fresh]
        switches = sum(old is not None and old != new for old, new in before)
        pairs += fresh
        self.last |= {int(people[g]): int(answers[p]) for g, p in pairs}
        far = sum(float(distance[g, p]) for g, p in pairs)
        return len(people), len(people) - len(pairs), len(answers) - len(pairs), switches, len(pairs), far

    def _kept(self, people: np.ndarray, answers: np.ndarray, distance: np.ndarray) -> list[tuple[int, int]]:
        """The pairs of the frames before that are still possible: rows of people and of answers."""
        place = {int(track): p for p, track in enumerate(answers)}
        pairs = []
        for g, track in enumerate(people):
            p = place.get(self.last[int(track)]) if int(track) in self.last else None
            if p is not None and np.isfinite(distance[g, p]):
                pairs.append((g, p))
                del place[int(answers[p])]
        return pairs


def assigned(distance: np.ndarray) -> list[tuple[int, int]]:
    """As many pairs of a row and a column as can be, then of the smallest total distance: (G, P), infinite for never.

    Raises MissingPackageError without SciPy.
    """
    possible = np.isfinite(distance)
    if not possible.any():
        return []
    if possible.sum(0).max() == 1 and possible.sum(1).max() == 1:  # nobody to choose between
        return [(int(g), int(p)) for g, p in np.argwhere(possible)]
    with needs("eval", "scoring of tracks"):
        from scipy.optimize import linear_sum_assignment
    never = 1 + 2 * float(distance[possible].sum())  # dearer than any number of possible pairs
    rows, columns = linear_sum_assignment(np.where(possible, distance, never))
    return [(int(g), int(p)) for g, p in zip(rows, columns, strict=True) if possible[g, p]]


def mota(labels: Labels, predictions: Predictions, skeleton: Skeleton, drop_last: bool = True) -> MeanTally:
    """MOTA of PoseTrack, at most 1: 1 - (misses + false alarms + switches) / labelled joints, each joint apart.

    "MOTA" is the mean of 15 joints, then by part of the body and by joint; "MOTP" is 1 - the mean distance of matches
    in head sizes; "precision" and "recall" are shares of joints matched; all means of joints. A joint can be matched
    within 0.5 head sizes; clips are the groups of the labels, in the order of the image column "frame".

    As poseval has it (https://github.com/leonid-pishchulin/poseval, which prints percents): only frames in which
    somebody is labelled count; of those the last one of each clip does not (`drop_last`), which dates from a fault of
    the annotations; a frame without predictions, or with nothing but regions to be ignored, counts for every joint as
    one label missed and one false alarm, whoever is in it; MOTP is NaN without a match, where poseval says 0, and of
    matches only, to which poseval adds other pairs when run with a recent motmetrics.
    Frames of a clip are not independent, so the interval over images is too narrow where there are few clips.

    Raises DataError where labels or predictions have no tracks, or labels no head boxes.
    Source: Bernardin and Stiefelhagen, "Evaluating Multiple Object Tracking Performance", 2008.
    """
    for name, tracks in (("labels", labels.tracks), ("predictions", predictions.tracks)):
        if tracks is None:
            raise DataError(f"the {name} have no tracks, which MOTA is about; score single frames by posetrack_ap")
    counted = {frame.image: frame for frame in read_frames(labels, predictions, skeleton)}
    counts = np.zeros((labels.images, len(JOINTS), len(COUNTS)))
    labelled = [np.zeros((0, len(JOINTS)), bool)]
    for clip in clips(labels):
        frames = [counted[int(image)] for image in clip if int(image) in counted]
        followers = [Follower() for _ in JOINTS]
        for frame in frames[: len(frames) - drop_last]:
            counts[frame.image] = _counts(frame, labels, predictions, followers)
            labelled.append(frame.labelled)
    return _tally(counts, np.concatenate(labelled))


def _counts(frame: Frame, labels: Labels, predictions: Predictions, followers: list[Follower]) -> np.ndarray:
    """(J, 6) the counts of a frame."""
    if not len(frame.people) or not len(frame.answers):
        return np.tile([1.0, 1.0, 1.0, 0.0, 0.0, 0.0], (len(followers), 1))
    assert labels.tracks is not None
    assert predictions.tracks is not None
    people, answers = labels.tracks[frame.people], predictions.tracks[frame.answers]
    possible = np.where(frame.near, frame.distance, np.inf)
    rows = []
    for j, follower in enumerate(followers):
        there, found = frame.labelled[:, j], frame.predicted[:, j]
        rows.append(follower.update(people[there], answers[found], possible[found][:, there, j].T))
    return np.array(rows)


def _tally(counts: np.ndarray, labelled: np.ndarray) -> MeanTally:
    """(I, J, 6) counts and (M, J) labelled joints of people -> the tally of MOTA, MOTP, precision and recall."""
    objects, misses, alarms, switches, matches, distance = np.moveaxis(counts, -1, 0)  # each (I, J)
    parts = {
        "MOTA": (objects - misses - alarms - switches, objects),
        "MOTP": (matches - distance, matches),
        "precision": (matches, matches + alarms),
        "recall": (matches, objects),
    }
    columns = [f"{name} {joint}" for name in parts for joint in JOINTS]
    scores = {name: scores_of(name, parts=name == "MOTA") for name in parts}
    joints = {score: members for found in scores.values() for score, members in found.items()}
    means = [[f"{name} {one}" for one in members] for name, found in scores.items() for members in found.values()]
    shares = np.array([[float(column in mean) for column in columns] for mean in means])
    sums, totals = (np.concatenate(side, axis=1) for side in zip(*parts.values(), strict=True))
    people = np.array([people_with(members, labelled) for members in joints.values()], np.int64)
    return MeanTally(tuple(joints), sums, totals, shares, people)
