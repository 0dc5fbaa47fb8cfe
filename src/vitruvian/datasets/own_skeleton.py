"""The skeleton of people's own labels: recognised by its names, or made of them, and checked against the labels."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.mirrors import doubtful_pairs, likely_pairs, usual_distances
from vitruvian.errors import DataError, SkeletonError
from vitruvian.structures import SKELETONS, Labels, Skeleton

UNTOLD = "the names tell no sides"  # how a note begins that suggests pairs
SPREAD = 1 / 3  # sigma over the distance to the nearest other point; COCO's 17 have 0.28 to 0.55, its faces about 0.25
FINEST, COARSEST = 0.007, 0.107  # the range of the sigmas that COCO publishes, faces included


@dataclass(frozen=True)
class Declared:
    """What a file says of its keypoints. limbs, mirror: rows of `names`; None where the file says nothing of them."""

    names: tuple[str, ...]
    name: str = "own"
    limbs: tuple[tuple[int, int], ...] | None = None
    mirror: tuple[int, ...] | None = None
    sigmas: tuple[float, ...] | None = None


@dataclass(frozen=True, eq=False)
class Understood:
    """The skeleton of labels, the labels in its order, and what was taken for granted, a sentence each."""

    skeleton: Skeleton
    labels: Labels
    notes: tuple[str, ...]


def understand(declared: Declared, labels: Labels, path: Path) -> Understood:
    """The skeleton that a file's keypoints make.

    Names that are those of a known skeleton make it that one, and where their order differs, the labels take its order.
    Otherwise the mirror is, in this order, what the file declares, what left and right in the names say, nothing; the
    sigmas are what the file declares, those of a known skeleton that has all these names, or set by the size of what
    surrounds a point. The mirror is compared with the labels, which only adds notes.

    Raises DataError, naming the file, for names that are empty or not unique.
    """
    if not declared.names or not all(name.strip() for name in declared.names):
        raise DataError(f"{path}: the keypoints are named {list(declared.names)}; expected at least one, none empty")
    known = _known(declared)
    if known is not None:
        order = [declared.names.index(name) for name in known.names]
        moved = (f"the keypoints were put into the order of {known.name}",) if order != sorted(order) else ()
        labels = with_order(labels, order)
        return Understood(known, labels, (*moved, *_wrong_pairs(known, usual_distances(labels))))
    mirror, said_mirror = _mirror(declared)
    distances = usual_distances(labels)
    sigmas, said_sigmas = _sigmas(declared, distances)
    limbs = declared.limbs or _limbs_of_known(declared.names)
    try:
        skeleton = Skeleton(declared.name, declared.names, limbs, mirror, sigmas)
    except SkeletonError as error:
        raise DataError(f"{path}: {error}; correct the names and limbs of the file") from error
    return Understood(
        skeleton,
        labels,
        (*said_mirror, *_wrong_pairs(skeleton, distances), *_untold_pairs(skeleton, distances), *said_sigmas),
    )


def with_order(labels: Labels, order: Sequence[int]) -> Labels:
    """The labels with keypoint k what was keypoint order[k]."""
    if list(order) == list(range(labels.keypoints)):
        return labels
    return replace(
        labels,
        xy=labels.xy[:, order],
        visible=labels.visible[:, order],
        xyz=None if labels.xyz is None else labels.xyz[:, order],
    )


def _known(declared: Declared) -> Skeleton | None:
    """The known skeleton of these names: in this order before any other, by its own name before another's."""
    same = [one for one in SKELETONS.values() if set(one.names) == set(declared.names)]
    same = [one for one in same if len(one) == len(declared.names)]
    same.sort(key=lambda one: (one.names != declared.names, one.name != declared.name))
    for one in same:
        partner = {name: one.names[one.mirror[k]] for k, name in enumerate(one.names)}
        if declared.mirror is None or all(
            declared.names[other] == partner[name] for name, other in zip(declared.names, declared.mirror, strict=True)
        ):
            return one
    return None


