"""Losses of detectors, by hand."""

import math

import pytest
import torch

from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models.losses import binary_cross_entropy, box_iou, oks, varifocal


@pytest.mark.parametrize(("mode", "expected"), [("linear", 6 / 7), ("square", 48 / 49), ("log", math.log(7))])
def test_boxes_that_share_a_seventh(mode, expected: float):
    """Squares of 2 x 2 whose corners overlap by 1 x 1: 1 / (4 + 4 - 1)."""
    output, target = torch.tensor([[0.0, 0, 2, 2]]), torch.tensor([[1.0, 1, 3, 3]])
    assert box_iou(output, target, mode).item() == pytest.approx(expected)


def test_boxes_apart_cost_a_finite_amount():
    output, target = torch.tensor([[0.0, 0, 1, 1]], requires_grad=True), torch.tensor([[5.0, 5, 6, 6]])
    loss = box_iou(output, target)
    loss.backward()
    assert loss.item() == pytest.approx(-math.log(1e-6), rel=1e-4)
    assert output.grad.isfinite().all()


def test_boxes_have_four_numbers():
    with pytest.raises(ShapeError, match=r"boxes must be \(N, 4\), got \(1, 5\)"):
        box_iou(torch.zeros(1, 5), torch.zeros(1, 5))


def one_pose(x: float) -> dict[str, torch.Tensor]:
    """Two keypoints, the first off by x, the second right; area 100, sigma 1/2."""
    output = torch.tensor([[[x, 0.0], [0.0, 0.0]]])
    settings = {"area": torch.tensor([100.0]), "sigmas": torch.tensor([0.5, 0.5])}
    return {"output": output, "target": torch.zeros(1, 2, 2), **settings}


def test_oks_of_a_keypoint_ten_pixels_off():
    """exp(-100 / (2 * 100 * 1)) = exp(-1/2), and 1 for the other."""
    similarity = (math.exp(-1 / 2) + 1) / 2
    both = torch.ones(1, 2)
    assert oks(**one_pose(10), weight=both).item() == pytest.approx(1 - similarity)
    assert oks(**one_pose(10), weight=both, mode="square").item() == pytest.approx(1 - similarity**2)
    assert oks(**one_pose(10), weight=both, mode="log").item() == pytest.approx(-math.log(similarity))


def test_an_unknown_keypoint_does_not_count_or_counts_as_wrong():
    first = torch.tensor([[1.0, 0.0]])
    assert oks(**one_pose(10), weight=first).item() == pytest.approx(1 - math.exp(-1 / 2))
    assert oks(**one_pose(10), weight=first, known_only=False).item() == pytest.approx(1 - math.exp(-1 / 2) / 2)


def test_a_pose_far_off_costs_a_finite_amount():
    assert oks(**one_pose(1e4), weight=torch.tensor([[1.0, 0.0]]), mode="log").item() == pytest.approx(
        -math.log(1e-8), rel=1e-4
    )


def test_unknown_modes_and_wrong_shapes_are_refused():
    with pytest.raises(RecipeError, match='mode must be linear, square or log, got "cubic"'):
        oks(**one_pose(1), weight=torch.ones(1, 2), mode="cubic")
    with pytest.raises(ShapeError, match=r"weight must be \(N, K\) and area \(N,\)"):
        oks(**one_pose(1), weight=torch.ones(2))


def test_varifocal_weighs_what_is_there_by_its_quality_and_what_is_not_by_its_score():
    """Logit 0 is 1/2, whose cross-entropy is ln 2 with any target. Quality 0.8; nothing, 0.75 * (1/2)²."""
    found = varifocal(torch.zeros(2), torch.tensor([0.8, 0.0]))
    assert found.item() == pytest.approx(math.log(2) * (0.8 + 0.75 / 4))
    halved = varifocal(torch.zeros(2), torch.tensor([0.8, 0.0]), torch.tensor([0.5, 0.0]))
    assert halved.item() == pytest.approx(math.log(2) * 0.4)


def test_cross_entropy_of_logits():
    """-ln(1/2) and -ln(3/4)."""
    output, target = torch.tensor([[0.0], [math.log(3)]]), torch.ones(2, 1)
    assert binary_cross_entropy(output, target).item() == pytest.approx((math.log(2) + math.log(4 / 3)) / 2)
    for weight in (torch.tensor([[1.0], [0.0]]), torch.tensor([1.0, 0.0])):
        assert binary_cross_entropy(output, target, weight).item() == pytest.approx(math.log(2) / 2)
    with pytest.raises(ShapeError, match="weight must be"):
        binary_cross_entropy(output, target, torch.ones(3))
