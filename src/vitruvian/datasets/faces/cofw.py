"""COFW: 29 points of faces that are half hidden, converted to COCO's layout."""

from pathlib import Path

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder
from vitruvian.structures import SKELETONS

ABOUT = About(
    title="Caltech Occluded Faces in the Wild (COFW)",
    licence="not stated by the source",
    citation="Burgos-Artizzu et al., Robust face landmark estimation under occlusion, ICCV 2013",
    url="https://data.caltech.edu/records/20099",
)


def read_cofw(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """COFW, skeleton cofw29; a hidden point is labelled where the face would have it.

    The original is a MATLAB file with the images inside, which a conversion takes out.
    """
    labels, notes = cached(_labels, path, skip)
    images = folder or image_folder(path, labels.files, ".", "../images", "..")
    return Dataset("cofw", SKELETONS["cofw29"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 29, skip=skip)
    return layout.labels, layout.notes


READER = Reader(
    read_cofw,
    ABOUT,
    "cofw29",
    ("nme_cofw",),
    "a conversion to COCO's layout such as cofw_test.json, visibility 1 for hidden and 2 for visible points",
)
