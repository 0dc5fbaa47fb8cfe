"""OCHuman: people who hide each other, 17 keypoints."""

from pathlib import Path

from vitruvian.datasets.bodies.ochuman_release import is_release, read_release
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
    """OCHuman from its own file, ochuman.json, or from its files in COCO's layout, with COCO's 17 keypoints.

    Its own file has head and neck too, which are left out, as in its files in COCO's layout. There and here, what only
    the person's own body hides counts as visible, and the area is that of the box. Of some people only the box is
    known; all their keypoints are unlabelled.
    From its own file come extras: "max_iou" (N,), the overlap of the person's box with the nearest other, and
    "outlined" (N,) bool, whether there is an outline. Image extra: "part" (I,), "val" or "test" where somebody has both
    keypoints and an outline, the images that the field scores on, else empty.
    """
    labels, notes = cached(_labels, path, skip)
    images = folder or image_folder(path, labels.files, "../images", "images")
    return Dataset("ochuman", SKELETONS["coco17"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    if is_release(path):
        return read_release(path, skip)
    layout = read_layout(path, 17, skip=skip)
    return layout.labels, layout.notes


READER = Reader(
    read_ochuman,
    ABOUT,
    "coco17",
    ("oks_ap",),
    "ochuman.json, the original; or ochuman_coco_format_val_range_0.00_1.00.json, in COCO's layout",
)
