"""Halpe: whole people in photographs of COCO and HICO-DET, 136 keypoints, of which 26 are body and feet."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_file import CocoFile, as_written
from vitruvian.datasets.coco_layout import Annotation, read_layout
from vitruvian.datasets.dataset import About

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


def _body(path: Path, skip: bool) -> Kept:
    """Body and feet only, from a file that has 136 keypoints or 26."""
    layout = read_layout(path, BODY, _Body, skip=skip)
    return layout.labels, layout.notes


LAYOUT = "halpe_train_v1.json or halpe_val_v1.json, in COCO's layout"
READER = CocoFile("halpe", "halpe136", ABOUT, PLACES, partial(as_written, WHOLE)).reader(LAYOUT)
READER26 = CocoFile("halpe26", "halpe26", ABOUT, PLACES, _body).reader(LAYOUT)
