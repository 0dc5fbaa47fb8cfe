"""JHMDB: one person doing one thing in a short clip, 15 keypoints."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from vitruvian.datasets.bodies.jhmdb_mat import read_release
from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder, numbered
from vitruvian.structures import SKELETONS, Labels

ABOUT = About(
    title="JHMDB, Joint-annotated Human Motion Data Base",
    licence="not stated by the source; offered for research",
    citation="Jhuang et al., Towards Understanding Action Recognition, ICCV 2013",
    url="http://jhmdb.is.tue.mpg.de/",
)
KEYPOINTS = 15
PLACES = ("../Rename_Images", "..", "../images", "Rename_Images", "../../Rename_Images")


def read_jhmdb(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """JHMDB as downloaded, a folder, or from Sub*_train.json or Sub*_test.json in COCO's layout; skeleton jhmdb15.

    The files count pixels from 1; here they do from 0. The images of a clip are one group. Image extra "frame" (I,),
    the number of the image in the clip, from 1.

    As downloaded, all clips are read, or those of the action whose folder in joint_positions is given. Boxes are those
    of the puppet masks where the folder has them, else tight around the joints. Further image extras: "action" (I,),
    and "test_split1" (I,) bool, and so on for each split that is there, whether it tests on the image;
    "sub_test_split1" for those of the clips with the whole body, sub-JHMDB, on which poses are scored. extras: "scale"
    (N,), the size of the puppet.
    """
    labels, notes = read_release(path, skip) if path.is_dir() else cached(_converted, path, skip)
    images = folder or image_folder(path, labels.files, *PLACES)
    return Dataset("jhmdb", SKELETONS["jhmdb15"], by_clip(labels), images, ABOUT, notes)


def _converted(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, KEYPOINTS, skip=skip)
    return replace(layout.labels, xy=layout.labels.xy - 1, boxes=layout.labels.boxes - 1), layout.notes


def by_clip(labels: Labels) -> Labels:
    """The labels of images named <clip>/<frame>.<suffix>: clips as groups, the number as the image extra "frame"."""
    names = [PurePosixPath(str(name)) for name in labels.files]
    frame = np.array([int(name.stem) if name.stem.isdecimal() else -1 for name in names], np.int64)
    return replace(
        labels, groups=numbered(name.parent for name in names), image_extras={**labels.image_extras, "frame": frame}
    )


READER = Reader(
    read_jhmdb,
    ABOUT,
    "jhmdb15",
    ("jhmdb_pck", "pck_torso"),
    "the folder of the download, with joint_positions, puppet_mask, splits and Rename_Images; or "
    "annotations/Sub1_test.json, in COCO's layout",
)
