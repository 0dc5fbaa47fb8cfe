"""`vitruvian train` on people who are rendered meanwhile."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.command import run
from tests.dots import dot_data, dot_finder, dots_recipe
from tests.endless import dots_endless
from vitruvian.cli.train_settings import Source, TrainSettings, load_settings, save_settings, sources
from vitruvian.cli.train_synth import Synthetic
from vitruvian.datasets import FORMATS
from vitruvian.errors import DataError, RecipeError, UnknownNameError
from vitruvian.models import MODELS
from vitruvian.recipes import RECIPES
from vitruvian.training import read_log

LIST = '[[data]]\npath = "dots.json"\n\n[[data]]\nsynth = "body"\nshare = 0.5\n'


@pytest.fixture
def call(dots, tmp_path, monkeypatch, capsys):
    """Run a command in a folder with dots.json and mix.toml; half of its batches are drawn instead of rendered."""
    monkeypatch.setitem(RECIPES, "dots", lambda: replace(dots, steps=4, warm_up=1))
    monkeypatch.setattr(Synthetic, "open", lambda self, side: dots_endless(self.share, f"{self.seed} {side}"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    FORMATS["coco_json"].write(dot_data(tmp_path), tmp_path / "dots.json")
    Path("mix.toml").write_text(LIST)
    Path("alone.toml").write_text('[[data]]\nsynth = "body"\nshare = 1\n')
    return lambda *arguments: run(capsys, *arguments)


def losses(folder: str) -> list[float]:
    return [record["loss"] for record in read_log(Path(folder)) if "loss" in record]


def test_the_plan_names_what_is_rendered(call):
    answer = call("train", "dots", "mix.toml", "--out", "mine")
    assert answer.code == 0
    plan = answer.out.splitlines()
    assert plan[0] == "data      12 people in 12 images, 12 crops a turn, and drawn dots, 50 % of every batch"
    assert "steps     4 of 4 crops, which is 0.7 turns" in plan
    resumed = call("train", "--resume", "mine", "--workers", "1")
    assert resumed.code == 0


def test_rendered_people_alone_can_be_trained_on_and_compared_on_photos(call):
    answer = call("train", "dots", "alone.toml", "--val", "dots.json", "--own-skeleton", "--out", "mine")
    assert answer.code == 0
    plan = answer.out.splitlines()
    assert plan[0] == "data      drawn dots, 100 % of every batch"
    assert "steps     4 of 4 crops" in plan
    before = losses("mine")
    Path("mine/state.safetensors").unlink()
    assert call("train", "--resume", "mine").code == 0
    assert losses("mine") == before


def test_another_seed_is_other_training_data(call):
    assert call("train", "dots", "mix.toml", "--out", "mine").code == 0
    text = Path("mine/job.json").read_text()
    Path("mine/job.json").write_text(text.replace('"seed": 1', '"seed": 2'))
    answer = call("train", "--resume", "mine")
    assert answer.code == 2
    assert "saved with different training data" in answer.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dots.json", "--val", "mix.toml"], "rendered data is endless, and cannot be held out; render a folder of it"),
        (["alone.toml", "--val-share", "0.5"], "--val-share holds out labelled images, and there are only rendered"),
        (["mix.toml", "mix.toml"], "shares of 1 of a batch of 4 leave no crop for the other data; give less"),
        (["mix.toml", "--set", "batch_size=1"], "a share of 0.5 of a batch of 1 is less than a crop; give more"),
        (["alone.toml", "--set", "epochs=2"], "2 epochs of pictures that never end; set steps instead"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_mixed_is_a_sentence(call, arguments, said):
    answer = call("train", "dots", *arguments)
    assert answer.err.startswith(f"vitruvian: {said}")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert not Path("runs").exists()


def test_a_list_tells_labelled_from_rendered_data(tmp_path):
    (tmp_path / "mix.toml").write_text(LIST + 'seed = 7\nsize = 96\njoints = { top = "head" }\n')
    found = sources((tmp_path / "mix.toml",), Source(""))
    assert found == (Source(str(tmp_path / "dots.json")), Synthetic("body", 0.5, 7, 96, {"top": "head"}))
    settings = TrainSettings(found[:1], synth=found[1:])
    save_settings(tmp_path, settings)
    assert load_settings(tmp_path) == settings


@pytest.mark.parametrize(
    ("entry", "error", "said"),
    [
        ('synth = "body"', DataError, "not described rightly: .* required field `share`"),
        ('synth = "body"\nshare = 1.5', DataError, "share of rendered data must be over 0 and at most 1, got 1.5"),
        ('synth = "body"\nshare = 0.0', DataError, "must be over 0 and at most 1, got 0"),
        ('synth = "body"\nshare = 0.5\nweight = 2', UnknownNameError, 'key in .* "weight"; known: joints, seed, share'),
        ('synth = 3\nshare = 0.5', DataError, "not described rightly: Expected `str`, got `int`"),
    ],
)  # fmt: skip
def test_rendered_data_that_is_described_wrongly_is_refused(tmp_path, entry, error, said):
    (tmp_path / "mix.toml").write_text(f"[[data]]\n{entry}\n")
    with pytest.raises(error, match=said):
        sources((tmp_path / "mix.toml",), Source(""))


def test_an_unknown_kind_and_a_size_that_cannot_be_are_refused():
    pytest.importorskip("numba")
    with pytest.raises(UnknownNameError, match=r'unknown kind of pictures "bodies"; .* Did you mean body'):
        Synthetic("bodies", 0.5).open(64)
    with pytest.raises(RecipeError, match="32 to 2048 pixels, got 8 x 8"):
        Synthetic("body", 0.5, size=8).open(64)


def test_real_people_are_rendered_by_the_processes_that_load(tmp_path, monkeypatch, capsys):
    """Two batches of four bodies; the same crops whether one process or two make them."""
    pytest.importorskip("anny")
    pytest.importorskip("numba")
    (tmp_path / "mix.toml").write_text('[[data]]\nsynth = "body"\nshare = 1\nsize = 64\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(RECIPES, "small", lambda: replace(dots_recipe(), skeleton="halpe26", batch_size=4, steps=2))
    monkeypatch.setitem(MODELS, "dot_finder", dot_finder)
    for workers in ("0", "2"):
        answer = run(capsys, "train", "small", "mix.toml", "--workers", workers, "--out", workers)
        assert answer.code == 0
        assert "rendered bodies, 100 % of every batch" in answer.out
    assert losses("0") == losses("2")
