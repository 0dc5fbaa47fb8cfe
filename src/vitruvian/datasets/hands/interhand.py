"""InterHand2.6M: 42 joints of two hands in 2D and 3D, as downloaded.

Source of the layout: https://mks0601.github.io/InterHand2.6M/: <name>_data.json with images and annotations,
<name>_camera.json with the cameras of each capture, <name>_joint_3d.json with the joints of each frame in the frame of
the world, in millimetres.
"""

from collections import defaultdict
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_layout import FARTHEST, Annotation, Id, ImageRecord, Layout, read_layout
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.hands.projection import project
from vitruvian.datasets.json_records import contents, parse
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import image_folder, numbered
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS, UNLABELLED, VISIBLE, Labels

ENDS, CAMERAS, JOINTS = "_data.json", "_camera.json", "_joint_3d.json"
Triple = tuple[float, float, float]
Flags = list[tuple[bool | int] | bool | int]

ABOUT = About(
    title="InterHand2.6M",
    licence="CC BY-NC 4.0",
    citation="Moon et al., InterHand2.6M: A Dataset and Baseline for 3D Interacting Hand Pose Estimation from a Single "
    "RGB Image, ECCV 2020",
    url="https://mks0601.github.io/InterHand2.6M/",
)


class Image(ImageRecord, kw_only=True, gc=False):
    """Where an image comes from: a frame of a capture, seen by a camera."""

    capture: Id
    camera: str
    frame_idx: Id
    subject: int | None = None


class Hands(Annotation, kw_only=True, gc=False):
    """joint_valid: of each joint, whether it is labelled, not looked into yet; there are millions of these lists.

    hand_type: "right", "left" or "interacting".
    """

    joint_valid: msgspec.Raw
    hand_type: str = ""
    hand_type_valid: bool | int = 0


class Cameras(msgspec.Struct):
    """Of a capture, by the name of the camera. campos: where it is, mm; camrot: the world's axes in its frame."""

    campos: dict[str, Triple]
    camrot: dict[str, tuple[Triple, Triple, Triple]]
    focal: dict[str, tuple[float, float]]
    princpt: dict[str, tuple[float, float]]


class Frame(msgspec.Struct):
    """world_coord: the joints, mm."""

    world_coord: list[Triple]
    joint_valid: Flags


class World(NamedTuple):
    """The frames of all captures. row_of: (capture, frame) -> row; xyz: (F, 42, 3) mm, NaN where not valid."""

    row_of: dict[tuple[int, int], int]
    xyz: np.ndarray


