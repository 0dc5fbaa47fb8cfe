"""What labels show of their subject: how large it is, how far it turns, whether its mirror image could be it.

Poses are compared as complex numbers, x + iy, so that turning and scaling one is a product.
"""

from dataclasses import dataclass

import numpy as np

from vitruvian.datasets import Dataset
from vitruvian.structures import Labels, Skeleton

FEW = 5  # poses of at least `POINTS` points; of fewer nothing is said
POINTS = 3  # that are known of a pose; any two points are like any other two
MOST = 2000  # poses that are looked at, evenly taken
ROUNDS = 5  # of finding the usual pose
MOSTLY = 0.9  # the share of poses that turn by less than is said
AS_LIKE = 1.5  # how much worse mirrored poses may fit the usual one; COCO's bodies and 68-point faces are below 1.1
ALIKE = 0.02  # of the pose's extent, squared, which is nothing


@dataclass(frozen=True)
class Facts:
    """What decides how a model is trained on labels.

    images, people: labelled ones; keypoints: of each. size: (width, height), the median of their boxes in pixels.
    turn:    degrees by which nine of ten poses are turned at most, either way, from the usual one; None: not known.
    mirrors: whether the labels' mirror images, left and right exchanged, are like the labels; None: not known.
    pairs:   how many keypoints have a partner on the other side; sides: whether it is known which have.
    whole:   whether the boxes are the whole images.
    """

    images: int
    people: int
    keypoints: int
    size: tuple[float, float]
    turn: float | None
    mirrors: bool | None
    pairs: int
    whole: bool = False
    sides: bool = True


def facts_of(dataset: Dataset) -> Facts:
    """The facts of everybody labelled; people are in boxes, as `with_boxes` puts them."""
    labels, skeleton = dataset.labels, dataset.skeleton
    rows = _labelled(labels)
    extent = labels.boxes[rows, 2:] - labels.boxes[rows, :2]
    width, height = np.median(extent, axis=0).tolist() if len(rows) else (0.0, 0.0)
    poses = poses_of(labels)
    return Facts(
        len(np.unique(labels.image[rows])),
        len(rows),
        len(skeleton),
        (width, height),
        turn_of(poses),
        mirrors_well(poses, skeleton),
        sum(k != other for k, other in enumerate(skeleton.mirror)),
        bool(len(rows) and np.allclose(extent, labels.sizes[labels.image[rows]])),
    )


def _labelled(labels: Labels) -> np.ndarray:
    """The rows of everybody labelled."""
    return np.flatnonzero((labels.visible > 0).any(1) & ~labels.crowd)


def poses_of(labels: Labels) -> np.ndarray:
    """(N, K) complex, those with enough points."""
    xy = labels.xy[_labelled(labels)]
    rows = np.flatnonzero(np.isfinite(xy).all(-1).sum(1) >= POINTS)
    xy = xy[rows[:: max(1, len(rows) // MOST)]]
    return np.asarray(xy[..., 0] + 1j * xy[..., 1])


def turn_of(poses: np.ndarray) -> float | None:
    """Degrees by which nine of ten poses (N, K) are turned at most from the usual one; None for few poses."""
    if len(poses) < FEW:
        return None
    angles, _ = fitted(poses, usual_pose(poses))
    middle = np.angle(np.exp(1j * angles).mean())
    away = np.abs(np.angle(np.exp(1j * (angles - middle))))
    return float(np.rad2deg(np.quantile(away, MOSTLY)))


def mirrors_well(poses: np.ndarray, skeleton: Skeleton) -> bool | None:
    """Whether mirrored poses (N, K), left and right exchanged, fit the usual pose about as well; None for few poses.

    They do not where the mirror of the skeleton is wrong, and where the subject is always seen from the same side.
    """
    if len(poses) < FEW:
        return None
    usual = usual_pose(poses)
    mirrored = -np.conj(poses)[:, list(skeleton.mirror)]
    (_, own), (_, other) = fitted(poses, usual), fitted(mirrored, usual)
    return bool(np.median(other) <= AS_LIKE * np.median(own) + ALIKE)


def usual_pose(poses: np.ndarray) -> np.ndarray:
    """(K,) the mean of the poses (N, K), each turned, scaled and moved to fit it: generalised Procrustes analysis.

    Source: Gower, "Generalized Procrustes Analysis", Psychometrika 40, 1975. NaN for a point that nobody has.
    """
    usual = poses[np.isfinite(poses).sum(1).argmax()]
    for _ in range(ROUNDS):
        usual = _mean(_onto(poses, usual))
    return usual


def fitted(poses: np.ndarray, usual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How poses (N, K) are turned onto the usual one (K,), radians (N,), and what is left between them, (N,).

    What is left is a share: 0 for the same shape, 1 for one that has nothing of it.
    """
    own, other, product = _products(poses, usual)
    size = (np.abs(own) ** 2).sum(1) * (np.abs(other) ** 2).sum(1)
    return np.angle(product), 1 - np.abs(product) ** 2 / np.where(size > 0, size, 1.0)


def _onto(poses: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """(N, K) the poses, turned, scaled and moved onto the usual one; unknown points stay NaN."""
    own, _, product = _products(poses, usual)
    size = (np.abs(own) ** 2).sum(1)
    factor = product / np.where(size > 0, size, 1.0)
    known = np.isfinite(poses) & np.isfinite(usual)
    shift = _mean(np.where(known, usual, np.nan).T) - factor * _mean(np.where(known, poses, np.nan).T)
    return np.asarray(factor[:, None] * poses + shift[:, None])


def _products(poses: np.ndarray, usual: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The points that both know, (N, K) each, from their middle, 0 where unknown; and their scalar products (N,)."""
    known = np.isfinite(poses) & np.isfinite(usual)
    count = np.maximum(known.sum(1, keepdims=True), 1)
    centred = []
    for points in (poses, np.broadcast_to(usual, poses.shape)):
        there = np.where(known, points, 0.0)
        centred.append(np.where(known, there - there.sum(1, keepdims=True) / count, 0.0))
    own, other = centred
    return own, other, (np.conj(own) * other).sum(1)


def _mean(points: np.ndarray) -> np.ndarray:
    """(N, K) -> (K,), of what is known; NaN where nothing is."""
    known = np.isfinite(points)
    count = known.sum(0)
    return np.where(count > 0, np.where(known, points, 0.0).sum(0) / np.maximum(count, 1), np.nan)
