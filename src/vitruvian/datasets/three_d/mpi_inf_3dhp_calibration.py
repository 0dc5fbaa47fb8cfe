"""camera.calibration of MPI-INF-3DHP: the 14 cameras of a sequence, as text.

A camera is some lines that each begin with a word: "name", its number; "size", width and height; "intrinsic" and
"extrinsic", 16 numbers, a matrix row by row. Source: the download, https://vcai.mpi-inf.mpg.de/3dhp-dataset/.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.datasets.text_lines import text_lines
from vitruvian.datasets.three_d.lists import Camera
from vitruvian.errors import DataError

EXPECTED = "cameras with lines of name, size and 16 numbers that are intrinsic"


def read_calibration(path: Path) -> dict[int, Camera]:
    """The cameras by their numbers, without where they stand. Raises DataError for what is no such file."""
    try:
        blocks = _blocks(line.split() for _, line in text_lines(path, EXPECTED))
        return {int(block["name"][0]): _camera(block) for block in blocks}
    except DataError:
        raise
    except (ValueError, LookupError) as error:
        raise DataError(f"{path} has a camera that cannot be used ({error}); expected {EXPECTED}") from error


def _blocks(lines: Iterable[Sequence[str]]) -> list[dict[str, Sequence[str]]]:
    """What each camera's lines say, by their first words."""
    blocks: list[dict[str, Sequence[str]]] = []
    for word, *values in lines:
        if word == "name":
            blocks.append({})
        if blocks:  # the lines before the first camera say what the file is
            blocks[-1][word] = values
    return blocks


def _camera(block: dict[str, Sequence[str]]) -> Camera:
    matrix = np.array(block["intrinsic"], np.float64).reshape(4, 4)
    width, height = (int(side) for side in block["size"])
    if not (np.abs(matrix) <= FARTHEST).all() or not (0 < width < 2**31 and 0 < height < 2**31):
        raise ValueError(f"size is {width} x {height}, expected pixels, and intrinsic numbers within {FARTHEST:g}")
    return Camera(matrix[[0, 1], [0, 1]], matrix[:2, 2], None, None, (width, height))
