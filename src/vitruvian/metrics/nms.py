"""Non-maximum suppression: one answer for each person, the most confident; and how confidence is worked out.

Every function looks at the answers of one image and returns the rows to keep, most confident first. Of equal
confidences the earlier row goes first. `keep_in_images` goes through many images.
"""

from collections.abc import Callable

import numpy as np

from vitruvian.errors import ShapeError
from vitruvian.metrics.oks import keypoint_similarity


def likeness(xy: np.ndarray, area: np.ndarray, sigmas: np.ndarray, shown: np.ndarray | None = None) -> np.ndarray:
    """OKS of answers with each other, with the mean of the two areas: (N, N) in [0, 1].

    xy: (N, K, 2) pixels; area: (N,) px²; sigmas: (K,); shown: (N, K) bool, only keypoints that both answers show are
    compared, two answers without any have likeness 0. Without `shown`, a keypoint that is NaN in either counts as 0.
    """
    if xy.shape[:1] != area.shape or xy.shape[1:] != (len(sigmas), 2):
        shapes = f"{xy.shape}, {area.shape} and ({len(sigmas)},)"
        raise ShapeError(f"xy, area and sigmas must be (N, K, 2), (N,) and (K,), got {shapes}")
    similarity = np.nan_to_num(
        keypoint_similarity(xy[:, None], xy[None], (area[:, None] + area[None]) / 2, np.asarray(sigmas))
    )
    if shown is None:
        return similarity.mean(-1)
    both = shown[:, None] & shown[None]
    return np.where(both, similarity, 0.0).sum(-1) / np.maximum(both.sum(-1), 1)


def greedy_nms(alike: np.ndarray, confidence: np.ndarray, threshold: float) -> np.ndarray:
    """The rows that are not more than `threshold` like a kept, more confident one.

    alike: (N, N), as `likeness` gives it; confidence: (N,).
    """
    order = _best_first(confidence)
    kept: list[int] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        order = rest[alike[best, rest] <= threshold]
    return np.array(kept, np.int64)


def soft_nms(alike: np.ndarray, confidence: np.ndarray, width: float, most: int = 20) -> np.ndarray:
    """At most `most` rows, picked one by one: each pick lowers the confidence of the others by exp(-alike² / width).

    Source: Bodla et al., "Soft-NMS", arXiv:1704.04503, equation 4, with OKS in place of the overlap of boxes.
    """
    left = np.array(confidence, np.float64)
    order = _best_first(left)
    kept: list[int] = []
    while len(order) and len(kept) < most:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        left[rest] *= np.exp(-(alike[best, rest] ** 2) / width)
        order = rest[_best_first(left[rest])]
    return np.array(kept, np.int64)


def oks_nms(
    xy: np.ndarray, confidence: np.ndarray, area: np.ndarray, sigmas: np.ndarray, threshold: float = 0.9
) -> np.ndarray:
    """`greedy_nms` by OKS; arguments as for `likeness`, confidence (N,)."""
    return greedy_nms(likeness(xy, area, sigmas), confidence, threshold)


def soft_oks_nms(
    xy: np.ndarray, confidence: np.ndarray, area: np.ndarray, sigmas: np.ndarray, width: float = 0.9
) -> np.ndarray:
    """`soft_nms` by OKS, at most 20 rows; arguments as for `likeness`, confidence (N,)."""
    return soft_nms(likeness(xy, area, sigmas), confidence, width)


def box_nms(boxes: np.ndarray, confidence: np.ndarray, threshold: float = 0.65) -> np.ndarray:
    """`greedy_nms` by intersection over union: boxes (N, 4) x0 y0 x1 y1, confidence (N,)."""
    low, high = np.maximum(boxes[:, None, :2], boxes[None, :, :2]), np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.maximum(high - low, 0).prod(-1)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(-1)
    union = area[:, None] + area[None] - shared
    return greedy_nms(np.where(union > 0, shared / np.where(union > 0, union, 1), 0.0), confidence, threshold)


def nearby_joints_nms(
    xy: np.ndarray, confidence: np.ndarray, reach: float = 0.05, most_near: int | None = None, most: int = 30
) -> np.ndarray:
    """Of answers that share more than `most_near` near keypoints, the most confident: xy (N, K, 2) -> rows.

    Two keypoints of the same index are near within reach x the diagonal of what the first answer spans; most_near: half
    of the keypoints where not given. At most `most` rows. As in DEKR (arXiv:2104.02300), whose results need it.
    """
    limit = xy.shape[1] // 2 if most_near is None else most_near
    diagonal = np.linalg.norm(xy.max(1) - xy.min(1), axis=-1)
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=-1)  # (N, N, K)
    near = (apart < reach * diagonal[:, None, None]).sum(-1) > limit  # (N, N)
    np.fill_diagonal(near, True)  # also of an answer without size
    gone = np.zeros(len(xy), bool)
    kept: list[int] = []
    for row in _best_first(confidence):
        if gone[row]:
            continue
        group = np.flatnonzero(near[row])
        best = group[np.argmax(confidence[group])]
        if not gone[best]:
            kept.append(int(best))
            gone[group] = True
    return np.array(kept, np.int64)[_best_first(confidence[kept])][:most]


def keep_in_images(image: np.ndarray, keep: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The rows kept of all images, image by image.

    image: (P,) that of each row; keep: the rows of one image -> which places among them to keep:

    keep_in_images(p.image, lambda rows: oks_nms(p.xy[rows], p.confidence[rows], area[rows], sigmas))
    """
    order = np.argsort(image, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(image[order])) + 1) if len(order) else []
    return np.concatenate([order[:0], *(rows[keep(rows)] for rows in groups)])


def rescore(box_score: np.ndarray, score: np.ndarray, threshold: float = 0.2) -> np.ndarray:
    """The confidence of answers: that of the box x the mean score of the keypoints above `threshold`.

    box_score: (P,); score: (P, K). Returns (P,), 0 for an answer without such a keypoint. Source: "Simple Baselines for
    Human Pose Estimation and Tracking", arXiv:1804.06208, as HRNet and MMPose compute it.
    """
    if score.shape[:1] != box_score.shape:
        raise ShapeError(f"score must be ({len(box_score)}, K) to match box_score, got {score.shape}")
    sure = score > threshold
    return box_score * np.where(sure, score, 0.0).sum(-1) / np.maximum(sure.sum(-1), 1)


def _best_first(confidence: np.ndarray) -> np.ndarray:
    return np.argsort(-confidence, kind="stable")
