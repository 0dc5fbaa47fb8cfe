"""Predictions: columns that fit each other."""

from dataclasses import replace

import numpy as np
import pytest

from tests.labels import labels, predictions
from vitruvian.errors import ShapeError

XY = np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])


def test_the_length_is_the_number_of_instances():
    assert len(predictions(labels([0, 1], XY), XY)) == 2


@pytest.mark.parametrize("name", ["image", "score", "confidence", "boxes", "label"])
def test_a_column_of_another_length_is_named(name):
    two = predictions(labels([0, 1], XY), XY)
    with pytest.raises(ShapeError, match=rf"^{name} must be \(2.*\) to match xy, got \(1"):
        replace(two, **{name: getattr(two, name)[:1]})


def test_points_must_be_pairs():
    with pytest.raises(ShapeError, match=r"xy must be \(P, K, 2\), got \(2, 2\)"):
        replace(predictions(labels([0, 1], XY), XY), xy=np.zeros((2, 2)))
