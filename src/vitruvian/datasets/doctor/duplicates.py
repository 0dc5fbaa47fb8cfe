"""Pictures that are there more than once, within a data set or across its splits.

Two pictures are compared by the correlation of their small versions, which does not change with brightness and
contrast, and hardly with size and compression; mirrored copies are found as well. Coarse structure alone (bright sky
above dark ground) makes many photos alike, so the fine structure must agree, too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.doctor.finding import Finding, Fix
from vitruvian.datasets.doctor.pictures import SIDE, Picture

BLOCK = 2048  # pictures that are compared at once
COARSE = 8  # waves along each side that make up the coarse structure
ALIKE = 0.8  # the coarse correlation from which on pictures are compared in detail
SAME, SIMILAR = 0.9, 0.75  # of the fine correlation: copies in a third of the size reach 0.93, other photos 0.71
FLAT = 2.0  # grey levels; a picture that varies less shows nothing to compare


@dataclass(frozen=True, eq=False)
class Album:
    """The pictures of one data set that can be compared.

    coarse, fine: (P, ...) float32, each row of mean 0 and length 1; mirrored: the coarse ones of the mirrored pictures.
    """

    dataset: Dataset
    pictures: list[Picture]
    coarse: np.ndarray
    mirrored: np.ndarray
    fine: np.ndarray


def album(dataset: Dataset, pictures: Sequence[Picture]) -> Album:
    """The pictures that could be decoded and show something."""
    chosen = [one for one in pictures if one.small is not None and one.small.std() > FLAT]
    small = np.array([one.small for one in chosen], np.float32).reshape(-1, SIDE, SIDE)
    waves = np.array([cv2.dct(one)[:COARSE, :COARSE] for one in small], np.float32).reshape(-1, COARSE, COARSE)
    turned = waves * np.where(np.arange(COARSE) % 2, -1, 1)  # mirroring turns the odd waves round
    fine = np.array([one - cv2.GaussianBlur(one, (0, 0), 2) for one in small], np.float32).reshape(-1, SIDE, SIDE)
    return Album(dataset, chosen, _unit(waves), _unit(turned), fine / np.maximum(_length(fine), 1e-6))


def _unit(waves: np.ndarray) -> np.ndarray:
    """(P, COARSE, COARSE) -> (P, COARSE ** 2 - 1) of length 1, without the mean brightness."""
    flat = waves.reshape(len(waves), COARSE**2)[:, 1:]
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def _length(pictures: np.ndarray) -> np.ndarray:
    return np.sqrt((pictures**2).sum((1, 2), keepdims=True))


@dataclass(frozen=True)
class Twins:
    """Picture `later` of one album shows what picture `earlier` of another does; the correlation of fine structure."""

    earlier: int
    later: int
    correlation: float
    mirrored: bool


def twins(first: Album, second: Album) -> Iterator[Twins]:
    """Pictures of the second album that are in the first, too; if both are one album, each two once."""
    for start in range(0, len(first.pictures), BLOCK):
        for mirrored in (False, True):
            waves = first.mirrored if mirrored else first.coarse
            alike = waves[start : start + BLOCK] @ second.coarse.T > ALIKE
            if first is second:
                alike &= np.arange(start, start + len(alike))[:, None] < np.arange(alike.shape[1])
            for a, b in np.argwhere(alike).tolist():
                one = first.fine[start + a][:, ::-1] if mirrored else first.fine[start + a]
                correlation = float((one * second.fine[b]).sum())
                if correlation > SIMILAR:
                    yield Twins(start + a, b, correlation, mirrored)


def repeated(albums: Sequence[Album]) -> Iterator[Finding]:
    """Copies in the first album of what is in it already, or in another: those that are most alike, one a picture."""
    own = albums[0]
    best: dict[int, tuple[float, Finding]] = {}
    for other in albums:
        for pair in twins(other, own):
            finding = _finding(other, own, pair)
            if finding.likelihood > best.get(pair.later, (0.0, finding))[0]:
                best[pair.later] = (finding.likelihood, finding)
    yield from (finding for _, (_, finding) in sorted(best.items()))


def _finding(other: Album, own: Album, pair: Twins) -> Finding:
    one, two = other.pictures[pair.earlier], own.pictures[pair.later]
    file, known = str(own.dataset.labels.files[two.row]), str(other.dataset.labels.files[one.row])
    where = known if other is own else f"{known} of {other.dataset.name} ({other.dataset.folder})"
    exact = one.digest == two.digest
    same = exact or pair.correlation > SAME
    how = "is the very file" if exact else f"shows {'mirrored ' if pair.mirrored else ''}what is in"
    message = f"{how} {where}" + ("" if exact else f", correlation {pair.correlation:.3f}")
    fix = Fix("drop_image", file, because=message) if same and _alike_labelled(other, own, one, two) else None
    likelihood = 1.0 if exact else min(0.99, pair.correlation)
    return Finding("same_image" if same else "similar_image", file, None, (), likelihood, message, fix)


def _alike_labelled(other: Album, own: Album, one: Picture, two: Picture) -> bool:
    """Whether dropping the second picture loses no label: it has nobody whom the first does not have.

    Two files of one photo may be labelled with different people on purpose. Places are compared in relation to the
    size of the image, so a mirrored copy, which does show other poses, is never dropped.
    """
    assert one.size is not None
    assert two.size is not None
    here = own.dataset.labels.xy[own.dataset.instances(two.row)] / np.array(two.size)
    there = other.dataset.labels.xy[other.dataset.instances(one.row)] / np.array(one.size)
    if here.shape[1:] != there.shape[1:]:
        return False
    return all(any(_together(person, known) for known in there) for person in here)


def _together(one: np.ndarray, two: np.ndarray) -> bool:
    """Whether the points (K, 2) that both have are, in the mean, within a fiftieth of the image of each other."""
    apart = np.linalg.norm(one - two, axis=-1)
    both = np.isfinite(apart)
    return bool(both.any() and both.sum() * 2 >= np.isfinite(one).all(-1).sum() and apart[both].mean() < 0.02)
