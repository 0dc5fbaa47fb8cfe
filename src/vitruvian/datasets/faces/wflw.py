"""WFLW: 98 points of 10,000 faces, with six attributes that name its six harder subsets.

Source of the layout: the README of its annotations, https://wywu.github.io/projects/LAB/WFLW.html: a line for each
face of 196 coordinates, the box as x0 y0 x1 y1, six attributes and the image.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_file import as_visible
from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import checked_name, each, image_folder, labels_of, some
from vitruvian.datasets.text_lines import text_lines
from vitruvian.structures import SKELETONS

POINTS, BOX = 2 * 98, 4  # numbers of a line
SUBSETS = ("pose", "expression", "illumination", "makeup", "occlusion", "blur")  # as a line has them
NAMED = {"largepose": "pose"}  # subsets that file names of conversions call otherwise

ABOUT = About(
    title="Wider Facial Landmarks in-the-wild (WFLW)",
    licence="non-commercial research; the images are those of WIDER FACE",
    citation="Wu et al., Look at Boundary: A Boundary-Aware Face Alignment Algorithm, CVPR 2018",
    url="https://wywu.github.io/projects/LAB/WFLW.html",
)


class Face(NamedTuple):
    """A line. xy: (98, 2); box: (4,) and subsets: (6,) bool, None where the list does not have them."""

    file: str
    xy: np.ndarray
    box: np.ndarray | None
    subsets: np.ndarray | None


def read_wflw(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """WFLW's own list, a text file, or a conversion to COCO's layout, a json file; skeleton wflw98.

    extras: "pose", "expression", "illumination", "makeup", "occlusion", "blur", (N,) bool: in which of the six subsets
    a face is. A list without attributes and a conversion do not say, but for the subset in the name of the file.
    """
    converted = path.suffix.lower() == ".json"
    labels, notes = cached(partial(as_visible, 98) if converted else _read_list, path, skip)
    if converted:
        labels = replace(labels, extras=_named_subset(path, len(labels)))
    places = (".", "../images", "../WFLW_images", "../../WFLW_images", "../../../WFLW_images")
    return Dataset(
        "wflw", SKELETONS["wflw98"], labels, folder or image_folder(path, labels.files, *places), ABOUT, notes
    )


def _read_list(path: Path, skip: bool) -> Kept:
    omissions = Omissions(path, skip)
    lines = text_lines(path, "a list of WFLW, such as list_98pt_test.txt")
    faces = some(path, each(lines, _face, omissions, "lines that are no face"), "a line for each face")
    labels = labels_of([face.file for face in faces], np.stack([face.xy for face in faces]))
    boxes = [face.box for face in faces if face.box is not None]
    flags = [face.subsets for face in faces if face.subsets is not None]
    if len(boxes) == len(flags) == len(faces):
        labels = replace(labels, boxes=np.stack(boxes), extras=dict(zip(SUBSETS, np.stack(flags).T, strict=True)))
    return labels, omissions.notes


def _face(line: str) -> Face:
    """A line of 207 words, or of 197 in the lists that have neither box nor attributes."""
    words = line.split()
    full = POINTS + BOX + len(SUBSETS) + 1
    if len(words) not in (full, POINTS + 1):
        raise ValueError(f"it has {len(words)} words, expected {full}: 196 coordinates, box, 6 attributes, image")
    numbers = np.array(words[:-1], np.float64)
    if not (np.abs(numbers) <= FARTHEST).all():
        raise ValueError(f"a number is not within {FARTHEST:g}, expected coordinates in pixels")
    xy = numbers[:POINTS].reshape(-1, 2)
    if len(words) == POINTS + 1:
        return Face(checked_name(words[-1]), xy, None, None)
    box, flags = numbers[POINTS : POINTS + BOX], numbers[POINTS + BOX :]
    if not np.isin(flags, (0, 1)).all():
        raise ValueError(f"its attributes are {' '.join(words[POINTS + BOX : -1])}, expected six of 0 or 1")
    return Face(checked_name(words[-1]), xy, box, flags == 1)


def _named_subset(path: Path, instances: int) -> dict[str, np.ndarray]:
    """The subset in a name such as face_landmarks_wflw_test_blur.json, in which all instances then are."""
    last = path.stem.rpartition("_")[2]
    name = NAMED.get(last, last)
    return {name: np.ones(instances, bool)} if name in SUBSETS else {}


READER = Reader(
    read_wflw,
    ABOUT,
    "wflw98",
    ("nme_wflw",),
    "a list of WFLW_annotations, list_98pt_rect_attr_train_test/list_98pt_rect_attr_test.txt, or a conversion to "
    "COCO's layout such as face_landmarks_wflw_test.json",
)
