"""Network: the one interface behind which a model runs, whatever runs it."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol

import numpy as np

from vitruvian.errors import RecipeError, ShapeError, WeightsError
from vitruvian.runtime.card import ModelCard


class Network(Protocol):
    """Crops in, points out; N may be 0. ONNX Runtime, OpenVINO and PyTorch implement it alike.

    Raises ShapeError for crops of another shape or dtype.
    """

    @property
    def card(self) -> ModelCard:
        """What the model says about itself."""

    def points(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """crops (N, height, width, 3) uint8 RGB -> xy (N, K, 2) float32 input pixels, score (N, K) in [0, 1]."""

    def likelihood(self, crops: np.ndarray) -> np.ndarray:
        """crops (N, height, width, 3) uint8 RGB -> (N, K, h, w), how likely each keypoint is at each cell."""


def check_crops(crops: np.ndarray, card: ModelCard) -> np.ndarray:
    """The crops, contiguous. Raises ShapeError unless they are (N, height, width, 3) uint8 of the model's size."""
    width, height = card.input_size
    if crops.dtype != np.uint8 or crops.ndim != 4 or crops.shape[1:] != (height, width, 3):
        raise ShapeError(
            f"crops must be (N, {height}, {width}, 3) uint8 for {card.name}, got {crops.shape} {crops.dtype}; "
            f"cut them with Crop.around(box, {card.input_size}).cut(image)"
        )
    return np.ascontiguousarray(crops)


def check_threads(threads: int) -> int:
    """The number of threads itself. Raises RecipeError for a negative one."""
    if threads < 0:
        raise RecipeError(f"threads must be 0, for one per core, or more; got {threads}")
    return threads


def check_signature(
    path: Path, card: ModelCard, inputs: dict[str, list[int]], outputs: dict[str, list[int]]
) -> dict[str, list[int]]:
    """The shapes of one crop's answers, by name; inputs and outputs: what a model file has, without the batch.

    Raises WeightsError when the file does not take and give what its card says.
    """
    (width, height), keypoints = card.input_size, len(card.skeleton)
    expected = {"xy": [keypoints, 2], "score": [keypoints], "likelihood": [keypoints]}
    found = {name: shape[:1] if name == "likelihood" else shape for name, shape in outputs.items()}
    if inputs != {"crops": [height, width, 3]} or found != expected:
        raise WeightsError(
            f"{path} must take crops (N, {height}, {width}, 3) and give xy (N, {keypoints}, 2), score (N, {keypoints}) "
            f"and likelihood (N, {keypoints}, h, w), as its card says, but takes {inputs} and gives {outputs}; "
            f"export it again"
        )
    return outputs


class FileNetwork(ABC):
    """What the runtimes of model files share; each sets `card` and `_shapes` and says how to infer."""

    card: ModelCard
    _shapes: dict[str, list[int]]  # of one crop's answers, by name

    def points(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """crops (N, height, width, 3) uint8 RGB -> xy (N, K, 2) float32 input pixels, score (N, K) in [0, 1]."""
        xy, score = self._run(["xy", "score"], crops)
        return xy, score

    def likelihood(self, crops: np.ndarray) -> np.ndarray:
        """crops (N, height, width, 3) uint8 RGB -> (N, K, h, w), how likely each keypoint is at each cell."""
        (maps,) = self._run(["likelihood"], crops)
        return maps

    def _run(self, names: list[str], crops: np.ndarray) -> list[np.ndarray]:
        checked = check_crops(crops, self.card)
        if len(checked) == 0:  # some operators of ONNX Runtime refuse to compute nothing
            return [np.zeros((0, *self._shapes[name]), np.float32) for name in names]
        return self._infer(names, checked)

    @abstractmethod
    def _infer(self, names: list[str], crops: np.ndarray) -> list[np.ndarray]:
        """The named answers for at least one crop."""
