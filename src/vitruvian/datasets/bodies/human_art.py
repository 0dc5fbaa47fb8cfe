"""Human-Art: people in photographs, paintings, sculptures and drawings, 17 or 21 keypoints, with fingers and toes."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_file import CocoFile
from vitruvian.datasets.coco_layout import Annotation, ImageRecord, read_layout
from vitruvian.datasets.dataset import About

ABOUT = About(
    title="Human-Art",
    licence="for non-commercial research, on request",
    citation=(
        "Ju et al., Human-Art: A Versatile Human-Centric Dataset Bridging Natural and Artificial Scenes, CVPR 2023"
    ),
    url="https://idea-research.github.io/HumanArt/",
)
PLACES = ("../..", "..")  # the images' names begin with HumanArt/images


class _Image(ImageRecord):
    category: str = ""


class _Fingers(Annotation):
    keypoints: list[float] = msgspec.field(name="keypoints_21", default_factory=list)


def _labels(keypoints: int, record: type[Annotation], path: Path, skip: bool) -> Kept:
    """Image extra "scene": "digital art", "acrobatics" ..."""
    layout = read_layout(path, keypoints, record, _Image, skip=skip)
    scene = np.array([image.category for image in layout.images], np.str_)
    return replace(layout.labels, image_extras={"scene": scene}), layout.notes


LAYOUT = "training_humanart.json or validation_humanart.json, in COCO's layout"
READER = CocoFile("human_art", "coco17", ABOUT, PLACES, partial(_labels, 17, Annotation)).reader(LAYOUT)
READER21 = CocoFile("human_art21", "humanart21", ABOUT, PLACES, partial(_labels, 21, _Fingers)).reader(LAYOUT)
