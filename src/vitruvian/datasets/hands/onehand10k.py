"""OneHand10K: 21 joints of single hands, as downloaded or converted to COCO's layout.

The download has Train and Test, each with label_joint.txt and the folder source. A line is the image, its width and
height, the number of hands, and x, y of each joint, separated by commas.
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
from vitruvian.datasets.rows import checked_name, each, image_folder, labels_of, of_images, some
from vitruvian.datasets.text_lines import text_lines
from vitruvian.structures import SKELETONS

WORDS = 4 + 2 * 21  # of a line

ABOUT = About(
    title="OneHand10K",
    licence="not stated by the source",
    citation="Wang et al., Mask-pose Cascaded CNN for 2D Hand Pose Estimation from Single Color Image, IEEE "
    "Transactions on Circuits and Systems for Video Technology 2018",
    url="https://www.yangangwang.com/papers/WANG-MCC-2018-10.html",
)


class Hand(NamedTuple):
    """A line. size: width, height; xy: (21, 2), NaN where unlabelled."""

    file: str
    size: tuple[int, int]
    xy: np.ndarray


def read_onehand10k(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """OneHand10K as downloaded, label_joint.txt, or a conversion, a json file; skeleton hand21.

    Joints that are not to be seen are unlabelled: at negative coordinates, or at (0, 0), in the file.
    """
    converted = path.suffix.lower() == ".json"
    labels, notes = cached(partial(as_visible, 21) if converted else _read_list, path, skip)
    images = folder or image_folder(path, labels.files, "source", ".", "..")
    return Dataset("onehand10k", SKELETONS["hand21"], labels, images, ABOUT, notes)


def _read_list(path: Path, skip: bool) -> Kept:
    omissions = Omissions(path, skip)
    lines = text_lines(path, "label_joint.txt of OneHand10K")
    hands = some(path, each(lines, _hand, omissions, "lines that are no hand"), "a line for each image")
    labels = labels_of([hand.file for hand in hands], np.stack([hand.xy for hand in hands]))
    sizes = of_images(labels, np.array([hand.size for hand in hands], np.int32))
    return replace(labels, sizes=sizes), omissions.notes


def _hand(line: str) -> Hand:
    words = line.split(",")
    if len(words) != WORDS:
        raise ValueError(f"it has {len(words)} words, expected {WORDS}: image, width, height, hands, 42 coordinates")
    numbers = np.array(words[4:], np.float64).reshape(21, 2)
    if not (np.abs(numbers) <= FARTHEST).all():
        raise ValueError(f"a coordinate is not within {FARTHEST:g}, expected pixels")
    labelled = (numbers >= 0).all(-1, keepdims=True) & (numbers > 0).any(-1, keepdims=True)
    xy = np.where(labelled, numbers, np.nan)
    width, height = int(words[1]), int(words[2])
    if not (0 < width < 2**31 and 0 < height < 2**31):
        raise ValueError(f"width and height are {width} and {height}, expected numbers over 0")
    return Hand(checked_name(words[0].strip()), (width, height), xy)


READER = Reader(
    read_onehand10k,
    ABOUT,
    "hand21",
    ("pck_box", "auc", "epe"),
    "Train/label_joint.txt or Test/label_joint.txt of the download, beside its folder source, or a conversion to "
    "COCO's layout such as onehand10k_test.json",
)
