"""Answers to several questions at once, worked by hand."""

import numpy as np
import pytest

from vitruvian.errors import ShapeError
from vitruvian.metrics import multilabel_accuracy


def test_all_answers_of_an_instance_must_be_right():
    """Both right; one wrong; one on the threshold; one unknown, which does not count: 1 of 3."""
    pred = np.array([[0.9, 0.2], [0.9, 0.8], [0.5, 0.2], [0.9, 0.2]])
    true = np.array([[1, 0], [1, 0], [1, 0], [1, 0]], float)
    known = np.array([[True, True]] * 3 + [[True, False]])
    assert multilabel_accuracy(pred, true, known) == pytest.approx(1 / 3)


def test_nothing_known_is_nan():
    assert np.isnan(multilabel_accuracy(np.ones((2, 2)), np.ones((2, 2)), np.zeros((2, 2), bool)))


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(
        ShapeError, match=r"^pred, true and known must all be \(N, C\), got \(2, 2\), \(2, 1\) and \(2, 2\)$"
    ):
        multilabel_accuracy(np.ones((2, 2)), np.ones((2, 1)), np.ones((2, 2), bool))
