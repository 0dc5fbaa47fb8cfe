"""Everybody: the people of one or several data sets, in one skeleton, to be trained on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.errors import DataError, RecipeError, ShapeError, UnknownNameError
from vitruvian.structures import Skeleton, shared_names

MOST_OFTEN = 1000  # a person is shown in a turn


@dataclass(frozen=True, eq=False)
class Part:
    """A data set to train on, and what of it.

    joints: keypoint of the output skeleton -> keypoint of the data set, for those that it has; None: by name.
    weight: how often each of its people is shown while others are shown once; with 0.5, every second one is, each
            time others.
    """

    dataset: Dataset
    joints: Mapping[str, str] | None = None
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class Everybody:
    """N labelled people in I image files, in one skeleton of K keypoints; arrays and text only.

    files:  (I,) text, the paths of the images.
    image:  (N,) int32, the row of each person's image.
    xy:     (N, K, 2) float32, image pixels; NaN where unknown, and for keypoints that a data set does not have.
    boxes:  (N, 4) float32, x0 y0 x1 y1, image pixels, each with a size.
    weight: (N,) float64, how often each person is shown in a turn.
    notes:  what was left out, a sentence each with its count.

    `everybody_of` makes it from data sets. Raises ShapeError when the arrays do not fit each other.
    """

    skeleton: Skeleton
    files: np.ndarray
    image: np.ndarray
    xy: np.ndarray
    boxes: np.ndarray
    weight: np.ndarray
    notes: tuple[str, ...] = ()
    _groups: tuple[tuple[float, np.ndarray], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        count = len(self.image)
        for name, wanted in (("xy", (count, len(self.skeleton), 2)), ("boxes", (count, 4)), ("weight", (count,))):
            if getattr(self, name).shape != wanted:
                raise ShapeError(f"{name} must be {wanted} for {count} people, got {getattr(self, name).shape}")
        groups = tuple((weight, np.flatnonzero(self.weight == weight)) for weight in np.unique(self.weight).tolist())
        object.__setattr__(self, "_groups", groups)

    def __len__(self) -> int:
        """The number of people, N."""
        return len(self.image)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The image files."""
        return tuple(Path(name) for name in self.files.tolist())

    @cached_property
    def showings(self) -> int:
        """How many crops are shown in a turn, in which everybody is shown as often as their weight says."""
        return sum(whole * len(rows) + more for rows, whole, more in self._shares())

    def turn(self, seed: tuple[int, ...]) -> np.ndarray:
        """(showings,) rows of people: who is shown in a turn, in which order, drawn from the seed."""
        rng = np.random.default_rng(seed)
        shown = [np.zeros(0, np.int64)]
        for rows, whole, more in self._shares():
            shown += [np.tile(rows, whole), rng.choice(rows, more, replace=False) if more else rows[:0]]
        return rng.permutation(np.concatenate(shown))

    def arrays(self) -> tuple[np.ndarray, ...]:
        """All that decides what is shown but the images: other arrays are other data."""
        return self.image, self.xy, self.boxes, self.weight

    def _shares(self) -> Iterator[tuple[np.ndarray, int, int]]:
        """Rows of equal weight, how often all of them are shown, and how many of them are shown once more."""
        for weight, rows in self._groups:
            shown = max(1, round(weight * len(rows)))
            yield rows, *divmod(shown, len(rows))


def everybody_of(parts: Sequence[Part], skeleton: Skeleton) -> Everybody:
    """The people of all parts that have a box with a size and a labelled keypoint of the skeleton; crowds are left out.

    An image that several parts have is one image. Raises UnknownNameError for a keypoint that a part's joints name and
    a skeleton does not have, RecipeError for a part that shares no keypoint with the skeleton, for two keypoints made
    from one and for a weight that is not over 0, and DataError when nobody is left.
    """
    found = [_of_part(part, skeleton) for part in parts]
    notes = tuple(note for one in found for note in one.notes)
    if not sum(map(len, found)):
        names = ", ".join(part.dataset.name for part in parts) or "no data set"
        raise DataError(
            f"{names}: nobody to train on; expected at least one person with a box and a keypoint of {skeleton.name}"
            + "".join(f" ({note})" for note in notes)
        )
    files, image = shared_files([one.files[one.image] for one in found])
    columns = {name: np.concatenate([getattr(one, name) for one in found]) for name in ("xy", "boxes", "weight")}
    return Everybody(skeleton, files, image, **columns, notes=notes)


