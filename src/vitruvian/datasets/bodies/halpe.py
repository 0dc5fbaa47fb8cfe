"""Halpe: whole people in photographs of COCO and HICO-DET, 136 keypoints, of which 26 are body and feet."""

from collections.abc import Sequence
from pathlib import Path

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder
from vitruvian.structures import SKELETONS

ABOUT = About(
    title="Halpe Full-Body Human Keypoints and HOI-Det",
    licence="annotations for non-commercial research; images as COCO and HICO-DET have them",
    citation="Li et al., PaStaNet: Toward Human Activity Knowledge Engine, CVPR 2020",
    url="https://github.com/Fang-Haoshu/Halpe-FullBody",
)
PLACES = ("../hico_20160224_det/images/train2015", "../val2017", "../images")
WHOLE, BODY = 136, 26


class _Body(Annotation):
    def points(self) -> Sequence[float]:
        """Body and feet, the first 26; another number than 136 is left for the file's reader to refuse."""
        return self.keypoints[: 3 * BODY] if len(self.keypoints) == 3 * WHOLE else self.keypoints


def read_halpe(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """Halpe with all 136 keypoints."""
    labels, notes = cached(_whole, path, skip)
    images = folder or image_folder(path, labels.files, *PLACES)
    return Dataset("halpe", SKELETONS["halpe136"], labels, images, ABOUT, notes)


def read_halpe26(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """Halpe with body and feet only, 26 keypoints, from a file that has 136 or 26."""
    labels, notes = cached(_body, path, skip)
    images = folder or image_folder(path, labels.files, *PLACES)
    return Dataset("halpe26", SKELETONS["halpe26"], labels, images, ABOUT, notes)


def _whole(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, WHOLE, skip=skip)
    return layout.labels, layout.notes


def _body(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, BODY, _Body, skip=skip)
    return layout.labels, layout.notes


LAYOUT = "halpe_train_v1.json or halpe_val_v1.json, in COCO's layout"
READER = Reader(read_halpe, ABOUT, "halpe136", ("oks_ap",), LAYOUT)
READER26 = Reader(read_halpe26, ABOUT, "halpe26", ("oks_ap",), LAYOUT)
