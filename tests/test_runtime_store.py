"""The models that come with the package."""

import hashlib
from pathlib import Path

import pytest

from vitruvian.errors import UnknownNameError, WeightsError
from vitruvian.runtime import BUNDLED, DEFAULT, Bundled, OnnxNetwork, find_model, pulled, store


@pytest.fixture
def two_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of two small files instead of the package's own."""
    content = {"body14": b"a body", "hand21": b"a hand"}
    for name, data in content.items():
        (tmp_path / f"{name}.onnx").write_bytes(data)
    table = {
        name: Bundled(f"{name}.onnx", "hand21", hashlib.sha256(data).hexdigest()) for name, data in content.items()
    }
    monkeypatch.setattr(store, "FOLDER", tmp_path)
    monkeypatch.setattr(store, "BUNDLED", table)
    return tmp_path


def test_every_bundled_model_is_there_unchanged_and_runs():
    for name in BUNDLED:
        card = OnnxNetwork(find_model(name)).card
        assert (card.name, card.skeleton.name) == (name, BUNDLED[name].skeleton)


def test_the_default_is_bundled_as_soon_as_anything_is():
    assert not BUNDLED or DEFAULT in BUNDLED


def test_no_file_of_the_store_is_without_a_line_in_its_table():
    assert {path.name for path in store.FOLDER.glob("*.onnx")} == {model.file for model in BUNDLED.values()}


def test_a_name_is_found(two_models: Path):
    assert find_model("body14") == two_models / "body14.onnx"


def test_an_unknown_name_offers_the_nearest(two_models: Path):
    with pytest.raises(
        UnknownNameError, match=r'unknown model "body41"; known: body14, hand21\. Did you mean .*body14'
    ):
        find_model("body41")


@pytest.mark.parametrize("path", ["model.onnx", "models/mine", "a/b.onnx"])
def test_a_path_is_left_as_it_is_whether_or_not_it_exists(two_models: Path, path: str):
    assert find_model(path) == Path(path)
    assert find_model(Path(path)) == Path(path)


def test_a_file_without_a_suffix_is_found_in_the_working_folder(two_models: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(two_models)
    Path("mine").write_bytes(b"mine")
    assert find_model("mine") == Path("mine")


def test_a_folder_or_file_does_not_hide_a_model_of_its_name(two_models: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(two_models)
    monkeypatch.setenv("VITRUVIAN_HOME", str(two_models / "home"))
    Path("hand21").write_bytes(b"mine")
    Path("vitpose-s").write_bytes(b"mine")
    Path("mine").mkdir()
    assert find_model("hand21") == two_models / "hand21.onnx"
    with pytest.raises(WeightsError, match="vitpose-s is not here yet; fetch it with: vitruvian pull vitpose-s"):
        find_model("vitpose-s")
    with pytest.raises(UnknownNameError, match='unknown model "mine"'):
        find_model("mine")


def test_an_unknown_name_offers_published_ones_too(two_models: Path):
    with pytest.raises(UnknownNameError, match=r"known: body14, hand21\. Did you mean .*vitpose-s"):
        find_model("vitpose-z")


def test_only_what_can_be_a_name_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("VITRUVIAN_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    for name in ("a.json", "b.c.json", ".json", "-d.json", "e f.json"):
        (tmp_path / "models" / name).write_text("{}")
    assert pulled() == ["a"]


def test_a_changed_file_is_refused(two_models: Path):
    (two_models / "hand21.onnx").write_bytes(b"a hanD")
    with pytest.raises(WeightsError, match=r"hand21\.onnx is missing or was changed; install vitruvian again"):
        find_model("hand21")


def test_a_missing_file_is_refused(two_models: Path):
    (two_models / "hand21.onnx").unlink()
    with pytest.raises(WeightsError, match=r"hand21\.onnx is missing or was changed"):
        find_model("hand21")
