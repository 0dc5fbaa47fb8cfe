"""MacaquePose: COCO's 17 keypoints of macaques, converted to COCO's layout."""

from pathlib import Path

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder
from vitruvian.structures import SKELETONS

ABOUT = About(
    title="MacaquePose",
    licence="not stated by the source",
    citation="Labuguen et al., MacaquePose: A novel 'in the wild' macaque monkey pose dataset for markerless motion "
    "capture, Frontiers in Behavioral Neuroscience 2021",
    url="http://www2.ehub.kyoto-u.ac.jp/datasets/macaquepose/index.html",
)


def read_macaque(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """MacaquePose, skeleton coco17."""
    labels, notes = cached(_labels, path, skip)
    images = folder or image_folder(path, labels.files, ".", "..", "../images")
    return Dataset("macaque", SKELETONS["coco17"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 17, skip=skip)
    return layout.labels, layout.notes


READER = Reader(read_macaque, ABOUT, "coco17", ("oks_ap",), "a conversion to COCO's layout such as macaque_test.json")