def _of_part(part: Part, skeleton: Skeleton) -> Everybody:
    """The people of one part, with all images of it."""
    dataset, labels = part.dataset, part.dataset.labels
    if not 0 < part.weight <= MOST_OFTEN:
        raise RecipeError(
            f"the weight of {dataset.name} must be over 0 and at most {MOST_OFTEN}, got {part.weight}; "
            f"leave a part out to show none of it"
        )
    xy = np.full((len(labels), len(skeleton), 2), np.nan, np.float32)
    for k, source in source_of(part, skeleton).items():
        xy[:, k] = labels.xy[:, source]
    boxes = labels.boxes.astype(np.float32)
    labelled = np.isfinite(xy.sum(2)).any(1)
    boxed = np.isfinite(boxes).all(1) & (boxes[:, 2:] > boxes[:, :2]).all(1)
    kept = ~labels.crowd & labelled & boxed
    return Everybody(
        skeleton,
        np.array([str(dataset.path(row)) for row in range(len(dataset))], np.str_),
        labels.image[kept],
        xy[kept],
        boxes[kept],
        np.full(kept.sum(), part.weight),
        _left_out(dataset.name, ~labels.crowd & ~labelled, ~labels.crowd & labelled & ~boxed),
    )


def source_of(part: Part, skeleton: Skeleton) -> dict[int, int]:
    """Row of a keypoint of the skeleton -> row of the keypoint of the part's data set that it is made from.

    Raises as `everybody_of`.
    """
    return joints_of(part.dataset.name, part.dataset.skeleton, part.joints, skeleton)


def joints_of(data: str, own: Skeleton, joints: Mapping[str, str] | None, skeleton: Skeleton) -> dict[int, int]:
    """The same for data of that name in a skeleton of their own. joints: as in `Part`. Raises as `everybody_of`."""
    joints = shared_names(skeleton, own) if joints is None else joints
    if not joints:
        raise RecipeError(
            f"{data} ({own.name}: {', '.join(own.names)}) shares no keypoint with {skeleton.name} "
            f"({', '.join(skeleton.names)}); say which keypoint of it is which of the skeleton"
        )
    for end, one in ((joints, skeleton), (joints.values(), own)):
        for name in end:
            if name not in one.names:
                raise UnknownNameError(f"keypoint of {one.name} in the joints of {data}", name, one.names)
    twice = sorted({source for source in joints.values() if list(joints.values()).count(source) > 1})
    if twice:
        made = ", ".join(name for name, source in joints.items() if source == twice[0])
        raise RecipeError(f"{data}: {made} are all made from {twice[0]}; a keypoint can become one only")
    return {skeleton.index(name): own.index(source) for name, source in joints.items()}


def _left_out(name: str, unlabelled: np.ndarray, boxless: np.ndarray) -> tuple[str, ...]:
    """A sentence for each reason to leave people out, (N,) bool each."""
    counts = {"a labelled keypoint of the skeleton": unlabelled.sum(), "a box with a size": boxless.sum()}
    said = [(what, f"{count} {'person' if count == 1 else 'people'}") for what, count in counts.items() if count]
    return tuple(f"{name}: {who} without {what} left out" for what, who in said)


def nobody(skeleton: Skeleton) -> Everybody:
    """No people, to train on endless pictures alone."""
    none = np.zeros(0)
    return Everybody(
        skeleton,
        none.astype(np.str_),
        none.astype(np.int32),
        np.zeros((0, len(skeleton), 2), np.float32),
        np.zeros((0, 4), np.float32),
        none,
    )


def shared_files(names: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Each file that is named once, in the order in which they first appear, and the row of each name among them."""
    every = np.concatenate(names)
    files, first, row = np.unique(every, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    return files[order], place[row]
