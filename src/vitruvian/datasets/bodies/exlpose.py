"""ExLPose: people in the dark, 14 keypoints; the area of a person is 0.53 of the box."""

from pathlib import Path

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_file import CocoFile
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About
from vitruvian.datasets.rows import with_areas

ABOUT = About(
    title="ExLPose",
    licence="not stated by the source; offered for research",
    citation="Lee et al., Human Pose Estimation in Extremely Low-Light Conditions, CVPR 2023",
    url="https://cg.postech.ac.kr/research/ExLPose/",
)
PLACES = (".", "..", "../images")


def _labels(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 14, skip=skip)
    return with_areas(layout.labels), layout.notes


EXLPOSE = CocoFile("exlpose", "exlpose14", ABOUT, PLACES, _labels)
READER = EXLPOSE.reader("ExLPose_test_LL-A.json, in COCO's layout")
