"""Losses of 3D poses, by hand."""

import pytest
import torch

from vitruvian.errors import ShapeError
from vitruvian.models.losses import bone, mpjpe, mpjpe_velocity, projection

PLAIN = torch.tensor([[1000.0, 1000, 500, 400, 0, 0, 0, 0, 0]])  # a camera without distortion


def test_mpjpe_is_the_mean_distance():
    """3-4-5 and 0; without the first, 0."""
    output = torch.tensor([[[3.0, 4.0, 0.0], [1.0, 1.0, 1.0]]])
    target = torch.tensor([[[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]])
    assert mpjpe(output, target).item() == 2.5
    assert mpjpe(output, target, torch.tensor([[0.0, 1.0]])).item() == 0


def test_a_pose_of_twice_the_size_is_wrong_in_size_only():
    """Two joints 1 from the origin, still: half the distances are left by the first term alone."""
    target = torch.tensor([[1.0, 0, 0], [-1.0, 0, 0]]).expand(1, 4, 2, 3)
    assert mpjpe_velocity(2 * target, target).item() == pytest.approx(1)


def test_movement_counts_twenty_times():
    """A joint of two, between two frames, moves 1 too far: 1/4 of all positions is 1 off, 1/2 of all movements."""
    target = torch.tensor([[1.0, 0, 0], [-1.0, 0, 0]]).repeat(1, 2, 1, 1)
    output = target.clone()
    output[0, 1, 0, 1] = 1.0
    scale = 2 / 3  # of the second frame: (1 + 1) / (1 + 1 + 1)
    scaled = ((1 - scale) ** 2 + scale**2) ** 0.5 + (1 - scale)
    expected = 1 / 4 + 0.5 * scaled / 4 + 20 / 2
    assert mpjpe_velocity(output, target).item() == pytest.approx(expected)


def chain(first: float, second: float) -> torch.Tensor:
    """A root and two bones of these lengths in a row."""
    return torch.tensor([[[0.0, 0, 0], [first, 0, 0], [first + second, 0, 0]]])


def test_bones_are_compared_by_their_mean_lengths():
    """People with bones (1, 2) and (3, 2) have the same mean as two of (2, 2); in another (2, 5), one is 3 too long."""
    people = torch.cat([chain(1, 2), chain(3, 2)])
    assert bone(people, chain(2, 2), [0, 0, 1]).item() == pytest.approx(0, abs=1e-6)
    assert bone(people, chain(2, 5), [0, 0, 1]).item() == pytest.approx(3 / 2)


def test_a_bone_without_weight_does_not_count():
    weight = torch.tensor([[1.0, 1.0, 0.0]])
    assert bone(chain(1, 2), chain(2, 9), [0, 0, 1], weight).item() == pytest.approx(1 / 2)


def test_parents_and_weights_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="parents must be 3 joints, got 2"):
        bone(chain(1, 2), chain(1, 2), [0, 0])
    with pytest.raises(ShapeError, match=r"weight must be \(B, K\)"):
        bone(chain(1, 2), chain(1, 2), [0, 0, 1], torch.ones(3))


def test_a_point_is_seen_where_a_pinhole_camera_sees_it():
    """(0.2, -0.1) at depth 2, with a focal length of 1000 and the centre at (500, 400): (600, 350)."""
    pose, root = torch.tensor([[[0.2, -0.1, 0.0]]]), torch.tensor([[[0.0, 0.0, 2.0]]])
    assert projection(pose, root, torch.tensor([[[600.0, 350.0]]]), PLAIN).item() == pytest.approx(0, abs=1e-3)
    assert projection(pose, root, torch.tensor([[[603.0, 354.0]]]), PLAIN).item() == pytest.approx(5, rel=1e-4)


def test_a_lens_stretches():
    """At (0.5, 0) the square is 0.25: k1 0.4 makes 1.1 of 1, so 550 from the centre instead of 500."""
    camera = PLAIN.clone()
    camera[0, 4] = 0.4
    pose, root = torch.tensor([[[0.5, 0.0, 0.0]]]), torch.tensor([[[0.0, 0.0, 1.0]]])
    assert projection(pose, root, torch.tensor([[[1050.0, 400.0]]]), camera).item() == pytest.approx(0, abs=1e-3)
