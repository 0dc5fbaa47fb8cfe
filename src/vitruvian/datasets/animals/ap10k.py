"""AP-10K: 17 keypoints of 54 species of mammals, in COCO's layout."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.animals.species import species
from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_file import CocoFile
from vitruvian.datasets.coco_layout import Annotation, ImageRecord, read_layout
from vitruvian.datasets.dataset import About

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


def _labels(path: Path, skip: bool) -> Kept:
    """extras: "species" (N,), its name. image_extras: "background" (I,), 1 to 8, or 0 where the file does not say."""
    layout = read_layout(path, 17, Annotation, Image, skip=skip)
    backgrounds = {"background": np.array([image.background for image in layout.images], np.int64)}
    return replace(
        layout.labels, extras={"species": species(layout.categories, layout.annotations)}, image_extras=backgrounds
    ), layout.notes


AP10K = CocoFile("ap10k", "ap10k17", ABOUT, (".", "../data"), _labels)
READER = AP10K.reader("annotations/ap10k-test-split1.json or another file of the download, beside its folder data")
