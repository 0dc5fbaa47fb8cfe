"""CrowdPose: people close together, 14 keypoints."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_file import CocoFile
from vitruvian.datasets.coco_layout import Annotation, ImageRecord, read_layout
from vitruvian.datasets.dataset import About
from vitruvian.datasets.rows import with_areas

ABOUT = About(
    title="CrowdPose",
    licence="free for non-commercial use",
    citation="Li et al., CrowdPose: Efficient Crowded Scenes Pose Estimation and A New Benchmark, CVPR 2019",
    url="https://github.com/Jeff-sjtu/CrowdPose",
)


class _Image(ImageRecord):
    crowdIndex: float = float("nan")


def _labels(path: Path, skip: bool) -> Kept:
    """Image extra "crowd_index": 0 for nobody in another's box, up to 1. The area of a person is 0.53 of the box."""
    layout = read_layout(path, 14, Annotation, _Image, skip=skip)
    crowd_index = np.array([image.crowdIndex for image in layout.images], np.float64)
    return with_areas(replace(layout.labels, image_extras={"crowd_index": crowd_index})), layout.notes


CROWDPOSE = CocoFile("crowdpose", "crowdpose14", ABOUT, ("../images",), _labels)
READER = CROWDPOSE.reader("crowdpose_test.json, in COCO's layout", ("oks_ap_crowdpose", "oks_ap"))
