"""Weights stored in 16 bits."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from tests.exported import Exported
from vitruvian.export.half import SMALLEST, round_to_half, store_half, stored_bytes
from vitruvian.runtime import OnnxNetwork


def test_kernels_are_rounded_and_biases_and_norms_are_not():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
    nn.init.constant_(model[1].weight, 1 / 3)
    kernel, bias = model[0].weight.detach().clone(), model[0].bias.detach().clone()
    round_to_half(model)
    assert torch.equal(model[0].weight, kernel.half().float())
    assert not torch.equal(model[0].weight, kernel)
    assert model[0].weight.dtype == torch.float32
    assert torch.equal(model[0].bias, bias)
    assert model[1].weight[0] == torch.tensor(1 / 3)


def test_what_is_rounded_counts_half_and_counters_count_nothing():
    """8 x 3 x 3 x 3 = 216 of the kernel, 8 biases, 4 x 8 numbers of the norm, and its counter: 256 numbers."""
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
    assert stored_bytes(model, half=False) == 4 * 256
    assert stored_bytes(model, half=True) == 2 * 216 + 4 * 40


def product(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """y = x times each of the weights in turn."""
    size = next(iter(weights.values())).shape[0]
    names = ["x", *(f"step {name}" for name in weights)]
    graph = helper.make_graph(
        [helper.make_node("MatMul", [names[i], name], [names[i + 1]]) for i, name in enumerate(weights)],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", size])],
        [helper.make_tensor_value_info(names[-1], TensorProto.FLOAT, ["N", size])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def answer(proto: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    return session.run(None, {"x": x})[0]


@pytest.fixture
def weights() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    full = rng.normal(size=(64, 64)).astype(np.float32) / 8
    return {"rounded": full.astype(np.float16).astype(np.float32), "full": full}


def test_only_what_float16_holds_exactly_is_stored_so(weights):
    proto = product(weights)
    store_half(proto)
    types = {tensor.name: tensor.data_type for tensor in proto.graph.initializer}
    assert types == {"rounded.half": TensorProto.FLOAT16, "full": TensorProto.FLOAT}
    onnx.checker.check_model(proto)


def test_the_answers_do_not_change_by_a_bit(weights):
    proto, x = product(weights), np.random.default_rng(1).normal(size=(5, 64)).astype(np.float32)
    before = answer(proto, x)
    store_half(proto)
    np.testing.assert_array_equal(answer(proto, x), before)


def test_what_weighs_nothing_is_left_alone():
    small = np.ones((int(SMALLEST**0.5) - 1,) * 2, np.float32)
    proto = product({"small": small})
    store_half(proto)
    assert proto.graph.initializer[0].data_type == TensorProto.FLOAT
    assert [node.op_type for node in proto.graph.node] == ["MatMul"]


def test_an_exported_file_is_about_half_as_large_as_its_weights(exported):
    model: Exported = exported("half")
    in_float32 = 4 * model.card.parameters
    assert 0.5 * in_float32 < model.path.stat().st_size < 0.52 * in_float32


def test_it_answers_as_the_model_whose_weights_are_rounded(exported):
    model: Exported = exported("half")
    assert model.agreement.percentile_99 < 0.01
    stored = {tensor.data_type for tensor in onnx.load(model.path).graph.initializer if np.prod(tensor.dims) > 10_000}
    assert stored == {TensorProto.FLOAT16}


def test_the_model_itself_is_not_rounded(exported):
    kernel = next(exported("half").model.parameters())
    assert not torch.equal(kernel, kernel.half().float())


def test_nothing_is_computed_in_16_bits(exported, tmp_path: Path):
    """ONNX Runtime undoes every cast when it loads the file: what it then runs holds float32 weights only."""
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    onnxruntime.InferenceSession(exported("half").path, options)
    optimised = onnx.load(tmp_path / "optimised.onnx")
    assert TensorProto.FLOAT16 not in {tensor.data_type for tensor in optimised.graph.initializer}
    assert OnnxNetwork(exported("half").path).points(exported("half").crops)[0].shape == (7, 3, 2)
