"""Export to one self-contained .onnx file, with a parity check against the original."""

import copy
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from vitruvian.errors import ExportError, needs
from vitruvian.export.half import round_to_half, store_half, stored_bytes
from vitruvian.folders import written_whole
from vitruvian.recipes import Estimator, Recipe
from vitruvian.runtime import METADATA_KEY, OUTPUTS, ModelCard, OnnxNetwork
from vitruvian.runtime.torch_network import PixelsToPoints, TorchNetwork

OPSET = 18
TOLERANCE = 0.01  # pixels of the network input, at the 99th percentile
SCORE_TOLERANCE = 0.001  # at the 99th percentile
LARGEST = 2 * 10**9  # bytes of weights; an .onnx file is one protobuf message, of less than 2**31 bytes in all
EXPORTER_LOG = "torch.onnx._internal.exporter._registration"


@dataclass(frozen=True)
class Agreement:
    """How an export answers beside its original.

    percentile_99, largest: distance of the points, in pixels of the input.
    points:                 how many were compared: those that at least one of the two knows.
    score:                  difference of the scores, 99th percentile.
    unsteady:               how many more were left out because rounding decides where they are; see `steady`.
    """

    percentile_99: float
    largest: float
    points: int
    score: float
    unsteady: int = 0


def export_onnx(
    path: Path, model: nn.Module, recipe: Recipe | Estimator, card: ModelCard, crops: np.ndarray, half: bool = False
) -> Agreement:
    """Write `model` with its normalisation, decoding and card as one .onnx file, and say how well the file agrees.

    crops: (N, height, width, 3) uint8, real ones; the original and the export are compared on them and on noise.
    half:  store the weights in 16 bits, half the size; the original is then the model with its weights so rounded.

    Raises ExportError, and writes nothing, when the weights are more than one file can hold, and when points differ by
    more than `TOLERANCE` or scores by more than `SCORE_TOLERANCE` at the 99th percentile; DataError when it cannot be
    written.
    """
    _check_size(path, model, half)
    model = copy.deepcopy(model).eval()
    if half:
        round_to_half(model)
    module = PixelsToPoints(model, recipe.codec, card.skeleton, card.flip_test).eval()
    with written_whole(path) as beside:
        _write(beside, module, card, half)
        agreement = compare(TorchNetwork(module, card), OnnxNetwork(beside), crops)
        if not (agreement.percentile_99 <= TOLERANCE and agreement.score <= SCORE_TOLERANCE):
            raise ExportError(
                f"{path}: the export differs from the original by {agreement.percentile_99:.4f} px (allowed "
                f"{TOLERANCE}) and by {agreement.score:.4f} in score (allowed {SCORE_TOLERANCE}) at the 99th "
                f"percentile, by {agreement.largest:.4f} px at most, over {agreement.points} points; "
                f"nothing was written. Please report this with the model's recipe."
            )
    return agreement


def _check_size(path: Path, model: nn.Module, half: bool) -> None:
    """Raises ExportError for more weights than one file can hold, before the work."""
    size, halved = stored_bytes(model, half), stored_bytes(model, half=True)
    if size <= LARGEST:
        return
    way_out = (
        f"store them in 16 bits (half=True, or --half), which takes {halved / 1e9:.1f} GB"
        if halved <= LARGEST
        else "choose a smaller model"
    )
    raise ExportError(
        f"{path}: the model has {size / 1e9:.1f} GB of weights, and one .onnx file can hold {LARGEST / 1e9:.1f} GB; "
        f"nothing was written; {way_out}"
    )


def compare(original: TorchNetwork, export: OnnxNetwork, crops: np.ndarray) -> Agreement:
    """Answers of both on `crops` (N, height, width, 3) and on as many of random squares, one by one and all at once.

    Points that the original itself would put elsewhere if its maps were rounded otherwise are counted, not compared.
    Raises ExportError when there is nothing to compare: no crop, or no point that either of them knows.
    """
    noise = _coloured_squares(crops.shape)
    distances, scores, unsteady = [], [], 0
    for batch in (crops, noise, crops[:1], noise[:1]):
        (expected, expected_score), (answered, score) = original.points(batch), export.points(batch)
        known, steady = ~(np.isnan(expected) & np.isnan(answered)).all(-1), original.steady(batch, TOLERANCE)
        distances.append(np.linalg.norm(answered - expected, axis=-1)[known & steady])
        unsteady += int((known & ~steady).sum())
        scores.append(np.abs(score - expected_score).ravel())
    distance = np.nan_to_num(np.concatenate(distances), nan=np.inf)  # known to one of them only
    if not len(distance):
        raise ExportError(
            f"the model finds no keypoint in any of the {len(crops)} crops or in noise, or none that stays where it is "
            f"when numbers are rounded otherwise, so that nothing can be compared; is it trained?"
        )
    score_difference = np.nan_to_num(np.concatenate(scores), nan=np.inf)
    return Agreement(
        float(np.quantile(distance, 0.99, method="higher")),
        float(distance.max()),
        len(distance),
        float(np.quantile(score_difference, 0.99, method="higher")),
        unsteady,
    )


def _coloured_squares(shape: tuple[int, ...]) -> np.ndarray:
    """(N, height, width, 3) uint8: squares of 8 pixels in random colours.

    Finer noise averages out to grey inside a network, and where maps are flat, rounding decides where the peak is.
    """
    count, height, width, _ = shape
    squares = np.random.default_rng(0).integers(0, 256, (count, -(-height // 8), -(-width // 8), 3), dtype=np.uint8)
    return squares.repeat(8, axis=1).repeat(8, axis=2)[:, :height, :width]


def _write(path: Path, module: PixelsToPoints, card: ModelCard, half: bool) -> None:
    with needs("train", "export"):
        import onnx
        import onnxscript  # noqa: F401 (torch needs it, and names it only deep inside)
    width, height = card.input_size
    example = torch.zeros((2, height, width, 3), dtype=torch.uint8)
    with _quiet():
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
    if half:
        _fold(program.model)
    proto = program.model_proto
    if half:
        store_half(proto)
    _describe(proto, {METADATA_KEY: card.to_json(), "author": "Vitruvian", "licence": card.licence})
    onnx.save(proto, path)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter says of itself: its deprecated calls, the operators of torchvision that it skips."""
    log = logging.getLogger(EXPORTER_LOG)
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def _fold(model: Any) -> None:
    """Calculate what is constant, such as shapes, so that runtimes see norms behind convolutions and fuse them."""
    from onnxscript import optimizer

    optimizer.fold_constants(model)
    optimizer.remove_unused_nodes(model)


def _describe(proto: Any, entries: Mapping[str, str]) -> None:
    """Take out what the exporter noted for debugging, source lines of its machine among it, and put `entries` in."""
    graph = proto.graph
    del proto.metadata_props[:]
    del graph.metadata_props[:]
    for part in (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    for key, value in entries.items():
        proto.metadata_props.add(key=key, value=value)
