"""Symmetric integral regression: the mean, its score, and a gradient that is not its own."""

import pytest
import torch

from vitruvian.errors import ShapeError
from vitruvian.models.symmetric_integral import sigmoid_normalised, symmetric_mean


def test_the_mean_of_two_cells_lies_between_them():
    """3/4 in cell (1, 0) and 1/4 in cell (1, 2) of a map 4 wide and 3 high: x is 1, y is 2/4."""
    probability = torch.zeros(1, 1, 3, 4)
    probability[..., 0, 1], probability[..., 2, 1] = 0.75, 0.25
    assert symmetric_mean(probability).tolist() == [[[1.0, 0.5]]]


def test_the_gradient_is_an_eighth_of_the_width_on_either_side_of_the_mean():
    """Probability 1 in cell 2 of 8: cells 0 and 1 say left, cells 3 to 7 right, all equally; cell 2 is the mean.

    A plain mean would have the gradients 0, 1, 2, ..., 7.
    """
    probability = torch.tensor([[[[0.0, 0, 1, 0, 0, 0, 0, 0]]]], requires_grad=True)
    symmetric_mean(probability)[..., 0].sum().backward()
    assert probability.grad is not None
    assert probability.grad.flatten().tolist() == [-1, -1, 0, 1, 1, 1, 1, 1]


def test_the_gradient_of_the_other_axis_has_its_own_amplitude():
    """16 rows: an eighth is 2; the mean lies between rows 7 and 8."""
    probability = torch.full((1, 1, 16, 1), 1 / 16, requires_grad=True)
    symmetric_mean(probability)[..., 1].sum().backward()
    assert probability.grad is not None
    assert probability.grad.flatten().tolist() == [-2.0] * 8 + [2.0] * 8


def test_an_amplitude_can_be_given_for_each_axis():
    probability = torch.full((1, 1, 2, 2), 0.25, requires_grad=True)
    symmetric_mean(probability, amplitude=(2.0, 0.5)).sum().backward()
    assert probability.grad is not None
    assert probability.grad.flatten().tolist() == [-2.5, 1.5, -1.5, 2.5]


def test_the_gradient_of_a_distance_does_not_depend_on_where_the_keypoint_is():
    """The point of it: |mu - target| moved by 3 cells has its gradient moved by 3 cells, inside the map."""

    def gradient(peak: int, target: float) -> torch.Tensor:
        probability = torch.zeros(1, 1, 1, 16)
        probability[..., peak] = 1.0
        probability.requires_grad_()
        (symmetric_mean(probability)[..., 0] - target).abs().sum().backward()
        assert probability.grad is not None
        return probability.grad.flatten()

    assert torch.equal(gradient(4, 5.0)[:13], gradient(7, 8.0)[3:])


def test_the_score_is_the_highest_sigmoid_and_not_the_probability():
    """sigmoid(0) = 1/2 in all four cells: probability 1/4 each, score 1/2.

    With one cell of sigmoid(ln 3) = 3/4 instead: 3/9 there and 2/9 elsewhere, score 3/4.
    """
    maps = torch.zeros(1, 2, 2, 2)
    maps[0, 1, 0, 1] = torch.log(torch.tensor(3.0))
    probability, score = sigmoid_normalised(maps)
    torch.testing.assert_close(score, torch.tensor([[0.5, 0.75]]))
    expected = torch.tensor([[[0.25, 0.25], [0.25, 0.25]], [[2 / 9, 3 / 9], [2 / 9, 2 / 9]]])
    torch.testing.assert_close(probability[0], expected)


def test_a_map_without_any_confidence_is_no_division_by_zero():
    probability, score = sigmoid_normalised(torch.full((1, 1, 2, 2), -1e4))
    assert probability.tolist() == [[[[0.0, 0.0], [0.0, 0.0]]]]
    assert score.item() == 0


def test_a_few_steps_down_the_distance_find_the_target():
    """From a flat map of 8 x 8, whose mean is (3.5, 3.5), to (6, 1)."""
    maps = torch.zeros(1, 1, 8, 8, requires_grad=True)
    target = torch.tensor([6.0, 1.0])
    optimizer = torch.optim.Adam([maps], lr=0.1)
    for _ in range(200):
        distance = (symmetric_mean(sigmoid_normalised(maps)[0]) - target).abs().sum()
        optimizer.zero_grad()
        distance.backward()
        optimizer.step()
    assert distance.item() < 0.2


@pytest.mark.parametrize("function", [sigmoid_normalised, symmetric_mean])
def test_maps_of_another_shape_are_refused(function):
    with pytest.raises(ShapeError, match=r"maps must be \(B, K, H, W\), got \(3, 4, 5\)"):
        function(torch.zeros(3, 4, 5))
