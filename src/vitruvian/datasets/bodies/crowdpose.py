"""CrowdPose: people close together, 14 keypoints."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, ImageRecord, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder, with_areas
from vitruvian.structures import SKELETONS

ABOUT = About(
    title="CrowdPose",
    licence="free for non-commercial use",
    citation="Li et al., CrowdPose: Efficient Crowded Scenes Pose Estimation and A New Benchmark, CVPR 2019",
    url="https://github.com/Jeff-sjtu/CrowdPose",
)


class _Image(ImageRecord):
    crowdIndex: float = float("nan")


def read_crowdpose(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """CrowdPose from crowdpose_*.json. Image extra "crowd_index": 0 for nobody in another's box, up to 1.

    The area of a person is 0.53 of the box.
    """
    labels, notes = cached(_labels, path, skip)
    labels = with_areas(labels)
    images = folder or image_folder(path, labels.files, "../images")
    return Dataset("crowdpose", SKELETONS["crowdpose14"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 14, Annotation, _Image, skip=skip)
    crowd_index = np.array([image.crowdIndex for image in layout.images], np.float64)
    return replace(layout.labels, image_extras={"crowd_index": crowd_index}), layout.notes


READER = Reader(
    read_crowdpose, ABOUT, "crowdpose14", ("oks_ap_crowdpose", "oks_ap"), "crowdpose_test.json, in COCO's layout"
)
