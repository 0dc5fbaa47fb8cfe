"""Calibrated model files: the graph answers what the card says, and a calibration can be taken out again."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.colour_data import colour_data
from tests.command import run
from tests.test_cli_evaluate import write_table
from tests.test_runtime_calibration import MEASURED
from tests.tiny_model import write_tiny_model
from vitruvian.errors import WeightsError
from vitruvian.export import write_calibrated, write_uncalibrated
from vitruvian.inference import load
from vitruvian.runtime import OnnxNetwork, OpenVinoNetwork

LSP = Path(os.environ.get("VITRUVIAN_SHARED", Path(__file__).parents[2] / "shared")) / "realdata/lsp_extended"
CROPS = (
    np.random.default_rng(0).integers(0, 256, (8, 64, 64, 3), np.uint8)
    // np.arange(1, 9, dtype=np.uint8)[:, None, None, None]
)  # the brightest pixels from 255 down to 31, so that scores are all over the knots


@pytest.fixture
def tiny(tmp_path):
    write_tiny_model(tmp_path / "tiny.onnx")
    return tmp_path / "tiny.onnx"


@pytest.mark.parametrize("network", [OnnxNetwork, OpenVinoNetwork])
def test_the_graph_gives_the_probabilities_itself(tiny, network):
    if network is OpenVinoNetwork:
        pytest.importorskip("openvino")
    out = tiny.with_name("out.onnx")
    write_calibrated(tiny, out, MEASURED, CROPS)
    (xy, score), (same, probability) = network(tiny).points(CROPS), network(out).points(CROPS)
    np.testing.assert_array_equal(xy, same)
    np.testing.assert_allclose(probability, MEASURED.probability(score), atol=1e-6)
    assert len(np.unique(probability.round(3))) > 4


def test_the_card_says_what_a_score_means(tiny):
    out = tiny.with_name("out.onnx")
    write_calibrated(tiny, out, MEASURED, CROPS)
    card = OnnxNetwork(out).card
    assert card.calibration == MEASURED
    assert card.score == (
        "the probability that the point is within 0.2 of the longer side of the box, as on dots (10 people); "
        "calibration error 0.010 on people held out"
    )


def test_a_new_calibration_replaces_the_one_before(tiny):
    once, twice = tiny.with_name("once.onnx"), tiny.with_name("twice.onnx")
    other = replace(MEASURED, data="other", knots=(((0.0, 0.0), (1.0, 1.0)),) * 3)
    write_calibrated(tiny, once, MEASURED, CROPS)
    write_calibrated(once, twice, other, CROPS)
    np.testing.assert_allclose(OnnxNetwork(twice).points(CROPS)[1], OnnxNetwork(tiny).points(CROPS)[1], atol=1e-6)
    assert OnnxNetwork(twice).card.calibration == other
    assert len(onnx.load(twice).graph.node) == len(onnx.load(once).graph.node)


def test_a_calibration_can_be_taken_out(tiny):
    once, plain = tiny.with_name("once.onnx"), tiny.with_name("plain.onnx")
    write_calibrated(tiny, once, MEASURED, CROPS)
    write_uncalibrated(once, plain)
    assert OnnxNetwork(plain).card.calibration is None
    np.testing.assert_array_equal(OnnxNetwork(plain).points(CROPS)[1], OnnxNetwork(tiny).points(CROPS)[1])
    write_uncalibrated(tiny, plain)
    assert OnnxNetwork(plain).card == OnnxNetwork(tiny).card


def test_a_point_that_is_not_found_is_right_with_probability_0(tiny):
    """0 / 0 is NaN: of a black crop with brightness counted in units of 0, nothing is known."""
    proto = onnx.load(tiny)
    for node in proto.graph.node:
        node.output[:] = ["whole_pixels" if name == "xy" else name for name in node.output]
    largest = onnx.helper.make_node("Unsqueeze", ["score", "last"], ["brightest"])
    shares = onnx.helper.make_node("Div", ["brightest", "brightest"], ["one_or_unknown"])
    proto.graph.node.extend([largest, shares, onnx.helper.make_node("Mul", ["whole_pixels", "one_or_unknown"], ["xy"])])
    onnx.save(proto, tiny)
    crops = np.concatenate([CROPS[:1], np.zeros_like(CROPS[:1])])
    out = tiny.with_name("out.onnx")
    write_calibrated(tiny, out, MEASURED, crops)
    xy, score = OnnxNetwork(out).points(crops)
    assert np.isnan(xy[1]).all()
    assert score[1].tolist() == [0, 0, 0]
    assert (score[0] > 0).all()


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(WeightsError, match=r"text\.onnx"):
        write_uncalibrated(tmp_path / "text.onnx", tmp_path / "out.onnx")
    assert not (tmp_path / "out.onnx").exists()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """360 photos of three dots; the labels of every fourth are beyond 0.2 of the box, 30 of its 64 pixels off."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    rng = np.random.default_rng(0)
    xy = rng.integers((22, 12), (82, 72), (360, 3, 2)).astype(np.float64)
    colour_data(tmp_path / "data", xy)
    xy[::4, :, 1] += 30
    write_table(tmp_path / "data", xy)
    write_tiny_model(tmp_path / "tiny.onnx")
    return tmp_path


