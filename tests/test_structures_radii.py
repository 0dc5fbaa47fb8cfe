"""Radii: between the probabilities that were measured, and not beyond them."""

import numpy as np
import pytest

from vitruvian.errors import DataError, RecipeError, ShapeError
from vitruvian.structures import Poses, Radii

RADII = Radii(np.array([0.5, 0.9, 0.99]), np.array([[[2.0, 10, 30], [np.nan] * 3]], np.float32))


def poses(radii: Radii | None) -> Poses:
    return Poses(
        np.zeros((1, 2, 2), np.float32), np.ones((1, 2), np.float32), np.zeros((1, 4), np.float32), None, radii
    )


@pytest.mark.parametrize(("probability", "pixels"), [(0.5, 2), (0.9, 10), (0.7, 6), (0.99, 30)])
def test_the_radius_is_read_off_the_table_or_between_its_columns(probability, pixels):
    found = poses(RADII).radius(probability)
    np.testing.assert_allclose(found, [[pixels, np.nan]], rtol=1e-6)
    assert found.dtype == np.float32


@pytest.mark.parametrize("probability", [0.4, 0.999, 1.0, 0.0, float("nan")])
def test_a_probability_that_was_not_measured_is_refused(probability):
    with pytest.raises(RecipeError, match=r"known for probabilities from 0.5 to 0.99, got"):
        poses(RADII).radius(probability)


def test_poses_without_radii_say_how_to_get_some():
    with pytest.raises(DataError, match="calibrate it with `vitruvian calibrate`"):
        poses(None).radius()


def test_radii_fit_their_poses_and_their_probabilities():
    with pytest.raises(ShapeError, match=r"radii must be \(1, 2, 'P'\) to match xy"):
        poses(Radii(np.array([0.5]), np.zeros((1, 3, 1))))
    with pytest.raises(ShapeError, match=r"probabilities \(P,\), got \(1, 3, 1\) and \(2,\)"):
        Radii(np.array([0.5, 0.6]), np.zeros((1, 3, 1)))
