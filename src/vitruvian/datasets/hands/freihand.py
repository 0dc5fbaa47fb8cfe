"""FreiHAND: 21 joints of a hand in 2D and 3D, as downloaded or converted to COCO's layout.

Source of the layout: https://github.com/lmb-freiburg/freihand: training_xyz.json and training_K.json, lists with one
entry for each of 32,560 samples; the images training/rgb/00000000.jpg and on, four for each sample, of which the
latter three have other backgrounds.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.hands.projection import project
from vitruvian.datasets.json_records import contents
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import all_visible, each, image_folder, labels_of, some
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS

SAMPLES = 32_560  # of the training part; image i shows sample i modulo this
SIDE = 224  # pixels of every image

ABOUT = About(
    title="FreiHAND",
    licence="research only, no commercial use",
    citation="Zimmermann et al., FreiHAND: A Dataset for Markerless Capture of Hand Pose and Shape from Single RGB "
    "Images, ICCV 2019",
    url="https://lmb.informatik.uni-freiburg.de/projects/freihand/",
)


def read_freihand(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """FreiHAND as downloaded, or a conversion; skeleton hand21. The images of one sample are a group.

    As downloaded, `xyz` is in millimetres in the frame of the camera, x to the right, y down, z forwards, and `xy` is
    its projection; image_extras: "focal" and "principal", (I, 2) pixels. A conversion has neither.
    """
    if path.is_dir() or path.name.endswith("_xyz.json"):
        labels, notes = _downloaded(path / "training_xyz.json" if path.is_dir() else path, skip)
        images = folder or (path if path.is_dir() else path.parent)
    else:
        labels, notes = cached(_converted, path, skip)
        images = folder or image_folder(path, labels.files, ".", "..")
    return Dataset("freihand", SKELETONS["hand21"], labels, images, ABOUT, notes)


def _converted(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 21, skip=skip)
    return replace(all_visible(layout.labels), groups=layout.labels.image_ids % SAMPLES), layout.notes


def _downloaded(path: Path, skip: bool) -> Kept:
    if path.name not in PARTS:
        raise DataError(f"{path} is no file of FreiHAND; expected {' or '.join(PARTS)}")
    return cached(PARTS[path.name], path, skip, (path, _cameras(path)))


def _cameras(path: Path) -> Path:
    return path.with_name(path.name.replace("_xyz", "_K"))


def _part(part: str, versions: int, path: Path, skip: bool) -> Kept:
    """The labels of a part; versions: how many images each sample has."""
    omissions = Omissions(path, skip)
    samples = some(path, each(_samples(path), _sample, omissions, "samples that cannot be used"), "21 joints a sample")
    numbers, xyz, camera = (np.array(column) for column in zip(*samples, strict=True))
    focal, principal = camera[:, [0, 1], [0, 1]], camera[:, :2, 2]
    xy = project(xyz, focal[:, None], principal[:, None])
    images = np.tile(numbers, versions) + np.repeat(np.arange(versions) * SAMPLES, len(numbers))
    labels = labels_of(
        [f"{part}/rgb/{number:08d}.jpg" for number in images.tolist()],
        np.tile(xy, (versions, 1, 1)),
    )
    return replace(
        labels,
        sizes=np.full((labels.images, 2), SIDE, np.int32),
        image_ids=images,
        groups=np.tile(numbers, versions),
        xyz=np.tile(1000 * xyz, (versions, 1, 1)),
        image_extras={"focal": np.tile(focal, (versions, 1)), "principal": np.tile(principal, (versions, 1))},
    ), omissions.notes


PARTS = {"training_xyz.json": partial(_part, "training", 4), "evaluation_xyz.json": partial(_part, "evaluation", 1)}


def _samples(path: Path) -> Iterator[tuple[str, tuple[int, msgspec.Raw, msgspec.Raw]]]:
    """The joints and the camera of each sample, not looked into, with its number, under a name."""
    cameras = _cameras(path)
    joints, matrices = _list(path), _list(cameras)
    if len(joints) != len(matrices):
        raise DataError(f"{path} has {len(joints)} samples, {cameras.name} {len(matrices)}; expected as many in both")
    for number, (joint, matrix) in enumerate(zip(joints, matrices, strict=True)):
        yield f"sample {number}", (number, joint, matrix)


def _list(path: Path) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(contents(path), type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise DataError(f"{path} is no list in JSON ({error}); is its download or copy cut short?") from error


def _sample(record: tuple[int, msgspec.Raw, msgspec.Raw]) -> tuple[int, np.ndarray, np.ndarray]:
    """The number, joints (21, 3) in metres and camera matrix (3, 3) of a sample."""
    number, joints, matrix = record
    return number, _matrix(joints, (21, 3), "joints"), _matrix(matrix, (3, 3), "the camera matrix")


def _matrix(raw: msgspec.Raw, shape: tuple[int, int], what: str) -> np.ndarray:
    try:
        rows = msgspec.json.decode(raw, type=list[list[float]])
    except msgspec.DecodeError as error:
        raise ValueError(f"{what}: {error}") from error
    if len(rows) != shape[0] or any(len(row) != shape[1] for row in rows):
        raise ValueError(f"{what}: {len(rows)} rows, expected {shape[0]} of {shape[1]} numbers")
    return np.array(rows, np.float64)


READER = Reader(
    read_freihand,
    ABOUT,
    "hand21",
    ("pck_box", "auc", "epe"),
    "the folder of the download, or its training_xyz.json or evaluation_xyz.json, or a conversion to COCO's layout "
    "such as freihand_test.json",
)
