"""Files of fixes: what the doctor proposes, read again and applied to the labels."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.doctor.finding import Fix
from vitruvian.errors import DataError, PoseError
from vitruvian.media import read_image
from vitruvian.structures import UNLABELLED, Labels

MAX_BYTES = 512 * 2**20  # of a file of fixes


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The content of a file of fixes."""

    vitruvian_fixes: int  # the version of the format
    data: str  # the name of the data set
    fixes: list[Fix]


def format_fixes(data: str, fixes: Iterable[Fix]) -> str:
    """The text of a file of fixes, a line a fix, so that a person can strike some out."""
    lines = ",\n".join(msgspec.json.encode(fix).decode() for fix in fixes)
    return f'{{"vitruvian_fixes": 1, "data": {msgspec.json.encode(data).decode()}, "fixes": [\n{lines}\n]}}\n'


def read_fixes(path: Path) -> tuple[Fix, ...]:
    """The fixes in a file that the doctor wrote, and perhaps a person edited.

    Raises DataError, naming the file and the place in it, for one that is not like this.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path}: is larger than {MAX_BYTES // 2**20} MiB; expected a file of fixes")
        content = msgspec.json.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); give the fixes.json that the doctor wrote"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: is no file of fixes ({error}); give the fixes.json that the doctor wrote") from None
    if content.vitruvian_fixes != 1:
        raise DataError(f"{path}: has version {content.vitruvian_fixes} of the format, 1 is known; update vitruvian")
    return tuple(content.fixes)


def apply_fixes(dataset: Dataset, fixes: Iterable[Fix]) -> Dataset:
    """The data set with its labels changed, in the order of the fixes, and the number of changes in its notes.

    Boxes are cut at the edge of the image itself, where it is there, as the doctor measured it. Raises DataError for a
    fix of an image, an instance or a keypoint that is not there, and for a box in an image of unknown size.
    """
    chosen = tuple(fixes)
    labels = dataset.labels
    finder = _Finder(dataset)
    xy, visible, boxes = labels.xy.copy(), labels.visible.copy(), labels.boxes.copy()
    instances, images = np.ones(len(labels), bool), np.ones(labels.images, bool)
    for fix in chosen:
        image, row, keypoints = finder.find(fix)
        if fix.do == "drop_image":
            images[image] = False
        elif fix.do == "drop_instance":
            instances[row] = False
        elif fix.do == "clip_box":
            boxes[row] = clipped(boxes[row], _size(dataset, image))
        elif fix.do == "unlabel":
            xy[row, keypoints], visible[row, keypoints] = np.nan, UNLABELLED
        else:
            other = [keypoint for pair in zip(keypoints[1::2], keypoints[::2], strict=True) for keypoint in pair]
            xy[row, keypoints], visible[row, keypoints] = xy[row, other], visible[row, other]
    changed = replace(labels, xy=xy, visible=visible, boxes=boxes)
    return replace(dataset, labels=_without(changed, instances, images), notes=(*dataset.notes, _note(chosen)))


def clipped(box: np.ndarray, size: np.ndarray) -> np.ndarray:
    """The part of a box (4,) inside an image of this (width, height); as it is where the size is unknown."""
    if not size.all():
        return box
    return np.clip(box, -0.5, np.tile(size, 2) - 0.5)


def _size(dataset: Dataset, row: int) -> np.ndarray:
    """(width, height) of an image, or what the annotations say of it where it cannot be read."""
    try:
        height, width = read_image(dataset.path(row)).shape[:2]
    except (PoseError, OSError) as error:
        if not dataset.labels.sizes[row].all():
            raise DataError(
                f"{dataset.name}: a fix cuts a box at the edge of an image of unknown size: {error}"
            ) from error
        return dataset.labels.sizes[row]
    return np.array([width, height])


def _without(labels: Labels, instances: np.ndarray, images: np.ndarray) -> Labels:
    """The labels of the instances (N,) bool and the images (I,) bool that stay."""
    kept = labels if instances.all() else labels.of_instances(instances)
    return kept if images.all() else kept.of_images(np.flatnonzero(images))


def _note(fixes: tuple[Fix, ...]) -> str:
    """How many of each kind were made."""
    done = [fix.do for fix in fixes]
    counts = ", ".join(f"{done.count(do)} {do}" for do in sorted(set(done)))
    return f"{len(fixes)} fixes applied" + (f": {counts}" if counts else "")


class _Finder:
    """Finds what fixes speak of in a data set."""

    def __init__(self, dataset: Dataset):
        self.dataset = dataset
        self.images = {str(file): row for row, file in enumerate(dataset.labels.files)}
        self.instances = {number: row for row, number in enumerate(dataset.labels.ids.tolist())}

    def find(self, fix: Fix) -> tuple[int, int, list[int]]:
        """The rows of the image and the instance, and the keypoints; the row is -1 where none is meant."""
        name = self.dataset.name
        if fix.image not in self.images:
            raise DataError(f'{name}: a fix is for the image "{fix.image}", which is not there; check the data set')
        image = self.images[fix.image]
        if fix.do == "drop_image":
            return image, -1, []
        row = -1 if fix.instance is None else self.instances.get(fix.instance, -1)
        if row < 0 or self.dataset.labels.image[row] != image:
            raise DataError(
                f'{name}: a fix is for instance {fix.instance} of the image "{fix.image}", which is not there; '
                f"check that the fixes are for this data set"
            )
        keypoints = [self.dataset.skeleton.index(keypoint) for keypoint in fix.keypoints]
        if fix.do == "swap" and (not keypoints or len(keypoints) % 2 or len(set(keypoints)) < len(keypoints)):
            raise DataError(
                f"{name}: a fix swaps {', '.join(fix.keypoints) or 'nothing'} of instance {fix.instance} in "
                f'"{fix.image}"; expected different keypoints, two by two'
            )
        if fix.do == "unlabel" and not keypoints:
            raise DataError(
                f'{name}: a fix unlabels nothing of instance {fix.instance} in "{fix.image}"; name its keypoints'
            )
        return image, row, keypoints
