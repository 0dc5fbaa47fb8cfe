"""`load` and `predict`: what they take, what they give, what they refuse."""

import hashlib
import importlib
import os
from dataclasses import replace

import numpy as np
import pytest

import vitruvian
from tests.fake_network import colour_card, painted
from tests.tiny_model import save, write_tiny_model
from vitruvian.errors import ImageError, RecipeError, ShapeError, UnknownNameError, WeightsError
from vitruvian.media import EXAMPLE_PHOTO, write_image
from vitruvian.runtime import BUNDLED, METADATA_KEY, Bundled, OnnxNetwork, OpenVinoNetwork
from vitruvian.structures import Poses

UNSCALED = np.array([[20, 10, 84, 74]])


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "tiny.onnx"
    write_tiny_model(path)
    return path


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    write_image(path, painted((100, 90), (40, 30), (50, 60), (70, 20)))
    return path


@pytest.fixture
def in_table(model, monkeypatch):
    """The model under the name "tiny14"."""
    monkeypatch.setitem(BUNDLED, "tiny14", Bundled(str(model), "lsp14", hashlib.sha256(model.read_bytes()).hexdigest()))


def test_a_path_a_string_and_an_array_give_the_same_poses(model, photo):
    image = painted((100, 90), (40, 30), (50, 60), (70, 20))
    for source in (photo, str(photo), image):
        poses = vitruvian.predict(source, model, UNSCALED)
        assert isinstance(poses, Poses)
        assert poses.xy.tolist() == [[[40, 30], [50, 60], [70, 20]]]


def test_boxes_may_be_plain_lists(model, photo):
    assert len(vitruvian.predict(photo, model, [[20, 10, 84, 74], [0, 0, 64, 64]])) == 2


def test_without_boxes_the_whole_photo_is_one_person(model, photo):
    assert vitruvian.predict(photo, model).boxes.tolist() == [[-0.5, -0.5, 99.5, 89.5]]


def test_a_list_gives_a_list(model, photo):
    several = vitruvian.predict([photo, painted((100, 90), (41, 31))], model, [UNSCALED, UNSCALED])
    assert [poses.xy[0, 0].tolist() for poses in several] == [[40, 30], [41, 31]]
    boxes = [np.zeros((0, 4)), None]
    assert [len(poses) for poses in vitruvian.predict([photo, photo], model, boxes)] == [0, 1]
    assert [len(poses) for poses in vitruvian.predict([photo, photo], model)] == [1, 1]
    assert vitruvian.predict([], model) == []


def test_a_list_needs_as_many_arrays_of_boxes(model, photo):
    with pytest.raises(ShapeError, match=r"2 images need as many arrays of boxes .*, got 1"):
        vitruvian.predict([photo, photo], model, [UNSCALED])


@pytest.mark.parametrize(
    "source", [None, 5, [None], (image for image in ())], ids=["none", "five", "list", "generator"]
)
def test_what_is_no_photo_is_refused_in_a_sentence(model, source):
    with pytest.raises(ShapeError, match=r"^(expected an image or a list of images|an image must be an array)"):
        vitruvian.predict(source, model)


def test_boxes_of_unequal_length_are_refused_in_a_sentence(model, photo):
    with pytest.raises(ShapeError, match="boxes must be"):
        vitruvian.predict(photo, model, [[20, 10, 84, 74], [0, 0, 64]])


def test_a_file_that_cannot_be_read_is_named(model, tmp_path):
    with pytest.raises(ImageError, match=r"nobody\.jpg: no such file"):
        vitruvian.predict(tmp_path / "nobody.jpg", model)


def test_a_bundled_name_is_loaded_and_checked(in_table, model, photo):
    assert vitruvian.predict(photo, "tiny14", UNSCALED).xy[0, 0].tolist() == [40, 30]
    model.write_bytes(model.read_bytes() + b"\0")
    with pytest.raises(WeightsError, match="was changed; install vitruvian again"):
        vitruvian.load("tiny14")


