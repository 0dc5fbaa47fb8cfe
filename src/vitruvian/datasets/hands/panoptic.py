"""CMU Panoptic hands: 21 joints of hands in everyday photos and of the Panoptic Studio, as downloaded or converted.

The download has folders such as hand_labels/manual_train, with a json file for each hand beside its image of the same
name: "hand_pts", x, y and whether labelled of each joint; "is_left"; "hand_box_center". A conversion is in COCO's
layout.
"""

import re
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.json_records import contents, parse
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import all_visible, checked_name, each, image_folder, labels_of, numbered, some
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS, Labels

ABOUT = About(
    title="CMU Panoptic Hand DB",
    licence="non-commercial research",
    citation="Simon et al., Hand Keypoint Detection in Single Images using Multiview Bootstrapping, CVPR 2017",
    url="http://domedb.perception.cs.cmu.edu/handdb.html",
)


class Hand(Annotation, kw_only=True, gc=False):
    """head_size: pixels of the head of the hand's owner, which papers divide errors by."""

    head_size: float | None = None


class Original(msgspec.Struct):
    """A file of the download. hand_pts: x, y, and 1 where labelled, of each joint."""

    hand_pts: list[tuple[float, float, float]]
    is_left: bool | int | float | None = None
    head_size: float | None = None


def read_panoptic(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """CMU Panoptic hands as downloaded, a folder of json files, or a conversion; skeleton hand21.

    The left and the right hand of a photo, <photo>_l and <photo>_r, are images of one group.
    extras: "head_size" (N,), pixels, NaN where the file does not say; as downloaded also "hand_type" (N,), "left",
    "right", or empty where the file does not say.
    """
    labels, notes = _read_folder(path, skip) if path.is_dir() else cached(_converted, path, skip)
    images = folder or image_folder(path, labels.files, ".", "..")
    return Dataset("panoptic_hand", SKELETONS["hand21"], _grouped(labels), images, ABOUT, notes)


def _grouped(labels: Labels) -> Labels:
    return replace(labels, groups=numbered(re.sub(r"_[lr]\.", ".", name) for name in labels.files.tolist()))


def _converted(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 21, Hand, skip=skip)
    sizes = np.array([np.nan if one.head_size is None else one.head_size for one in layout.annotations], np.float64)
    return replace(all_visible(layout.labels), extras={"head_size": sizes}), layout.notes


def _read_folder(path: Path, skip: bool) -> Kept:
    files = sorted(path.glob("*.json"))
    if not files:
        raise DataError(f"{path} has no .json files; expected a folder such as hand_labels/manual_train")
    omissions = Omissions(path, skip)
    done = each([(file.name, file) for file in files], _original, omissions, "json files that are no hand")
    names, xy, sides, heads = zip(*some(path, done, "json files with hand_pts"), strict=True)
    extras = {"head_size": np.array(heads, np.float64), "hand_type": np.array(sides, np.str_)}
    return replace(labels_of(list(names), np.stack(xy)), extras=extras), omissions.notes


def _original(file: Path) -> tuple[str, np.ndarray, str, float]:
    """The name of the image, the joints (21, 2), the side and the size of the head."""
    hand = parse(contents(file), Original, file, "a hand with hand_pts")
    if len(hand.hand_pts) != 21:
        raise ValueError(f"it has {len(hand.hand_pts)} joints, expected 21")
    triples = np.array(hand.hand_pts)
    side = "" if hand.is_left is None else "left" if hand.is_left else "right"
    xy = np.where(triples[:, 2:] > 0, triples[:, :2], np.nan)
    return checked_name(f"{file.stem}.jpg"), xy, side, np.nan if hand.head_size is None else hand.head_size


READER = Reader(
    read_panoptic,
    ABOUT,
    "hand21",
    ("pck_box", "auc", "epe"),
    "a folder of the download such as hand_labels/manual_train, or a conversion to COCO's layout such as "
    "panoptic_test.json, with head_size in each annotation",
)
