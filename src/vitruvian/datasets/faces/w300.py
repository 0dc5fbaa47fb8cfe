"""300-W: 68 points of faces in the wild, from iBUG's `.pts` files or converted to COCO's layout.

The test set of papers, "full", is "common" (the test sets of HELEN and LFPW) with "challenging" (iBUG).
"""

from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np

from vitruvian.datasets.cache import cached
from vitruvian.datasets.coco_file import as_visible
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.faces.photos import photo_groups
from vitruvian.datasets.faces.pts import labels_of_points, notes_of, points_of
from vitruvian.datasets.rows import image_folder
from vitruvian.structures import SKELETONS, Labels

SUBSETS = ("common", "challenging", "indoor", "outdoor")  # the latter two: of the later test set, 300 photos each

ABOUT = About(
    title="300 Faces In-the-Wild (300-W)",
    licence="annotations for research only, not for commercial products; images as AFW, HELEN, LFPW and iBUG say",
    citation="Sagonas et al., 300 Faces In-The-Wild Challenge: Database and results, Image and Vision Computing 2016",
    url="https://ibug.doc.ic.ac.uk/resources/300-W/",
)


def read_300w(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """300-W as downloaded, a folder of `.pts` files beside their images, or a conversion; skeleton face68.

    extras: "common", "challenging", "indoor", "outdoor", (N,) bool, as far as names of folders or files tell.

    `.pts` files count the first pixel as 1, which becomes 0. A conversion is taken as it is: those that published
    models were trained and scored with still count from 1.
    """
    if path.is_dir():
        found = points_of(path, folder, skip)
        labels, notes, images = labels_of_points(found), notes_of(found), folder or path
    else:
        labels, notes = cached(partial(as_visible, 68), path, skip)
        labels = replace(labels, groups=photo_groups(labels.files.tolist()))
        images = folder or image_folder(path, labels.files, ".", "../images", "..")
    labels = replace(labels, extras=_subsets(labels, path))
    return Dataset("300w", SKELETONS["face68"], labels, images, ABOUT, notes)


def _subsets(labels: Labels, path: Path) -> dict[str, np.ndarray]:
    """The subsets that have an image, each as (N,) bool."""
    above = (path.parent.name, path.name) if path.is_dir() else ()
    of_image = np.array([_subset((*above, *PurePosixPath(name).parts)) for name in labels.files.tolist()], np.str_)
    of_instance = of_image[labels.image]
    return {name: of_instance == name for name in SUBSETS if (of_image == name).any()}


def _subset(parts: tuple[str, ...]) -> str:
    """The subset that the folders and the file of an image tell; empty for none."""
    words = {part.lower() for part in parts[:-1]}
    if "common" in words or ("testset" in words and words & {"helen", "lfpw"}):
        return "common"
    if words & {"challenging", "ibug"}:
        return "challenging"
    if "01_indoor" in words or parts[-1].startswith("indoor_"):
        return "indoor"
    return "outdoor" if "02_outdoor" in words or parts[-1].startswith("outdoor_") else ""


READER = Reader(
    read_300w,
    ABOUT,
    "face68",
    ("nme_eyes",),
    "the folder of the download with .pts files beside the images (afw, helen, ibug, lfpw, 300W), or a conversion to "
    "COCO's layout such as face_landmarks_300w_test.json",
)
