"""Scores of a model on labelled people, worked by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.fake_network import FakeNetwork, colour_card, painted
from vitruvian.errors import DataError, ShapeError
from vitruvian.inference import TopDown, evaluate_people
from vitruvian.inference.evaluate import mean_pose, score_people, torso_diagonals
from vitruvian.structures import SKELETONS, Poses, Sample, Skeleton

ALONE = {"left_shoulder": "left_shoulder", "right_hip": "right_hip"}  # their partners are not in the skeleton
TORSO = Skeleton.define("torso3", ["left_shoulder", "neck", "right_hip"], pairs=ALONE)
UNSCALED = [20.0, 10.0, 84.0, 74.0]


def estimator() -> TopDown:
    return TopDown(FakeNetwork(replace(colour_card(), skeleton=TORSO)))


def sample(image: np.ndarray, xy: list[list[list[float]]], boxes: list[list[float]]) -> Sample:
    points = np.array(xy, np.float32)
    return Sample("one", lambda: image, Poses(points, np.isfinite(points).all(-1).astype(np.float32), np.array(boxes)))


def test_one_person_by_hand():
    """Shoulder (40, 20) and hip (40, 70): a torso of 50, so 10 pixels are allowed; the box allows 0.2 * 64 = 12.8.

    The shoulder is found, the neck is 11 pixels off, the hip is not labelled in the second person.
    """
    image = painted((100, 90), (40, 20), (50, 31), (40, 70))
    nan = float("nan")
    result = evaluate_people(
        estimator(),
        [sample(image, [[[40, 20], [50, 20], [40, 70]], [[40, 20], [50, 31], [nan, nan]]], [UNSCALED, UNSCALED])],
    )
    assert result.joints == ("left_shoulder", "neck", "right_hip")
    assert (result.people, result.torsos) == (2, 1)
    assert result.torso.tolist() == pytest.approx([1, 0, 1, 2 / 3])  # the second person has no torso
    assert result.box.tolist() == pytest.approx([1, 1, 1, 1])
    assert result.calibration == pytest.approx(1 / 3)  # all three scores are 1, two points are right


def test_the_mean_pose_is_the_mean_place_in_the_box():
    """Places 0.25 and 0.75 of the width have the mean 0.5; the joint nobody has labelled stays at the corner."""
    nan = float("nan")
    true = np.array([[[2.5, 0], [nan, nan]], [[175, 0], [nan, nan]]])
    boxes = np.array([[0, 0, 10, 10], [100, 0, 200, 100]])
    assert mean_pose(true, boxes)[:, 0].tolist() == [[5, 0], [150, 0]]


def test_a_joint_without_label_is_null_in_the_file():
    nan = float("nan")
    true = np.array([[[40, 20], [nan, nan], [nan, nan]]])
    result = score_people(true, np.ones((1, 3)), true, np.array([UNSCALED]), TORSO)
    content = json.loads(result.to_json(), parse_constant=lambda name: pytest.fail(f"{name} is not json"))
    assert content["metric"] == "PCK@0.2"
    assert (content["people"], content["torsos"], content["calibration"]) == (1, 0, None)
    assert content["joints"]["left_shoulder"] == {
        "torso": None,
        "box": 1.0,
        "mean_pose_torso": None,
        "mean_pose_box": 1.0,
    }
    assert content["joints"]["neck"]["box"] is None
    assert content["joints"]["all"]["box"] == 1.0


def test_people_without_a_usable_box_are_left_out_one_by_one():
    """No box, a box without area (one labelled joint), a box outside the image; the fourth person counts."""
    nan = float("nan")
    boxes = [[nan] * 4, [40.0, 20.0, 40.0, 20.0], [200.0, 10.0, 264.0, 74.0], UNSCALED]
    points = [[[40.0, 20.0], [50.0, 31.0], [40.0, 70.0]]] * 4
    result = evaluate_people(estimator(), [sample(painted((100, 90), (40, 20), (50, 31), (40, 70)), points, boxes)])
    assert (result.people, result.torsos) == (1, 1)
    assert result.torso.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "samples", [[], [sample(painted((9, 9)), [[[0, 0], [1, 1], [2, 2]]], [[3.0, 3.0, 3.0, 3.0]])]], ids=["none", "one"]
)
def test_nobody_to_evaluate_is_an_error(samples):
    with pytest.raises(DataError, match="nobody in a usable box; give labelled images"):
        evaluate_people(estimator(), samples)


def test_labels_of_another_skeleton_are_refused():
    with pytest.raises(ShapeError, match="one is labelled with 2 keypoints, the model has the 3 of torso3"):
        evaluate_people(estimator(), [sample(painted((9, 9)), [[[0, 0], [1, 1]]], [[0.0, 0.0, 5.0, 5.0]])])


def test_the_torso_is_measured_from_shoulder_to_opposite_hip():
    names = SKELETONS["lsp14"].names
    assert {(names[a], names[b]) for a, b in torso_diagonals(SKELETONS["lsp14"])} == {
        ("left_shoulder", "right_hip"),
        ("right_shoulder", "left_hip"),
    }
    assert torso_diagonals(SKELETONS["hand21"]) == ()
