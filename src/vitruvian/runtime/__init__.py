"""One network call, whatever runs it, and the store of models. Torch is imported only by `torch_network`."""

from vitruvian.runtime.calibration import Calibration, HeldOut
from vitruvian.runtime.card import METADATA_KEY, ModelCard
from vitruvian.runtime.catalogue import Published, find_published, published, published_names, search_published
from vitruvian.runtime.certificate import MODEL_NAME, Certificate
from vitruvian.runtime.fetch import Progress, download, file_sha256
from vitruvian.runtime.network import Network
from vitruvian.runtime.onnx_network import OUTPUTS, OnnxNetwork
from vitruvian.runtime.openvino_network import OpenVinoNetwork
from vitruvian.runtime.part_network import PartNetwork
from vitruvian.runtime.store import (
    BUNDLED,
    DEFAULT,
    Bundled,
    certificate_file,
    checkpoint_file,
    find_checkpoint,
    find_model,
    model_file,
    pulled,
    pulled_checkpoint,
    pulled_file,
    read_certificate,
)

__all__ = [
    "BUNDLED",
    "DEFAULT",
    "METADATA_KEY",
    "MODEL_NAME",
    "OUTPUTS",
    "Bundled",
    "Calibration",
    "Certificate",
    "HeldOut",
    "ModelCard",
    "Network",
    "OnnxNetwork",
    "OpenVinoNetwork",
    "PartNetwork",
    "Progress",
    "Published",
    "certificate_file",
    "checkpoint_file",
    "download",
    "file_sha256",
    "find_checkpoint",
    "find_model",
    "find_published",
    "model_file",
    "published",
    "published_names",
    "pulled",
    "pulled_checkpoint",
    "pulled_file",
    "read_certificate",
    "search_published",
]
