"""A model file run by OpenVINO: the fastest on most CPUs, in bfloat16 where the CPU has it."""

from pathlib import Path

import numpy as np

from vitruvian.errors import MissingPackageError, WeightsError
from vitruvian.runtime.network import check_crops
from vitruvian.runtime.onnx_network import card_of


class OpenVinoNetwork:
    """An exported .onnx file, run by OpenVINO on the CPU.

    precision: "float32" answers as ONNX Runtime does; "bfloat16" is faster on CPUs that have it, and rounds.
    Raises MissingPackageError without the package openvino, WeightsError as `OnnxNetwork` does.
    """

    def __init__(self, path: Path, threads: int = 0, precision: str = "float32"):
        """threads: 0 for one per core."""
        try:
            import openvino
        except ImportError as error:
            raise MissingPackageError("openvino", "openvino", "the openvino backend") from error
        if not path.is_file():
            raise WeightsError(f"there is no model file {path}; `vitruvian models` lists the models that come along")
        core = openvino.Core()
        try:
            model = core.read_model(path)
        except RuntimeError as error:
            raise WeightsError(f"{path} is not a readable ONNX file: {str(error).splitlines()[0]}") from error
        self.card = card_of(_metadata(model), path)
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": _PRECISIONS[precision]}
        if threads:
            settings["INFERENCE_NUM_THREADS"] = str(threads)
        self._request = core.compile_model(model, "CPU", settings).create_infer_request()

    def points(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """crops (N, height, width, 3) uint8 RGB -> xy (N, K, 2) float32 input pixels, score (N, K) in [0, 1]."""
        answer = self._request.infer({"crops": check_crops(crops, self.card)}, share_inputs=True)
        return answer["xy"].copy(), answer["score"].copy()

    def likelihood(self, crops: np.ndarray) -> np.ndarray:
        """crops (N, height, width, 3) uint8 RGB -> (N, K, h, w), how likely each keypoint is at each cell."""
        return np.array(self._request.infer({"crops": check_crops(crops, self.card)})["likelihood"])


_PRECISIONS = {"float32": "f32", "bfloat16": "bf16"}


def _metadata(model: object) -> dict[str, str]:
    """The metadata entries of the ONNX file, which OpenVINO keeps under "framework"."""
    info = model.get_rt_info()  # type: ignore[attr-defined]
    return (
        {key: str(value.astype(str)) for key, value in info["framework"].value.items()} if "framework" in info else {}
    )
