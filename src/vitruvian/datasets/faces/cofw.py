"""COFW: 29 points of faces that are half hidden, as downloaded or converted to COCO's layout."""

from functools import partial
from pathlib import Path

from vitruvian.datasets.cache import cached
from vitruvian.datasets.coco_file import as_written
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.faces.cofw_mat import read_release, unpacked
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

    The original is a MATLAB file with the images inside; they are unpacked once, as train_0001.png or test_0001.png and
    so on, into a folder of `VITRUVIAN_HOME/datasets`, which the notes name, unless `folder` says where they are. Pixels
    are as the file has them, which published models take to count from 0.
    """
    original = path.suffix.lower() == ".mat"
    labels, notes = cached(read_release if original else partial(as_written, 29), path, skip)
    if original and folder is None:
        folder = unpacked(path, labels.files)
        notes = (*notes, f"the images, which are inside {path.name}, are unpacked in {folder}")
    images = folder or image_folder(path, labels.files, ".", "../images", "..")
    return Dataset("cofw", SKELETONS["cofw29"], labels, images, ABOUT, notes)


READER = Reader(
    read_cofw,
    ABOUT,
    "cofw29",
    ("nme_cofw",),
    "COFW_test_color.mat or COFW_train_color.mat, the originals, which have the images inside; or a conversion to "
    "COCO's layout such as cofw_test.json, visibility 1 for hidden and 2 for visible points",
)
