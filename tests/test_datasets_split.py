"""Splitting: no group on two sides, nothing lost, the shares as near as the groups allow."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.datasets import Dataset, grouped, split
from vitruvian.datasets.rows import labels_of
from vitruvian.errors import DataError
from vitruvian.structures import Skeleton

DOT = Skeleton.define("dot", ["point"])


def dataset(groups: list[int]) -> Dataset:
    """An image with one instance for every group given."""
    labels = labels_of([f"p{group}_{row}.jpg" for row, group in enumerate(groups)], np.zeros((len(groups), 1, 2)))
    return Dataset("dots", DOT, replace(labels, groups=np.array(groups, np.int64)), Path())


GROUPS = st.lists(st.integers(0, 9), min_size=3, max_size=60).filter(lambda groups: len(set(groups)) >= 3)


@given(groups=GROUPS, seed=st.integers(0, 5))
def test_every_image_is_in_one_part_and_every_group_too(groups, seed):
    whole = dataset(groups)
    parts = split(whole, (0.8, 0.1, 0.1), seed)
    files = [set(part.labels.files.tolist()) for part in parts]
    assert sum(map(len, files)) == len(set.union(*files)) == len(whole)
    members = [set(part.labels.groups.tolist()) for part in parts]
    assert sum(map(len, members)) == len(set(groups))
    assert all(members)
    for part in parts:  # in the order of before
        assert part.labels.image_ids.tolist() == sorted(part.labels.image_ids.tolist())
        assert len(part.labels) == len(part)


@given(groups=st.lists(st.integers(0, 99), min_size=30, max_size=80).filter(lambda groups: len(set(groups)) > 20))
def test_the_shares_are_missed_by_less_than_the_largest_group(groups):
    largest = max(map(groups.count, groups))
    for part, share in zip(split(dataset(groups), (0.5, 0.5)), (0.5, 0.5), strict=True):
        assert abs(len(part) - share * len(groups)) <= largest


def test_the_same_seed_splits_alike_and_another_otherwise():
    whole = dataset(list(range(50)))
    one, same, other = (split(whole, (1, 1), seed)[0].labels.files.tolist() for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_ten_images_of_their_own_are_split_eight_one_one():
    assert [len(part) for part in split(dataset(list(range(10))), (0.8, 0.1, 0.1))] == [8, 1, 1]


def test_names_of_files_tell_groups():
    whole = grouped(dataset([0, 0, 1, 1, 2]), r"(p\d+)_")
    assert whole.labels.groups.tolist() == [0, 0, 1, 1, 2]
    assert grouped(whole, "p").labels.groups.tolist() == [0] * 5


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((1,), "the shares are 1; expected two or more"),
        ((0.5, -0.5), "expected two or more numbers over 0"),
        ((1, float("nan")), "expected two or more numbers over 0"),
        ((1, 1, 1, 1), "dots has 3 groups of images that must stay together"),
    ],
)
def test_shares_that_cannot_be_met_are_refused(shares, said):
    with pytest.raises(DataError, match=said):
        split(dataset([0, 1, 2]), shares)


@pytest.mark.parametrize(("pattern", "said"), [("(", "is no regular expression"), ("x", "does not match p0_0")])
def test_patterns_that_find_nothing_are_refused(pattern, said):
    with pytest.raises(DataError, match=said):
        grouped(dataset([0]), pattern)
