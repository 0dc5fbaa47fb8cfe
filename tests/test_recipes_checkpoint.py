"""Checkpoints: weights and recipe come back as they were, and nothing else is taken for one."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from tests.dots import dot_finder
from tests.test_recipes_plain import PLAIN, saved
from vitruvian.errors import DataError, UnknownNameError, WeightsError
from vitruvian.recipes import Stage, build, load_checkpoint, load_weights, save_checkpoint
from vitruvian.recipes.checkpoint import RECIPE_KEY


@pytest.mark.parametrize(
    ("part", "near"), [("skeleton", "lsp14"), ("model", "residual_unet_small"), ("loss", "heatmap")]
)
def test_build_refuses_a_name_in_no_table(part, near):
    wrong = getattr(PLAIN, part)[:-1] + "?"
    with pytest.raises(
        UnknownNameError, match=f'^unknown {part} "{re.escape(wrong)}"; known: .* Did you mean .*{near}'
    ):
        build(replace(PLAIN, **{part: wrong}))


@pytest.mark.parametrize("part", [{"losses": (("xy", "smooth"),)}, {"stages": (Stage("smooth"),)}])
def test_build_refuses_any_loss_in_no_table(part):
    with pytest.raises(UnknownNameError, match=r'^unknown loss "smooth"; known: .*residual_log_likelihood'):
        build(replace(PLAIN, **part))


def test_build_gives_a_map_for_each_keypoint(dots):
    """32 x 32 pixels in cells of 4."""
    assert build(dots)(torch.zeros(2, 3, 32, 32))["heatmap"].shape == (2, 2, 8, 8)


def test_a_checkpoint_comes_back_whole_and_in_eval_mode(dots, tmp_path):
    """In a folder that is made for it, norm statistics and counters included, from weights laid out channels last."""
    model = build(dots).to(memory_format=torch.channels_last)
    model(torch.rand(4, 3, 32, 32))  # moves the norm statistics
    path = tmp_path / "new" / "folder" / "a.safetensors"
    save_checkpoint(path, model, dots)
    loaded, recipe = load_checkpoint(path)
    assert recipe == dots
    assert not loaded.training
    assert list(loaded.state_dict()) == list(model.state_dict())
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value), name
    assert loaded.state_dict()["backbone.1.num_batches_tracked"] == 1


def test_saving_replaces_the_former_file_and_leaves_nothing_beside_it(dots, tmp_path):
    path = tmp_path / "a.safetensors"
    for seed in (1, 2):
        save_checkpoint(path, build(dots), replace(dots, seed=seed))
    assert load_checkpoint(path)[1].seed == 2
    assert [file.name for file in tmp_path.iterdir()] == ["a.safetensors"]


def test_a_crash_while_writing_leaves_the_former_file(dots, tmp_path, monkeypatch):
    path = tmp_path / "a.safetensors"
    save_checkpoint(path, build(dots), dots)
    before = path.read_bytes()

    def _full(_: object, beside: Path, **__: object) -> None:
        beside.write_bytes(before[:100])
        raise OSError("no space left on device")

    monkeypatch.setattr("safetensors.torch.save_file", _full)
    sentence = f"{path}: cannot be written (no space left on device); choose another place"
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        save_checkpoint(path, build(dots), dots)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.safetensors"]


def test_a_place_that_is_no_folder_is_refused(dots, tmp_path):
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "a.safetensors"
    with pytest.raises(DataError, match=rf"^{path}: cannot be written \(.*\); choose another place$"):
        save_checkpoint(path, build(dots), dots)


def test_a_folder_in_place_of_the_checkpoint_is_refused(dots, tmp_path):
    with pytest.raises(DataError, match=r": cannot be written \(.*\); choose another place$"):
        save_checkpoint(tmp_path, build(dots), dots)


def test_the_recipe_can_be_read_without_the_weights(dots, tmp_path):
    save_checkpoint(tmp_path / "a.safetensors", build(dots), dots)
    with safe_open(tmp_path / "a.safetensors", framework="pt") as file:
        assert json.loads(file.metadata()[RECIPE_KEY])["model"] == "dot_finder"


@pytest.mark.parametrize("content", [None, b"", b"PK\3\4 a zip, as torch.save makes it", b"\xff" * 100])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    """None: there is no file."""
    path = tmp_path / "a.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=f"^{path} is not a readable safetensors file: "):
        load_checkpoint(path)


def test_a_truncated_checkpoint_is_refused(dots, tmp_path):
    path = tmp_path / "a.safetensors"
    save_checkpoint(path, build(dots), dots)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(WeightsError, match=f"^{path} is not a readable safetensors file: "):
        load_checkpoint(path)


def test_weights_without_a_recipe_are_refused(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"a": torch.zeros(1)}, path)
    sentence = f"{path} carries no recipe; expected a checkpoint written by vitruvian train"
    with pytest.raises(WeightsError, match=f"^{re.escape(sentence)}$"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting property name"),
        ("[]", r"recipe must be a table of names and values, got \[\]"),
        (json.dumps(saved(model="of_tomorrow")), 'unknown model "of_tomorrow"; known: '),
        (json.dumps(saved(of_tomorrow=1)), 'unknown recipe key "of_tomorrow"; known: '),
    ],
)
def test_a_recipe_that_cannot_be_used_is_refused_with_the_file(tmp_path, text, reason):
    path = tmp_path / "a.safetensors"
    save_file({"a": torch.zeros(1)}, path, metadata={RECIPE_KEY: text})
    with pytest.raises(WeightsError, match=f"^{path} carries a recipe that this version cannot use: {reason}"):
        load_checkpoint(path)


def test_weights_of_another_model_are_refused_with_the_first_differences(dots, tmp_path):
    """Three keypoints in the weights, two in the recipe."""
    path = tmp_path / "a.safetensors"
    save_checkpoint(path, dot_finder({"heatmap": (3, 8, 8)}, (32, 32)), dots)
    sentence = (
        f"{path} does not fit the model: head.final_layer.weight is (3, 8, 1, 1), the model has (2, 8, 1, 1); "
        "head.final_layer.bias is (3,), the model has (2,). Is it of another model?"
    )
    with pytest.raises(WeightsError, match=f"^{re.escape(sentence)}$"):
        load_checkpoint(path)


def test_missing_and_unknown_weights_are_named_three_of_each():
    model = nn.ModuleDict({name: nn.Linear(1, 1, bias=False) for name in "abcd"})
    sentence = (
        "x.pt does not fit the model: without a.weight; without b.weight; without c.weight; "
        "with unknown p; with unknown q; with unknown r. Is it of another model?"
    )
    with pytest.raises(WeightsError, match=f"^{re.escape(sentence)}$"):
        load_weights(model, {name: torch.zeros(1) for name in "srqp"}, "x.pt")


def test_weights_that_do_not_fit_change_nothing():
    model = nn.Linear(2, 1)
    before = model.weight.detach().clone()
    with pytest.raises(WeightsError, match=r"bias is \(3,\), the model has \(1,\)"):
        load_weights(model, {"weight": torch.zeros(1, 2), "bias": torch.zeros(3)}, "x.pt")
    assert torch.equal(model.weight, before)
