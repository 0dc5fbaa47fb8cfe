"""A model file run by ONNX Runtime."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests.fake_network import FakeNetwork, colour_card
from tests.tiny_model import write_tiny_model
from vitruvian.errors import RecipeError, ShapeError, WeightsError
from vitruvian.runtime import METADATA_KEY, OUTPUTS, OnnxNetwork, OpenVinoNetwork
from vitruvian.structures import skeleton


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.onnx"
    write_tiny_model(path)
    return path


def crops(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (number, 64, 64, 3), dtype=np.uint8)


def rewrite(path: Path, card: str | None = None, outputs: Sequence[str] = OUTPUTS) -> None:
    """Put another text in the place of a model's card, or leave outputs out."""
    proto = onnx.load(path)
    if card is not None:
        helper.set_model_props(proto, {METADATA_KEY: card})
    kept = [output for output in proto.graph.output if output.name in outputs]
    del proto.graph.output[:]
    proto.graph.output.extend(kept)
    onnx.save(proto, path)


def write_foreign_model(path: Path) -> None:
    """A valid ONNX file that is not ours: y = relu(x)."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 4]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "foreign", [x], [y])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)


@pytest.mark.parametrize("number", [1, 3, 7])
def test_any_number_of_people_is_answered(tiny: Path, number: int):
    xy, score = OnnxNetwork(tiny).points(crops(number))
    expected_xy, expected_score = FakeNetwork().points(crops(number))
    assert (xy.dtype, score.dtype) == (np.float32, np.float32)
    np.testing.assert_array_equal(xy, expected_xy)
    np.testing.assert_allclose(score, expected_score, rtol=1e-6)


def test_nobody_is_a_valid_question(tiny: Path):
    xy, score = OnnxNetwork(tiny).points(crops(0))
    assert (xy.shape, score.shape) == ((0, 3, 2), (0, 3))
    assert (xy.dtype, score.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize("number", [0, 2])
def test_the_likelihood_has_a_map_for_each_keypoint(tiny: Path, number: int):
    maps = OnnxNetwork(tiny).likelihood(crops(number))
    assert maps.shape == (number, 3, 64, 64)
    np.testing.assert_allclose(maps, crops(number).transpose(0, 3, 1, 2) / 255, rtol=1e-6)


def test_the_card_comes_from_the_file(tiny: Path):
    network = OnnxNetwork(tiny, threads=1)
    assert network.card.name == "tiny"
    assert network.card.skeleton.names == ("red", "green", "blue")


def test_crops_need_not_be_contiguous(tiny: Path):
    network = OnnxNetwork(tiny)
    mirrored = crops(2)[:, :, ::-1]
    np.testing.assert_array_equal(network.points(mirrored)[0], network.points(mirrored.copy())[0])


@pytest.mark.parametrize(
    ("wrong", "got"),
    [
        (np.zeros((1, 64, 48, 3), np.uint8), r"\(1, 64, 48, 3\) uint8"),
        (np.zeros((64, 64, 3), np.uint8), r"\(64, 64, 3\) uint8"),
        (np.zeros((1, 3, 64, 64), np.uint8), r"\(1, 3, 64, 64\) uint8"),
        (np.zeros((1, 64, 64, 3), np.float32), r"\(1, 64, 64, 3\) float32"),
    ],
)
def test_other_crops_are_refused_with_those_expected(tiny: Path, wrong: np.ndarray, got: str):
    network = OnnxNetwork(tiny)
    for call in (network.points, network.likelihood):
        with pytest.raises(ShapeError, match=rf"crops must be \(N, 64, 64, 3\) uint8 for tiny, got {got}; cut"):
            call(wrong)


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(WeightsError, match=r"there is no model file .*nothing\.onnx; `vitruvian models` lists"):
        OnnxNetwork(tmp_path / "nothing.onnx")


@pytest.mark.parametrize("content", [b"hello, this is a text\n", b"", b"\x08\x09" * 100])
def test_a_file_that_is_not_onnx_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "text.onnx"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"text\.onnx"):
        OnnxNetwork(path)


def test_a_truncated_file_is_refused(tiny: Path):
    tiny.write_bytes(tiny.read_bytes()[:-100])
    with pytest.raises(WeightsError, match=r"tiny\.onnx"):
        OnnxNetwork(tiny)


def test_a_foreign_model_is_refused_with_the_way_to_make_one_of_ours(tmp_path: Path):
    path = tmp_path / "foreign.onnx"
    write_foreign_model(path)
    with pytest.raises(WeightsError, match=r"foreign.onnx was not exported by Vitruvian.*with `vitruvian export`"):
        OnnxNetwork(path)


def test_a_damaged_card_is_refused(tiny: Path):
    rewrite(tiny, card=colour_card().to_json()[:-30])
    with pytest.raises(WeightsError, match=r"tiny.onnx has a damaged model card"):
        OnnxNetwork(tiny)


@pytest.mark.parametrize("network", [OnnxNetwork, OpenVinoNetwork])
def test_a_file_without_all_outputs_is_refused(tiny: Path, network: type):
    rewrite(tiny, outputs=("xy", "score"))
    with pytest.raises(WeightsError, match=r"tiny.onnx must .* and likelihood .* gives .*'score': \[3\]}"):
        network(tiny)


@pytest.mark.parametrize("network", [OnnxNetwork, OpenVinoNetwork])
def test_a_card_that_does_not_fit_the_graph_is_refused(tiny: Path, network: type):
    """Another input size, and another number of keypoints."""
    rewrite(tiny, card=colour_card(input_size=(48, 64)).to_json())
    with pytest.raises(WeightsError, match=r"tiny.onnx must take crops \(N, 64, 48, 3\) .* as its card says"):
        network(tiny)
    rewrite(tiny, card=replace(colour_card(), skeleton=skeleton("coco17")).to_json())
    with pytest.raises(WeightsError, match=r"give xy \(N, 17, 2\).* gives .*'xy': \[3, 2\]"):
        network(tiny)


def test_a_negative_number_of_threads_is_refused(tiny: Path):
    with pytest.raises(RecipeError, match="threads must be 0, for one per core, or more; got -1"):
        OnnxNetwork(tiny, threads=-1)
