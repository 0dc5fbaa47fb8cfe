"""One network call, whatever runs it, and the store of models. Torch is imported only by `torch_network`."""

from vitruvian.runtime.card import METADATA_KEY, ModelCard
from vitruvian.runtime.network import Network
from vitruvian.runtime.onnx_network import OUTPUTS, OnnxNetwork
from vitruvian.runtime.openvino_network import OpenVinoNetwork
from vitruvian.runtime.store import BUNDLED, DEFAULT, Bundled, find_model

__all__ = [
    "BUNDLED",
    "DEFAULT",
    "METADATA_KEY",
    "OUTPUTS",
    "Bundled",
    "ModelCard",
    "Network",
    "OnnxNetwork",
    "OpenVinoNetwork",
    "find_model",
]