def test_an_unknown_name_offers_the_nearest(in_table, photo):
    for call in (vitruvian.load, lambda name: vitruvian.predict(photo, name)):
        with pytest.raises(UnknownNameError, match=r'unknown model "tiny41"; known: .*tiny14.* Did you mean tiny14'):
            call("tiny41")


def test_the_model_stays_loaded_until_its_file_changes(model, photo, monkeypatch):
    """A new export under the same name, in which white has score 1/2, answers the next call."""
    module = importlib.import_module("vitruvian.inference.predict")
    loaded = []
    original = module.load
    monkeypatch.setattr(module, "load", lambda name: loaded.append(name) or original(name))
    assert [vitruvian.predict(photo, model, UNSCALED).score.tolist() for _ in range(2)] == [[[1, 1, 1]]] * 2
    assert loaded == [str(model)]
    save(model, {METADATA_KEY: colour_card().to_json()}, (64, 64), white=510)
    os.utime(model, ns=(1, 1))
    assert vitruvian.predict(photo, str(model), UNSCALED).score.tolist() == [[0.5, 0.5, 0.5]]
    assert loaded == [str(model)] * 2


def test_each_backend_runs_its_own_kind_of_file(model):
    assert isinstance(vitruvian.load(model).network, OnnxNetwork)
    assert isinstance(vitruvian.load(model, "onnxruntime", threads=1).network, OnnxNetwork)
    with pytest.raises(RecipeError, match=r"backend torch runs a \.safetensors checkpoint, got .*tiny\.onnx; .*auto"):
        vitruvian.load(model, "torch")
    with pytest.raises(RecipeError, match=r"backend openvino runs an exported \.onnx file, got x\.safetensors"):
        vitruvian.load("x.safetensors", "openvino")
    with pytest.raises(UnknownNameError, match=r'unknown backend "onnx"; known: .* Did you mean onnxruntime'):
        vitruvian.load(model, "onnx")


def test_openvino_gives_the_same_points(model, photo):
    pytest.importorskip("openvino")
    estimator = vitruvian.load(model, "openvino")
    assert isinstance(estimator.network, OpenVinoNetwork)
    assert estimator(painted((100, 90), (40, 30), (50, 60)), UNSCALED).xy[0, :2].tolist() == [[40, 30], [50, 60]]


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x09"])
def test_a_file_that_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / "wrong.onnx"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"wrong\.onnx"):
        vitruvian.load(path)


def test_an_onnx_file_of_somebody_else_is_refused(tmp_path):
    path = tmp_path / "theirs.onnx"
    save(path, {"author": "somebody"}, (64, 64))
    with pytest.raises(WeightsError, match=r"theirs\.onnx was not exported by Vitruvian: .* `vitruvian export`"):
        vitruvian.load(path)


def test_a_missing_model_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"there is no model file .*gone\.onnx; `vitruvian models`"):
        vitruvian.load(tmp_path / "gone.onnx")


def test_the_card_decides_the_crop(tmp_path, photo):
    """With padding 2, the crop of a 32 x 32 box is the 64 x 64 pixels around it."""
    path = tmp_path / "padded.onnx"
    save(path, {METADATA_KEY: replace(colour_card(), padding=2.0).to_json()}, (64, 64))
    assert vitruvian.predict(photo, path, np.array([[36, 26, 68, 58]])).xy.tolist() == [[[40, 30], [50, 60], [70, 20]]]


def test_the_default_model_finds_shoulders_above_hips():
    poses = vitruvian.predict(EXAMPLE_PHOTO, boxes=np.array([[0, 60, 330, 700]]))
    names = vitruvian.load().skeleton.names
    height = {name: float(poses.xy[0, names.index(name), 1]) for name in names}
    assert len(poses) == 1
    assert max(height["left_shoulder"], height["right_shoulder"]) < min(height["left_hip"], height["right_hip"])
    assert ((poses.score >= 0) & (poses.score <= 1)).all()
