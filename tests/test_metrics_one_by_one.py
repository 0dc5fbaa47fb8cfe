"""Labels beside their predictions."""

import re
from dataclasses import replace

import numpy as np
import pytest

from vitruvian.errors import DataError, ShapeError
from vitruvian.metrics import one_by_one, one_by_one_3d

from .labels import labels, predictions

NAN = np.nan
XY = np.array([[[0, 0], [1, 1]], [[2, 2], [NAN, NAN]], [[4, 4], [5, 5]]], float)
TRUTH = labels([0, 0, 1], XY)


def test_each_prediction_stands_beside_its_label():
    """Given in another order, and none for label 1."""
    answers = replace(predictions(TRUTH.of_instances(np.array([2, 0])), XY[[2, 0]] + 1), label=np.array([2, 0]))
    pred, true = one_by_one(TRUTH, answers)
    np.testing.assert_array_equal(pred, [XY[0] + 1, np.full((2, 2), NAN), XY[2] + 1])
    np.testing.assert_array_equal(true, XY)


def test_crowds_are_not_compared():
    crowds = replace(TRUTH, crowd=np.array([True, False, False]))
    _, true = one_by_one(crowds, predictions(crowds, XY))
    assert np.isnan(true[0]).all()
    np.testing.assert_array_equal(true[1:], XY[1:])


def test_nobody_is_compared_with_nobody():
    nobody = labels([], np.zeros((0, 3, 2)))
    pred, true = one_by_one(nobody, predictions(nobody, np.zeros((0, 3, 2))))
    assert pred.shape == true.shape == (0, 3, 2)


def test_in_space_all_three_coordinates_are_compared():
    deep = replace(TRUTH, xyz=np.arange(18.0).reshape(3, 2, 3))
    pred, true = one_by_one_3d(deep, predictions(deep, XY, xyz=deep.xyz + 1))
    np.testing.assert_array_equal(pred, true + 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"label": None},
            "the predictions do not say which label each is for; predict in the labelled",
        ),
        ({"label": np.array([0, 1, 3])}, "the predictions are for labels 0 to 3, there are 0 to 2"),
        ({"label": np.array([0, -1, 2])}, "the predictions are for labels -1 to 2, there are 0 to 2"),
        ({"label": np.array([0, 1, 1])}, "label 1 has more than one prediction (1 such labels); give one for each"),
        ({"label": np.array([2, 1, 0])}, "prediction 0 is in image 0, but its label 2 is in image 1; were the labels"),
    ],
)
def test_predictions_that_belong_to_no_label_are_refused(change, said):
    with pytest.raises(DataError, match=f"^{re.escape(said)}"):
        one_by_one(TRUTH, replace(predictions(TRUTH, XY), **change))


def test_other_keypoints_are_refused():
    answers = predictions(labels([0, 0, 1], np.zeros((3, 5, 2))), np.zeros((3, 5, 2)))
    with pytest.raises(
        ShapeError, match=r"^the predictions have 5 keypoints, the labels 2; compare the same keypoints$"
    ):
        one_by_one(TRUTH, answers)


def test_what_has_no_depth_cannot_be_compared_in_space():
    with pytest.raises(DataError, match=r"^the labels are in the image only; a score in space needs their xyz"):
        one_by_one_3d(TRUTH, predictions(TRUTH, XY))
    deep = replace(TRUTH, xyz=np.zeros((3, 2, 3)))
    with pytest.raises(DataError, match=r"^the predictions are in the image only"):
        one_by_one_3d(deep, predictions(deep, XY))
