"""Export to one self-contained .onnx file, with a parity check against the original."""

import copy
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from vitruvian.errors import ExportError, MissingPackageError
from vitruvian.export.half import round_to_half, store_half
from vitruvian.recipes import Recipe
from vitruvian.runtime import METADATA_KEY, OUTPUTS, ModelCard, OnnxNetwork
from vitruvian.runtime.torch_network import PixelsToPoints, TorchNetwork

OPSET = 18
TOLERANCE = 0.01  # pixels of the network input, at the 99th percentile


@dataclass(frozen=True)
class Agreement:
    """How an export answers beside its original. Both in pixels of the input: the 99th percentile and the largest."""

    percentile_99: float
    largest: float
    points: int


def export_onnx(
    path: Path, model: nn.Module, recipe: Recipe, card: ModelCard, crops: np.ndarray, half: bool = False
) -> Agreement:
    """Write `model` with its normalisation, decoding and card as one .onnx file, and say how well the file agrees.

    crops: (N, height, width, 3) uint8, real ones; the original and the export are compared on them and on noise.
    half:  store the weights in 16 bits, half the size; the original is then the model with its weights so rounded.

    Raises ExportError, and leaves no file, when points differ by more than `TOLERANCE` at the 99th percentile.
    """
    model = copy.deepcopy(model).eval()
    if half:
        round_to_half(model)
    module = PixelsToPoints(model, recipe.codec, card.skeleton, card.flip_test).eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        _write(partial, module, card, half)
        agreement = compare(TorchNetwork(module, card), OnnxNetwork(partial), crops)
        if not agreement.percentile_99 <= TOLERANCE:
            raise ExportError(
                f"{path}: the export differs from the original by {agreement.percentile_99:.4f} px at the 99th "
                f"percentile (largest {agreement.largest:.4f} px, {agreement.points} points; allowed {TOLERANCE}); "
                f"nothing was written. Please report this with the model's recipe."
            )
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return agreement


def compare(original: TorchNetwork, export: OnnxNetwork, crops: np.ndarray) -> Agreement:
    """Points of both on `crops` (N, height, width, 3) and on as many crops of noise, one by one and all at once."""
    noise = np.random.default_rng(0).integers(0, 256, crops.shape, dtype=np.uint8)
    differences = []
    for batch in (crops, noise, crops[:1], noise[:1]):
        expected, _ = original.points(batch)
        answered, _ = export.points(batch)
        both_unknown = np.isnan(expected) & np.isnan(answered)
        difference = np.linalg.norm(np.where(both_unknown, 0.0, answered - expected), axis=-1)
        differences.append(np.where(np.isnan(difference), np.inf, difference).ravel())
    distance = np.concatenate(differences)
    return Agreement(float(np.quantile(distance, 0.99)), float(distance.max()), len(distance))


def _write(path: Path, module: PixelsToPoints, card: ModelCard, half: bool) -> None:
    try:
        import onnx
        import onnxscript  # noqa: F401 (torch needs it, and names it only deep inside)
    except ImportError as error:
        raise MissingPackageError(str(error.name), "train", "export") from error
    width, height = card.input_size
    example = torch.zeros((2, height, width, 3), dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own deprecated calls
        program = torch.onnx.export(
            module,
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=["crops"],
            output_names=list(OUTPUTS),
            dynamic_shapes={"crops": {0: torch.export.Dim("N", min=1)}},
            optimize=not half,  # folding the norms into the weights would give values that 16 bits cannot hold
            verbose=False,
        )
    assert program is not None
    proto = program.model_proto
    if half:
        store_half(proto)
    _describe(proto, {METADATA_KEY: card.to_json(), "author": "Vitruvian", "licence": card.licence})
    onnx.save(proto, path)


def _describe(proto: Any, entries: Mapping[str, str]) -> None:
    for node in proto.graph.node:  # source lines of the machine that exported
        del node.metadata_props[:]
        node.doc_string = ""
    for key, value in entries.items():
        proto.metadata_props.add(key=key, value=value)
