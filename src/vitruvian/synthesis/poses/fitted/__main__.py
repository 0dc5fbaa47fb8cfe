"""Makes a file of fitted poses; see the package."""

import csv
import sys
from pathlib import Path

import numpy as np

from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS
from vitruvian.synthesis.human.anatomy import anatomy
from vitruvian.synthesis.poses.pose_fits import fit_poses, packed
from vitruvian.synthesis.poses.segments import neutral_frame

PEOPLE, KEPT, WORST = 8000, 6000, 0.045  # fitted, evenly from the table; kept at most; metres


def read_table(path: Path, joints: int) -> np.ndarray:
    """(N, joints, 2) pixels, NaN where unknown; a line of headings is skipped."""
    with path.open(newline="") as file:
        rows = [row[1:] for row in csv.reader(file) if row]
    rows = rows[1:] if rows and rows[0][0].endswith("_x") else rows
    if any(len(row) not in (2 * joints, 3 * joints) or len(row) != len(rows[0]) for row in rows):
        raise DataError(f"{path}: expected a name and 2 or 3 numbers for each of {joints} joints in every row")
    values = np.array([[value or "nan" for value in row] for row in rows], np.float64).reshape(len(rows), joints, -1)
    known = values[..., 2:] > 0 if values.shape[-1] == 3 else (values >= 0).all(-1, keepdims=True)
    return np.where(known, values[..., :2], np.nan)


def main(table: str, out: str, skeleton: str) -> None:
    """Fits at most PEOPLE of a table and writes the best."""
    xy = read_table(Path(table), len(SKELETONS[skeleton].names))
    xy = xy[np.unique(np.linspace(0, len(xy) - 1, min(PEOPLE, len(xy))).astype(int))]
    fits = fit_poses(neutral_frame(anatomy()), xy, SKELETONS[skeleton].names)
    numbers = packed(fits, KEPT, WORST)
    np.save(out, numbers)
    print(f"{len(xy)} people, median error {np.nanmedian(fits.error):.3f} m, {len(numbers)} poses in {out}")


if __name__ == "__main__":
    main(*sys.argv[1:])
