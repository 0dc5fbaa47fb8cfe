"""Human-Art: people in photographs, paintings, sculptures and drawings, 17 or 21 keypoints."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, ImageRecord, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.rows import image_folder
from vitruvian.structures import SKELETONS

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


def read_human_art(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """Human-Art with COCO's 17 keypoints. Image extra "scene": "digital art", "acrobatics" ..."""
    labels, notes = cached(_labels17, path, skip)
    images = folder or image_folder(path, labels.files, *PLACES)
    return Dataset("human_art", SKELETONS["coco17"], labels, images, ABOUT, notes)


def read_human_art21(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """Human-Art with fingers and toes, 21 keypoints. Image extra "scene" as `read_human_art`."""
    labels, notes = cached(_labels21, path, skip)
    images = folder or image_folder(path, labels.files, *PLACES)
    return Dataset("human_art21", SKELETONS["humanart21"], labels, images, ABOUT, notes)


def _labels17(path: Path, skip: bool) -> Kept:
    return _labels(path, 17, Annotation, skip)


def _labels21(path: Path, skip: bool) -> Kept:
    return _labels(path, 21, _Fingers, skip)


def _labels(path: Path, keypoints: int, record: type[Annotation], skip: bool) -> Kept:
    layout = read_layout(path, keypoints, record, _Image, skip=skip)
    scene = np.array([image.category for image in layout.images], np.str_)
    return replace(layout.labels, image_extras={"scene": scene}), layout.notes


LAYOUT = "training_humanart.json or validation_humanart.json, in COCO's layout"
READER = Reader(read_human_art, ABOUT, "coco17", ("oks_ap",), LAYOUT)
READER21 = Reader(read_human_art21, ABOUT, "humanart21", ("oks_ap",), LAYOUT)