def test_the_command_measures_and_writes(folder, capsys):
    """All dots are as bright as can be, score 1, and three in four are right: the calibrated score is 0.75."""
    answer = run(capsys, "calibrate", "tiny.onnx", "data/labels.csv", "--out", "new/calibrated.onnx")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("calibrated on 1080 points of 360 people of labels\n")
    assert answer.out.endswith("calibrated -> new/calibrated.onnx\n")
    top_down = load("new/calibrated.onnx")
    bright = np.zeros((64, 64, 3), np.uint8)
    bright[26:35, 26:35] = 255  # as bright as the dots after its crop is scaled
    poses = top_down(bright)
    np.testing.assert_allclose(poses.score, 0.75, atol=0.03)
    assert (poses.radius(0.5) < 1).all()
    assert poses.radius(0.9) == pytest.approx(30 * 64 / 64, abs=3)


def test_the_command_refuses_too_little_and_too_much(folder, capsys):
    lines = Path("data/labels.csv").read_text().splitlines()
    Path("data/few.csv").write_text("\n".join(lines[:11]))
    few = run(capsys, "calibrate", "tiny.onnx", "data/few.csv", "--out", "c.onnx")
    assert few.code == 2
    assert "few: 30 labelled points of 10 people are answered, 15 in the smaller half" in few.err
    Path("m.safetensors").write_text("")
    other = run(capsys, "calibrate", "m.safetensors", "data/few.csv", "--out", "c.onnx")
    assert other.code == 2
    assert "calibrate takes an exported .onnx file, got m.safetensors" in other.err
    assert not Path("c.onnx").exists()


@pytest.mark.slow
@pytest.mark.skipif(not LSP.exists(), reason=f"no photos at {LSP}; set VITRUVIAN_SHARED")
def test_body_is_calibrated_on_real_photos(tmp_path, capsys):
    """300 photos: half of them foretell the scores and radii of the other half to some points in 100."""
    (tmp_path / "lsp").mkdir()
    (tmp_path / "lsp/images").symlink_to(LSP / "images")
    lines = (LSP / "joints.csv").read_text().splitlines(keepends=True)
    (tmp_path / "lsp/joints.csv").write_text("".join(lines[:301]))
    out = tmp_path / "body.onnx"
    assert run(capsys, "calibrate", "body", tmp_path / "lsp", "--form", "lsp", "--one-based", "--out", out).code == 0
    calibration = OnnxNetwork(out).card.calibration
    seen = calibration.held_out
    assert seen.error < 0.06 < seen.error_before
    assert seen.coverage == pytest.approx(calibration.probabilities, abs=0.05)
