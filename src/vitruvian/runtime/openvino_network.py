"""A model file run by OpenVINO: the fastest on most CPUs, in bfloat16 where the CPU has it."""

from pathlib import Path
from typing import Any

import numpy as np

from vitruvian.errors import RecipeError, WeightsError, needs
from vitruvian.runtime.card import METADATA_KEY
from vitruvian.runtime.network import FileNetwork, check_signature, check_threads
from vitruvian.runtime.onnx_network import card_of

PRECISIONS = {"float32": "f32", "bfloat16": "bf16"}  # ours -> OpenVINO's


class OpenVinoNetwork(FileNetwork):
    """An exported .onnx file, run by OpenVINO on the CPU.

    precision: "float32" answers as ONNX Runtime does; "bfloat16" is faster on CPUs that have it, and rounds.
    Raises MissingPackageError without the package openvino, RecipeError for another precision, else as `OnnxNetwork`.
    """

    def __init__(self, path: Path, threads: int = 0, precision: str = "float32"):
        """threads: 0 for one per core."""
        if precision not in PRECISIONS:
            raise RecipeError(f'precision must be one of {", ".join(PRECISIONS)}, got "{precision}"')
        with needs("openvino", "the openvino backend"):
            import openvino
        if not path.is_file():
            raise WeightsError(f"there is no model file {path}; `vitruvian models` lists the models that come along")
        core = openvino.Core()
        try:
            model = core.read_model(path)
        except RuntimeError as error:
            raise WeightsError(f"{path} is not an ONNX file that OpenVINO can read; export the model again") from error
        self.card = card_of(_metadata(model), path)
        self._shapes = check_signature(path, self.card, _shapes(model.inputs), _shapes(model.outputs))
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": PRECISIONS[precision]}
        if check_threads(threads):
            settings["INFERENCE_NUM_THREADS"] = str(threads)
        self._request = core.compile_model(model, "CPU", settings).create_infer_request()

    def _infer(self, names: list[str], crops: np.ndarray) -> list[np.ndarray]:
        answer = self._request.infer({"crops": crops}, share_inputs=True)
        return [np.array(answer[name]) for name in names]


def _shapes(ports: Any) -> dict[str, list[int]]:
    """The name and shape of inputs or outputs, without the batch; -1 where a side is open."""
    return {
        port.any_name: [side.get_length() if side.is_static else -1 for side in list(port.partial_shape)[1:]]
        for port in ports
    }


def _metadata(model: Any) -> dict[str, str]:
    """The card among the metadata of the ONNX file, which OpenVINO keeps under "framework"."""
    place = ["framework", METADATA_KEY]
    return {METADATA_KEY: model.get_rt_info(place).astype(str)} if model.has_rt_info(place) else {}
