"""Associative embedding, by hand."""

import math

import pytest
import torch

from vitruvian.errors import ShapeError
from vitruvian.models.losses import associative_embedding

# One image, two keypoints, maps of 1 x 3: tags 0, 1, 2 of the first and 4, 6, 8 of the second.
TAGS = torch.tensor([[[[0.0, 1.0, 2.0]], [[4.0, 6.0, 8.0]]]])


def people(*cells: tuple[int, int]) -> torch.Tensor:
    """The cell of both keypoints of each person -> (1, N, 2)."""
    return torch.tensor([cells])


def test_pull_is_the_squared_distance_to_the_mean_tag():
    """Tags 0 and 4: mean 2, both 2 away. A single person is pushed by nobody."""
    pull, push = associative_embedding(TAGS, people((0, 0)), torch.ones(1, 1, 2))
    assert (pull.item(), push.item()) == (4, 0)


def test_push_is_large_for_people_whose_means_are_close():
    """Means (2 + 4) / 2 = 3 and (1 + 6) / 2 = 3.5: two pairs of exp(-1/4), and two of a person with itself, over 2."""
    pull, push = associative_embedding(TAGS, people((2, 0), (1, 1)), torch.ones(1, 2, 2))
    assert pull.item() == pytest.approx((1 + 2.5**2) / 2)
    assert push.item() == pytest.approx((2 * math.exp(-1 / 4) + 2) / 2)


def test_a_keypoint_that_is_not_visible_does_not_count_and_neither_does_a_person_without_any():
    visible = torch.tensor([[[1, 0], [0, 0]]])
    pull, push = associative_embedding(TAGS, people((2, 0), (1, 1)), visible)
    assert (pull.item(), push.item()) == (0, 0)


def test_nobody_is_no_loss_but_can_be_trained_on():
    tags = TAGS.clone().requires_grad_()
    pull, push = associative_embedding(tags, torch.zeros(1, 0, 2, dtype=torch.int64), torch.zeros(1, 0, 2))
    (pull + push).backward()
    assert (pull.item(), push.item()) == (0, 0)
    assert not tags.grad.any()


def test_images_are_summed_and_numbers_of_a_tag_averaged_in_pull_and_summed_in_push():
    cells, visible = people((2, 0), (1, 1)), torch.ones(1, 2, 2)
    pull, push = associative_embedding(TAGS, cells, visible)
    twice = associative_embedding(TAGS.repeat(2, 1, 1, 1), cells.repeat(2, 1, 1), visible.repeat(2, 1, 1))
    assert [loss.item() for loss in twice] == pytest.approx([2 * pull.item(), 2 * push.item()])
    doubled = associative_embedding(TAGS.repeat(1, 2, 1, 1), cells, visible)
    assert [loss.item() for loss in doubled] == pytest.approx([pull.item(), 2 * push.item()])


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"tags must be \(B, L \* K, H, W\), cells and visible \(B, N, K\), got"):
        associative_embedding(TAGS, torch.zeros(1, 1, 3, dtype=torch.int64), torch.zeros(1, 1, 3))
