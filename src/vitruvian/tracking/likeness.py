"""How alike the people of two frames are; `geometry.iou` says it of their boxes."""

import numpy as np

from vitruvian.errors import ShapeError


def pose_likeness(
    first: np.ndarray, second: np.ndarray, areas: tuple[np.ndarray, np.ndarray], sigmas: np.ndarray
) -> np.ndarray:
    """Object keypoint similarity of N people with M, of which neither is a label: (N, K, 2), (M, K, 2) -> (N, M).

    The mean over k of exp(-d² / (2 · area · (2σ)²)), where area is the mean of both people's: `areas` is (N,) and (M,)
    px², sigmas (K,). In [0, 1]. Only keypoints known in both people count; NaN where there are none.
    """
    if first.shape[1:] != second.shape[1:] or first.shape[1:] != (len(sigmas), 2):
        raise ShapeError(
            f"first and second must be (N, K, 2) and (M, K, 2) with the {len(sigmas)} keypoints of sigmas, got "
            f"{first.shape} and {second.shape}"
        )
    squared = ((first[:, None] - second[None]) ** 2).sum(-1)  # (N, M, K)
    area = (areas[0][:, None] + areas[1]) / 2 + np.spacing(1)  # an area may be 0
    alike = np.exp(-squared / (2 * area[..., None] * (2 * sigmas) ** 2))
    known = np.isfinite(alike)
    count = known.sum(-1)
    return np.where(count > 0, np.where(known, alike, 0.0).sum(-1) / np.maximum(count, 1), np.nan)
