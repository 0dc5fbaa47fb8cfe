"""The table that DeepLabCut keeps labels in."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class LabelledFrame:
    """Columns as (animal or "", body part, "x" or "y"), the image of each line, and values (lines, columns) float64."""

    columns: list[tuple[str, str, str]]
    files: list[str]
    values: np.ndarray