def _words(name: str) -> str:
    """A name without capitals and signs between its words: "Left-Eye", "leftEye" -> "left eye"."""
    return " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower().replace("_", " ").replace("-", " ").split())


def _containing(names: Sequence[str]) -> tuple[Skeleton, list[int]] | None:
    """A known skeleton that has all these names, however they are written, and their rows in it."""
    wanted = [_words(name) for name in names]
    for one in SKELETONS.values():
        there = [_words(name) for name in one.names]
        if set(wanted) <= set(there) and len(set(wanted)) == len(wanted):
            return one, [there.index(word) for word in wanted]
    return None


def _limbs_of_known(names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """The limbs between these names in a known skeleton that has them all; none without one."""
    found = _containing(names)
    if found is None:
        return ()
    place = {row: k for k, row in enumerate(found[1])}
    return tuple((place[a], place[b]) for a, b in found[0].limbs if a in place and b in place)


def _mirror(declared: Declared) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The mirror, and a note where a side has no partner."""
    if declared.mirror is not None:
        return declared.mirror, ()
    single: dict[str, str] = {}
    while True:  # each round finds one name whose other side is not there
        try:
            mirror = Skeleton.define(declared.name, declared.names, pairs=single).mirror
        except SkeletonError as error:
            alone = next(
                (name for name in declared.names if name not in single and f": {name} has no" in str(error)), ""
            )
            if not alone:
                return tuple(range(len(declared.names))), ()
            single[alone] = alone
        else:
            break
    if not single:
        return mirror, ()
    return mirror, (f"{', '.join(single)} {'have' if len(single) > 1 else 'has'} no partner on the other side",)


def _sigmas(declared: Declared, distances: np.ndarray) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """The sigmas, and a note that says where they are from unless the file declares them."""
    if declared.sigmas is not None:
        return declared.sigmas, ()
    found = _containing(declared.names)
    if found is not None:
        known, rows = found
        return tuple(known.sigmas[row] for row in rows), (f"the sigmas are those of {known.name}, by name",)
    sizes = _surroundings(distances)
    if not np.isfinite(sizes).all():
        default = Skeleton.define("default", declared.names[:1], pairs={declared.names[0]: declared.names[0]}).sigmas
        said = f"the sigmas are {default[0]} throughout, because there are too few labels to measure sizes"
        return default * len(declared.names), (said,)
    sigmas = np.clip(SPREAD * sizes, FINEST, COARSEST).round(4)
    said = (
        f"the sigmas are set by size, a third of the usual distance to the nearest other point: "
        f"{sigmas.min():g} to {sigmas.max():g}; how far annotators differ is not known"
    )
    return tuple(sigmas.tolist()), (said,)


def _surroundings(distances: np.ndarray) -> np.ndarray:
    """(K,) how far the nearest other point usually is, over the square root of the box; NaN where that is not known."""
    nearest = np.where(np.isfinite(distances) & (distances > 0), distances, np.inf).min(1)
    return np.where(np.isfinite(nearest), nearest, np.nan)


def _wrong_pairs(skeleton: Skeleton, distances: np.ndarray) -> tuple[str, ...]:
    """A note on pairs that the labels contradict."""
    names = skeleton.names
    wrong = ", ".join(f"{names[a]} and {names[b]}" for a, b in doubtful_pairs(distances, skeleton.mirror))
    said = f"mirrored by name but not by where they lie in the labels: {wrong}; check the names"
    return (said,) if wrong else ()


def _untold_pairs(skeleton: Skeleton, distances: np.ndarray) -> tuple[str, ...]:
    """A note on pairs that the labels suggest, where the names of most keypoints tell no side."""
    names, alone = skeleton.names, [k for k, other in enumerate(skeleton.mirror) if other == k]
    if len(alone) <= len(skeleton) / 2:
        return ()
    likely = ", ".join(f"{names[a]} and {names[b]}" for a, b in likely_pairs(distances, alone))
    said = f"{UNTOLD}; by where they lie these may be mirrored pairs: {likely}"
    return (said,) if likely else ()
