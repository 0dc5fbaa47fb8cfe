"""COCO keypoints: people in everyday photographs, 17 keypoints."""

from pathlib import Path

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder
from vitruvian.structures import SKELETONS

ABOUT = About(
    title="COCO keypoints (2017)",
    licence="annotations CC BY 4.0; each image has its Flickr licence, which the file names",
    citation="Lin et al., Microsoft COCO: Common Objects in Context, ECCV 2014",
    url="https://cocodataset.org/#keypoints-2017",
)


def read_coco(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """COCO keypoints from person_keypoints_*.json; crowds and people without keypoints are among the instances."""
    labels, notes = cached(_labels, path, skip)
    images = folder or image_folder(path, labels.files, "../train2017", "../val2017", "../images")
    return Dataset("coco", SKELETONS["coco17"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 17, skip=skip)
    return layout.labels, layout.notes


READER = Reader(read_coco, ABOUT, "coco17", ("oks_ap",), "person_keypoints_train2017.json, in COCO's layout")
