"""Leeds Sports Pose and its extension: one person an image, 14 joints, as a `joints.csv` beside the images.

Homepage: http://sam.johnson.io/research/lspet.html
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vitruvian.errors import DataError
from vitruvian.geometry import around_points
from vitruvian.media import read_image
from vitruvian.structures import SKELETONS, Poses, Sample


def read_lsp(folder: Path, one_based: bool = False) -> Iterator[Sample]:
    """Yield a `Sample` of one person for every row of folder/joints.csv, skeleton lsp14.

    The columns are `file`, then `<joint>_x`, `<joint>_y`, `<joint>_v` for the 14 joints; v = 0, or an empty cell,
    becomes NaN. `one_based` for coordinates that count the first pixel as 1, as the original MATLAB files do. The box
    is the tight one around the known joints. The text is UTF-8.

    Raises DataError, with the file and line, for a table that is not like this.
    """
    table = folder / "joints.csv"
    names = SKELETONS["lsp14"].names
    expected = ["file", *(f"{name}_{part}" for name in names for part in "xyv")]
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames is None or list(rows.fieldnames) != expected:
                raise DataError(f"{table}: expected the columns {', '.join(expected[:4])}, ..., got {rows.fieldnames}")
            for row in rows:
                yield _sample(folder, row, f"{table}, line {rows.line_num}", one_based)
    except OSError as error:
        raise DataError(f"{table} cannot be read ({error.strerror}); expected a folder with joints.csv") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{table} is not a csv in UTF-8 ({error}); save it as one") from error


def _sample(folder: Path, row: dict[str, str], where: str, one_based: bool) -> Sample:
    names = SKELETONS["lsp14"].names
    if None in row or None in row.values() or not row["file"]:
        raise DataError(f"{where}: expected a file name and {3 * len(names)} cells after it; is the line cut short?")
    try:
        triples = np.array([[row[f"{name}_{part}"] or "nan" for part in "xyv"] for name in names], np.float32)
    except ValueError as error:
        raise DataError(f"{where}: {error}; expected numbers or empty cells") from error
    labelled = (triples[:, 2] > 0) & np.isfinite(triples[:, :2]).all(1)
    xy = np.where(labelled[:, None], triples[:, :2] - one_based, np.nan).astype(np.float32)[None]
    poses = Poses(xy, labelled.astype(np.float32)[None], around_points(xy))
    path = folder / row["file"]
    return Sample(row["file"], lambda: read_image(path), poses)
