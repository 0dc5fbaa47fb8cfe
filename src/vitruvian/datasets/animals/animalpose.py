"""Animal-Pose: 20 keypoints of cats, dogs, sheep, cows and horses."""

from dataclasses import replace
from pathlib import Path

from vitruvian.datasets.animals.animalpose_release import is_release, read_release
from vitruvian.datasets.animals.species import species
from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_file import CocoFile
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About
from vitruvian.datasets.json_records import contents

ABOUT = About(
    title="Animal-Pose",
    licence="not stated by the source; the images are those of PASCAL VOC 2011 and the web",
    citation="Cao et al., Cross-Domain Adaptation for Animal Pose Estimation, ICCV 2019",
    url="https://sites.google.com/view/animal-pose/",
)


def _labels(path: Path, skip: bool) -> Kept:
    """From its keypoints.json or a file in COCO's layout. extras: "species" (N,), as far as the file says."""
    data = contents(path)
    if is_release(data):
        return read_release(path, data, skip)
    layout = read_layout(path, 20, skip=skip)
    return replace(layout.labels, extras={"species": species(layout.categories, layout.annotations)}), layout.notes


ANIMALPOSE = CocoFile("animalpose", "animalpose20", ABOUT, (".", "images", ".."), _labels)
READER = ANIMALPOSE.reader(
    "keypoints.json of the download, beside its folder images, or a conversion to COCO's layout such as "
    "animalpose_test.json"
)
