"""Checkpoints: weights and recipe come back as they were, and nothing else is taken for one."""

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from tests.dots import dot_finder
from vitruvian.codecs import (
    CODECS,
    GaussianHeatmap,
    IntegralRegression,
    MegviiHeatmap,
    ProbabilityHeatmap,
    Regression,
    SimCC,
    UDPHeatmap,
)
from vitruvian.datasets import Augmentation
from vitruvian.errors import DataError, RecipeError, UnknownNameError, WeightsError
from vitruvian.recipes import (
    RECIPES,
    Recipe,
    Stage,
    build,
    load_checkpoint,
    load_weights,
    recipe_from_dict,
    recipe_to_dict,
    save_checkpoint,
)
from vitruvian.recipes.checkpoint import RECIPE_KEY

CODEC_VALUES = (
    GaussianHeatmap((192, 256), unbiased=True, refine="dark", blur_kernel=17, sigma=3.0),
    UDPHeatmap((192, 256), combined=True),
    ProbabilityHeatmap((128, 64), reach=2),
    MegviiHeatmap((192, 256), blur_kernel=5),
    SimCC((192, 256), sigma=(4.9, 5.66), normalise=False, sharpness=150.0),
    Regression((192, 256), spread=True),
    IntegralRegression((256, 256), reach=None),
)
COSINE = ("flat", "floor")  # do not go with milestones
PLAIN = Recipe("lsp14", "residual_unet_small", ProbabilityHeatmap((64, 64)), "heatmap_cross_entropy")


def _values(**changed: object) -> dict[str, object]:
    """A saved recipe with some keys replaced."""
    return {**json.loads(json.dumps(recipe_to_dict(PLAIN))), **changed}


@pytest.mark.parametrize("codec", CODEC_VALUES, ids=lambda codec: type(codec).__name__)
def test_a_recipe_survives_json(codec):
    """With every codec, and a value for every setting that is not the default."""
    recipe = Recipe(
        "coco17", "simple_baseline_resnet18", codec, "heatmap_mse", (("xy", "smooth_l1"),),
        (Stage("heatmap_mse", 0.25, codec), Stage("heatmap_ohkm_mse")),
        Augmentation(0.5, 30, 0.6, 1.4, 0.1, 0.2, 0.3, 0.4, 0.5, "normal", 0.3, 0.2),
        1.5, 8, 100, None, "adam", 1e-4, 10, (50, 75.5), 0.5, 0.0, 0.0, 0.01, 0.75, None, 0.99, "bfloat16", 7,
    )  # fmt: skip
    assert all(getattr(recipe, part.name) != part.default for part in fields(Recipe) if part.name not in COSINE)
    back = recipe_from_dict(json.loads(json.dumps(recipe_to_dict(recipe))))
    assert back == recipe
    assert hash(back) == hash(recipe)  # lists have become tuples again


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_named_recipe_survives_json(name):
    recipe = RECIPES[name]()
    assert recipe_from_dict(json.loads(json.dumps(recipe_to_dict(recipe)))) == recipe


def test_there_is_a_case_for_every_codec():
    assert {type(codec) for codec in CODEC_VALUES} == set(CODECS.values())


def test_a_saved_recipe_names_its_codec_and_not_what_follows_from_it():
    """The convention belongs to the class."""
    codec = recipe_to_dict(replace(PLAIN, codec=UDPHeatmap((64, 64))))["codec"]
    assert codec["kind"] == "udp_heatmap"
    assert "convention" not in codec


