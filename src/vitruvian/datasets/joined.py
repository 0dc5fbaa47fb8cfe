"""Several data sets as one, in one skeleton: what checkpoints are compared on."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.everybody import Part, shared_files, source_of
from vitruvian.datasets.rows import numbered
from vitruvian.errors import DataError
from vitruvian.structures import Labels, Skeleton


def joined(parts: Sequence[Part], skeleton: Skeleton) -> Dataset:
    """The labels of all parts with the keypoints of the skeleton; those that a part does not have are unlabelled.

    An image that several parts have is one image, with the people of all. Images keep their groups; numbers and names
    are new, and columns that not all parts have are left out. A single part keeps what it has. Weights do not matter.

    Raises as `everybody_of` for joints, and DataError for images that no folder holds together.
    """
    found = [_in_skeleton(part, skeleton) for part in parts]
    return found[0] if len(found) == 1 else _stacked(found)


def without_images(dataset: Dataset, paths: set[Path]) -> Dataset:
    """The data set without these images, `Dataset.path` of some."""
    kept = [row for row in range(len(dataset)) if dataset.path(row) not in paths]
    if len(kept) == len(dataset):
        return dataset
    return replace(dataset, labels=dataset.labels.of_images(np.array(kept, np.int64)))


def _in_skeleton(part: Part, skeleton: Skeleton) -> Dataset:
    dataset, labels = part.dataset, part.dataset.labels
    if part.joints is None and dataset.skeleton.names == skeleton.names:
        return replace(dataset, skeleton=skeleton)
    xy = np.full((len(labels), len(skeleton), 2), np.nan)
    visible = np.zeros((len(labels), len(skeleton)), np.uint8)
    for to, of in source_of(part, skeleton).items():
        xy[:, to], visible[:, to] = labels.xy[:, of], labels.visible[:, of]
    return replace(dataset, skeleton=skeleton, labels=replace(labels, xy=xy, visible=visible, xyz=None))


def _stacked(datasets: Sequence[Dataset]) -> Dataset:
    """All of some data sets of one skeleton."""
    folder = _common([dataset.folder for dataset in datasets])
    names = [np.array([os.path.relpath(one.path(row), folder) for row in range(len(one))], np.str_) for one in datasets]
    files, row = shared_files(names)
    first = np.unique(row, return_index=True)[1]  # of all images, the one that stands for those of the same file
    every = [dataset.labels for dataset in datasets]
    starts = np.cumsum([0, *(len(dataset) for dataset in datasets)])
    groups = [(number, group) for number, labels in enumerate(every) for group in labels.groups.tolist()]
    labels = Labels(
        files=np.char.replace(files, os.sep, "/"),
        sizes=np.concatenate([labels.sizes for labels in every])[first],
        image_ids=np.arange(len(files)),
        groups=numbered(groups)[first],
        image=np.concatenate([row[start + one.image] for start, one in zip(starts[:-1], every, strict=True)]),
        ids=np.arange(sum(map(len, every))),
        xy=np.concatenate([labels.xy for labels in every]),
        visible=np.concatenate([labels.visible for labels in every]),
        boxes=np.concatenate([labels.boxes for labels in every]),
        area=np.concatenate([labels.area for labels in every]),
        crowd=np.concatenate([labels.crowd for labels in every]),
        extras=_in_all([labels.extras for labels in every]),
        image_extras={name: column[first] for name, column in _in_all([one.image_extras for one in every]).items()},
    )
    name = " + ".join(dataset.name for dataset in datasets)
    notes = tuple(dict.fromkeys(note for dataset in datasets for note in dataset.notes))
    return Dataset(name, datasets[0].skeleton, labels, folder, notes=notes)


def _in_all(tables: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The columns that all tables have, in one kind and shape, one after the other."""
    kinds = [{name: (one.shape[1:], one.dtype.kind) for name, one in table.items()} for table in tables]
    shared = [name for name, kind in kinds[0].items() if all(other.get(name) == kind for other in kinds)]
    return {name: np.concatenate([table[name] for table in tables]) for name in shared}


def _common(folders: Sequence[Path]) -> Path:
    """The folder that holds all of these."""
    try:
        return Path(os.path.commonpath([os.path.abspath(folder) for folder in folders]))
    except ValueError as error:  # on different drives
        raise DataError(
            f"{' and '.join(map(str, folders))} are on different drives; put the images that are held out on one"
        ) from error
