"""OCHuman: people who hide each other, 17 keypoints."""

from pathlib import Path

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder
from vitruvian.structures import SKELETONS

ABOUT = About(
    title="OCHuman",
    licence="not stated by the source; offered for research, for testing only",
    citation="Zhang et al., Pose2Seg: Detection Free Human Instance Segmentation, CVPR 2019",
    url="https://github.com/liruilong940607/OCHumanApi",
)


def read_ochuman(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """OCHuman from its files in COCO's layout."""
    labels, notes = cached(_labels, path, skip)
    images = folder or image_folder(path, labels.files, "../images", "images")
    return Dataset("ochuman", SKELETONS["coco17"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 17, skip=skip)
    return layout.labels, layout.notes


READER = Reader(
    read_ochuman, ABOUT, "coco17", ("oks_ap",), "ochuman_coco_format_val_range_0.00_1.00.json, in COCO's layout"
)
