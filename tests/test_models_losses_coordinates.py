"""Losses of coordinates, by hand."""

import math

import pytest
import torch

from vitruvian.models.losses import l1, mse, smooth_l1, soft_weight_smooth_l1, soft_wing, wing

# Two people of one keypoint: differences 1 and -3, then 0 and 0.5.
OUTPUT = torch.tensor([[[1.0, 2.0]], [[4.0, 5.5]]])
TARGET = torch.tensor([[[0.0, 5.0]], [[4.0, 5.0]]])
FIRST = torch.tensor([[1.0], [0.0]])  # weights that leave the first person


def apart(distance: float) -> tuple[torch.Tensor, torch.Tensor]:
    """One coordinate of one keypoint of one person."""
    return torch.tensor([[[distance]]]), torch.zeros(1, 1, 1)


@pytest.mark.parametrize(
    ("loss", "total", "first"),
    [(l1, 4.5, 4.0), (mse, 10.25, 10.0), (smooth_l1, 0.5 + 2.5 + 0.125, 3.0)],
)
def test_the_mean_is_over_all_numbers_those_without_weight_included(loss, total: float, first: float):
    assert loss(OUTPUT, TARGET).item() == pytest.approx(total / 4)
    assert loss(OUTPUT, TARGET, FIRST).item() == pytest.approx(first / 4)
    assert loss(OUTPUT, TARGET, FIRST[..., None].expand(2, 1, 2)).item() == pytest.approx(first / 4)


def test_a_weight_between_zero_and_one_multiplies_the_difference_before_it_is_squared():
    assert mse(OUTPUT, TARGET, FIRST / 2).item() == pytest.approx(10 / 4 / 4)


def test_a_soft_weight_multiplies_the_loss():
    assert soft_weight_smooth_l1(OUTPUT, TARGET, FIRST / 2).item() == pytest.approx(3 / 2 / 4)
    assert soft_weight_smooth_l1(OUTPUT, TARGET).item() == smooth_l1(OUTPUT, TARGET).item()


def test_a_soft_weighted_mean_may_leave_out_what_has_no_weight():
    assert soft_weight_smooth_l1(OUTPUT, TARGET, FIRST / 2, count_unknown=False).item() == pytest.approx(3 / 2 / 2)
    assert soft_weight_smooth_l1(OUTPUT, TARGET, 0 * FIRST, count_unknown=False).item() == 0


def test_the_square_ends_at_beta():
    """Beta 2: 1² / 4 below it, 3 - 2 / 2 above."""
    assert soft_weight_smooth_l1(*apart(1.0), beta=2.0).item() == pytest.approx(1 / 4)
    assert soft_weight_smooth_l1(*apart(3.0), beta=2.0).item() == pytest.approx(2)


def test_wing_is_a_logarithm_up_to_omega_and_a_line_after():
    assert wing(*apart(4.0)).item() == pytest.approx(10 * math.log(3))
    assert wing(*apart(10.0)).item() == pytest.approx(10 * math.log(6))
    assert wing(*apart(-13.0)).item() == pytest.approx(10 * math.log(6) + 3)


def test_soft_wing_is_a_line_up_to_two_and_a_logarithm_after():
    """20 ln(1 + 2 d) above, moved so that it is 2 at 2: 20 (ln 11 - ln 5) higher at 5."""
    assert soft_wing(*apart(1.5)).item() == pytest.approx(1.5)
    assert soft_wing(*apart(2.0)).item() == pytest.approx(2)
    assert soft_wing(*apart(-5.0)).item() == pytest.approx(2 + 20 * math.log(11 / 5))


@pytest.mark.parametrize("loss", [wing, soft_wing])
def test_wings_are_summed_over_a_person_and_averaged_over_people(loss):
    each = [loss(*apart(distance)).item() for distance in (1.0, 3.0, 0.0, 0.5)]
    assert loss(OUTPUT, TARGET).item() == pytest.approx(sum(each) / 2)
