"""Calibrations of people whose errors are drawn, so that the truth is known."""

import numpy as np
import pytest

from tests.colour_data import colour_data
from tests.fake_network import FakeNetwork
from tests.labels import labels
from vitruvian.datasets import Dataset
from vitruvian.errors import DataError, RecipeError
from vitruvian.inference import TopDown, calibrate, fit_calibration
from vitruvian.structures import Skeleton

PEOPLE = 4000
RNG = np.random.default_rng(0)


def drawn(people: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, distances and true probabilities (N, 3): a point is right with the square of its score.

    A wrong one is 0.3 to 0.5 of the box away, a right one up to 0.1, 0.05 and 0.02 for the three keypoints.
    """
    rng = np.random.default_rng(seed)
    score = rng.uniform(0, 1, (people, 3))
    right = rng.uniform(0, 1, score.shape) < score**2
    far = rng.uniform(0.3, 0.5, score.shape)
    near = rng.uniform(0, 1, score.shape) * [0.1, 0.05, 0.02]
    return score, np.where(right, near, far), score**2


@pytest.fixture(scope="module")
def fitted():
    score, distance, _ = drawn(PEOPLE)
    return fit_calibration(score, distance, np.arange(PEOPLE) % 2 == 0, "drawn")


def test_scores_become_the_probability_of_being_right(fitted):
    score, _, truth = drawn(2000, seed=1)
    assert abs(fitted.probability(score) - truth).mean() < 0.02
    assert abs(fitted.probability(score) - truth).max() < 0.1


def test_probabilities_never_fall_with_the_score(fitted):
    rising = np.linspace(0, 1, 1001)[:, None].repeat(3, 1)
    assert (np.diff(fitted.probability(rising), axis=0) >= 0).all()
    assert all(len(knots) <= 18 for knots in fitted.knots)


def test_scores_below_all_that_were_seen_fall_to_nothing():
    """All points of scores from 0.4 on are right; of lower ones nothing is known."""
    score = 0.4 + 0.6 * drawn(2000)[0]
    found = fit_calibration(score, np.full(score.shape, 0.01), np.arange(2000) % 2 == 0, "drawn")
    low, seen = found.probability(np.array([[0.1] * 3, [0.41] * 3]))
    assert low == pytest.approx([0.25] * 3, abs=0.01)
    assert seen == pytest.approx([1.0] * 3, abs=0.01)
    assert found.probability(np.zeros((1, 3))).tolist() == [[0.0] * 3]


def test_a_single_low_score_does_not_hold_up_the_fall():
    score = 0.9 + 0.1 * drawn(2000)[0]
    score[7] = 6e-5
    found = fit_calibration(score, np.full(score.shape, 0.01), np.arange(2000) % 2 == 0, "drawn")
    assert found.probability(np.full((1, 3), 0.45)).tolist() == [pytest.approx([0.5] * 3, abs=0.01)]


def test_scores_that_are_all_alike_say_nothing_of_lower_ones():
    found = fit_calibration(np.full((2000, 3), 0.8), np.full((2000, 3), 0.01), np.arange(2000) % 2 == 0, "drawn")
    assert found.probability(np.full((1, 3), 0.4)).tolist() == [pytest.approx([0.5] * 3, abs=0.01)]
    assert found.probability(np.full((1, 3), 0.8)).tolist() == [pytest.approx([1.0] * 3, abs=0.01)]


def test_radii_hold_the_truth_as_often_as_they_say(fitted):
    """Within 2 points for each of the probabilities, on people that were not fitted on."""
    score, distance, _ = drawn(PEOPLE, seed=2)
    radii = fitted.radius(fitted.probability(score), np.tile([0.0, 0, 200, 100], (PEOPLE, 1)))
    for probability in (0.3, 0.5, 0.75, 0.8, 0.9, 0.95, 0.99):
        assert (distance * 200 <= radii.at(probability)).mean() == pytest.approx(probability, abs=0.02)


def test_surer_points_have_smaller_radii(fitted):
    box = np.array([[0.0, 0, 100, 100]])
    low, high = (fitted.radius(np.full((1, 3), value), box).at(0.8) for value in (0.2, 0.95))
    assert (high < low).all()


def test_where_all_points_are_right_surer_ones_still_have_smaller_radii():
    """The farther one is off, at most 0.1 of the box, the lower its score."""
    score = np.random.default_rng(0).uniform(0, 1, (2000, 2))
    found = fit_calibration(score, (1 - score) / 10, np.arange(2000) % 2 == 0, "faces")
    sure, unsure = np.full((1, 2), 0.9), np.full((1, 2), 0.1)
    assert found.probability(np.concatenate([sure, unsure])).min() > 0.99
    box = np.array([[0.0, 0, 100, 100]])
    near, far = (found.radius(found.probability(one), box).at(0.8) for one in (sure, unsure))
    assert near == pytest.approx(1.0, abs=1)
    assert far == pytest.approx(9.0, abs=1)


def test_what_was_held_out_tells_how_good_it_is(fitted):
    seen = fitted.held_out
    assert (seen.people, seen.points) == (2000, 6000)
    assert seen.error_before > 0.15  # the mean of s - s² is 1/6
    assert seen.error < 0.02
    assert seen.coverage == pytest.approx(fitted.probabilities, abs=0.02)
    assert sum(count for _, _, count in seen.reliability) == 6000


def test_a_keypoint_with_few_labels_shares_what_holds_for_all():
    score, distance, _ = drawn(2000)
    distance[:, 2] = np.where(np.arange(2000) < 100, distance[:, 2], np.nan)
    found = fit_calibration(score, distance, np.arange(2000) % 2 == 0, "drawn")
    assert found.knots[2] not in found.knots[:2]
    assert len(found.knots[2]) == 18
    assert np.isfinite(found.spread).all()


def test_points_that_are_not_found_do_not_count_for_radii_and_are_never_right():
    score, distance, _ = drawn(2000)
    half = np.arange(2000) % 2 == 0
    lost = RNG.uniform(size=score.shape) < 0.1
    whole = fit_calibration(np.where(lost, 0, score), np.where(lost, np.inf, distance), half, "drawn")
    assert np.isfinite(whole.radii).all()
    assert whole.held_out.error < 0.025
    assert whole.held_out.reliability[0][0] < 0.01


def test_a_model_that_is_always_right_stays_so():
    found = fit_calibration(np.ones((1000, 2)), np.zeros((1000, 2)), np.arange(1000) % 2 == 0, "easy")
    assert found.probability(np.array([[1.0, 0.3]])).tolist() == [[1, pytest.approx(0.3)]]  # 0.3 was never seen
    assert (len(found.radii), found.held_out.error) == (1, 0)


def test_too_little_data_is_refused_with_what_is_needed():
    score, distance, _ = drawn(200)
    with pytest.raises(DataError, match=r"few: 600 labelled points of 200 people are answered, 150 in the smaller"):
        fit_calibration(score, distance, np.arange(200) < 50, "few")


def people_with(folder, names: list[str], count: int = 520) -> Dataset:
    """Photos of three dots, of which a green and a red one are labelled, in this order, under these names."""
    xy = np.random.default_rng(0).integers((22, 12), (82, 72), (count, 3, 2)).astype(np.float64)
    photos = colour_data(folder, xy)
    two = labels(list(range(count)), xy[:, [1, 0]], files=photos.labels.files, boxes=photos.labels.boxes)
    return Dataset("two", Skeleton.define("two", names), two, folder)


def test_labels_of_some_keypoints_in_another_order_are_enough(tmp_path):
    """Every dot is found, so that all are right, but for those that another one covers."""
    found = calibrate(TopDown(FakeNetwork()), people_with(tmp_path, ["green", "red"]))
    assert (found.data, found.people, found.points) == ("two", 520, 1040)
    assert found.probability(np.ones((1, 3))) == pytest.approx(1.0, abs=0.01)
    assert len(found.knots) == len(found.spread) == 3


def test_labels_of_other_keypoints_alone_are_refused(tmp_path):
    with pytest.raises(RecipeError, match=r"two \(two: a, b\) shares no keypoint with colours"):
        calibrate(TopDown(FakeNetwork()), people_with(tmp_path, ["a", "b"], count=2))
