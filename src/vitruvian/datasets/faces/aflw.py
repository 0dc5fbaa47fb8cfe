"""AFLW: 19 points of faces in all poses, as the field's file of all faces or converted to COCO's layout."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.faces.aflw_mat import read_release
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


class Face(Annotation, kw_only=True, gc=False):
    """box_size: the side of the box that the source gives, in pixels, which the error is divided by."""

    box_size: float | None = None


def read_aflw(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """AFLW as 19 points (its 21 without the ears), skeleton aflw19.

    extras: "box_size" (N,), the pixels that the field divides errors by; NaN where the file does not say. From
    AFLWinfo_release.mat also "test" (N,) bool, the faces that the field tests on, "AFLW-Full", and "frontal" (N,) bool,
    those of them with all points to be seen, "AFLW-Frontal"; a conversion is of one of these and does not say. Pixels
    are as the files have them, which published models take to count from 0.
    """
    labels, notes = cached(read_release if path.suffix.lower() == ".mat" else _converted, path, skip)
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
    "AFLWinfo_release.mat, with the points of all faces, beside or above the folder data/flickr of the download; or a "
    "conversion to COCO's layout such as face_landmarks_aflw_test.json, with box_size in each annotation",
)
