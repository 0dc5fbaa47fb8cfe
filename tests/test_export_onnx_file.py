"""Export: what the file contains, what it answers, and when none is written."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from tests.exported import COLOURED, HANDS, SETTINGS, SIZE, Exported
from tests.slow_codecs import decode_quarter
from vitruvian.codecs import CODECS
from vitruvian.errors import DataError, ExportError, ShapeError
from vitruvian.export import compare, export_onnx, onnx_file
from vitruvian.runtime import ModelCard, OnnxNetwork

every_export = pytest.mark.parametrize("name", SETTINGS)
every_coloured = pytest.mark.parametrize("name", COLOURED)


def test_every_codec_is_exported():
    assert {type(SETTINGS[name].codec) for name in COLOURED} == set(CODECS.values())


@every_export
def test_the_exporter_says_nothing_of_itself(exported, name: str):
    """Neither its deprecated calls nor the operators of packages that are not installed."""
    assert exported(name).said == []


@every_export
def test_a_file_answers_as_the_original(exported, name: str):
    model: Exported = exported(name)
    assert model.agreement.percentile_99 < 0.01
    assert model.agreement.score < 0.001
    assert model.agreement.points >= 50  # UDP finds no steady peak in squares of equal cells, which are noise here
    assert list(model.path.parent.glob("*.partial*")) == []


@every_coloured
@pytest.mark.parametrize("number", [0, 1, 3, 7])
def test_a_clear_peak_is_answered_to_a_thousandth_of_a_pixel(exported, name: str, number: int):
    model: Exported = exported(name)
    network, original = OnnxNetwork(model.path), model.original(model.card.flip_test)
    (xy, score), (expected_xy, expected_score) = (each.points(model.crops[:number]) for each in (network, original))
    assert xy.shape == (number, 3, 2)
    np.testing.assert_allclose(xy, expected_xy, rtol=0, atol=1e-3)
    np.testing.assert_allclose(score, expected_score, rtol=0, atol=1e-5)
    maps = network.likelihood(model.crops[:number])
    np.testing.assert_allclose(maps, original.likelihood(model.crops[:number]), rtol=0, atol=1e-5)
    assert ((maps >= 0) & (maps <= 1)).all()


@pytest.mark.parametrize("name", sorted(set(SETTINGS) - set(COLOURED)))
def test_scores_and_likelihoods_of_an_untrained_model_lie_between_zero_and_one(exported, name: str):
    network = OnnxNetwork(exported(name).path)
    noise = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    for values in (network.points(noise)[1], network.likelihood(noise)):
        assert ((values >= 0) & (values <= 1)).all()


def test_the_flip_test_in_the_graph_is_the_average_by_hand(exported):
    """Mirror the crops, mirror the maps back, exchange the hands, move by a cell, average, decode."""
    model: Exported = exported("gaussian")
    plain = model.original(flip_test=False)
    straight, mirrored = plain.likelihood(model.crops), plain.likelihood(model.crops[:, :, ::-1])
    back = mirrored[..., ::-1][:, list(HANDS.mirror)]
    back = np.concatenate([back[..., :1], back[..., :-1]], axis=-1)
    average = (straight + back) / 2
    network = OnnxNetwork(model.path)
    np.testing.assert_allclose(network.likelihood(model.crops), average, rtol=0, atol=1e-5)
    xy, score = network.points(model.crops)
    for person, maps in enumerate(average):
        cells, height = decode_quarter(maps)
        np.testing.assert_allclose(xy[person], 4 * cells, rtol=0, atol=1e-3)
        np.testing.assert_allclose(score[person], height, rtol=0, atol=1e-5)
    assert np.abs(xy - plain.points(model.crops)[0]).max() > 0.9  # it makes a difference


@every_export
def test_the_file_describes_itself_to_plain_onnx_runtime(exported, name: str):
    """Input and outputs by name, batch size free, the card among the metadata."""
    model: Exported = exported(name)
    session = onnxruntime.InferenceSession(model.path)
    (crops,) = session.get_inputs()
    assert (crops.name, crops.type, crops.shape) == ("crops", "tensor(uint8)", ["N", SIZE[1], SIZE[0], 3])
    outputs = {output.name: (output.type, output.shape) for output in session.get_outputs()}
    assert outputs == {
        "xy": ("tensor(float)", ["N", 3, 2]),
        "score": ("tensor(float)", ["N", 3]),
        "likelihood": ("tensor(float)", ["N", 3, 16, 16]),
    }
    metadata = session.get_modelmeta().custom_metadata_map
    assert ModelCard.from_json(metadata["vitruvian"], name) == model.card
    assert metadata["licence"] == "CC0-1.0"


@every_export
def test_the_file_uses_standard_operators_of_one_version(exported, name: str):
    proto = onnx.load(exported(name).path)
    assert [(opset.domain, opset.version) for opset in proto.opset_import] == [("", 18)]
    assert not proto.functions
    onnx.checker.check_model(proto)


@every_export
def test_the_file_tells_nothing_of_the_machine_that_exported_it(exported, name: str):
    """No source lines, no folders, no notes of the exporter."""
    model: Exported = exported(name)
    content = model.path.read_bytes()
    folders = [Path.cwd(), Path(torch.__file__).parent, model.path.parent, Path(__file__).parent, Path.home()]
    for folder in folders:
        assert len(folder.parts) == 1 or str(folder).encode() not in content
    assert not re.search(rb"site-packages|\w\w\w\.py\b|stack_trace|pkg\.torch|pkg\.onnxscript", content)


@pytest.fixture
def tampered(exported, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[np.ndarray], np.ndarray]], Exported]:
    """Let the exporter return the "probability" model with its weights changed."""

    def tamper(change: Callable[[np.ndarray], np.ndarray]) -> Exported:
        model = exported("probability")
        proto = onnx.load(model.path)
        (weight,) = (tensor for tensor in proto.graph.initializer if list(tensor.dims) == [3, 3, 4, 4])
        weight.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(weight)), weight.name))
        monkeypatch.setattr(torch.onnx, "export", lambda *_, **__: SimpleNamespace(model_proto=proto))
        return model

    return tamper


def turned(weight: np.ndarray) -> np.ndarray:
    """Red counts as green, green as blue, blue as red: other points."""
    return np.roll(weight, 1, axis=1).copy()


def fainter(weight: np.ndarray) -> np.ndarray:
    """The same peaks, less sure: nearly the same points, other scores."""
    return weight * np.float32(0.98)


def unknown(weight: np.ndarray) -> np.ndarray:
    return np.full_like(weight, np.nan)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (turned, r"differs from the original by \d+\.\d+ px \(allowed 0.01\) and by .* in score \(allowed 0.001\)"),
        (fainter, r"by 0\.0[01]\d+ in score \(allowed 0.001\)"),
        (unknown, r"by inf px .* and by inf in score"),
    ],
)
def test_a_file_that_answers_differently_is_not_written(tampered, tmp_path: Path, change, problem: str):
    model: Exported = tampered(change)
    path = tmp_path / "new" / "model.onnx"
    with pytest.raises(ExportError, match=rf"model\.onnx: the export .*{problem}.*nothing was written"):
        export_onnx(path, model.model, model.recipe, model.card, model.crops)
    assert list(path.parent.iterdir()) == []


def test_a_refused_export_keeps_the_former_file(tampered, tmp_path: Path):
    model: Exported = tampered(turned)
    path = tmp_path / "model.onnx"
    path.write_bytes(b"the former one")
    with pytest.raises(ExportError, match="nothing was written"):
        export_onnx(path, model.model, model.recipe, model.card, model.crops)
    assert path.read_bytes() == b"the former one"
    assert [file.name for file in tmp_path.iterdir()] == ["model.onnx"]


def test_an_export_replaces_the_former_file_and_leaves_the_model_as_it_was(tampered, tmp_path: Path):
    model: Exported = tampered(np.array)  # changed by nothing
    path = tmp_path / "model.onnx"
    path.write_bytes(b"the former one")
    before = {name: value.clone() for name, value in model.model.state_dict().items()}
    model.model.train()
    agreement = export_onnx(path, model.model, model.recipe, model.card, model.crops)
    assert agreement.points == 3 * 2 * (len(model.crops) + 1)  # crops and noise, all at once and the first alone
    assert OnnxNetwork(path).card == model.card
    assert model.model.training
    model.model.eval()
    for name, value in model.model.state_dict().items():
        assert torch.equal(value, before[name])


def test_an_exporter_that_fails_leaves_no_file(monkeypatch: pytest.MonkeyPatch, exported, tmp_path: Path):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no such operator")

    model: Exported = exported("probability")
    monkeypatch.setattr(torch.onnx, "export", fail)
    with pytest.raises(RuntimeError, match="no such operator"):
        export_onnx(tmp_path / "model.onnx", model.model, model.recipe, model.card, model.crops)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("limit", "half", "way_out"),
    [
        (587, False, r"store them in 16 bits \(half=True, or --half\), which takes 0\.0 GB"),
        (299, False, "choose a smaller model"),
        (299, True, "choose a smaller model"),
    ],
)
def test_more_weights_than_a_file_can_hold_are_refused_at_once(
    exported, monkeypatch, tmp_path, limit: int, half: bool, way_out: str
):
    """3 x 48 and 3 numbers: 588 bytes, or 300 where those of the matrix take two bytes each."""
    model: Exported = exported("probability")
    monkeypatch.setattr(onnx_file, "LARGEST", limit)
    monkeypatch.setattr(torch.onnx, "export", lambda *_, **__: pytest.fail("exported"))
    said = rf"model\.onnx: the model has 0\.0 GB of weights, .* can hold 0\.0 GB; nothing was written; {way_out}"
    with pytest.raises(ExportError, match=said):
        export_onnx(tmp_path / "model.onnx", model.model, model.recipe, model.card, model.crops, half)
    assert list(tmp_path.iterdir()) == []


def test_as_many_weights_as_a_file_can_hold_are_exported(tampered, monkeypatch, tmp_path):
    model: Exported = tampered(np.array)
    monkeypatch.setattr(onnx_file, "LARGEST", 588)
    assert export_onnx(tmp_path / "model.onnx", model.model, model.recipe, model.card, model.crops).points > 0


def test_a_place_that_is_no_folder_is_a_sentence(tampered, tmp_path: Path):
    (tmp_path / "file").touch()
    model: Exported = tampered(np.array)
    with pytest.raises(DataError, match=r"model\.onnx: cannot be written \(.+\); choose another place"):
        export_onnx(tmp_path / "file" / "model.onnx", model.model, model.recipe, model.card, model.crops)


class Blank(nn.Module):
    """A network that finds nothing anywhere."""

    def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"heatmap": torch.zeros(len(image), 3, 16, 16)}


def test_two_networks_that_find_nothing_do_not_agree(exported):
    """Else a model that never was trained would pass."""
    model: Exported = exported("dark")
    blank = replace(model, model=Blank()).original(flip_test=False)
    with pytest.raises(ExportError, match="finds no keypoint in any of the 7 crops or in noise"):
        compare(blank, blank, model.crops)


def test_a_point_that_only_one_of_them_knows_is_infinitely_far_away(exported):
    model: Exported = exported("dark")
    blank = replace(model, model=Blank()).original(flip_test=False)
    assert compare(blank, OnnxNetwork(model.path), model.crops).percentile_99 == np.inf


def test_crops_of_another_size_are_refused(exported):
    model: Exported = exported("dark")
    with pytest.raises(ShapeError, match=r"crops must be \(N, 64, 64, 3\) uint8"):
        compare(model.original(False), OnnxNetwork(model.path), np.zeros((2, 32, 64, 3), np.uint8))
