"""Which joint of a model to start from is which joint of one's own labels: by name, by place, or as told."""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from vitruvian.errors import RecipeError, UnknownNameError
from vitruvian.structures import Skeleton, shared_names

How = Literal["name", "place", "told", "none"]
NEAR = 0.1  # of the longer side of the box: the usual distance up to which a place says that two joints are one
TOLD_APART = 0.5  # a joint's own side is at most this much as far away as the other
SAME = {  # words of a name that mean the same, and surely
    "l": "left",
    "lt": "left",
    "lft": "left",
    "r": "right",
    "rt": "right",
    "rgt": "right",
    "shldr": "shoulder",
    "sho": "shoulder",
    "elb": "elbow",
    "wri": "wrist",
    "ank": "ankle",
    "anckle": "ankle",
    "kne": "knee",
    "vertex": "head top",
}
SILENT = {"of", "the", "joint", "point", "keypoint"}


@dataclass(frozen=True)
class Match:
    """A joint of the labels, and the one of the starting model that it is; start: None for none.

    distance: how far the starting model's answers usually are from the labels of the joint, as a share of the longer
              side of the box; None where that was not looked at.
    """

    joint: str
    start: str | None
    how: How
    distance: float | None = None


def match(
    own: Skeleton, start: Skeleton, told: Sequence[tuple[str, str]] = (), distance: np.ndarray | None = None
) -> tuple[Match, ...]:
    """What each joint of one's own skeleton is in the starting model's, each of those once.

    What is `told`, as (own joint, starting joint or ""), goes first, then what the names say, then the places.
    distance: (K, J), as `distances_to` gives it; without it places say nothing.

    Raises UnknownNameError, with the nearest names, for a joint that is told and not there; RecipeError for one of the
    model that is told twice.
    """
    _check_once([other for _, other in told if other])
    known = dict.fromkeys(own.names, -1)
    ways: dict[str, How] = dict.fromkeys(own.names, "none")
    for joint, other in told:
        place = start.index(_checked(other, start, "the starting model")) if other else -1
        known[_checked(joint, own, "your labels")] = place
        ways[joint] = "told"
    fixed = {joint for joint, _ in told}
    for joint, place in _by_name(own, start).items():
        if joint not in fixed and place not in known.values():
            known[joint], ways[joint] = place, "name"
    if distance is not None:
        for joint, place in _by_place(own, start, distance).items():
            if joint not in fixed and known[joint] < 0 and place not in known.values():
                known[joint], ways[joint] = place, "place"
    found = (Match(joint, start.names[place] if place >= 0 else None, ways[joint]) for joint, place in known.items())
    return tuple(one if distance is None else _measured(one, own, start, distance) for one in found)


def rows_of(matches: Sequence[Match], start: Skeleton) -> list[int]:
    """(K,) the rows of the joints in the starting model; -1 for none."""
    return [-1 if one.start is None else start.index(one.start) for one in matches]


def doubts(matches: Sequence[Match], start: Skeleton, own: Skeleton, distance: np.ndarray) -> list[str]:
    """A sentence for each pair that names say and places contradict: the partner on the other side is nearer."""
    found = []
    for one in matches:
        if one.how != "name" or one.start is None:
            continue
        row, place = own.index(one.joint), start.index(one.start)
        twin = start.mirror[place]
        near = distance[row, twin] <= NEAR  # else the model does not know these images, and says nothing
        if twin != place and near and distance[row, twin] < TOLD_APART * distance[row, place]:
            found.append(
                f"your {one.joint} lies where the model finds {start.names[twin]}, not {one.start}; if left and right "
                f"are exchanged in the labels, correct them, or give --joint {one.joint}={start.names[twin]}"
            )
    return found


def distances_to(true: np.ndarray, answers: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """(K, J) the usual distance of each labelled joint from each answered one, in longer sides of the box.

    The usual one is the median, for a model is quite wrong about some people, and that says nothing of its joints.
    true: (N, K, 2), NaN where unlabelled; answers: (N, J, 2); boxes: (N, 4). NaN for a joint that is never labelled.
    """
    side = (boxes[:, 2:] - boxes[:, :2]).max(1)
    apart = np.linalg.norm(true[:, :, None] - answers[:, None], axis=-1) / side[:, None, None]  # (N, K, J)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of joints that are never labelled
        return np.asarray(np.nanmedian(apart, axis=0))


def words(name: str, vocabulary: frozenset[str] = frozenset()) -> frozenset[str]:
    """What a name says, in any order: "LWrist", "wrist_left" and "left wrist" are the same.

    vocabulary: words that may follow an "l" or "r" without a sign between, as in "lwrist".
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    found: list[str] = []
    for word in re.split(r"[^a-z0-9]+", apart.lower()):
        sided = word[:1] in ("l", "r") and word[1:] in vocabulary
        for part in (word[0], word[1:]) if sided else (word,):
            found += SAME.get(part, part).split()
    return frozenset(found) - SILENT - {""}


def _by_name(own: Skeleton, start: Skeleton) -> dict[str, int]:
    """The starting joints whose names say the same; none for a name that says what several do."""
    same = {joint: start.index(other) for joint, other in shared_names(own, start).items()}
    vocabulary = frozenset(word for name in start.names for word in words(name))
    said = [words(name, vocabulary) for name in own.names]
    there = [words(name, vocabulary) for name in start.names]
    alike = {
        joint: there.index(one)
        for joint, one in zip(own.names, said, strict=True)
        if one and said.count(one) == 1 and there.count(one) == 1
    }
    return same | {joint: place for joint, place in alike.items() if joint not in same and place not in same.values()}


def _by_place(own: Skeleton, start: Skeleton, distance: np.ndarray) -> dict[str, int]:
    """Starting joints that are near, each other's nearest, and surely not those of the other side."""
    found = {}
    for k, joint in enumerate(own.names):
        if not np.isfinite(distance[k]).any():
            continue
        place = int(np.nanargmin(distance[k]))
        nearest = int(np.nanargmin(distance[:, place]))
        if distance[k, place] <= NEAR and nearest == k and _on_its_side(own, start, k, place, distance):
            found[joint] = place
    return found


def _on_its_side(own: Skeleton, start: Skeleton, k: int, place: int, distance: np.ndarray) -> bool:
    """Whether left stays left: both names say the same side, or the partner on the other side is much farther."""
    sides = own.side(k), start.side(place)
    if sides[0] == sides[1]:
        return True
    twin = start.mirror[place]
    return "centre" in sides and bool(distance[k, place] <= TOLD_APART * distance[k, twin])


def _measured(one: Match, own: Skeleton, start: Skeleton, distance: np.ndarray) -> Match:
    if one.start is None:
        return one
    value = float(distance[own.index(one.joint), start.index(one.start)])
    return replace(one, distance=value) if np.isfinite(value) else one


def _check_once(joints: Sequence[str]) -> None:
    for joint in joints:
        if list(joints).count(joint) > 1:
            raise RecipeError(f"two joints are told to be {joint} of the model; each of its joints can be one at most")


def _checked(joint: str, skeleton: Skeleton, whose: str) -> str:
    if joint not in skeleton.names:
        raise UnknownNameError(f"joint of {whose}", joint, skeleton.names)
    return joint
