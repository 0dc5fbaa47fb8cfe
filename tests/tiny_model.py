"""`FakeNetwork` as a model file of a few hundred bytes: valid for every runtime, written without torch."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.fake_network import colour_card
from vitruvian.runtime import METADATA_KEY, OUTPUTS, ModelCard


def write_tiny_model(path: Path, name: str = "tiny") -> ModelCard:
    """Write an .onnx file that finds the reddest, greenest and bluest pixel of each crop; give its card."""
    card = replace(colour_card(), name=name)
    save(path, {METADATA_KEY: card.to_json()}, card.input_size)
    return card


def save(path: Path, metadata: dict[str, str], input_size: tuple[int, int], white: float = 255.0) -> None:
    """Write the graph with any metadata; a pixel of brightness `white` has score 1."""
    width, height = input_size
    shapes = {"xy": ["N", 3, 2], "score": ["N", 3], "likelihood": ["N", 3, height, width]}
    graph = helper.make_graph(
        _nodes(),
        "colours",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, ["N", height, width, 3])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shapes[output]) for output in OUTPUTS],
        [
            numpy_helper.from_array(np.array(white, np.float32), "white"),
            numpy_helper.from_array(np.array([0, 3, -1], np.int64), "flat"),
            numpy_helper.from_array(np.array(width, np.int64), "width"),
            numpy_helper.from_array(np.array([-1], np.int64), "last"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _nodes() -> list[onnx.NodeProto]:
    make = helper.make_node
    return [
        make("Cast", ["crops"], ["floats"], to=TensorProto.FLOAT),
        make("Div", ["floats", "white"], ["scaled"]),
        make("Transpose", ["scaled"], ["likelihood"], perm=[0, 3, 1, 2]),
        make("Reshape", ["likelihood", "flat"], ["cells"]),
        make("ReduceMax", ["cells", "last"], ["score"], keepdims=0),
        make("ArgMax", ["cells"], ["best"], axis=2, keepdims=0),
        make("Mod", ["best", "width"], ["x"]),
        make("Div", ["best", "width"], ["y"]),
        make("Unsqueeze", ["x", "last"], ["xs"]),
        make("Unsqueeze", ["y", "last"], ["ys"]),
        make("Concat", ["xs", "ys"], ["whole"], axis=-1),
        make("Cast", ["whole"], ["xy"], to=TensorProto.FLOAT),
    ]
