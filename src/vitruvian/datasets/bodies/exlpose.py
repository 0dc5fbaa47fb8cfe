"""ExLPose: people in the dark, 14 keypoints."""

from pathlib import Path

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder, with_areas
from vitruvian.structures import SKELETONS

ABOUT = About(
    title="ExLPose",
    licence="not stated by the source; offered for research",
    citation="Lee et al., Human Pose Estimation in Extremely Low-Light Conditions, CVPR 2023",
    url="https://cg.postech.ac.kr/research/ExLPose/",
)


def read_exlpose(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """ExLPose from ExLPose_*.json. The area of a person is 0.53 of the box."""
    labels, notes = cached(_labels, path, skip)
    images = folder or image_folder(path, labels.files, ".", "..", "../images")
    return Dataset("exlpose", SKELETONS["exlpose14"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 14, skip=skip)
    return with_areas(layout.labels), layout.notes


READER = Reader(read_exlpose, ABOUT, "exlpose14", ("oks_ap",), "ExLPose_test_LL-A.json, in COCO's layout")
