"""JHMDB's PCK, worked by hand."""

import numpy as np
import pytest

from vitruvian.metrics import jhmdb_pck
from vitruvian.structures import SKELETONS

from .labels import labels, predictions

JHMDB = SKELETONS["jhmdb15"]


def person() -> np.ndarray:
    """Left shoulder and right hip 50 apart, the box 100 wide."""
    xy = np.zeros((1, 15, 2))
    xy[0, JHMDB.index("left_shoulder")] = [30, 40]
    xy[0, JHMDB.index("left_ankle")] = [100, 0]
    return xy


def test_both_units_and_the_parts():
    """0.2 of the box is 20, of the torso 10. An elbow off by 15: right by the box, wrong by the torso, 14 of 15."""
    truth, pred = labels([0], person()), person()
    pred[0, JHMDB.index("left_elbow"), 0] += 15
    values = jhmdb_pck(truth, predictions(truth, pred), JHMDB).values()
    assert values["PCK"] == 1
    assert values["tPCK"] == pytest.approx(14 / 15)
    assert (values["tPCK elbow"], values["tPCK left_elbow"], values["tPCK head"]) == (0.5, 0, 1)


def test_the_mean_is_over_joints_and_not_over_labels():
    """Two people; the head is labelled in one, and wrong: 14 joints of 15, 28 labels of 29."""
    true = np.concatenate([person(), person()])
    pred = true.copy()
    head = JHMDB.index("head")
    true[1, head], pred[0, head] = np.nan, 999
    truth = labels([0, 1], true)
    assert jhmdb_pck(truth, predictions(truth, pred), JHMDB).values()["PCK"] == pytest.approx(14 / 15)


def test_a_person_without_a_torso_counts_by_the_box_only():
    true = person()
    true[0, JHMDB.index("right_hip")] = np.nan
    truth = labels([0], true)
    values = jhmdb_pck(truth, predictions(truth, person()), JHMDB).values()
    assert values["PCK"] == 1
    assert np.isnan(values["tPCK"])
