"""A model file run by OpenVINO."""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.fake_network import FakeNetwork, colour_card
from tests.test_runtime_onnx_network import crops, rewrite, write_foreign_model
from tests.tiny_model import write_tiny_model
from vitruvian.errors import MissingPackageError, RecipeError, ShapeError, WeightsError
from vitruvian.runtime import OnnxNetwork, OpenVinoNetwork

needs_openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="the extra openvino is not installed")


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.onnx"
    write_tiny_model(path)
    return path


@needs_openvino
@pytest.mark.parametrize("number", [1, 3, 7])
def test_any_number_of_people_is_answered(tiny: Path, number: int):
    network = OpenVinoNetwork(tiny, threads=1)
    xy, score = network.points(crops(number))
    expected_xy, expected_score = FakeNetwork().points(crops(number))
    np.testing.assert_array_equal(xy, expected_xy)
    np.testing.assert_allclose(score, expected_score, rtol=1e-6)
    np.testing.assert_allclose(network.likelihood(crops(number)), crops(number).transpose(0, 3, 1, 2) / 255, rtol=1e-6)


@needs_openvino
def test_nobody_is_a_valid_question(tiny: Path):
    network = OpenVinoNetwork(tiny)
    xy, score = network.points(crops(0))
    assert (xy.shape, score.shape, network.likelihood(crops(0)).shape) == ((0, 3, 2), (0, 3), (0, 3, 64, 64))


@needs_openvino
def test_an_answer_outlives_the_next_call(tiny: Path):
    network = OpenVinoNetwork(tiny)
    (xy, score), maps = network.points(crops(2)), network.likelihood(crops(2))
    kept = xy.copy(), score.copy(), maps.copy()
    network.points(255 - crops(2))
    network.likelihood(255 - crops(2))
    for array, copy in zip((xy, score, maps), kept, strict=True):
        np.testing.assert_array_equal(array, copy)


@needs_openvino
@pytest.mark.parametrize(
    "name",
    [
        "gaussian",
        "dark",
        "udp",
        "udp combined",
        "probability",
        "half",
        "megvii",
        "simcc",
        "simcc dark",
        "regression",
        "integral",
    ],
)
def test_the_answers_are_those_of_onnx_runtime(exported, name: str):
    model = exported(name)
    xy, score = OpenVinoNetwork(model.path).points(model.crops)
    expected_xy, expected_score = OnnxNetwork(model.path).points(model.crops)
    np.testing.assert_allclose(xy, expected_xy, rtol=0, atol=1e-3)
    np.testing.assert_allclose(score, expected_score, rtol=0, atol=1e-5)


@needs_openvino
def test_bfloat16_answers_nearly_the_same(exported):
    model = exported("probability")
    xy, _ = OpenVinoNetwork(model.path, precision="bfloat16").points(model.crops)
    expected, _ = OnnxNetwork(model.path).points(model.crops)
    assert np.abs(xy - expected).max() < 1


@needs_openvino
def test_the_card_comes_from_the_file(tiny: Path):
    assert OpenVinoNetwork(tiny).card == OnnxNetwork(tiny).card


@pytest.mark.parametrize("precision", ["float64", "f32", ""])
def test_an_unknown_precision_is_refused(tiny: Path, precision: str):
    with pytest.raises(RecipeError, match=f'precision must be one of float32, bfloat16, got "{precision}"'):
        OpenVinoNetwork(tiny, precision=precision)


@needs_openvino
def test_a_negative_number_of_threads_is_refused(tiny: Path):
    with pytest.raises(RecipeError, match="threads must be 0, for one per core, or more; got -2"):
        OpenVinoNetwork(tiny, threads=-2)


def test_without_the_package_the_extra_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingPackageError, match=r'pip install "vitruvian\[openvino\]"'):
        OpenVinoNetwork(tiny)


@needs_openvino
def test_other_crops_are_refused(tiny: Path):
    with pytest.raises(ShapeError, match=r"crops must be \(N, 64, 64, 3\) uint8 for tiny, got \(1, 64, 48, 3\) uint8"):
        OpenVinoNetwork(tiny).points(np.zeros((1, 64, 48, 3), np.uint8))


@needs_openvino
def test_files_that_are_not_ours_are_refused(tmp_path: Path):
    path = tmp_path / "model.onnx"
    with pytest.raises(WeightsError, match=r"there is no model file .*model\.onnx"):
        OpenVinoNetwork(path)
    path.write_text("hello, this is a text\n")
    with pytest.raises(WeightsError, match=r"model\.onnx is not an ONNX file that OpenVINO can read"):
        OpenVinoNetwork(path)
    write_foreign_model(path)
    with pytest.raises(WeightsError, match=r"model\.onnx was not exported by Vitruvian"):
        OpenVinoNetwork(path)
    write_tiny_model(path)
    rewrite(path, card=colour_card().to_json()[:-30])
    with pytest.raises(WeightsError, match=r"model\.onnx has a damaged model card"):
        OpenVinoNetwork(path)
