"""JHMDB: one person doing one thing in a short clip, 15 keypoints."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder, numbered
from vitruvian.structures import SKELETONS, Labels

ABOUT = About(
    title="JHMDB, Joint-annotated Human Motion Data Base",
    licence="not stated by the source; offered for research",
    citation="Jhuang et al., Towards Understanding Action Recognition, ICCV 2013",
    url="http://jhmdb.is.tue.mpg.de/",
)
KEYPOINTS = 15


def read_jhmdb(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """JHMDB from Sub*_train.json or Sub*_test.json, whose points and boxes count pixels from 1; here they do from 0.

    The images of a clip are one group. Image extra "frame" (I,), the number of the image in the clip.
    """
    labels, notes = cached(_labels, path, skip)
    images = folder or image_folder(path, labels.files, "../Rename_Images", "..", "../images")
    return Dataset("jhmdb", SKELETONS["jhmdb15"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, KEYPOINTS, skip=skip)
    labels = replace(layout.labels, xy=layout.labels.xy - 1, boxes=layout.labels.boxes - 1)
    return by_clip(labels), layout.notes


def by_clip(labels: Labels) -> Labels:
    """The labels of images named <clip>/<frame>.<suffix>: clips as groups, the number as the image extra "frame"."""
    names = [PurePosixPath(str(name)) for name in labels.files]
    frame = np.array([int(name.stem) if name.stem.isdecimal() else -1 for name in names], np.int64)
    return replace(labels, groups=numbered(name.parent for name in names), image_extras={"frame": frame})


READER = Reader(
    read_jhmdb, ABOUT, "jhmdb15", ("jhmdb_pck", "pck_torso"), "annotations/Sub1_test.json, in COCO's layout"
)
