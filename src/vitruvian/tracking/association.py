"""Who of this frame is whom of the last one."""

import numpy as np


def associate(likeness: np.ndarray, threshold: float) -> np.ndarray:
    """Greedy association: likeness (N, M) of N people with M earlier ones -> (N,) the column of each, -1 for nobody.

    In the order of the rows, each person takes the most alike of those that nobody took before, the first of several,
    if they are more alike than the threshold. NaN is not alike at all.
    """
    free = np.where(np.isnan(likeness), -np.inf, likeness)
    found = np.full(len(free), -1, np.int64)
    for row in range(len(free)) if free.shape[1] else ():
        best = int(free[row].argmax())
        if free[row, best] > threshold:
            found[row] = best
            free[:, best] = -np.inf
    return found
