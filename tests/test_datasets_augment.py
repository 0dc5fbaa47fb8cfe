"""Augmentation: which settings there are, and which are refused."""

from dataclasses import fields

import numpy as np
import pytest

from vitruvian.datasets import Augmentation
from vitruvian.datasets.augment import PROBABILITIES, RANGES
from vitruvian.errors import RecipeError


@pytest.mark.parametrize("name", PROBABILITIES)
@pytest.mark.parametrize("value", [-0.1, 1.5, np.nan])
def test_a_probability_out_of_range_is_refused(name, value):
    with pytest.raises(RecipeError, match=f"^augmentation {name} is a probability between 0 and 1, got {value}$"):
        Augmentation(**{name: value})


@pytest.mark.parametrize("change", [{"scale": 0.9}, {"shift": -0.1}, {"degrees": -5}, {"colour": 1.0}])
def test_an_amount_out_of_range_is_refused(change):
    sentence = "^augmentation needs scale >= 1, shift >= 0, degrees >= 0 and 0 <= colour < 1, got Augmentation"
    with pytest.raises(RecipeError, match=sentence):
        Augmentation(**change)
    with pytest.raises(RecipeError, match=sentence):
        Augmentation(**dict.fromkeys(change, np.nan))


def test_every_setting_is_checked():
    """A new one needs a line in a test above."""
    amounts = {"scale", "shift", "degrees", "colour"}
    assert {part.name for part in fields(Augmentation)} == amounts | set(PROBABILITIES) | set(RANGES) | {"draw"}


def test_a_draw_that_is_not_known_is_refused():
    with pytest.raises(RecipeError, match=r"^augmentation draw must be uniform or normal, got gaussian$"):
        Augmentation(draw="gaussian")  # type: ignore[arg-type]


def test_a_normal_factor_around_1_must_not_reach_0():
    with pytest.raises(RecipeError, match=r"^augmentation scale must be less than 2 where draw is normal, got 2$"):
        Augmentation(scale=2, draw="normal")


@pytest.mark.parametrize("name", RANGES)
def test_a_range_that_is_upside_down_or_too_wide_is_refused(name):
    least, most = RANGES[name]
    middle = (least + most) / 2
    for low, high in ((most, least), (least - 1, middle), (middle, most + 1), (np.nan, middle)):
        with pytest.raises(
            RecipeError, match=rf"^augmentation {name} is a range within {least} to {most}, got {low} to"
        ):
            Augmentation(**{name: (low, high)})


def test_the_default_changes_nothing():
    """All that can happen to a crop has a probability, an amount of 0, or a factor of 1."""
    plain = Augmentation()
    assert {name for name in PROBABILITIES if getattr(plain, name)} == {"turn", "move"}
    assert (plain.degrees, plain.scale, plain.shift, plain.colour) == (0, 1, 0, 0)
