"""Some of the keypoints of a network, as another skeleton has them."""

from dataclasses import replace

import numpy as np

from vitruvian.runtime.calibration import Calibration
from vitruvian.runtime.card import ModelCard
from vitruvian.runtime.network import Network
from vitruvian.structures import Skeleton, rows_in


class PartNetwork:
    """A network that answers with the keypoints of `skeleton` alone, in its order; their calibration stays.

    Raises SkeletonError when the network lacks one of them.
    """

    card: ModelCard

    def __init__(self, network: Network, skeleton: Skeleton):
        self._network = network
        self._rows = list(rows_in(skeleton, network.card.skeleton))
        calibration = network.card.calibration
        part = None if calibration is None else _part(calibration, self._rows)
        self.card = replace(network.card, skeleton=skeleton, calibration=part)

    def points(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """crops (N, height, width, 3) uint8 RGB -> xy (N, K, 2) float32 input pixels, score (N, K) in [0, 1]."""
        xy, score = self._network.points(crops)
        return xy[:, self._rows], score[:, self._rows]

    def likelihood(self, crops: np.ndarray) -> np.ndarray:
        """crops (N, height, width, 3) uint8 RGB -> (N, K, h, w), how likely each keypoint is at each cell."""
        return self._network.likelihood(crops)[:, self._rows]


def _part(calibration: Calibration, rows: list[int]) -> Calibration:
    knots = tuple(calibration.knots[row] for row in rows)
    return replace(calibration, knots=knots, spread=tuple(calibration.spread[row] for row in rows))
