"""Isotonic regression and conformal bounds, worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.metrics import conformal_quantile, isotonic


def test_neighbours_in_falling_order_become_their_mean():
    """0.5, 0.3 fall: their mean is 0.4; then 0.4 and 0.2, of weights 2 and 2, fall again: 0.3."""
    values = np.array([0.1, 0.5, 0.3, 0.2, 0.9])
    assert isotonic(values, np.array([1, 1, 1, 2, 1])).tolist() == pytest.approx([0.1, 0.3, 0.3, 0.3, 0.9])


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 100)), min_size=1, max_size=30))
def test_what_comes_out_never_falls_and_keeps_the_mean(pairs):
    values, weights = np.transpose(pairs)
    found = isotonic(values, weights)
    assert (np.diff(found) >= 0).all()
    assert np.average(found, weights=weights) == pytest.approx(np.average(values, weights=weights))


def test_what_never_falls_stays():
    values = np.array([0.0, 0.2, 0.2, 1.0])
    assert isotonic(values, np.ones(4)).tolist() == values.tolist()


@pytest.mark.parametrize(
    ("probability", "bound"),
    [(0.5, 5), (0.9, 9), (0.8, 8), (0.81, 9), (0.91, math.inf)],  # the 5th, 9th, 8th, 9th, 10th smallest of nine
)
def test_the_bound_is_the_smallest_error_of_the_corrected_rank(probability, bound):
    errors = np.array([9.0, 1, 2, 8, 3, 7, 4, 6, 5])
    assert conformal_quantile(errors, probability) == bound


def test_without_errors_there_is_no_bound():
    assert conformal_quantile(np.zeros(0), 0.5) == math.inf
