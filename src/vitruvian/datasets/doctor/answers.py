"""What a model's answers say about labels: how likely each answer is, given where the label lies."""

from dataclasses import dataclass, replace

import numpy as np

from vitruvian.datasets.doctor.mistakes import Mistake, mended

BINS = 8  # of the score; in each the model is trusted as far as it agrees with the labels
ROUNDS = 30  # of expectation and maximisation


@dataclass(frozen=True, eq=False)
class Channel:
    """How a model's answers scatter around the labels, by its own score.

    edges: (BINS + 1,) of the score; weight: (BINS, 3) of answers near the label, near the label of the mirrored
    keypoint, and anywhere; width: (BINS,) of the nearness, in the size of a pose; area: what "anywhere" covers, in the
    size squared.
    """

    edges: np.ndarray
    weight: np.ndarray
    width: np.ndarray
    area: float

    def log_density(self, answer: np.ndarray, label: np.ndarray, other: np.ndarray, score: np.ndarray) -> np.ndarray:
        """(...) of aligned answers (..., 2) for these labels, and those of the mirrored keypoint, NaN where unknown.

        An answer that is unknown says nothing: 0.
        """
        bin_ = _bins(score, self.edges)
        parts = _parts(_distance(answer, label), _distance(answer, other), self.width[bin_], self.area)
        with np.errstate(divide="ignore"):
            found = np.log(np.einsum("...c,...c->...", self.weight[bin_], parts))
        return np.where(np.isfinite(answer).all(-1), found, 0.0)


@dataclass(frozen=True, eq=False)
class Answers:
    """A model's answers for N labelled people, and how far to believe them.

    xy: (N, K, 2) where its labels are, NaN for none; score: (N, K); mirror: (K,).
    """

    xy: np.ndarray
    score: np.ndarray
    mirror: np.ndarray
    channel: Channel

    def of(self, rows: np.ndarray) -> "Answers":
        """For these people only."""
        return replace(self, xy=self.xy[rows], score=self.score[rows])

    def aligned(self, centre: np.ndarray, size: np.ndarray) -> "Answers":
        """Centred and scaled as the labels were: centre (N, 2), size (N,)."""
        return replace(self, xy=(self.xy - centre[:, None]) / size[:, None, None])

    def log_density(self, poses: np.ndarray) -> np.ndarray:
        """(N, K) of the answers if these aligned labels (N, K, 2) are right; 0 where either is unknown."""
        found = self.channel.log_density(self.xy, poses, _other(poses, self.mirror), self.score)
        return np.where(np.isfinite(poses).all(-1), found, 0.0)

    def gain(self, poses: np.ndarray, mistake: Mistake) -> np.ndarray:
        """(N, K) by how much each answer fits the mended labels better than the labels."""
        return self.log_density(mended(poses, mistake)) - self.log_density(poses)


def fit_channel(answer: np.ndarray, label: np.ndarray, mirror: np.ndarray, score: np.ndarray, area: float) -> Channel:
    """From aligned answers and labels (N, K, 2), NaN where unknown; mirror (K,); score (N, K).

    Most labels are taken to be right; what they have wrong makes the model count for less than it could.
    """
    near, far = _distance(answer, label), _distance(answer, _other(label, mirror))
    both = np.isfinite(near)
    edges = np.quantile(score[both], np.linspace(0, 1, BINS + 1))
    bin_ = _bins(score, edges)
    found = [_fit_bin(near[both & (bin_ == b)], far[both & (bin_ == b)], area) for b in range(BINS)]
    return Channel(edges, np.stack([weight for weight, _ in found]), np.array([width for _, width in found]), area)


def _fit_bin(near: np.ndarray, far: np.ndarray, area: float) -> tuple[np.ndarray, float]:
    """Weights (3,) and width of one bin from the distances (M,) of its answers."""
    weight, width = np.array([0.8, 0.1, 0.1]), float(np.median(near)) if len(near) else 0.1
    for _ in range(ROUNDS if len(near) else 0):
        share = weight * _parts(near, far, np.full(len(near), max(width, 1e-3)), area)
        share /= share.sum(1, keepdims=True)
        weight = (share.sum(0) + 1) / (len(near) + 3)  # one answer of each kind more than was seen
        width = float(np.sqrt((share[:, 0] * near**2).sum() / share[:, 0].sum() / 2))
    return weight, max(width, 1e-3)


def _parts(near: np.ndarray, far: np.ndarray, width: np.ndarray, area: float) -> np.ndarray:
    """(..., 3) densities: near the label, near the mirrored one, anywhere."""
    normal = [np.exp(-(distance**2) / (2 * width**2)) / (2 * np.pi * width**2) for distance in (near, far)]
    return np.stack([np.nan_to_num(normal[0]), np.nan_to_num(normal[1]), np.full(np.shape(near), 1 / area)], axis=-1)


def _other(label: np.ndarray, mirror: np.ndarray) -> np.ndarray:
    """The labels (N, K, 2) of the mirrored keypoints; NaN for those on the midline."""
    midline = mirror == np.arange(len(mirror))
    return np.where(midline[:, None], np.nan, label[:, mirror])


def _distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.linalg.norm(one - other, axis=-1)


def _bins(score: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.clip(np.searchsorted(edges, np.nan_to_num(score)) - 1, 0, len(edges) - 2)
