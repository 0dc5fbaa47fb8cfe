"""A recipe from a few facts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.recipes import RECIPES
from vitruvian.runtime import DEFAULT
from vitruvian.structures import SKELETONS, Skeleton
from vitruvian.training import Facts, Machine, duration, plan, timed, usual_start

DOG = Skeleton.define("dog", ("nose", "left_ear", "right_ear"))
SOME = Facts(images=100, people=100, keypoints=3, size=(300.0, 300.0), turn=8.0, mirrors=True, pairs=2)
LAPTOP, WORKSTATION = Machine(2), Machine(16, gpu_memory=24.0, bfloat16=True)


def test_a_hundred_images_on_two_cores_make_a_small_model_for_five_minutes():
    """100 crops a second for 5 minutes x 60 x 0.85 = 25,500 crops, in batches of 32: 797 steps."""
    chosen = timed(plan(SOME, DOG, LAPTOP), SOME, crops_per_second=100)
    assert chosen.recipe.model == "residual_unet_small"
    assert chosen.recipe.steps == 797
    assert "about 5 minutes" in chosen.reasons["length"]


def test_minutes_that_are_given_are_used():
    """2 minutes x 60 x 0.85 x 50 crops a second / 32 = 159 steps."""
    assert timed(plan(SOME, DOG, LAPTOP), SOME, 50, minutes=2).recipe.steps == 159


def test_no_more_crops_than_the_people_are_worth():
    """4,000 x the square root of 100 = 40,000 crops in batches of 32, however fast the machine."""
    assert timed(plan(SOME, DOG, WORKSTATION), SOME, 1e6).recipe.steps == 1250


def test_much_data_and_a_graphics_card_take_larger_models():
    assert plan(replace(SOME, people=5_000), DOG, WORKSTATION).recipe.model == "simple_baseline_resnet50"
    assert plan(replace(SOME, people=50_000), DOG, WORKSTATION).recipe.model == "hrnet_w32"
    assert plan(replace(SOME, people=50_000), DOG, LAPTOP).recipe.model == "residual_unet_small"


@pytest.mark.parametrize(
    ("box", "machine", "expected"),
    [
        ((100, 100), LAPTOP, (128, 128)),
        ((300, 300), LAPTOP, (192, 192)),
        ((300, 400), LAPTOP, (160, 224)),
        ((300, 400), WORKSTATION, (224, 288)),
        ((1000, 20), LAPTOP, (320, 96)),  # a worm: no slimmer than 1 to 3
        ((0, 0), LAPTOP, (128, 128)),
    ],
)
def test_the_input_has_the_shape_of_the_usual_box(box, machine, expected):
    size = plan(replace(SOME, size=box), DOG, machine).recipe.codec.input_size
    assert size == expected


def test_crops_are_mirrored_where_labels_agree_and_else_where_names_say_so():
    assert plan(SOME, DOG, LAPTOP).recipe.augmentation.flip == 0.5
    assert plan(replace(SOME, mirrors=False), DOG, LAPTOP).recipe.augmentation.flip == 0
    assert plan(replace(SOME, mirrors=None), DOG, LAPTOP).recipe.augmentation.flip == 0.5
    assert plan(replace(SOME, mirrors=None, pairs=0), DOG, LAPTOP).recipe.augmentation.flip == 0
    assert plan(replace(SOME, pairs=0, sides=False), DOG, LAPTOP).recipe.augmentation.flip == 0


def test_crops_turn_half_as_much_again_as_the_labels_do():
    assert plan(replace(SOME, turn=40.0), DOG, LAPTOP).recipe.augmentation.degrees == 60
    assert plan(replace(SOME, turn=3.0), DOG, LAPTOP).recipe.augmentation.degrees == 15
    assert plan(replace(SOME, turn=170.0), DOG, LAPTOP).recipe.augmentation.degrees == 180


def test_a_starting_model_says_what_the_model_is_and_not_how_it_is_trained():
    start = RECIPES["coco_resnet50_256x192"]()
    chosen = plan(SOME, DOG, LAPTOP, start).recipe
    assert (chosen.model, chosen.codec, chosen.loss) == (start.model, start.codec, start.loss)
    assert (chosen.skeleton, chosen.optimiser, chosen.steps is None) == (DOG, "adamw", False)


def test_a_starting_model_of_any_size_takes_the_size_of_the_boxes():
    chosen = plan(replace(SOME, size=(300, 400)), DOG, LAPTOP, RECIPES["lsp_residual_unet_128"]()).recipe
    assert chosen.codec == replace(RECIPES["lsp_residual_unet_128"]().codec, input_size=(160, 224))


def test_whole_images_are_cut_without_surroundings():
    assert plan(SOME, DOG, LAPTOP).recipe.padding == 1.25
    assert plan(replace(SOME, whole=True), DOG, LAPTOP).recipe.padding == 1


def test_small_models_start_from_the_one_of_the_package():
    assert usual_start(SOME, DOG, LAPTOP) == usual_start(replace(SOME, people=10**5), DOG, LAPTOP) == DEFAULT
    assert usual_start(replace(SOME, people=10**5), DOG, WORKSTATION) is None


def test_they_start_from_the_model_that_knows_their_keypoints():
    """By words, as joints are matched; a whole body is a body before all."""
    names = ("coco17", "coco_wholebody133", "hand21", "face68", "aflw19")
    expected = ["body", "body", "hand", "face", "face"]
    assert [usual_start(SOME, SKELETONS[name], LAPTOP) for name in names] == expected
    named = Skeleton.define(
        "own",
        (
            "Nose",
            "LHip",
            "RHip",
            *(f"{side}{part}" for part in ("Knee", "Ankle") for side in "LR"),
            *map(str, range(14)),
        ),
        pairs={"LHip": "RHip", "LKnee": "RKnee", "LAnkle": "RAnkle"},
    )
    assert (len(named), usual_start(SOME, named, LAPTOP)) == (21, "body")


def test_joints_without_names_start_from_a_model_of_as_many():
    numbered = (Skeleton.define("own", tuple(map(str, range(count)))) for count in (68, 21, 26, 5))
    assert [usual_start(SOME, one, LAPTOP) for one in numbered] == ["face", "hand", "body", "body"]


def test_every_choice_has_a_sentence():
    reasons = timed(plan(SOME, DOG, LAPTOP), SOME, 100).reasons
    assert list(reasons) == ["model", "input", "codec", "rotation", "flip", "learning", "length"]


@given(st.integers(1, 10**6), st.floats(0.01, 1e5), st.none() | st.floats(0.01, 1e4))
def test_any_amount_of_data_at_any_speed_gives_a_recipe(people, speed, minutes):
    facts = replace(SOME, people=people)
    chosen = timed(plan(facts, DOG, LAPTOP), facts, speed, minutes)
    assert 20 <= chosen.recipe.steps <= 300_000
    assert chosen.recipe.warm_up < chosen.recipe.steps
    assert chosen.every >= 10


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 seconds"), (1.4, "1 second"), (40, "40 seconds"), (290, "5 minutes"), (9000, "2.5 hours")],
)
def test_durations_are_said_as_people_do(seconds, said):
    assert duration(seconds) == said
