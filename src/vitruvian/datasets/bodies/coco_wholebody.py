"""COCO-WholeBody: COCO's people with feet, face and hands, 133 keypoints; and each part as a data set of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, ImageRecord, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder
from vitruvian.geometry import from_xywh
from vitruvian.structures import SKELETONS, UNLABELLED, VISIBLE, Labels

ABOUT = About(
    title="COCO-WholeBody",
    licence="annotations for non-commercial research; each image has its Flickr licence, which the file names",
    citation="Jin et al., Whole-Body Human Pose Estimation in the Wild, ECCV 2020",
    url="https://github.com/jin-s13/COCO-WholeBody",
)
WHOLE = 133
PARTS = ("face", "lefthand", "righthand")  # as the file names those that have a box


class _Person(Annotation):
    foot_kpts: tuple[float, ...] = ()
    face_kpts: tuple[float, ...] = ()
    lefthand_kpts: tuple[float, ...] = ()
    righthand_kpts: tuple[float, ...] = ()
    face_box: tuple[float, ...] = ()
    lefthand_box: tuple[float, ...] = ()
    righthand_box: tuple[float, ...] = ()
    foot_valid: bool = False
    face_valid: bool = False
    lefthand_valid: bool = False
    righthand_valid: bool = False

    def points(self) -> Sequence[float]:
        """All 133; some files have them together, the original ones part by part."""
        return [*self.keypoints, *self.foot_kpts, *self.face_kpts, *self.lefthand_kpts, *self.righthand_kpts]


@dataclass(frozen=True)
class Part:
    """A part of the body as a data set of its own.

    keypoints: its place among the 133. valid: the extra that says whose part is annotated; None for everybody's.
    box:       the extra with its box; None for that of the person.
    """

    name: str
    skeleton: str
    keypoints: slice
    valid: str | None = None
    box: str | None = None

    def read(self, path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
        """The instances whose part is annotated, with the keypoints and the box of the part; the others are noted."""
        whole = read_coco_wholebody(path, folder, skip)
        labels = whole.labels
        chosen = labels.extras[self.valid] if self.valid else np.ones(len(labels), bool)
        left = int((~chosen).sum())
        notes = (f"left out {left} people whose part of the body is not annotated",) if left else ()
        return Dataset(
            self.name,
            SKELETONS[self.skeleton],
            _cut(labels.of_instances(chosen), self.keypoints, self.box),
            whole.folder,
            ABOUT,
            whole.notes + notes,
        )

    def reader(self, scores: tuple[str, ...]) -> Reader:
        """The entry for the table of data sets."""
        return Reader(self.read, ABOUT, self.skeleton, scores, LAYOUT)


def read_coco_wholebody(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """COCO-WholeBody, all 133 keypoints.

    Extras: "face_box", "left_hand_box", "right_hand_box", (N, 4) as `Labels.boxes`, NaN where the part is not
    annotated; "foot_valid", "face_valid", "left_hand_valid", "right_hand_valid", (N,) bool, whether it is. What is
    labelled of faces and hands counts as visible: the file has no more than a confidence there, up to 1.
    """
    labels, notes = cached(_labels, path, skip)
    images = folder or image_folder(path, labels.files, "../train2017", "../val2017", "../images")
    return Dataset("coco_wholebody", SKELETONS["coco_wholebody133"], labels, images, ABOUT, notes)


def _labels(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, WHOLE, _Person, ImageRecord, skip=skip)
    people, visible = layout.annotations, layout.labels.visible.copy()
    visible[:, FACE.keypoints.start :][visible[:, FACE.keypoints.start :] > UNLABELLED] = VISIBLE
    extras = {"foot_valid": np.array([one.foot_valid for one in people], bool)}
    for part in PARTS:
        valid = np.array([getattr(one, f"{part}_valid") for one in people], bool)
        boxes = _boxes([getattr(one, f"{part}_box") for one in people], valid)
        name = part.replace("hand", "_hand")
        extras |= {f"{name}_valid": valid, f"{name}_box": boxes}
    return replace(layout.labels, visible=visible, extras=extras), layout.notes


def _boxes(rows: list[tuple[float, ...]], valid: np.ndarray) -> np.ndarray:
    """(N, 4) x0 y0 x1 y1 of boxes as the file has them; NaN where the part is not valid or has no four numbers."""
    xywh = [row if len(row) == 4 and there else (np.nan,) * 4 for row, there in zip(rows, valid, strict=True)]
    return from_xywh(np.array(xywh, np.float64).reshape(-1, 4))


def _cut(labels: Labels, keypoints: slice, box: str | None) -> Labels:
    return replace(
        labels,
        xy=labels.xy[:, keypoints],
        visible=labels.visible[:, keypoints],
        boxes=labels.extras[box] if box else labels.boxes,
        extras={},
    )


LAYOUT = "coco_wholebody_train_v1.0.json or coco_wholebody_val_v1.0.json, in COCO's layout with parts"
BODY = Part("coco_wholebody_body", "coco17", slice(0, 17))
FOOT = Part("coco_wholebody_foot", "foot6", slice(17, 23), "foot_valid")
FACE = Part("coco_wholebody_face", "face68", slice(23, 91), "face_valid", "face_box")
LEFT_HAND = Part("coco_wholebody_left_hand", "hand21", slice(91, 112), "left_hand_valid", "left_hand_box")
RIGHT_HAND = Part("coco_wholebody_right_hand", "hand21", slice(112, 133), "right_hand_valid", "right_hand_box")
HAND_SCORES = ("pck_box", "auc", "epe")

READER = Reader(read_coco_wholebody, ABOUT, "coco_wholebody133", ("oks_ap_wholebody",), LAYOUT)
PART_READERS = {
    BODY.name: BODY.reader(("oks_ap",)),
    FOOT.name: FOOT.reader(("oks_ap",)),
    FACE.name: FACE.reader(("nme_eyes",)),
    LEFT_HAND.name: LEFT_HAND.reader(HAND_SCORES),
    RIGHT_HAND.name: RIGHT_HAND.reader(HAND_SCORES),
}
