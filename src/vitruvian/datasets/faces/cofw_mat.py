"""COFW as downloaded, COFW_train_color.mat and COFW_test_color.mat: MATLAB files (7.3, HDF5) with the images inside.

Of N faces the training file has IsTr, the images, H x W x 3 or H x W of uint8; bboxesTr (N, 4), x, y, width, height;
and phisTr (N, 87), the x of the 29 points, their y, and 1 for those that are hidden. The test file has the same as IsT,
bboxesT and phisT. HDF5 has the axes of all in reverse.
Source: Burgos-Artizzu et al., Robust face landmark estimation under occlusion, ICCV 2013.
"""

import hashlib
import shutil
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.matlab_files import opened_hdf5
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import each, labels_of, some
from vitruvian.errors import DataError
from vitruvian.folders import alone, home, make_folder
from vitruvian.media import write_image
from vitruvian.structures import HIDDEN, VISIBLE

POINTS = 29
PARTS = {"train": "Tr", "test": "T"}  # what the names of the variables end in
WIDTHS = {"phis": 3 * POINTS, "bboxes": 4}


class _Face(NamedTuple):
    """numbers: x, y and hidden of the 29 points (87,); box: x, y, width, height; shape: of the image as HDF5 has it."""

    file: str
    numbers: np.ndarray
    box: np.ndarray
    shape: tuple[int, ...]


def read_release(path: Path, skip: bool) -> Kept:
    """The labels of the file, as `vitruvian.datasets.read_cofw` describes them, and notes; no pixels are read."""
    omissions = Omissions(path, skip)
    with opened_hdf5(path) as file:
        named = [(f"face {number}", face) for number, face in enumerate(_faces(path, file), 1)]
    faces = some(path, each(named, _checked, omissions, "faces that are not as expected"), "faces")
    x, y, hidden = np.split(np.stack([face.numbers for face in faces]), 3, axis=1)
    boxes = np.stack([face.box for face in faces])
    boxes[:, 2:] += boxes[:, :2]
    labels = labels_of([face.file for face in faces], np.stack([x, y], axis=-1))
    visible = np.where(hidden == 1, HIDDEN, VISIBLE).astype(np.uint8)
    sizes = np.array([face.shape[-2:] for face in faces], np.int32)
    return replace(labels, sizes=sizes, visible=visible, boxes=boxes), omissions.notes


def unpacked(path: Path, files: np.ndarray) -> Path:
    """A folder with the images of the labels as PNG files of these names, which are written the first time.

    It lies in `home() / "datasets"`, under the SHA-256 of the file, and can be deleted at any time.
    """
    with path.open("rb") as opened:
        key = hashlib.file_digest(opened, "sha256").hexdigest()
    folder = make_folder(home() / "datasets") / f"{key}-images"
    with alone(f"cofw-{key[:32]}"):
        if not all((folder / name).is_file() for name in files.tolist()):
            shutil.rmtree(folder, ignore_errors=True)
            _unpack(path, files.tolist(), folder)
    return folder


def _unpack(path: Path, files: list[str], folder: Path) -> None:
    """Write the images, all or none."""
    partial = make_folder(folder.with_name(f".{uuid.uuid4().hex}.partial"))
    try:
        with opened_hdf5(path) as file:
            cells = file[f"Is{_part(path, file)[1]}"]
            for name in files:
                write_image(partial / name, _pixels(file[cells[0, _number(name) - 1]][()]))
        partial.rename(folder)
    except OSError as error:
        raise DataError(f"{path}: its images cannot be unpacked to {folder} ({error}); is it whole?") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _pixels(stored: np.ndarray) -> np.ndarray:
    """(3, W, H) or (W, H), as HDF5 has it -> (H, W, 3) RGB."""
    image = stored.T
    return np.ascontiguousarray(image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2))


def _name(part: str, number: int) -> str:
    return f"{part}_{number:04d}.png"


def _number(name: str) -> int:
    """That of the face, from 1; the inverse of `_name`."""
    return int(name.removesuffix(".png").rpartition("_")[2])


def _part(path: Path, file: Any) -> tuple[str, str]:
    """Which part the file is, and what the names of its variables end in."""
    for part, ending in PARTS.items():
        if {f"Is{ending}", f"phis{ending}", f"bboxes{ending}"} <= set(file):
            return part, ending
    raise DataError(
        f"{path} has the variables {', '.join(sorted(file)) or 'none'}; expected IsTr, phisTr and bboxesTr, or IsT, "
        f"phisT and bboxesT, of COFW_train_color.mat or COFW_test_color.mat"
    )


def _faces(path: Path, file: Any) -> list[_Face]:
    """All faces of the file. Raises DataError where its variables have other sizes."""
    part, ending = _part(path, file)
    cells = np.asarray(file[f"Is{ending}"])
    if cells.ndim != 2 or cells.shape[0] != 1:
        raise DataError(f"{path}: Is{ending} is {cells.shape[::-1]}, expected an image for each face, (faces, 1)")
    columns = {name: np.asarray(file[f"{name}{ending}"], np.float64).T for name in WIDTHS}
    for name, width in WIDTHS.items():
        if columns[name].shape != (cells.size, width):
            raise DataError(f"{path}: {name}{ending} is {columns[name].shape}, expected {(cells.size, width)}")
    shapes = [_shape(file[cell]) for cell in cells[0]]
    names = [_name(part, number) for number in range(1, cells.size + 1)]
    return [_Face(*face) for face in zip(names, columns["phis"], columns["bboxes"], shapes, strict=True)]


def _shape(image: Any) -> tuple[int, ...]:
    """That of an image of uint8, () for anything else."""
    return tuple(image.shape) if image.dtype == np.uint8 else ()


def _checked(face: _Face) -> _Face:
    """The face as it is. Raises ValueError where its numbers or its image are none."""
    if not (np.isfinite(face.numbers).all() and np.isfinite(face.box).all()):
        raise ValueError("a number is not finite, expected coordinates in pixels")
    hidden = set(face.numbers[2 * POINTS :].tolist())
    if not hidden <= {0.0, 1.0}:
        raise ValueError(f"a point is hidden by {max(hidden):g}, expected 0 or 1")
    if len(face.shape) not in (2, 3) or face.shape[:-2] not in ((), (3,)) or 0 in face.shape:
        raise ValueError(f"its image is {face.shape[::-1]}, expected height x width x 3 or height x width of uint8")
    return face
