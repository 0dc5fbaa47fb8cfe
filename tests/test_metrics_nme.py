"""NME, worked by hand; published values of 507 faces are in test_metrics_reference."""

import re

import numpy as np
import pytest

from vitruvian.errors import DataError, ShapeError
from vitruvian.metrics import keypoint_scale, nme, nme_between, nme_box, nme_eyes, nme_item, nme_wflw
from vitruvian.structures import SKELETONS, Skeleton

from .labels import labels, predictions

NAN = np.nan
THREE = Skeleton.define("three", ["left_eye", "right_eye", "nose"])
FACE = np.array([[0, 0], [30, 40], [20, 20]], float)  # eyes 50 apart, a box of 30 x 40


def test_by_two_keypoints():
    """Off by 5, 10 and 0 of 50: 0.1, 0.2 and 0."""
    truth = labels([0], FACE[None])
    pred = FACE + np.array([[5, 0], [0, 10], [0, 0]])
    values = nme_between(truth, predictions(truth, pred[None]), THREE, 0, 1).values()
    assert values["NME"] == pytest.approx(0.1)
    assert [values[f"NME {name}"] for name in THREE.names] == pytest.approx([0.1, 0.2, 0])
    assert values["missing"] == 0


def test_by_the_longer_side_of_the_box_or_the_size_that_the_labels_bring():
    """Off by 4: 0.1 of 40, and 0.04 of 100. A column without any size brings none."""
    truth, pred = labels([0], FACE[None]), FACE[None] + [4, 0]
    assert nme_box(truth, predictions(truth, pred), THREE).values()["NME"] == pytest.approx(0.1)
    for size, expected in ((100.0, 0.04), (NAN, 0.1)):
        sized = labels([0], FACE[None], extras={"box_size": np.array([size])})
        assert nme_box(sized, predictions(sized, pred), THREE).values()["NME"] == pytest.approx(expected)


def test_by_any_column_of_the_labels():
    truth = labels([0], FACE[None], extras={"head_size": np.array([8.0])})
    answers = predictions(truth, FACE[None] + [4, 0])
    assert nme_item(truth, answers, THREE, "head_size").values()["NME"] == pytest.approx(0.5)
    said = 'the labels have no column "height" to divide by; their further columns: head_size'
    with pytest.raises(DataError, match=f"^{re.escape(said)}$"):
        nme_item(truth, answers, THREE, "height")


def test_a_group_of_keypoints_stands_for_its_middle():
    """The middle of (0, 0) and (30, 40) is (15, 20), 5 from (20, 20)."""
    assert keypoint_scale(FACE[None], (0, 1), 2).tolist() == [5.0]
    assert np.isnan(keypoint_scale(np.where(np.arange(3)[:, None] == 0, NAN, FACE)[None], (0, 1), 2)).all()


def test_a_unit_between_keypoints_that_are_not_there_is_refused():
    truth = labels([0], FACE[None])
    with pytest.raises(ShapeError, match=r"^the unit needs keypoint 45, there are 0 to 2; give two that there are$"):
        nme_eyes(truth, predictions(truth, truth.xy), THREE)


def test_a_face_fails_above_a_mean_of_a_tenth_or_without_any_prediction():
    """Units of 10; means of 0.1, 0.2, nothing predicted, one point of two missing with the other at 0.1: 2 of 4."""
    true = np.zeros((4, 2, 2))
    pred = np.zeros((4, 2, 2))
    pred[0, :, 0], pred[1, :, 0], pred[2], pred[3, 0, 0], pred[3, 1] = 1, 2, NAN, 1, NAN
    truth = labels([0, 1, 2, 3], true)
    values = nme(truth, predictions(truth, pred), Skeleton.define("s", ["a", "b"]), np.full(4, 10.0)).values()
    assert values["failures@0.1"] == 0.5
    assert values["NME"] == pytest.approx((0.1 * 2 + 0.2 * 2 + 0.1) / 5)
    assert values["missing"] == pytest.approx(3 / 8)


def test_subsets_are_scored_apart():
    """Two faces, 0.1 and 0.3; the second is blurred and nobody is made up."""
    flags = {"blur": np.array([False, True]), "makeup": np.array([False, False])}
    wflw = SKELETONS["wflw98"]
    true = np.zeros((2, 98, 2))
    true[:, 72] = [10, 0]
    pred = true.copy()
    pred[0, :, 1], pred[1, :, 1] = 1, 3
    truth = labels([0, 1], true, extras=flags)
    values = nme_wflw(truth, predictions(truth, pred), wflw).values()
    assert [values["NME"], values["NME blur"]] == pytest.approx([0.2, 0.3])
    assert np.isnan(values["NME makeup"])
    assert "NME pose" not in values
    assert (values["failures@0.1"], values["failures@0.1 blur"]) == (0.5, 1)


@pytest.mark.parametrize("scale", [NAN, 0.0])
def test_a_face_without_a_unit_does_not_count(scale):
    truth = labels([0], FACE[None])
    values = nme(truth, predictions(truth, FACE[None] + 1), THREE, np.array([scale])).values()
    assert np.isnan(list(values.values())).all()


def test_the_nme_of_the_box_is_given_for_frontal_faces_too():
    """Boxes of 10: errors of 1 and 3 are 0.1 and 0.3; the second face is frontal."""
    truth = labels([0, 1], [[[0.0, 0.0], [10.0, 10.0]]] * 2, extras={"frontal": np.array([False, True])})
    pred = truth.xy + np.array([[[1.0, 0.0]], [[3.0, 0.0]]])
    found = nme_box(truth, predictions(truth, pred), Skeleton.define("two", ["a", "b"])).values()
    assert found["NME"] == pytest.approx(0.2)
    assert found["NME frontal"] == pytest.approx(0.3)