def read_interhand(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """InterHand2.6M, skeleton interhand42: <name>_data.json, with its camera and joint_3d files beside it.

    `xyz` is in millimetres in the frame of the camera, x to the right, y down, z forwards, and `xy` is its projection;
    both are unknown where the file says that a joint is not valid. The images of a person are a group.
    extras: "hand_type" (N,), "right", "left" or "interacting"; "hand_type_valid" (N,) bool.
    image_extras: "capture", "frame" (I,); "camera" (I,) its name; "focal" and "principal" (I, 2) pixels.
    """
    if not path.name.endswith(ENDS):
        raise DataError(f"{path}: expected a file whose name ends with {ENDS}, such as InterHand2.6M_test_data.json")
    labels, notes = cached(_read, path, skip, (path, _beside(path, CAMERAS), _beside(path, JOINTS)))
    places = (".", f"../images/{path.parent.name}", f"../../images/{path.parent.name}")
    images = folder or image_folder(path, labels.files, *places)
    return Dataset("interhand", SKELETONS["interhand42"], labels, images, ABOUT, notes)


def _beside(path: Path, ends: str) -> Path:
    return path.with_name(path.name.removesuffix(ENDS) + ends)


def _read(path: Path, skip: bool) -> Kept:
    layout = read_layout(path, 42, Hands, Image, skip=skip)
    cameras, world = _cameras(path), _world(path)
    omissions = Omissions(path, skip)
    usable = _usable(layout, cameras, world, omissions)
    return _labels(layout, usable, cameras, world), layout.notes + omissions.notes


def _cameras(path: Path) -> dict[int, Cameras]:
    beside = _beside(path, CAMERAS)
    cameras = parse(contents(beside), dict[int, Cameras], beside, "the cameras of each capture")
    for capture, several in cameras.items():
        for table in _tables(several):
            for name, numbers in table.items():
                if (np.abs(numbers) > FARTHEST).any():
                    raise DataError(f"{beside}: camera {name} of capture {capture} has a number beyond {FARTHEST:g}")
    return cameras


def _world(path: Path) -> World:
    beside = _beside(path, JOINTS)
    captures = parse(contents(beside), dict[int, dict[int, Frame]], beside, "the joints of each frame of each capture")
    frames = {(capture, number): one for capture, several in captures.items() for number, one in several.items()}
    for (capture, number), frame in frames.items():
        if len(frame.world_coord) != 42 or len(frame.joint_valid) != 42:
            raise DataError(
                f"{beside}: frame {number} of capture {capture} has {len(frame.world_coord)} joints and "
                f"{len(frame.joint_valid)} joint_valid, expected 42"
            )
    xyz = np.array([frame.world_coord for frame in frames.values()], np.float64).reshape(-1, 42, 3)
    for row, frame in enumerate(frames.values()):
        xyz[row, ~_flags(frame.joint_valid)] = np.nan
    if (np.abs(xyz) > FARTHEST).any():
        capture, number = list(frames)[int(np.argwhere(np.abs(xyz) > FARTHEST)[0, 0])]
        raise DataError(f"{beside}: frame {number} of capture {capture} has a number beyond {FARTHEST:g}, expected mm")
    return World({frame: row for row, frame in enumerate(frames)}, xyz)


def _flags(flags: Flags) -> np.ndarray:
    """(42,) bool of flags that may each be in a list of its own."""
    return np.array([bool(one[0] if isinstance(one, tuple) else one) for one in flags])


def _usable(
    layout: Layout[Hands, Image], cameras: dict[int, Cameras], world: World, omissions: Omissions
) -> dict[int, np.ndarray]:
    """The rows of the annotations that have a camera, a frame and 42 flags -> which joints are valid, (42,) bool."""
    usable: dict[int, np.ndarray] = {}
    for row, (hands, place) in enumerate(zip(layout.annotations, layout.labels.image.tolist(), strict=True)):
        image = layout.images[place]
        kind, fault = _fault(image, cameras, world)
        if not fault:
            try:
                usable[row] = _valid(bytes(hands.joint_valid))
                continue
            except (msgspec.ValidationError, ValueError) as error:
                kind, fault = "annotations whose joints are not as expected", str(error)
        omissions.add(kind, f"annotation {hands.id}", fault)
    return usable


@lru_cache(10_000)
def _valid(text: bytes) -> np.ndarray:
    """(42,) bool of a list of flags as it stands in the file; few lists differ, so most are here already."""
    flags = msgspec.json.decode(text, type=Flags)
    if len(flags) != 42:
        raise ValueError(f"{len(flags)} joint_valid, expected 42")
    return _flags(flags)


def _fault(image: Image, cameras: dict[int, Cameras], world: World) -> tuple[str, str]:
    """What is missing of an image in the other two files, as a kind and a sentence; empty for nothing."""
    capture = cameras.get(image.capture)
    if capture is None or any(image.camera not in one for one in _tables(capture)):
        return "annotations whose camera is not there", f"capture {image.capture} has no camera {image.camera}"
    if (image.capture, image.frame_idx) not in world.row_of:
        fault = f"capture {image.capture} has no frame {image.frame_idx} with joints"
        return "annotations whose frame is not there", fault
    return "", ""


def _tables(cameras: Cameras) -> tuple[dict[str, tuple[Any, ...]], ...]:
    return cameras.campos, cameras.camrot, cameras.focal, cameras.princpt


def _labels(
    layout: Layout[Hands, Image], usable: dict[int, np.ndarray], cameras: dict[int, Cameras], world: World
) -> Labels:
    labels = layout.labels.of_instances(np.array(list(usable), np.int64))
    images, annotations = layout.images, [layout.annotations[row] for row in usable]
    focal, principal = np.full((2, labels.images, 2), np.nan)
    xyz = np.full((len(labels), 42, 3), np.nan)
    for (capture, name), rows in _by_camera(labels, images).items():
        seen = labels.image[rows]
        camera = cameras[capture]
        focal[seen], principal[seen] = camera.focal[name], camera.princpt[name]
        frames = [world.row_of[capture, images[row].frame_idx] for row in seen.tolist()]
        xyz[rows] = (world.xyz[frames] - camera.campos[name]) @ np.array(camera.camrot[name]).T
    xyz[~np.array(list(usable.values()), bool).reshape(-1, 42)] = np.nan
    xy = project(xyz, focal[labels.image, None], principal[labels.image, None])
    return replace(
        labels,
        groups=numbered(image.capture if image.subject is None else ("subject", image.subject) for image in images),
        xy=xy,
        visible=np.where(np.isfinite(xy).all(-1), VISIBLE, UNLABELLED).astype(np.uint8),
        xyz=xyz,
        extras={
            "hand_type": np.array([one.hand_type for one in annotations], np.str_),
            "hand_type_valid": np.array([bool(one.hand_type_valid) for one in annotations], bool),
        },
        image_extras={
            "capture": np.array([image.capture for image in images], np.int64),
            "frame": np.array([image.frame_idx for image in images], np.int64),
            "camera": np.array([image.camera for image in images], np.str_),
            "focal": focal,
            "principal": principal,
        },
    )


def _by_camera(labels: Labels, images: list[Image]) -> dict[tuple[int, str], np.ndarray]:
    """(capture, camera) -> the rows of the instances it sees."""
    rows: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row, place in enumerate(labels.image.tolist()):
        rows[images[place].capture, images[place].camera].append(row)
    return {key: np.array(some) for key, some in rows.items()}


READER = Reader(
    read_interhand,
    ABOUT,
    "interhand42",
    ("pck_box", "auc", "epe", "mpjpe"),
    "annotations/<part>/InterHand2.6M_<part>_data.json of the download, with _camera.json and _joint_3d.json beside it",
)
