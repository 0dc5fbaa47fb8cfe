"""Columns of polygons, of which each row has several of various lengths, as plain arrays and back."""

import numpy as np


def flattened(column: np.ndarray) -> tuple[np.ndarray, ...]:
    """(I,) tuples of polygons (M, 2) -> all points (P, 2), corners of each polygon (Q,), polygons of each row (I,).

    Raises ValueError for a column of other objects.
    """
    polygons = [polygon for row in column.tolist() for polygon in (row if isinstance(row, tuple) else (None,))]
    if any(not isinstance(one, np.ndarray) or one.ndim != 2 or one.shape[1] != 2 for one in polygons):
        raise ValueError("a column holds objects that are no tuples of polygons (M, 2)")
    points = np.concatenate([np.empty((0, 2)), *polygons]).astype(np.float64)
    corners, count = ([len(one) for one in several] for several in (polygons, column.tolist()))
    return points, np.array(corners, np.int64), np.array(count, np.int64)


def nested(points: np.ndarray, corners: np.ndarray, count: np.ndarray) -> np.ndarray:
    """The exact inverse of `flattened`; the polygons are parts of `points`."""
    polygons = np.split(points, np.cumsum(corners)[:-1]) if len(corners) else []
    ends = np.cumsum(count).tolist()
    column = np.empty(len(count), object)
    column[:] = [tuple(polygons[end - many : end]) for end, many in zip(ends, count.tolist(), strict=True)]
    return column
