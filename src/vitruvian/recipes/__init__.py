"""`Recipe`, the named recipes, and checkpoints that carry their recipe. Needs torch."""

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
    "load_checkpoint",
    "load_weights",
    "recipe_from_dict",
    "recipe_to_dict",
    "save_checkpoint",
]
