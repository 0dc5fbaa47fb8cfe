"""Poses: the arrays of one image must fit each other."""

import dataclasses

import numpy as np
import pytest

from vitruvian.errors import ShapeError
from vitruvian.structures import Poses


def _poses(**changed: np.ndarray) -> Poses:
    """Two people of three keypoints, with some arrays replaced."""
    arrays = {
        "xy": np.zeros((2, 3, 2), np.float32),
        "score": np.zeros((2, 3), np.float32),
        "boxes": np.zeros((2, 4), np.float32),
    }
    return Poses(**(arrays | changed))


def test_poses_are_as_many_as_their_people():
    assert len(_poses()) == 2


def test_poses_keep_the_identities_given():
    assert _poses(ids=np.array([7, 9])).ids.tolist() == [7, 9]


def test_poses_have_no_identities_unless_given():
    assert _poses().ids is None


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"xy": np.zeros((2, 3))}, r"xy must be \(N, K, 2\), got \(2, 3\)"),
        ({"xy": np.zeros((2, 3, 3))}, r"xy must be \(N, K, 2\), got \(2, 3, 3\)"),
        ({"score": np.zeros((2, 4))}, r"score must be \(2, 3\) to match xy, got \(2, 4\)"),
        ({"score": np.zeros((2, 3, 1))}, r"score must be \(2, 3\) to match xy, got \(2, 3, 1\)"),
        ({"boxes": np.zeros((1, 4))}, r"boxes must be \(2, 4\) to match xy, got \(1, 4\)"),
        ({"boxes": np.zeros((2, 5))}, r"boxes must be \(2, 4\) to match xy, got \(2, 5\)"),
        ({"ids": np.zeros(3)}, r"ids must be \(2,\) to match xy, got \(3,\)"),
        ({"ids": np.zeros((2, 1))}, r"ids must be \(2,\) to match xy, got \(2, 1\)"),
    ],
)
def test_poses_refuse_arrays_that_do_not_fit(changed, sentence):
    with pytest.raises(ShapeError, match=f"^{sentence}$"):
        _poses(**changed)


def test_nobody_has_no_people_and_all_the_keypoints():
    nobody = Poses.nobody(17)
    assert len(nobody) == 0
    assert (nobody.xy.shape, nobody.score.shape, nobody.boxes.shape) == ((0, 17, 2), (0, 17), (0, 4))
    assert {nobody.xy.dtype, nobody.score.dtype, nobody.boxes.dtype} == {np.dtype(np.float32)}
    assert nobody.ids is None


def test_poses_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        _poses().xy = np.zeros((2, 3, 2))
