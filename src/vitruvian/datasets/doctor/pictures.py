"""The image files of a data set, each looked at once: is it there, is it whole, what does it show in the small."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

import cv2
import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.doctor.finding import Finding, Fix
from vitruvian.errors import PoseError
from vitruvian.media import read_image

SIDE = 32  # pixels of the small picture
THREADS = 8


@dataclass(frozen=True, eq=False)
class Picture:
    """What is known of one image file of a data set.

    row:   of the image; size: (width, height), None where it cannot be decoded; digest: of the bytes.
    small: (SIDE, SIDE) float32 grey, None where it cannot be decoded. damage: why not.
    """

    row: int
    there: bool
    size: tuple[int, int] | None = None
    digest: bytes = b""
    small: np.ndarray | None = None
    damage: str = ""


def look(dataset: Dataset) -> list[Picture]:
    """Every image file of the data set, several at a time."""
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(lambda row: _look(dataset, row), range(len(dataset))))


def _look(dataset: Dataset, row: int) -> Picture:
    try:
        path = dataset.path(row)
        if not path.is_file():
            return Picture(row, there=False, damage=f"{path} is not there")
        image = read_image(path)
    except (PoseError, OSError) as error:
        return Picture(row, there=True, damage=str(error))
    height, width = image.shape[:2]
    return Picture(row, True, (width, height), sha256(path.read_bytes()).digest(), _small(image))


def _small(image: np.ndarray) -> np.ndarray:
    """image (H, W, 3) -> (SIDE, SIDE) float32 grey, each pixel the mean of what it covers."""
    return cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(
        np.float32
    )


def broken(dataset: Dataset, pictures: Sequence[Picture]) -> Iterator[Finding]:
    """Files that are missing, damaged, or of another size than the annotations say.

    Where not one is there, nothing is proposed: more likely the folder is another.
    """
    lost = not any(picture.there for picture in pictures)
    for picture in pictures:
        file = str(dataset.labels.files[picture.row])
        said = tuple(dataset.labels.sizes[picture.row].tolist())
        if picture.size is None:
            kind = "damaged_image" if picture.there else "missing_image"
            fix = None if lost else Fix("drop_image", file, because=kind)
            yield Finding(kind, file, None, (), 1.0, picture.damage, fix)
        elif 0 not in said and said != picture.size:
            yield Finding("wrong_size", file, None, (), 1.0, _sizes(said, picture.size))


def _sizes(said: tuple[int, ...], found: tuple[int, int]) -> str:
    turned = " (turned by a quarter: an Exif orientation was not applied)" if said == found[::-1] else ""
    return f"has {found[0]} x {found[1]} pixels, the annotations say {said[0]} x {said[1]}{turned}"
