"""The two calls that most people need: `load` a model, `predict` poses."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast, get_args, overload

import numpy as np

from vitruvian.errors import RecipeError, UnknownNameError, needs
from vitruvian.inference.top_down import TopDown, pair_up
from vitruvian.media import read_image
from vitruvian.runtime import DEFAULT, Network, OnnxNetwork, OpenVinoNetwork, find_model
from vitruvian.structures import Poses, skeleton

Backend = Literal["auto", "onnxruntime", "openvino", "openvino_bf16", "torch"]
Image = str | Path | np.ndarray


def load(
    model: str | Path = DEFAULT, backend: Backend = "auto", threads: int = 0, keypoints: str | None = None
) -> TopDown:
    """A model, ready to predict: a bundled name, an exported .onnx file, or a .safetensors checkpoint.

    backend:   "auto" runs an .onnx file with ONNX Runtime and a checkpoint with PyTorch. "openvino" is faster on most
               CPUs; "openvino_bf16" faster still on those that calculate in bfloat16, and rounds: points move a little.
    threads:   of ONNX Runtime and OpenVINO; 0 for one per core.
    keypoints: a name in SKELETONS: answer with these alone, such as coco17 out of the 26 of halpe26.

    Raises UnknownNameError, with the nearest names, for an unknown name, WeightsError for a file that is not a model
    of ours, RecipeError for a backend that cannot run it, MissingPackageError when a backend is not installed,
    SkeletonError for keypoints that the model does not have.
    """
    if backend not in get_args(Backend):
        raise UnknownNameError("backend", backend, get_args(Backend))
    wanted = None if keypoints is None else skeleton(keypoints)
    top_down = TopDown(_network(find_model(model), backend, threads))
    return top_down if wanted is None else top_down.answering(wanted)


def _network(path: Path, backend: Backend, threads: int) -> Network:
    checkpoint = path.suffix.lower() == ".safetensors"
    if backend == "auto":
        backend = "torch" if checkpoint else "onnxruntime"
    if checkpoint != (backend == "torch"):
        runs = "a .safetensors checkpoint" if backend == "torch" else "an exported .onnx file"
        raise RecipeError(f"backend {backend} runs {runs}, got {path}; choose another backend, or leave it to auto")
    if backend == "torch":
        return _checkpoint(path)
    if backend == "onnxruntime":
        return OnnxNetwork(path, threads)
    return OpenVinoNetwork(path, threads, "bfloat16" if backend == "openvino_bf16" else "float32")


def _checkpoint(path: Path) -> Network:
    with needs("train", "a checkpoint"):
        from vitruvian.recipes import card_for, load_checkpoint
        from vitruvian.runtime.torch_network import PixelsToPoints, TorchNetwork
    network, recipe = load_checkpoint(path)
    card = card_for(recipe, network, path.stem)
    return TorchNetwork(PixelsToPoints(network, recipe.codec, card.skeleton, card.flip_test), card)


@overload
def predict(source: Image, model: str | Path = DEFAULT, boxes: np.ndarray | None = None) -> Poses: ...
@overload
def predict(
    source: list[Image], model: str | Path = DEFAULT, boxes: Sequence[np.ndarray | None] | None = None
) -> list[Poses]: ...
def predict(
    source: Image | list[Image],
    model: str | Path = DEFAULT,
    boxes: np.ndarray | Sequence[np.ndarray | None] | None = None,
) -> Poses | list[Poses]:
    """The poses in a photo, or in each of several: files, or (H, W, 3) uint8 RGB arrays.

    model: as for `load`; it stays loaded for the next call.
    boxes: (N, 4) x0 y0 x1 y1 of the people in image pixels, for several photos one array (or None) each. Without
           boxes the whole image is taken for one person.

    Raises ImageError for a file that cannot be read, and what `load` and `TopDown` raise.
    """
    top_down = _loaded(str(model), _changed(model))
    if isinstance(source, str | Path | np.ndarray):
        return top_down(_pixels(source), cast("np.ndarray | None", boxes))
    return list(top_down.stream((_pixels(image), box) for image, box in pair_up(source, boxes)))


def _pixels(source: Image) -> np.ndarray:
    return read_image(source) if isinstance(source, str | Path) else source


def _changed(model: str | Path) -> int:
    """When the model's file last changed, so that a new export is not answered by the old one."""
    path = Path(model)
    return path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=4)
def _loaded(model: str, changed: int) -> TopDown:
    return load(model)
