"""Limbs that are longer than the rest of the person allows: a body foreshortens its limbs, it never stretches them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vitruvian.structures import Skeleton

LONG = 0.95  # the quantile of a limb's length, in relation to the person, that counts as unforeshortened
STRETCHED = 2.0  # times that length are impossible
OTHERS = 3  # limbs of the person that must tell how large the person is


@dataclass(frozen=True)
class LongLimb:
    """A limb of a person. ratio: its length over the longest that is usual, in a person as large as this one."""

    row: int
    limb: tuple[int, int]
    ratio: float


def long_limbs(xy: np.ndarray, skeleton: Skeleton) -> Iterator[LongLimb]:
    """The impossible limbs of people xy (N, K, 2), NaN where unknown.

    How large a person is, is told by the middle one of the other limbs' lengths, each divided by what is usual.
    """
    ends = np.array(skeleton.limbs, int).reshape(-1, 2)
    length = np.linalg.norm(xy[:, ends[:, 0]] - xy[:, ends[:, 1]], axis=-1)  # (N, L)
    labelled = np.isfinite(length).any(0)
    ends, length = ends[labelled], length[:, labelled]
    if length.shape[1] <= OTHERS:
        return
    relative = length / np.nanmedian(length, axis=0)
    size = np.full(length.shape, np.nan)
    for limb in range(length.shape[1]):
        rest = np.delete(relative, limb, axis=1)
        told = np.isfinite(rest).sum(1) >= OTHERS
        size[told, limb] = np.nanmedian(rest[told], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = relative / size
    ratio[~np.isfinite(ratio)] = np.nan
    usual = np.array([np.nanquantile(one, LONG) if np.isfinite(one).any() else np.inf for one in ratio.T])
    for row, limb in np.argwhere(ratio / usual > STRETCHED).tolist():
        yield LongLimb(row, (int(ends[limb, 0]), int(ends[limb, 1])), float(ratio[row, limb] / usual[limb]))
