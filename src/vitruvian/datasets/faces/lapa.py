"""LaPa: 106 points of 22,000 faces, from its own text files or converted to COCO's layout.

Source of the layout: https://github.com/JDAI-CV/lapa-dataset: landmarks/<name>.txt beside images/<name>.jpg, the number
of points on the first line, then a point a line.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from vitruvian.datasets.cache import Kept, cached
from vitruvian.datasets.coco_file import as_written
from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.faces.photos import photo_groups
from vitruvian.datasets.json_records import contents
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import checked_name, each, image_folder, labels_of, some
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS

POINTS = 106

ABOUT = About(
    title="Landmark guided face Parsing (LaPa)",
    licence="not stated by the source",
    citation="Liu et al., A New Dataset and Boundary-Attention Semantic Segmentation for Face Parsing, AAAI 2020",
    url="https://github.com/JDAI-CV/lapa-dataset",
)


def read_lapa(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """LaPa as downloaded, the folder of a part with `landmarks` and `images`, or a conversion; skeleton lapa106.

    Files called <photo>_<face> are in the group of their photo. Its own files do not say which points are hidden.
    """
    if path.is_dir():
        labels, notes = _read_folder(path, skip)
        images = folder or (path if path.name != "landmarks" else path.parent) / "images"
    else:
        labels, notes = cached(partial(as_written, POINTS), path, skip)
        images = folder or image_folder(path, labels.files, ".", "../images", "..")
    labels = replace(labels, groups=photo_groups(labels.files.tolist()))
    return Dataset("lapa", SKELETONS["lapa106"], labels, images, ABOUT, notes)


def _read_folder(path: Path, skip: bool) -> Kept:
    texts = path if path.name == "landmarks" else path / "landmarks"
    files = sorted(texts.glob("*.txt"))
    if not files:
        raise DataError(f"{texts} has no .txt files; expected LaPa's landmarks; give the folder train, val or test")
    omissions = Omissions(texts, skip)
    done = each([(file.name, file) for file in files], _face, omissions, "landmark files that cannot be used")
    names, xy = zip(*some(texts, done, f"files of {POINTS} points"), strict=True)
    return labels_of(list(names), np.stack(xy)), omissions.notes


def _face(file: Path) -> tuple[str, np.ndarray]:
    """The name of the image, the points (106, 2)."""
    numbers = np.array(contents(file).split(), np.float64)
    if len(numbers) != 1 + 2 * POINTS or numbers[0] != POINTS:
        raise ValueError(f"it has {len(numbers)} numbers, expected {POINTS} and then {2 * POINTS} coordinates")
    if not (np.abs(numbers) <= FARTHEST).all():
        raise ValueError(f"a coordinate is not within {FARTHEST:g}, expected pixels")
    return checked_name(f"{file.stem}.jpg"), numbers[1:].reshape(-1, 2)


READER = Reader(
    read_lapa,
    ABOUT,
    "lapa106",
    ("nme_lapa",),
    "the folder LaPa/train, LaPa/val or LaPa/test with its landmarks and images, or a conversion to COCO's layout such "
    "as lapa_test.json",
)
