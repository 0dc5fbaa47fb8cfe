"""OCHuman: people who hide each other, COCO's 17 keypoints, from its own file, ochuman.json, or those in COCO's layout.

Its own file has head and neck too, which are left out, as in its files in COCO's layout. There and here, what only the
person's own body hides counts as visible, and the area is that of the box. Of some people only the box is known; all
their keypoints are unlabelled.

From its own file come extras: "max_iou" (N,), the overlap of the person's box with the nearest other, and "outlined"
(N,) bool, whether there is an outline. Image extra: "part" (I,), "val" or "test" where somebody has both keypoints and
an outline, the images that the field scores on, else empty.
"""

from pathlib import Path

from vitruvian.datasets.bodies.ochuman_release import is_release, read_release
from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_file import CocoFile
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About

ABOUT = About(
    title="OCHuman",
    licence="not stated by the source; offered for research, for testing only",
    citation="Zhang et al., Pose2Seg: Detection Free Human Instance Segmentation, CVPR 2019",
    url="https://github.com/liruilong940607/OCHumanApi",
)


def _labels(path: Path, skip: bool) -> Kept:
    if is_release(path):
        return read_release(path, skip)
    layout = read_layout(path, 17, skip=skip)
    return layout.labels, layout.notes


OCHUMAN = CocoFile("ochuman", "coco17", ABOUT, ("../images", "images"), _labels)
READER = OCHUMAN.reader("ochuman.json, the original; or ochuman_coco_format_val_range_0.00_1.00.json, in COCO's layout")
