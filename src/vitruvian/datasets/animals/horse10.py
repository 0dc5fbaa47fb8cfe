"""Horse-10: 22 keypoints of horses seen from the side, frames of 30 videos, converted to COCO's layout."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder, numbered
from vitruvian.structures import SKELETONS

ABOUT = About(
    title="Horse-10",
    licence="not stated by the source",
    citation="Mathis et al., Pretraining boosts out-of-domain robustness for pose estimation, WACV 2021",
    url="http://www.mackenziemathislab.org/horse10",
)


def read_horse10(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """Horse-10, skeleton horse22; the frames of a video, which lie in one folder, are a group."""
    labels, notes = cached(_labels, path, skip)
    images = folder or image_folder(path, labels.files, ".", "..")
    return Dataset("horse10", SKELETONS["horse22"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 22, skip=skip)
    files = [PurePosixPath(name) for name in layout.labels.files.tolist()]
    videos = numbered(file.parent if file.parent.name else file for file in files)
    return replace(layout.labels, groups=videos), layout.notes


READER = Reader(
    read_horse10,
    ABOUT,
    "horse22",
    ("pck_box", "auc", "epe"),
    "a conversion to COCO's layout such as horse10-test-split1.json",
)
