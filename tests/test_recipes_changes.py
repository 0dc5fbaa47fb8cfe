"""Settings by name: typed, and with what follows from them."""

from dataclasses import replace

import pytest

from vitruvian.codecs import SimCC, UDPHeatmap
from vitruvian.errors import RecipeError, UnknownNameError
from vitruvian.recipes import RECIPES, Recipe, Stage, recipe_to_toml, with_settings

HRNET = RECIPES["coco_hrnet_w32_256x192"]()  # 210 epochs, milestones (170, 200), warm-up of 500 steps
UNET = RECIPES["lsp_residual_unet_128"]()  # 10,500 steps, half a cosine


def test_no_settings_change_nothing():
    assert with_settings(HRNET, []) == HRNET


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("learning_rate=1e-3", {"learning_rate": 0.001}),
        ("learning_rate = 1", {"learning_rate": 1.0}),
        ("clip=none", {"clip": None}),
        ("optimiser=sgd", {"optimiser": "sgd"}),
        ('optimiser="sgd"', {"optimiser": "sgd"}),
        ("freeze=['backbone.layer1']", {"freeze": ("backbone.layer1",)}),
        ("skeleton=coco17", {"skeleton": "coco17"}),
        ("start=a = b", {"start": "a = b"}),
        ("stages=[{loss='l1', weight=0.5}]", {"stages": (Stage("l1", 0.5),)}),
        ("augmentation.flip=0.25", {"augmentation": replace(UNET.augmentation, flip=0.25)}),
        ("codec.sigma=3", {"codec": replace(UNET.codec, sigma=3.0)}),
        ("codec.kind=udp_heatmap", {"codec": UDPHeatmap((128, 128))}),
    ],
)
def test_a_setting_is_read_as_the_type_of_its_field(setting, expected):
    assert with_settings(UNET, [setting]) == replace(UNET, **expected)


def test_of_two_settings_of_the_same_field_the_last_counts():
    assert with_settings(UNET, ["seed=1", "seed=2"]).seed == 2


def test_another_kind_of_codec_takes_its_settings_from_the_same_command():
    recipe = with_settings(UNET, ["codec.kind=simcc", "codec.sigma=[5, 6]"])
    assert recipe.codec == SimCC((128, 128), sigma=(5.0, 6.0))


def test_the_codecs_of_stages_follow_the_input_size():
    recipe = with_settings(RECIPES["coco_mspn50_256x192"](), ["codec.input_size=[288, 384]"])
    assert {stage.codec.input_size for stage in recipe.stages} == {recipe.codec.input_size} == {(288, 384)}


def test_steps_clear_epochs_keep_the_shares_of_milestones_and_shorten_the_warm_up():
    """170 / 210 and 200 / 210 of 2,100 steps; a tenth of them."""
    recipe = with_settings(HRNET, ["steps=2100"])
    assert (recipe.epochs, recipe.steps, recipe.milestones, recipe.warm_up) == (None, 2100, (1700.0, 2000.0), 210)


def test_epochs_clear_steps():
    recipe = with_settings(UNET, ["epochs=5"])
    assert (recipe.epochs, recipe.steps) == (5, None)


def test_fewer_epochs_keep_the_shares_of_milestones():
    assert with_settings(HRNET, ["epochs=21"]).milestones == (17.0, 20.0)


def test_the_length_that_it_has_already_changes_nothing():
    assert with_settings(UNET, ["steps=10500"]) == UNET
    assert with_settings(HRNET, ["epochs=210"]) == HRNET


def test_what_follows_from_a_length_may_be_set_too():
    recipe = with_settings(HRNET, ["steps=100", "milestones=[50]", "warm_up=30"])
    assert (recipe.steps, recipe.milestones, recipe.warm_up) == (100, (50.0,), 30)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["augmentation.flop=1"], 'unknown augmentation key "flop"; known: .* Did you mean flip'),
        (["codec.sgma=1"], 'unknown codec key "sgma"; known: .* Did you mean sigma'),
        (["leaning_rate=1"], 'unknown recipe key "leaning_rate"; known: .* Did you mean learning_rate'),
        (["codec.kind=sim_cc"], 'unknown codec "sim_cc"; known: .* Did you mean simcc'),
    ],
)
def test_an_unknown_setting_is_refused_with_the_nearest(settings, sentence):
    with pytest.raises(UnknownNameError, match=f"^{sentence}"):
        with_settings(UNET, settings)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["steps"], '"steps" sets nothing; expected a name and a value, such as augmentation.flip=0.3'),
        (["=3"], '"=3" sets nothing'),
        (["flip=0.3"], '"flip" is a setting of the augmentation; write augmentation.flip'),
        (["sigma=2"], '"sigma" is a setting of the codec; write codec.sigma'),
        (["learning_rate=fast"], "recipe learning_rate must be a number, got 'fast'"),
        (["learning_rate="], "recipe learning_rate must be a number, got ''"),
        (["augmentation.flip=yes"], "augmentation.flip must be a number, got 'yes'"),
        (["augmentation.flip=true"], "augmentation.flip must be a number, got True"),
        (["augmentation.flip.x=1"], "augmentation.flip must be a number, got {'x': 1}"),
        (["augmentation=1"], "augmentation must be a table of names and values, got 1"),
        (["stages=3"], "stages must be a list, got 3"),
        (["steps=many"], "recipe steps must be a whole number, got 'many'"),
        (["steps=0"], "steps must be at least 1, got 0"),
        (["epochs=0"], "recipe epochs must be at least 1, got 0"),
        (["steps=none"], "recipe needs epochs or steps, the other None, got epochs None and steps None"),
        (["steps=3", "epochs=3"], "recipe needs epochs or steps, the other None, got epochs 3 and steps 3"),
        (["codec.reach=1.5"], "codec.reach must be a whole number, got 1.5"),
        (["codec.input_size=[1, 2, 3]"], r"codec.input_size must be two whole numbers, got \[1, 2, 3\]"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_the_full_name(settings, sentence):
    with pytest.raises(RecipeError, match=f"^{sentence}"):
        with_settings(UNET, settings)


def test_every_setting_of_a_recipe_can_be_set_to_what_it_is():
    """But for the tables."""
    recipe: Recipe = RECIPES["coco_mspn50_256x192"]()
    top = [line.replace(" = ", "=", 1) for line in recipe_to_toml(recipe).split("\n\n")[0].splitlines()]
    assert len(top) > 15
    assert with_settings(recipe, top) == recipe
