"""AP-10K: 17 keypoints of 54 species of mammals, in COCO's layout."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.animals.species import species
from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, ImageRecord, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder
from vitruvian.structures import SKELETONS

ABOUT = About(
    title="AP-10K",
    licence="CC BY 4.0",
    citation="Yu et al., AP-10K: A Benchmark for Animal Pose Estimation in the Wild, NeurIPS Datasets and Benchmarks "
    "2021",
    url="https://github.com/AlexTheBad/AP-10K",
)


class Image(ImageRecord, kw_only=True, gc=False):
    """background: 1 to 8, as the source numbers grass, forest, rock, snow, zoo, water, desert and mugshots."""

    background: int = 0


def read_ap10k(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """AP-10K, skeleton ap10k17.

    extras: "species" (N,), its name. image_extras: "background" (I,), 1 to 8, or 0 where the file does not say.
    """
    labels, notes = cached(_labels, path, skip)
    images = folder or image_folder(path, labels.files, ".", "../data")
    return Dataset("ap10k", SKELETONS["ap10k17"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 17, Annotation, Image, skip=skip)
    backgrounds = {"background": np.array([image.background for image in layout.images], np.int64)}
    return replace(
        layout.labels, extras={"species": species(layout.categories, layout.annotations)}, image_extras=backgrounds
    ), layout.notes


READER = Reader(
    read_ap10k,
    ABOUT,
    "ap10k17",
    ("oks_ap",),
    "annotations/ap10k-test-split1.json or another file of the download, beside its folder data",
)
