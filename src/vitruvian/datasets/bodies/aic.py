"""AI Challenger keypoints: people in photographs from the web, 14 keypoints."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_file import CocoFile
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About
from vitruvian.datasets.json_records import contents, read_list
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import checked_name, each, labels_of, some, with_areas
from vitruvian.structures import HIDDEN, UNLABELLED, VISIBLE

ABOUT = About(
    title="AI Challenger human keypoints (2017)",
    licence="not stated by the source; offered for research",
    citation="Wu et al., AI Challenger: A Large-scale Dataset for Going Deeper in Image Understanding, 2017",
    url="https://github.com/AIChallenger/AI_Challenger_2017",
)
KEYPOINTS = 14
VISIBILITY = {1: VISIBLE, 2: HIDDEN, 3: UNLABELLED}  # as the original file counts
PLACES = (
    "keypoint_train_images_20170902",
    "keypoint_validation_images_20170911",
    "../ai_challenger_keypoint_train_20170902/keypoint_train_images_20170902",
    "../ai_challenger_keypoint_validation_20170911/keypoint_validation_images_20170911",
    "../images",
)


class _Image(msgspec.Struct):
    """An entry of the original list; people are named human1, human2 ..., boxes are x0 y0 x1 y1."""

    image_id: str
    keypoint_annotations: dict[str, list[float]]
    human_annotations: dict[str, list[float]] = {}


def _labels(path: Path, skip: bool) -> Kept:
    """From the original list of images, or a file in COCO's layout. The area of a person is 0.53 of the box."""
    if contents(path).lstrip()[:1] == b"[":
        labels, notes = _original(path, skip)
        return with_areas(labels), notes
    layout = read_layout(path, KEYPOINTS, skip=skip)
    return with_areas(layout.labels), layout.notes


def _original(path: Path, skip: bool) -> Kept:
    omissions = Omissions(path, skip)
    named = [person for image in read_list(path, _Image, "image", omissions) for person in _people(image)]
    people = each(named, _person, omissions, "people whose numbers are not as expected")
    read = some(path, people, "images with people")
    triples = np.array([person[1] for person in read], np.float64).reshape(-1, KEYPOINTS, 3)
    visible = np.vectorize(VISIBILITY.__getitem__, otypes=[np.uint8])(triples[..., 2])
    xy = np.where((visible == UNLABELLED)[..., None], np.nan, triples[..., :2])
    labels = labels_of([person[0] for person in read], xy)
    return replace(labels, visible=visible, boxes=np.array([person[2] for person in read], np.float64)), omissions.notes


def _people(image: _Image) -> Iterator[tuple[str, tuple[str, list[float], list[float]]]]:
    """The name of each person for messages; its image, keypoints and box."""
    for name, triples in image.keypoint_annotations.items():
        box = image.human_annotations.get(name, [np.nan] * 4)
        yield f"image {image.image_id}, {name}", (f"{image.image_id}.jpg", triples, box)


def _person(person: tuple[str, list[float], list[float]]) -> tuple[str, np.ndarray, np.ndarray]:
    """The person, keypoints and box as arrays. Raises ValueError where the numbers are not as they should be."""
    name, triples, box = person
    if len(triples) != 3 * KEYPOINTS or len(box) != 4:
        raise ValueError(f"{len(triples)} numbers for keypoints and {len(box)} for the box, expected 42 and 4")
    if unknown := set(triples[2::3]) - set(VISIBILITY):
        raise ValueError(f"a keypoint has visibility {unknown.pop():g}, expected 1, 2 or 3")
    return checked_name(name), np.array(triples), np.array(box)


AIC = CocoFile("aic", "aic14", ABOUT, PLACES, _labels)
READER = AIC.reader("keypoint_train_annotations_20170909.json, the original list of images; or a file in COCO's layout")
