"""The recipe that a published model can be trained on with."""

from dataclasses import replace

import pytest

from vitruvian.codecs import GaussianHeatmap
from vitruvian.errors import UnknownNameError
from vitruvian.recipes import RECIPES, estimator_of, recipe_from_dict, recipe_of, recipe_to_dict
from vitruvian.runtime import find_published, published


@pytest.mark.parametrize("name", sorted(published()))
def test_every_published_model_has_a_recipe_that_a_checkpoint_can_hold(name):
    entry = published()[name]
    recipe, wanted = recipe_of(entry), estimator_of(entry)
    assert (recipe.model, recipe.codec, recipe.padding) == (wanted.model, wanted.codec, wanted.padding)
    assert recipe.joints == wanted.joints
    assert all(stage.codec is None or stage.codec.input_size == wanted.codec.input_size for stage in recipe.stages)
    assert recipe_from_dict(recipe_to_dict(recipe)) == recipe


def test_a_model_of_a_named_recipe_has_just_that():
    named = RECIPES["coco_mobilenetv2_256x192"]()
    assert recipe_of(find_published("td-hm_mobilenetv2_8xb64-210e_coco-256x192")) == named


def test_of_several_the_one_of_the_same_skeleton_goes_first():
    """Faces of AFLW and of WFLW are trained alike but for the skeleton."""
    recipe = recipe_of(find_published("td-hm_hrnetv2-w18_8xb64-60e_wflw-256x256"))
    assert recipe == RECIPES["wflw_hrnetv2_w18"]()


def test_another_input_size_is_taken_over():
    recipe = recipe_of(find_published("td-hm_hrnet-w32_8xb64-210e_mpii-256x256"))
    assert recipe.codec == GaussianHeatmap((256, 256))
    assert len(recipe.joints) == 16


def test_a_model_that_no_recipe_trains_is_a_sentence():
    entry = replace(find_published("td-hm_mobilenetv2_8xb64-210e_coco-256x192"), model="none")
    with pytest.raises(UnknownNameError, match='unknown model of a recipe "none"'):
        recipe_of(entry)
