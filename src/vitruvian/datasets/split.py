"""Splitting a data set into parts that share no person and no clip."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.rows import numbered
from vitruvian.errors import DataError


def split(dataset: Dataset, shares: Sequence[float], seed: int = 0) -> tuple[Dataset, ...]:
    """One data set for each share, with all images of a group in the same one, and the images in the order of before.

    shares: parts of the images, as 0.8 0.1 0.1 or 8 1 1. They are met as nearly as the groups allow: groups come in
            the order that the seed decides, large ones first, and each goes where most images are missing.

    The same seed splits the same images alike, whatever the data set's other columns. Raises DataError for shares that
    are not over 0, and where there are fewer groups than shares.
    """
    wanted = np.array(shares, np.float64)
    if len(wanted) < 2 or not (np.isfinite(wanted).all() and (wanted > 0).all()):
        raise DataError(f"the shares are {', '.join(map(str, shares)) or 'none'}; expected two or more numbers over 0")
    groups, member, sizes = np.unique(dataset.labels.groups, return_inverse=True, return_counts=True)
    if len(groups) < len(wanted):
        raise DataError(
            f"{dataset.name} has {len(groups)} groups of images that must stay together, expected at least one for "
            f"each of {len(wanted)} shares; split into fewer, or say what the images belong together by"
        )
    part = _parts(sizes, wanted / wanted.sum(), seed)[member]
    return tuple(_taken(dataset, np.flatnonzero(part == number), number) for number in range(len(wanted)))


def grouped(dataset: Dataset, pattern: str) -> Dataset:
    r"""The data set with the images grouped by what a regular expression finds in the names of their files.

    pattern: as r"(.+)_\d+" for person_12.jpg, or r".*/" for the folder; its first group counts, or else all it matches.

    Raises DataError for what is no regular expression, and with the first name that it does not match.
    """
    try:
        search = re.compile(pattern).search
    except re.error as error:
        raise DataError(f'"{pattern}" is no regular expression ({error}); expected one, such as "(.+)_"') from error
    names = dataset.labels.files.tolist()
    found = [search(name) for name in names]
    if None in found:
        raise DataError(
            f'"{pattern}" does not match {names[found.index(None)]}; expected a pattern for every file name'
        )
    keys = [match[1] if match.re.groups else match[0] for match in found if match]
    return replace(dataset, labels=replace(dataset.labels, groups=numbered(keys)))


def _parts(sizes: np.ndarray, shares: np.ndarray, seed: int) -> np.ndarray:
    """(G,) the part that each group goes to: sizes (G,) images, shares (P,) with the sum 1. No part stays empty."""
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    missing = shares * sizes.sum()
    empty = np.ones(len(shares), bool)
    part = np.zeros(len(sizes), np.int64)
    for place, group in enumerate(order.tolist()):
        must_fill = empty.sum() == len(order) - place
        chosen = int(np.argmax(np.where(empty, missing, -np.inf) if must_fill else missing))
        part[group], empty[chosen] = chosen, False
        missing[chosen] -= sizes[group]
    return part


def _taken(dataset: Dataset, rows: np.ndarray, number: int) -> Dataset:
    return replace(dataset, name=f"{dataset.name}_{number + 1}", labels=dataset.labels.of_images(rows))
