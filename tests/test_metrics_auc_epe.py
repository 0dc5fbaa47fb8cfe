"""AUC and EPE, worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.metrics import auc, epe, under_thresholds
from vitruvian.structures import Skeleton

from .labels import labels, predictions

NAN = np.nan
TWO = Skeleton.define("two", ["a", "b"])


def scored(scorer, off: list[list[float]], **how: float) -> dict[str, float]:
    """The score of people whose two points are off by so many pixels; infinite: missed; NaN: not labelled."""
    distance = np.array(off)
    true = np.where(np.isnan(distance)[..., None], NAN, np.zeros((*distance.shape, 2)))
    pred = np.stack([np.where(np.isinf(distance), NAN, distance), np.zeros_like(distance)], axis=-1)
    truth = labels(list(range(len(distance))), true)
    return scorer(truth, predictions(truth, pred), TWO, **how).values()


def test_the_area_is_the_share_of_thresholds_above():
    """Thresholds 0, 10, 20, 30, 40 of a limit of 50. Off by 0: four are above; by 10: three; by 45 or missed: none."""
    thresholds = np.arange(5) * 10.0
    distance = np.array([0.0, 9.9, 10.0, 45.0, np.inf, NAN])
    np.testing.assert_allclose(under_thresholds(distance, thresholds), [0.8, 0.8, 0.6, 0, 0, NAN])


def test_auc_is_the_mean_of_the_joints():
    """Limit 4 in 4 steps: thresholds 0 1 2 3. a: 0 and 2.5 off, 3/4 and 1/4; b: 1 off in one person, 2/4.

    Of joints (0.5 + 0.5) / 2; of labels (3 + 1 + 2) / 12.
    """
    values = scored(auc, [[0.0, 1.0], [2.5, NAN]], limit=4, steps=4)
    assert values == {"AUC": 0.5, "AUC of labels": 0.5, "AUC a": 0.5, "AUC b": 0.5}


def test_without_any_error_the_area_lacks_the_first_step():
    """Nothing is below the threshold 0, as in the code that published values come from."""
    assert scored(auc, [[0.0, 0.0]])["AUC"] == 0.95


def test_a_missed_point_has_no_area():
    assert scored(auc, [[np.inf, 0.0]])["AUC a"] == 0


@settings(max_examples=25)
@given(st.lists(st.floats(0, 60), min_size=2, max_size=2), st.floats(0, 10))
def test_a_larger_error_never_has_more_area(off, more):
    assert scored(auc, [[one + more for one in off]])["AUC"] <= scored(auc, [off])["AUC"]


def test_epe_is_the_mean_distance_in_pixels():
    """(3 + 4 + 8) / 3; a: (3 + 8) / 2."""
    values = scored(epe, [[3.0, 4.0], [8.0, NAN]])
    assert values == {"EPE": 5.0, "missing": 0.0, "EPE a": 5.5, "EPE b": 4.0}


def test_what_is_missing_is_counted_apart():
    """Of three labels one has no prediction."""
    values = scored(epe, [[3.0, np.inf], [5.0, NAN]])
    assert (values["EPE"], values["missing"]) == (4.0, pytest.approx(1 / 3))
    assert np.isnan(values["EPE b"])


def test_nobody_scores_nan():
    assert np.isnan(list(scored(epe, [[NAN, NAN]]).values())).all()
    assert np.isnan(list(scored(auc, [[NAN, NAN]]).values())).all()
