"""`Recipe`, the named recipes, and checkpoints that carry their recipe. Needs torch."""

from vitruvian.recipes.card import card_for
from vitruvian.recipes.changes import changed, with_settings
from vitruvian.recipes.checkpoint import build, load_checkpoint, load_weights, save_checkpoint
from vitruvian.recipes.estimator import Estimator, build_estimator, estimator_of
from vitruvian.recipes.layouts import fit, to_our_names
from vitruvian.recipes.of_published import recipe_of
from vitruvian.recipes.plain import recipe_from_dict, recipe_to_dict
from vitruvian.recipes.recipe import Recipe, Stage
from vitruvian.recipes.results import RESULTS, SOURCES, Result
from vitruvian.recipes.table import RECIPES
from vitruvian.recipes.toml_files import recipe_from_file, recipe_to_toml
from vitruvian.recipes.unpickle import read_pth

__all__ = [
    "RECIPES",
    "RESULTS",
    "SOURCES",
    "Estimator",
    "Recipe",
    "Result",
    "Stage",
    "build",
    "build_estimator",
    "card_for",
    "changed",
    "estimator_of",
    "fit",
    "load_checkpoint",
    "load_weights",
    "read_pth",
    "recipe_from_dict",
    "recipe_from_file",
    "recipe_of",
    "recipe_to_dict",
    "recipe_to_toml",
    "save_checkpoint",
    "to_our_names",
    "with_settings",
]
