"""Calibration: lines between knots, radii by groups, and the way into a card and back."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from tests.fake_network import FakeNetwork, colour_card, painted
from vitruvian.errors import ShapeError, WeightsError
from vitruvian.inference import TopDown
from vitruvian.runtime import Calibration, HeldOut, ModelCard

LINE = ((0.2, 0.1), (0.6, 0.9))
MEASURED = Calibration(
    data="dots",
    people=10,
    points=30,
    threshold=0.2,
    knots=(LINE, LINE, ((0.5, 0.7),)),
    probabilities=(0.5, 0.9),
    spread=((0.01, 0.01), (0.02, 0.02), (0.01, 0.01)),
    cuts=(0.5,),
    radii=((4.0, 8.0), (1.0, 2.0)),
    held_out=HeldOut(5, 15, 0.3, 0.01, ((0.1, 0.1, 7), (0.9, 0.9, 8)), (0.5, 0.9)),
)


def test_a_probability_lies_on_the_line_between_two_knots():
    """Half way from 0.2 to 0.6 is half way from 0.1 to 0.9; outside it is that of the nearest knot."""
    found = MEASURED.probability(np.array([[0.4, 0.0, 0.0], [0.2, 1.0, 1.0]]))
    np.testing.assert_allclose(found, [[0.5, 0.1, 0.7], [0.1, 0.9, 0.7]], rtol=1e-6)


def test_a_radius_grows_with_the_box_and_the_spread_and_falls_with_the_score():
    """A box 100 long: 4 spreads of 0.01 are 4 pixels; a score from the cut 0.5 on is in the second group."""
    box = np.array([[0, 0, 100, 50]])
    found = MEASURED.radius(np.array([[0.4, 0.5, np.nan]]), box)
    np.testing.assert_allclose(found.at(0.5), [[4.0, 2.0, np.nan]], rtol=1e-6)
    np.testing.assert_allclose(found.at(0.9), [[8.0, 4.0, np.nan]], rtol=1e-6)


def test_a_radius_does_not_fall_with_the_probability():
    """1 spread of 0.04 is more than 2 of 0.01, which would have been the radius for 0.9."""
    crossed = replace(MEASURED, spread=((0.04, 0.01),) * 3)
    found = crossed.radius(np.array([[0.9, 0.9, 0.9]]), np.array([[0, 0, 100, 50]]))
    assert found.pixels[0, 0].tolist() == [4.0, 4.0]


def test_poses_of_a_calibrated_model_have_radii():
    """The box is 64 pixels long; all three dots are as bright as can be."""
    top_down = TopDown(FakeNetwork(replace(colour_card(), calibration=MEASURED)))
    poses = top_down(painted((100, 90), (20, 10), (50, 60), (83, 73)), np.array([[20, 10, 84, 74]]))
    np.testing.assert_allclose(poses.radius(0.9), [[1.28, 2.56, 1.28]], rtol=1e-6)
    assert TopDown(FakeNetwork())(painted((100, 90))).radii is None
    nobody = top_down(painted((100, 90)), np.zeros((0, 4)))
    assert nobody.radius().shape == (0, 3)


@pytest.mark.parametrize("calibration", [MEASURED, replace(MEASURED, held_out=None), None])
def test_a_card_survives_its_json_with_its_calibration(calibration):
    card = replace(colour_card(), calibration=calibration)
    assert ModelCard.from_json(card.to_json(), "m.onnx") == card


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"cuts": [0.1, 0.2]}, "radii must be 3 rows of 2"),
        ({"spread": [[1.0, 2.0]]}, r"spread must be 3 rows of 2, got \[2\]"),
        ({"knots": [[], [], []]}, "every keypoint needs at least one knot"),
        ({"colour": 1}, "colour"),
        ({"radii": [[1.0, float("inf")], [1.0, 2.0]]}, "finite"),
        ({"held_out": {"people": 1}}, "missing"),
        ({"knots": [[[0.1, 0.2]]], "spread": [[1.0, 2.0]]}, "the calibration is of 1 keypoints, the skeleton has 3"),
    ],
)
def test_a_damaged_calibration_is_refused(change, problem):
    values = json.loads(replace(colour_card(), calibration=MEASURED).to_json())
    values["calibration"] |= change
    with pytest.raises(WeightsError, match=rf"m\.onnx has a damaged model card: .*{problem}"):
        ModelCard.from_json(json.dumps(values), "m.onnx")


def test_a_radius_for_each_group_and_probability_is_needed():
    with pytest.raises(ShapeError, match=r"radii must be 2 rows of 2, got \[2\]"):
        replace(MEASURED, radii=((1.0, 2.0),))


def test_values_are_those_of_asdict():
    assert Calibration.from_values(json.loads(json.dumps(asdict(MEASURED)))) == MEASURED
