"""AFLW: 19 points of faces in all poses, from its own database, the field's file, or converted to COCO's layout."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.faces.aflw_mat import read_release
from vitruvian.datasets.faces.aflw_sqlite import read_database
from vitruvian.datasets.rows import all_visible, image_folder
from vitruvian.structures import SKELETONS

ABOUT = About(
    title="Annotated Facial Landmarks in the Wild (AFLW)",
    licence="non-commercial research, on request from the source",
    citation="Koestinger et al., Annotated Facial Landmarks in the Wild: A large-scale, real-world database for facial "
    "landmark localization, ICCV Workshops 2011",
    url="https://www.tugraz.at/institute/icg/research/team-bischof/lrs/downloads/aflw/",
)
PLACES = (".", "../images", "..", "data/flickr", "aflw/data/flickr", "../data/flickr", "flickr", "../flickr", "images")
BY_ENDING = {".mat": read_release, ".sqlite": read_database}


class Face(Annotation, kw_only=True, gc=False):
    """box_size: the side of the box that the source gives, in pixels, which the error is divided by."""

    box_size: float | None = None


def read_aflw(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """AFLW as 19 points (its 21 without the ears), skeleton aflw19.

    extras: "box_size" (N,), the pixels that the field divides errors by; NaN where the file does not say. From
    AFLWinfo_release.mat also "test" (N,) bool, the faces that the field tests on, "AFLW-Full", and "frontal" (N,) bool,
    those of them with all points to be seen, "AFLW-Frontal"; a conversion is of one of these and does not say. AFLW's
    own database, aflw.sqlite, has more faces than the field uses and no such parts; it has "roll", "pitch" and "yaw"
    (N,), radians, and the numbers of its faces are `Labels.ids`. Pixels are as the files have them, which published
    models take to count from 0.
    """
    labels, notes = cached(BY_ENDING.get(path.suffix.lower(), _converted), path, skip)
    images = folder or image_folder(path, labels.files, *PLACES)
    return Dataset("aflw", SKELETONS["aflw19"], labels, images, ABOUT, notes)


def _converted(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 19, Face, skip=skip)
    sizes = np.array([np.nan if one.box_size is None else one.box_size for one in layout.annotations], np.float64)
    return replace(all_visible(layout.labels), extras={"box_size": sizes}), layout.notes


READER = Reader(
    read_aflw,
    ABOUT,
    "aflw19",
    ("nme_box",),
    "aflw.sqlite, the original, or AFLWinfo_release.mat, with the parts that the field trains and tests on, beside or "
    "above the folder data/flickr of the download; or a conversion to COCO's layout such as "
    "face_landmarks_aflw_test.json, with box_size in each annotation",
)
