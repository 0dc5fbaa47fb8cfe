"""`Recipe`, the named recipes, and checkpoints that carry their recipe. Needs torch."""

from vitruvian.recipes.card import card_for
from vitruvian.recipes.checkpoint import (
    build,
    load_checkpoint,
    load_weights,
    recipe_from_dict,
    recipe_to_dict,
    save_checkpoint,
)
from vitruvian.recipes.recipe import RECIPES, Recipe

__all__ = [
    "RECIPES",
    "Recipe",
    "build",
    "card_for",
    "load_checkpoint",
    "load_weights",
    "recipe_from_dict",
    "recipe_to_dict",
    "save_checkpoint",
]
