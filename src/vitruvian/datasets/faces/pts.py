"""iBUG's `.pts`: a text file of 68 points beside each image of a face.

Source: https://ibug.doc.ic.ac.uk/resources/facial-point-annotations/, which says that the first pixel is (1, 1).
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.faces.photos import photo_groups
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import checked_name, each, labels_of, some
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS, Labels

SUFFIXES = (".jpg", ".png", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")  # of an image beside a .pts, the first first
LARGEST = 2**20  # bytes of a .pts of 68 points, which has about 2,000

ABOUT = About(
    title="iBUG facial point annotations (.pts)",
    licence="annotations for research only, not for commercial products; images as their data sets say",
    citation="Sagonas et al., 300 Faces In-The-Wild Challenge: Database and results, Image and Vision Computing 2016",
    url="https://ibug.doc.ic.ac.uk/resources/facial-point-annotations/",
)


class Points(NamedTuple):
    """What `.pts` files hold. files: names of images; xy: (N, 68, 2); missing: how many of the images are not there."""

    files: list[str]
    xy: np.ndarray
    missing: int
    omissions: Omissions


def read_pts(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """A `.pts` file, or all that are in a folder and the folders in it; skeleton face68.

    Coordinates count the first pixel as 1 in the file and as 0 here. The image has the name of its `.pts`, in the same
    place below `folder`, which is the folder of the `.pts` files if it is not given. Files called <photo>_<face> are
    in the group of their photo.
    """
    found = points_of(path, folder, skip)
    return Dataset("pts", SKELETONS["face68"], labels_of_points(found), _base(path, folder), ABOUT, notes_of(found))


def points_of(path: Path, folder: Path | None, skip: bool) -> Points:
    """All `.pts` files of a folder, in the order of their names, or a single one.

    Raises DataError if there is none or, unless `skip`, about the first that cannot be used.
    """
    base = path if path.is_dir() else path.parent
    files = sorted(base.rglob("*.pts")) if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path} has no .pts files in it; give the folder that has, or one such file")
    omissions = Omissions(path, skip)
    image_of = _images(_base(path, folder))
    named = [(file.relative_to(base).as_posix(), file) for file in files]
    done = each(named, lambda file: _read(file, base, image_of), omissions, ".pts files that cannot be used")
    names, xy, there = zip(*some(path, done, ".pts files of 68 points"), strict=True)
    return Points(list(names), np.stack(xy), there.count(False), omissions)


def labels_of_points(found: Points) -> Labels:
    """The labels, with the faces of a photo in one group."""
    labels = labels_of(found.files, found.xy)
    return replace(labels, groups=photo_groups(labels.files.tolist()))


def notes_of(found: Points) -> tuple[str, ...]:
    """What was left out, and how many images are not there."""
    missing = (f"{found.missing} .pts files have no image of their name; taken to be .jpg",) if found.missing else ()
    return found.omissions.notes + missing


def _base(path: Path, folder: Path | None) -> Path:
    return folder or (path if path.is_dir() else path.parent)


def _images(folder: Path) -> Callable[[str], str | None]:
    """Name of an image without its suffix -> with its suffix, of the images below a folder."""
    there: dict[str, set[str]] = {}
    for parent, _, files in os.walk(folder):
        place = Path(parent).relative_to(folder)
        for stem, suffix in map(os.path.splitext, files):
            if suffix.lower() in SUFFIXES:
                there.setdefault((place / stem).as_posix(), set()).add(suffix)
    return lambda name: next((name + s for s in sorted(there.get(name, ()), key=_rank)), None)


def _rank(suffix: str) -> tuple[int, str]:
    return SUFFIXES.index(suffix.lower()), suffix


def _read(file: Path, base: Path, image_of: Callable[[str], str | None]) -> tuple[str, np.ndarray, bool]:
    """The name of the image, its points, and whether it is there."""
    name = file.relative_to(base).with_suffix("").as_posix()
    image = image_of(name)
    return checked_name(image or f"{name}.jpg"), parse_pts(_text(file)), image is not None


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST:
            raise ValueError(f"it has over {LARGEST:,} bytes; a .pts of 68 points has about 2,000")
        return file.read_text("latin-1")
    except OSError as error:
        raise DataError(f"{file} cannot be read ({error.strerror}); expected a .pts file") from error


def parse_pts(text: str, count: int = 68) -> np.ndarray:
    """(count, 2) float64, the first pixel at 0, of a text whose first pixel is at 1: "{", a point a line, "}".

    Raises ValueError, in a sentence, for anything else.
    """
    header, brace, rest = text.partition("{")
    body, end, _ = rest.partition("}")
    if not (brace and end):
        raise ValueError('expected a list of points between "{" and "}"; is the file cut short?')
    numbers = np.array([float(word) for word in body.split()])
    if len(numbers) != 2 * count:
        raise ValueError(f"it has {len(numbers)} coordinates, expected {2 * count} for {count} points")
    wrong = np.flatnonzero(~(np.abs(numbers) <= FARTHEST))
    if len(wrong):
        raise ValueError(f"point {int(wrong[0]) // 2 + 1} is not a pair of numbers within {FARTHEST:g}")
    _check_header(header, count)
    return numbers.reshape(-1, 2) - 1


def _check_header(header: str, count: int) -> None:
    """Raises ValueError where the header says another number of points; there may be no header at all."""
    said = [line.partition(":")[2].strip() for line in header.splitlines() if line.strip().startswith("n_points")]
    if said and said[0] != str(count):
        raise ValueError(f"its header says n_points: {said[0]}, expected {count}")


READER = Reader(
    read_pts,
    ABOUT,
    "face68",
    ("nme_eyes",),
    "a folder with .pts files of 68 points beside their images, in folders of any depth, or one such file",
)