def test_what_a_saved_recipe_leaves_out_has_its_default():
    values = _values()
    for key in ("augmentation", "steps", "seed"):
        del values[key]
    assert recipe_from_dict(values) == PLAIN


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (_values(step=5), 'unknown recipe key "step"; known: .* Did you mean steps'),
        (_values(codec={"kind": "probability_heatmap", "input": 1}), 'unknown codec probability_heatmap key "input"; '),
        (
            _values(codec={"kind": "udp", "input_size": [64, 64]}),
            'unknown codec "udp"; known: .* Did you mean udp_heat',
        ),
        (_values(codec={"kind": "udp_heatmap", "input_size": [64, 64], "convention": "msra"}), "unknown .*convention"),
        (_values(codec={}), 'unknown codec "None"; known: gaussian_heatmap, integral_regression, megvii'),
        (
            _values(stages=[{"loss": "heatmap_mse", "wait": 1}]),
            'unknown stage key "wait"; known: .* mean weight',
        ),
        (
            _values(stages=[{"loss": "l1", "codec": {"kind": "udp"}}]),
            'unknown codec "udp"; known: .* mean udp_h',
        ),
        (_values(augmentation={"flop": 0.5}), 'unknown augmentation key "flop"; known: .* Did you mean flip'),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(values, sentence):
    with pytest.raises(UnknownNameError, match=f"^{sentence}"):
        recipe_from_dict(values)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([1], r"recipe must be a table of names and values, got \[1\]"),
        (_values(codec="udp_heatmap"), "codec must be a table of names and values, got 'udp_heatmap'"),
        (_values(codec=None), "codec must be a table of names and values, got None"),
        (_values(stages={"loss": "l1"}), r"stages must be a list, got {'loss': 'l1'}"),
        (_values(stages=["l1"]), "stage must be a table of names and values, got 'l1'"),
        (_values(losses=["xy"]), "losses must be a list, got 'xy'"),
        (_values(stages=[{"loss": "l1", "weight": -1}]), "stage weight must be finite and not negative, got -1"),
        (_values(augmentation=[0.5]), r"augmentation must be a table of names and values, got \[0.5\]"),
        ({"codec": _values()["codec"]}, "recipe: .*missing 3 required positional arguments: 'skeleton', 'model', and"),
        (_values(codec={"kind": "udp_heatmap"}), "codec udp_heatmap: .*missing 1 required positional argument"),
        (_values(codec={"kind": "udp_heatmap", "input_size": [64]}), "codec udp_heatmap: not enough values to unpack"),
        (_values(codec={"kind": "udp_heatmap", "input_size": [65, 64]}), "input_size 65 x 64 must be a positive multi"),
        (_values(steps="many"), "recipe steps must be a whole number, got 'many'"),
        (_values(losses=[["heatmap"]]), "recipe skeleton, model and loss must be names, and losses pairs of names"),
        (_values(model=5), "recipe skeleton, model and loss must be names"),
        (_values(steps=0), "recipe steps must be at least 1, got 0"),
        (_values(augmentation={"flip": 2}), "augmentation flip is a probability between 0 and 1, got 2"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(values, sentence):
    with pytest.raises(RecipeError, match=f"^{sentence}"):
        recipe_from_dict(values)


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

    def _full(*_: object, **__: object) -> None:
        Path(f"{path}.partial").write_bytes(before[:100])
        raise OSError("no space left on device")

    monkeypatch.setattr("safetensors.torch.save_file", _full)
    sentence = f"cannot write the checkpoint {path} (no space left on device); choose another place"
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        save_checkpoint(path, build(dots), dots)
    assert path.read_bytes() == before


def test_a_place_that_is_no_folder_is_refused(dots, tmp_path):
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "a.safetensors"
    with pytest.raises(DataError, match=rf"^cannot write the checkpoint {path} \(.*\); choose another place$"):
        save_checkpoint(path, build(dots), dots)


def test_a_folder_in_place_of_the_checkpoint_is_refused(dots, tmp_path):
    with pytest.raises(DataError, match=r"^cannot write the checkpoint .*; choose another place$"):
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
        (json.dumps(_values(model="of_tomorrow")), 'unknown model "of_tomorrow"; known: '),
        (json.dumps(_values(of_tomorrow=1)), 'unknown recipe key "of_tomorrow"; known: '),
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
