"""`vitruvian models`: the facts of every bundled model, readable in a narrow terminal."""

import hashlib
from dataclasses import replace

import pytest

from tests.command import run
from tests.fake_network import colour_card
from tests.tiny_model import save
from vitruvian.runtime import BUNDLED, DEFAULT, METADATA_KEY, Bundled


@pytest.fixture
def bundled(tmp_path, monkeypatch):
    """Two models: one under the default name, with long facts, and one with none."""
    long = "a sentence about the data that is much longer than any terminal is wide, " * 2
    full = replace(
        colour_card(), parameters=3_251_000, trained_on=long, accuracy={"PCK [torso]": 0.66123, "PCK [box]": 0.8}
    )
    bare = replace(colour_card(), trained_on="", accuracy={}, licence="", data_licence="", score="")
    for name, card in ((DEFAULT, full), ("bare", bare)):
        path = tmp_path / f"{name}.onnx"
        save(path, {METADATA_KEY: card.to_json()}, card.input_size)
        monkeypatch.setitem(BUNDLED, name, Bundled(str(path), "lsp14", hashlib.sha256(path.read_bytes()).hexdigest()))
    return tmp_path


def test_every_model_is_listed_with_its_facts(bundled, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    answer = run(capsys, "models")
    assert (answer.code, answer.err) == (0, "")
    lines = [line.rstrip() for line in answer.out.splitlines()]
    first = lines[lines.index(f"{DEFAULT} (default)") :]
    assert first[1:6] == [
        "  skeleton      colours, 3 points",
        "  input         64 x 64 pixels",
        "  size          3.3 M parameters, 0.0 MB",
        "  accuracy      PCK [torso]: 0.661",
        "                PCK [box]: 0.800",
    ]
    assert "  licence       Apache-2.0" in first
    assert all(len(line) <= 80 for line in lines)


def test_facts_that_are_not_known_take_no_line(bundled, capsys):
    lines = run(capsys, "models").out.splitlines()
    after = lines[lines.index("bare") + 1 :]
    assert [line.split()[0] for line in after[:3]] == ["skeleton", "input", "size"]
    assert not any(line.startswith("  accuracy") for line in after[:4])


def test_a_file_that_was_changed_is_a_sentence(bundled, capsys):
    (bundled / "bare.onnx").write_bytes(b"")
    answer = run(capsys, "models")
    assert answer.code == 2
    assert answer.err == f"vitruvian: {bundled / 'bare.onnx'} is missing or was changed; install vitruvian again\n"


def test_the_default_model_says_what_it_is(capsys):
    said = run(capsys, "models").out
    for label in ("skeleton", "input", "size", "accuracy", "trained on", "licence"):
        assert f"  {label} " in said
