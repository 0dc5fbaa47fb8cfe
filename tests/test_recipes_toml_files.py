"""Recipes as TOML files: the same recipe comes back, and what a file gets wrong is said with its name."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.codecs import ProbabilityHeatmap, UDPHeatmap
from vitruvian.errors import DataError, RecipeError
from vitruvian.recipes import RECIPES, Recipe, recipe_from_file, recipe_to_toml
from vitruvian.structures import Skeleton

MOUSE = Skeleton.define("mouse", ["nose", "left_ear", "right_ear"], [("nose", "left_ear")])
LEAST = """
skeleton = "lsp14"
model = "residual_unet_small"
loss = "heatmap_cross_entropy"
[codec]
kind = "probability_heatmap"
input_size = [64, 64]
"""


@pytest.fixture
def read(tmp_path):
    """The recipe in a file with such a text."""

    def call(text: str) -> Recipe:
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return recipe_from_file(path)

    return call


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_named_recipe_comes_back_from_its_file(read, name):
    assert read(recipe_to_toml(RECIPES[name]())) == RECIPES[name]()


def test_a_skeleton_of_ones_own_comes_back(read):
    recipe = replace(RECIPES["lsp_residual_unet_128"](), skeleton=MOUSE)
    assert read(recipe_to_toml(recipe)) == recipe


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back(text):
    recipe = replace(RECIPES["lsp_residual_unet_128"](), start=text)
    assert tomllib.loads(recipe_to_toml(recipe))["start"] == text


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_every_number_comes_back(number):
    recipe = replace(RECIPES["lsp_residual_unet_128"](), learning_rate=number)
    assert tomllib.loads(recipe_to_toml(recipe))["learning_rate"] == number


def test_without_a_base_what_is_left_out_has_its_default(read):
    assert read(LEAST) == Recipe("lsp14", "residual_unet_small", ProbabilityHeatmap((64, 64)), "heatmap_cross_entropy")


def test_epochs_alone_are_the_length(read):
    recipe = read("epochs = 20" + LEAST)
    assert (recipe.epochs, recipe.steps) == (20, None)


def test_a_file_with_a_base_says_the_differences(read):
    base = RECIPES["coco_hrnet_w32_256x192"]()
    recipe = read(
        'base = "coco_hrnet_w32_256x192"\nclip = "none"\nepochs = 21\n'
        '[codec]\nkind = "udp_heatmap"\n[augmentation]\nflip = 0.25\n'
    )
    assert recipe.codec == UDPHeatmap((192, 256))
    assert recipe.augmentation == replace(base.augmentation, flip=0.25)
    assert (recipe.epochs, recipe.milestones, recipe.clip) == (21, (17.0, 20.0), None)
    assert (recipe.model, recipe.batch_size) == (base.model, base.batch_size)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("lerning_rate = 1" + LEAST, 'unknown recipe key "lerning_rate"; known: .* Did you mean learning_rate'),
        ('base = "coco_hrnet_w23"', 'unknown base recipe "coco_hrnet_w23"; known: .* Did you mean coco_hrnet_w'),
        ("base = []", 'unknown base recipe "\\[\\]"'),
        (
            'base = "lsp_residual_unet_128"\nflip = 1',
            '"flip" is a setting of the augmentation; write augmentation.flip',
        ),
        (LEAST + "sigma = 'wide'", "codec.sigma must be a number, got 'wide'"),
        ("", "codec must be a table of names and values, got None"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused_with_its_name(read, text, sentence):
    with pytest.raises(RecipeError, match=f"mine.toml: {sentence}"):
        read(text)


def test_a_file_that_is_not_toml_is_refused_with_the_line(read):
    with pytest.raises(DataError, match=r"mine.toml: not TOML: .* \(at line 2, column 1\)"):
        read("steps = 5\n= 3")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"gone.toml: cannot be read \(No such file"):
        recipe_from_file(tmp_path / "gone.toml")


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = Path(tmp_path, "mine.toml")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"mine.toml: is not UTF-8"):
        recipe_from_file(path)
