"""Horse-10: 22 keypoints of horses seen from the side, frames of 30 videos, converted to COCO's layout."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_file import CocoFile
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About
from vitruvian.datasets.rows import numbered

ABOUT = About(
    title="Horse-10",
    licence="not stated by the source",
    citation="Mathis et al., Pretraining boosts out-of-domain robustness for pose estimation, WACV 2021",
    url="http://www.mackenziemathislab.org/horse10",
)


def _labels(path: Path, skip: bool) -> Kept:
    """The frames of a video, which lie in one folder, are a group."""
    layout = read_layout(path, 22, skip=skip)
    files = [PurePosixPath(name) for name in layout.labels.files.tolist()]
    videos = numbered(file.parent if file.parent.name else file for file in files)
    return replace(layout.labels, groups=videos), layout.notes


HORSE10 = CocoFile("horse10", "horse22", ABOUT, (".", ".."), _labels)
READER = HORSE10.reader("a conversion to COCO's layout such as horse10-test-split1.json", ("pck_box", "auc", "epe"))
