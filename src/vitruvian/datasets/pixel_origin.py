"""From pixels that count from 1, as in MATLAB, to pixels that count from 0."""

from dataclasses import replace

from vitruvian.datasets.dataset import Dataset


def from_zero(dataset: Dataset) -> Dataset:
    """A data set whose points and boxes count the first pixel as 1, with 0 instead."""
    labels = dataset.labels
    return replace(dataset, labels=replace(labels, xy=labels.xy - 1, boxes=labels.boxes - 1))
