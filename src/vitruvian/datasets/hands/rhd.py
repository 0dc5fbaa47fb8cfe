"""Rendered Handpose Dataset: 21 joints of rendered hands in 2D and 3D, as downloaded or converted to COCO's layout.

Source of the layout: the README of the download: anno_training.pickle or anno_evaluation.pickle, a dict from the number
of an image to "uv_vis" (42, 3), "xyz" (42, 3) in metres and "K" (3, 3); first the left hand, then the right one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from vitruvian.datasets.array_pickle import read_array_pickle
from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import Annotation, ImageRecord, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import all_visible, each, image_folder, labels_of, of_images, some
from vitruvian.errors import DataError
from vitruvian.structures import HIDDEN, SKELETONS, VISIBLE

SIDE = 320  # pixels of every image
FORM = 'a dict from the number of an image to its "uv_vis", "xyz" and "K", as in anno_training.pickle'

ABOUT = About(
    title="Rendered Handpose Dataset (RHD)",
    licence="research only, no commercial use",
    citation="Zimmermann and Brox, Learning to Estimate 3D Hand Pose from Single RGB Images, ICCV 2017",
    url="https://lmb.informatik.uni-freiburg.de/resources/datasets/RenderedHandposeDataset.en.html",
)


class Camera(msgspec.Struct):
    """In pixels."""

    focal: tuple[float, float]
    princpt: tuple[float, float]


class Image(ImageRecord, kw_only=True, gc=False):
    """cam_param: the camera."""

    cam_param: Camera | None = None


class Hand(Annotation, kw_only=True, gc=False):
    """keypoints: a list for each, of x, y, v; joint_cam: each in millimetres in the frame of the camera."""

    keypoints: list[tuple[float, float, float]] = msgspec.field(default_factory=list)  # type: ignore[assignment]
    joint_cam: list[tuple[float, float, float]] | None = None
    hand_type: str = ""

    def points(self) -> Sequence[float]:
        return [value for point in self.keypoints for value in point]


def read_rhd(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """RHD as downloaded, a pickle, or a conversion, a json file; skeleton rhd21, each finger from its tip.

    `xyz` is in millimetres in the frame of the camera, x to the right, y down, z forwards.
    extras: "hand_type" (N,), "left" or "right". image_extras: "focal" and "principal", (I, 2) pixels.
    As downloaded, an image has two hands; those of which no joint is to be seen are left out, which is noted. A
    conversion has one, and does not say which joints are hidden.
    """
    if path.suffix.lower() == ".json":
        labels, notes = cached(_converted, path, skip)
        images = folder or image_folder(path, labels.files, ".", "..")
    else:
        labels, notes = cached(_read_download, path, skip)
        images = folder or path.parent / "color"
    return Dataset("rhd", SKELETONS["rhd21"], labels, images, ABOUT, notes)


def _converted(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 21, Hand, Image, skip=skip)
    labels = all_visible(layout.labels)
    xyz = np.full((len(labels), 21, 3), np.nan)
    for row, hand in enumerate(layout.annotations):
        if hand.joint_cam is not None:
            if len(hand.joint_cam) != 21:
                raise DataError(f"{path}: annotation {hand.id}: {len(hand.joint_cam)} joints in 3D, expected 21")
            xyz[row] = hand.joint_cam
    absent = Camera((np.nan, np.nan), (np.nan, np.nan))
    cameras = [image.cam_param or absent for image in layout.images]
    return replace(
        labels,
        xyz=xyz,
        extras={"hand_type": np.array([hand.hand_type for hand in layout.annotations], np.str_)},
        image_extras={
            "focal": np.array([camera.focal for camera in cameras], np.float64),
            "principal": np.array([camera.princpt for camera in cameras], np.float64),
        },
    ), layout.notes


class Pair(NamedTuple):
    """The two hands of an image. uv_vis: (2, 21, 3) x, y, visible; xyz: (2, 21, 3) metres; camera: (3, 3)."""

    number: int
    uv_vis: np.ndarray
    xyz: np.ndarray
    camera: np.ndarray


def _read_download(path: Path, skip: bool) -> Kept:
    omissions = Omissions(path, skip)
    pairs = some(path, each(_records(path), _pair, omissions, "images that cannot be used"), FORM)
    shown = np.stack([pair.uv_vis[..., 2] > 0 for pair in pairs])  # (images, 2, 21)
    image, side = np.nonzero(shown.any(-1))
    xy = np.stack([pair.uv_vis[..., :2] for pair in pairs])[image, side]
    xyz = 1000 * np.stack([pair.xyz for pair in pairs])[image, side]
    cameras = np.stack([pair.camera for pair in pairs])[image]
    labels = labels_of([f"{pairs[row].number:05d}.png" for row in image.tolist()], xy)
    numbers = np.array([pair.number for pair in pairs], np.int64)[image]
    unseen = shown[..., 0].size - len(image)
    return replace(
        labels,
        sizes=np.full((labels.images, 2), SIDE, np.int32),
        image_ids=of_images(labels, numbers),
        visible=np.where(shown[image, side], VISIBLE, HIDDEN).astype(np.uint8),
        xyz=xyz,
        extras={"hand_type": np.array(["left", "right"])[side]},
        image_extras={
            "focal": of_images(labels, cameras[:, [0, 1], [0, 1]]),
            "principal": of_images(labels, cameras[:, :2, 2]),
        },
    ), omissions.notes + ((f"left out {unseen} hands of which no joint is to be seen",) if unseen else ())


def _records(path: Path) -> Iterator[tuple[str, tuple[Any, Any]]]:
    found = read_array_pickle(path, FORM)
    if not isinstance(found, dict):
        raise DataError(f"{path} holds a {type(found).__name__}; expected {FORM}")
    for number, record in found.items():
        yield f"image {number}", (number, record)


def _pair(numbered: tuple[Any, Any]) -> Pair:
    number, record = numbered
    shapes = {"uv_vis": (42, 3), "xyz": (42, 3), "K": (3, 3)}
    if type(number) is not int or not 0 <= number < 10**9 or not isinstance(record, dict):
        raise ValueError(f"expected the number of an image, and {', '.join(shapes)} of it")
    for name, shape in shapes.items():
        value: Any = record.get(name)
        if not isinstance(value, np.ndarray) or value.shape != shape or not np.isfinite(value).all():
            raise ValueError(f"{name} is an array {np.shape(value)}, expected {shape} of finite numbers")
    uv_vis, xyz = (np.reshape(record[name], (2, 21, 3)).astype(np.float64) for name in ("uv_vis", "xyz"))
    return Pair(number, uv_vis, xyz, np.asarray(record["K"], np.float64))


READER = Reader(
    read_rhd,
    ABOUT,
    "rhd21",
    ("pck_box", "auc", "epe", "mpjpe"),
    "anno_training.pickle or anno_evaluation.pickle of the download, beside its folder color, or a conversion to "
    "COCO's layout such as rhd_test.json",
)
