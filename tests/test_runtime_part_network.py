"""Some of the keypoints of a network."""

from dataclasses import replace

import numpy as np
import pytest

from tests.fake_network import FakeNetwork, colour_card, painted
from tests.test_runtime_calibration import MEASURED
from vitruvian.errors import SkeletonError
from vitruvian.inference import TopDown
from vitruvian.runtime import PartNetwork
from vitruvian.structures import Skeleton

PART = Skeleton.define("part", ("blue", "red"))


def test_the_rows_are_those_of_the_part_in_its_order():
    image = painted((32, 32), red=(5, 6), green=(20, 9), blue=(11, 25), radius=3)
    whole, part = TopDown(FakeNetwork()), TopDown(FakeNetwork()).answering(PART)
    for name in ("xy", "score"):
        every, some = getattr(whole(image), name), getattr(part(image), name)
        np.testing.assert_array_equal(some, every[:, [2, 0]])
    assert part.skeleton.names == ("blue", "red")
    ours, _ = part.likelihood(image, np.array([0, 0, 31, 31]), "red")
    theirs, _ = whole.likelihood(image, np.array([0, 0, 31, 31]), "red")
    np.testing.assert_array_equal(ours, theirs)


def test_each_keypoint_keeps_its_calibration():
    knots = tuple(((0.0, 0.0), (1.0, top)) for top in (0.5, 0.6, 0.7))
    spread = tuple((share,) * len(MEASURED.probabilities) for share in (1.0, 2.0, 3.0))
    card = replace(colour_card(), calibration=replace(MEASURED, knots=knots, spread=spread))
    found = PartNetwork(FakeNetwork(card), PART).card.calibration
    assert found.probability(np.ones((1, 2))).tolist() == [pytest.approx([0.7, 0.5])]
    assert [row[0] for row in found.spread] == [3.0, 1.0]


def test_the_same_skeleton_changes_nothing():
    top_down = TopDown(FakeNetwork())
    assert top_down.answering(top_down.skeleton) is top_down


def test_keypoints_that_the_network_lacks_are_refused():
    with pytest.raises(SkeletonError, match="not white of other"):
        TopDown(FakeNetwork()).answering(Skeleton.define("other", ("red", "white")))
