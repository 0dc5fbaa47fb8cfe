"""A model file run by ONNX Runtime."""

import os
from pathlib import Path

import numpy as np

# ONNX Runtime 1.31 and later note how they are used, and send it to their makers, unless this is set when they are
# first imported. What people do with photos of people stays with them; whoever wants otherwise sets it to 0.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime

from vitruvian.errors import WeightsError
from vitruvian.runtime.card import METADATA_KEY, ModelCard
from vitruvian.runtime.network import FileNetwork, check_signature, check_threads

OUTPUTS = ("xy", "score", "likelihood")


class OnnxNetwork(FileNetwork):
    """An exported .onnx file, run by ONNX Runtime on the CPU.

    Raises WeightsError for a file that is not there, not ONNX, or not exported by Vitruvian, RecipeError for a negative
    number of threads.
    """

    def __init__(self, path: Path, threads: int = 0):
        """threads: 0 for one per core."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = check_threads(threads)
        options.log_severity_level = 3  # errors only; they are raised anyway
        if not path.is_file():
            raise WeightsError(f"there is no model file {path}; `vitruvian models` lists the models that come along")
        try:
            session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's errors have no common type of their own
            raise WeightsError(f"{path} is not a readable ONNX file: {str(error).splitlines()[0]}") from error
        self._session = session
        self.card = card_of(session.get_modelmeta().custom_metadata_map, path)
        inputs = {entry.name: entry.shape[1:] for entry in session.get_inputs()}
        outputs = {entry.name: entry.shape[1:] for entry in session.get_outputs()}
        self._shapes = check_signature(path, self.card, inputs, outputs)

    def _infer(self, names: list[str], crops: np.ndarray) -> list[np.ndarray]:
        return [np.asarray(answer) for answer in self._session.run(names, {"crops": crops})]


def card_of(metadata: dict[str, str], path: Path) -> ModelCard:
    """The card in a model file's metadata. Raises WeightsError for a file without one."""
    if METADATA_KEY not in metadata:
        raise WeightsError(
            f"{path} was not exported by Vitruvian: it carries no skeleton and no decoding. "
            f"Export the trained model with `vitruvian export`."
        )
    return ModelCard.from_json(metadata[METADATA_KEY], str(path))
