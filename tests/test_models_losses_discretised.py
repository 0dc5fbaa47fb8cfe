"""Losses of discretised coordinates, by hand."""

import math

import pytest
import torch

from vitruvian.errors import RecipeError
from vitruvian.models.losses import (
    coordinate_classification,
    js_discretised,
    kl_discretised,
    kl_discretised_sharp,
)

EVEN = torch.tensor([[[0.5, 0.5]]])
ONE_TO_THREE = torch.tensor([[[0.0, math.log(3)]]])  # the logits of (1/4, 3/4)


def test_kl_is_the_mean_over_bins():
    """From (1/2, 1/2): half of ln 2 and half of ln(2/3), over two bins."""
    expected = (0.5 * math.log(2) + 0.5 * math.log(2 / 3)) / 2
    assert kl_discretised(ONE_TO_THREE, EVEN).item() == pytest.approx(expected)


def test_kl_is_summed_over_people_and_averaged_over_keypoints():
    one = kl_discretised(ONE_TO_THREE, EVEN).item()
    assert kl_discretised(ONE_TO_THREE.expand(3, 4, 2), EVEN.expand(3, 4, 2)).item() == pytest.approx(3 * one)
    weight = torch.tensor([[1.0, 0.5, 0.0, 0.0]])
    assert kl_discretised(ONE_TO_THREE.expand(1, 4, 2), EVEN.expand(1, 4, 2), weight).item() == pytest.approx(
        one * 1.5 / 4
    )


def test_kl_with_a_sharper_softmax():
    """Twice ln 3 are the logits of (1/10, 9/10)."""
    expected = (0.5 * math.log(0.5 / 0.1) + 0.5 * math.log(0.5 / 0.9)) / 2
    assert kl_discretised(ONE_TO_THREE, EVEN, beta=2.0).item() == pytest.approx(expected)


def test_rtmpose_softens_both_sides():
    """Logits 0 and 0.1 ln 3, ten times as sharp, are (1/4, 3/4) as output and as target."""
    logits = ONE_TO_THREE / 10
    assert kl_discretised_sharp(logits, logits).item() == pytest.approx(0, abs=1e-7)
    expected = (0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)) / 2
    assert kl_discretised_sharp(0 * logits, logits).item() == pytest.approx(expected)


def test_js_of_distributions_without_a_common_cell_is_ln_two():
    one, other = torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.0, 1.0]]])
    assert js_discretised(one, other).item() == pytest.approx(math.log(2))
    assert js_discretised(one, one).item() == pytest.approx(0, abs=1e-7)


def test_js_is_summed_over_keypoints_and_averaged_over_people():
    one, other = torch.tensor([1.0, 0.0]).expand(3, 4, 2), torch.tensor([0.0, 1.0]).expand(3, 4, 2)
    assert js_discretised(one, other).item() == pytest.approx(4 * math.log(2), rel=1e-5)


def test_js_of_nothing_has_a_gradient():
    """The derivative of p ln p at 0 is no number."""
    output = torch.zeros(1, 1, 2, requires_grad=True)
    js_discretised(output, EVEN, torch.zeros(1, 1)).backward()
    assert output.grad.tolist() == [[[0, 0]]]


@pytest.mark.parametrize(
    ("mode", "expected"), [("linear", 1 - 0.1), ("square", 1 - 0.01), ("log", -math.log(0.1 + 1e-4))]
)
def test_the_likelihood_of_a_place_is_that_of_x_times_that_of_y(mode, expected: float):
    """x is in the bin of 1/5, y in that of 1/2; the second keypoint is unknown and still counts in the mean."""
    output = torch.tensor([[[0.8, 0.2]] * 2]), torch.tensor([[[0.5, 0.25, 0.25]] * 2])
    target = torch.tensor([[[0.0, 1.0]] * 2]), torch.tensor([[[1.0, 0.0, 0.0]] * 2])
    found = coordinate_classification(output, target, torch.tensor([[1.0, 0.0]]), mode)
    assert found.tolist() == [pytest.approx(expected / 2)]


def test_an_unknown_mode_is_refused():
    with pytest.raises(RecipeError, match='mode must be linear, square or log, got "cubic"'):
        coordinate_classification((EVEN, EVEN), (EVEN, EVEN), mode="cubic")
