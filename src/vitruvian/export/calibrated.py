"""A model file with its calibration inside: the same graph, whose scores are probabilities."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vitruvian.errors import DataError, ExportError, WeightsError, needs
from vitruvian.folders import written_whole
from vitruvian.runtime import METADATA_KEY, Calibration, ModelCard, OnnxNetwork

RAW = "score_of_the_network"  # what is called "score" in a graph that is not calibrated
PREFIX = "calibration/"  # of the names of what a calibration adds to a graph
BELOW = -1e4  # all scores, and within what 16 bits hold
TOLERANCE = 1e-3  # of a probability; where a line is steep, rounding of the score counts
SETTINGS = {"ReduceSum": {"keepdims": 0}, "Cast": {"to": 1}}  # of operators; 1 is float32
NOT_CALIBRATED = "as the network gives it, not calibrated"


def write_calibrated(model: Path, out: Path, calibration: Calibration, crops: np.ndarray) -> None:
    """Write the model file with these probabilities for scores, computed inside its graph, and with this in its card.

    A calibration that it has is replaced. crops: (N, height, width, 3) uint8, to compare the two files on.

    Raises WeightsError for a file that is no model, ExportError, and writes nothing, when points move or scores are not
    what the calibration says; DataError when it cannot be written.
    """
    proto, card = _plain(model)
    raw_card = replace(card, calibration=None, score=NOT_CALIBRATED)
    with written_whole(out) as raw:
        _save(proto, raw_card, raw)
        xy, score = OnnxNetwork(raw, threads=1).points(crops)
        _add(proto, calibration)
        _save(proto, replace(card, calibration=calibration, score=_meaning(calibration)), raw)
        moved, probability = OnnxNetwork(raw, threads=1).points(crops)
        expected = np.where(np.isfinite(xy).all(-1), calibration.probability(score), 0)
        if not (np.array_equal(xy, moved, equal_nan=True) and np.allclose(probability, expected, atol=TOLERANCE)):
            raise ExportError(
                f"{out}: the calibrated model answers otherwise than the calibration says; nothing was written. Please "
                f"report this with the model"
            )


def write_uncalibrated(model: Path, out: Path) -> None:
    """Write the model file without the calibration that it may have, so that scores are those of the network.

    Raises WeightsError for a file that is no model, DataError when it cannot be written.
    """
    proto, card = _plain(model)
    score = NOT_CALIBRATED if card.calibration else card.score
    with written_whole(out) as beside:
        _save(proto, replace(card, calibration=None, score=score), beside)


def _meaning(calibration: Calibration) -> str:
    """What a score means, for the card."""
    held_out = calibration.held_out
    return (
        f"the probability that the point is within {calibration.threshold:g} of the longer side of the box, as on "
        f"{calibration.data} ({calibration.people} people)"
        + (f"; calibration error {held_out.error:.3f} on people held out" if held_out else "")
    )


def _plain(model: Path) -> tuple[Any, ModelCard]:
    """The file's graph, without a calibration, and its card."""
    with needs("train", "a calibration"):
        import onnx
    card = OnnxNetwork(model, threads=1).card  # refuses what is no model of ours
    proto = onnx.load(model)
    graph = proto.graph
    if card.calibration is not None:
        for parts in (graph.node, graph.initializer, graph.value_info):
            for part in [part for part in parts if part.name.startswith(PREFIX)]:
                parts.remove(part)
        _rename(graph, RAW, "score")
    return proto, card


def _rename(graph: Any, old: str, new: str) -> None:
    """Call a value of the graph otherwise, wherever nodes make or use it."""
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]
    for value in graph.value_info:
        value.name = new if value.name == old else value.name


def _add(proto: Any, calibration: Calibration) -> None:
    """Put the lines between the knots into the graph, behind its scores.

    With w the width and r the rise of each step, the probability is Σ r · clip((score - x) / w, 0, 1). The first step
    lies below all scores and rises to the first knot. A point that is not found, whose coordinates are NaN, has the
    probability 0.
    """
    from onnx import helper, numpy_helper

    left, width, rise = _steps(calibration)
    constants: dict[str, np.ndarray] = {
        "left": left,
        "width": width,
        "rise": rise,
        "last": np.array([-1], np.int64),
        "zero": np.array(0, np.float32),
        "one": np.array(1, np.float32),
    }
    _rename(proto.graph, "score", RAW)
    proto.graph.initializer.extend(numpy_helper.from_array(value, PREFIX + name) for name, value in constants.items())
    chain: Sequence[tuple[str, list[str], str]] = (
        ("Unsqueeze", [RAW, "last"], "column"),
        ("Sub", ["column", "left"], "beyond"),
        ("Div", ["beyond", "width"], "steps"),
        ("Clip", ["steps", "zero", "one"], "share"),
        ("Mul", ["share", "rise"], "rises"),
        ("ReduceSum", ["rises", "last"], "sum"),
        ("IsNaN", ["xy"], "unknown"),
        ("Cast", ["unknown"], "unknowns"),
        ("ReduceSum", ["unknowns", "last"], "missing"),
        ("Sub", ["one", "missing"], "known"),
        ("Mul", ["sum", "known"], "found"),
        ("Clip", ["found", "zero", "one"], "score"),
    )
    for number, (operator, inputs, output) in enumerate(chain):
        names = [name if name in (RAW, "xy") else PREFIX + name for name in inputs]
        made = output if output == "score" else PREFIX + output
        node = helper.make_node(operator, names, [made], f"{PREFIX}{number}")
        for name, value in SETTINGS.get(operator, {}).items():
            node.attribute.append(helper.make_attribute(name, value))
        proto.graph.node.append(node)


def _steps(calibration: Calibration) -> np.ndarray:
    """Where each step begins, how wide it is and how far it rises: (3, K, S) float32; steps that rise by 0 fill up.

    The first knot is a step too, because OpenVINO adds a constant for each keypoint to the sum in the wrong order.
    """
    longest = max(map(len, calibration.knots))
    steps = np.zeros((3, len(calibration.knots), longest), np.float32)
    steps[1] = 1
    for k, knots in enumerate(calibration.knots):
        place, probability = np.transpose(knots)
        steps[0, k, : len(knots)] = [BELOW, *place[:-1]]
        steps[1, k, : len(knots)] = [1, *np.diff(place)]
        steps[2, k, : len(knots)] = [probability[0], *np.diff(probability)]
    return steps


def _save(proto: Any, card: ModelCard, path: Path) -> None:
    import onnx

    for entry in proto.metadata_props:
        if entry.key == METADATA_KEY:
            entry.value = card.to_json()
    try:
        onnx.checker.check_model(proto)
        onnx.save(proto, path)
    except onnx.checker.ValidationError as error:
        raise WeightsError(f"{path} cannot be calibrated: {str(error).splitlines()[0]}") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from error
