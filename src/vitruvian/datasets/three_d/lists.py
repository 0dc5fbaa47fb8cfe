"""The lists of images with joints in 2D and 3D that Human3.6M and MPI-INF-3DHP are converted to: `.npz` files.

imgname (N,): the images; part (N, 17, 3): x, y in pixels and whether labelled; S (N, 17, 4): x, y, z in metres in the
frame of the camera and whether known; center (N, 2) and scale (N,): the box, a square of 200 · scale pixels.
"""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vitruvian.datasets.array_pickle import read_array_pickle
from vitruvian.datasets.cache import Kept
from vitruvian.datasets.coco_layout import FARTHEST, fault_of_name
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import labels_of
from vitruvian.errors import DataError
from vitruvian.structures import Labels

LARGEST = 8 * 2**30  # bytes, once unpacked; 1,500,000 images of Human3.6M have about 1.5 GiB
SHAPES = {"imgname": (), "center": (2,), "scale": (), "part": (17, 3), "S": (17, 4)}
EXPECTED = f"an .npz with {', '.join(SHAPES)} for 17 joints"
WITHIN = f"expected finite numbers within {FARTHEST:g}"
CAMERAS = "a dict from the name of a camera to its f, c, R and T"


def read_list(path: Path, skip: bool) -> Kept:
    """The labels of such a list; `xyz` in millimetres in the frame of the camera, x to the right, y down, z forwards.

    Raises DataError for a file that is not like this and, unless `skip`, for the first entry that cannot be used.
    """
    columns = _columns(path)
    omissions = Omissions(path, skip)
    rows = list(_usable(columns, omissions))
    if not rows:
        raise DataError(f"{path} has no entry that can be used; expected {EXPECTED}")
    names = columns["imgname"][rows].tolist()
    centre, part, joints = (columns[name][rows].astype(np.float64) for name in ("center", "part", "S"))
    half = 100 * columns["scale"][rows].astype(np.float64)[:, None]
    labels = labels_of(names, np.where(part[..., 2:] > 0, part[..., :2], np.nan))
    xyz = np.where(joints[..., 3:] > 0, 1000 * joints[..., :3], np.nan)
    return replace(labels, boxes=np.concatenate([centre - half, centre + half], axis=1), xyz=xyz), omissions.notes


def _columns(path: Path) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > LARGEST:
            raise DataError(f"{path} has {size / 2**30:.0f} GiB, over the {LARGEST / 2**30:.0f} GiB that are read")
        with np.load(path, allow_pickle=False) as file:
            columns = {name: np.asarray(file[name]) for name in SHAPES}  # bytes, if the archive has no arrays
    except DataError:
        raise
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}); expected {EXPECTED}") from error
    count = columns["imgname"].size
    for name, shape in SHAPES.items():
        column = columns[name]
        if column.shape != (count, *shape) or column.dtype.kind not in ("U" if name == "imgname" else "fiu"):
            raise DataError(
                f"{path}: {name} holds {column.dtype} of {column.shape}, expected {(count, *shape)}: {EXPECTED}"
            )
    return columns


def _usable(columns: Mapping[str, np.ndarray], omissions: Omissions) -> Iterator[int]:
    """The rows whose numbers are finite, and no slips, and whose file name can be used."""
    names = columns["imgname"].tolist()
    numbers = [np.abs(columns[name]) <= FARTHEST for name in SHAPES if name != "imgname"]
    finite = np.logical_and.reduce([good.all(tuple(range(1, good.ndim))) for good in numbers]).tolist()
    for row, (name, good) in enumerate(zip(names, finite, strict=True)):
        if fault := fault_of_name(name):
            omissions.add("entries with a file name that cannot be used", f"entry {row}", fault)
        elif not good:
            omissions.add("entries with a number that is no place", f"entry {row} ({name})", WITHIN)
        else:
            yield row


class Camera(NamedTuple):
    """focal, principal: (2,) pixels; rotation (3, 3) and place (3,), metres: what is at X in the world is at
    (X - place) · rotation before the camera; None where the file does not say. size: width, height."""

    focal: np.ndarray
    principal: np.ndarray
    rotation: np.ndarray | None
    place: np.ndarray | None
    size: tuple[int, int]


def read_cameras(path: Path) -> dict[Any, Camera]:
    """The cameras of a pickle, by their names as the file has them. Raises DataError for any other file."""
    found = read_array_pickle(path, CAMERAS)
    if not isinstance(found, dict):
        raise DataError(f"{path} holds a {type(found).__name__}; expected {CAMERAS}")
    try:
        return {name: _camera(camera) for name, camera in found.items()}
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{path} has a camera that cannot be used ({error}); expected {CAMERAS}") from error


def _camera(camera: Mapping[str, Any]) -> Camera:
    focal, principal = (np.asarray(camera[name], np.float64).reshape(2) for name in ("f", "c"))
    posed = "R" in camera and "T" in camera
    rotation = np.asarray(camera["R"], np.float64).reshape(3, 3) if posed else None
    place = np.asarray(camera["T"], np.float64).reshape(3) if posed else None
    width, height = int(camera.get("w", 0)), int(camera.get("h", 0))
    if not (0 <= width < 2**31 and 0 <= height < 2**31):
        raise ValueError(f"w and h are {width} and {height}, expected pixels")
    return Camera(focal, principal, rotation, place, (width, height))


def with_cameras(labels: Labels, cameras: list[Camera | None]) -> Labels:
    """The labels with image_extras "focal" and "principal", (I, 2) pixels; cameras: of each image, None if unknown.

    Images whose size the labels do not say get the size of their camera.
    """
    sizes = np.array([(0, 0) if camera is None else camera.size for camera in cameras], np.int32).reshape(-1, 2)
    unknown = np.full(2, np.nan)
    focal = np.array([unknown if camera is None else camera.focal for camera in cameras])
    principal = np.array([unknown if camera is None else camera.principal for camera in cameras])
    return replace(
        labels,
        sizes=np.where(labels.sizes > 0, labels.sizes, sizes),
        image_extras={**labels.image_extras, "focal": focal, "principal": principal},
    )
