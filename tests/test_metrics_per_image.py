"""The tally of means, worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.errors import ShapeError
from vitruvian.metrics import MeanTally
from vitruvian.metrics.per_image import of_joints, tally_means

from .labels import labels

NAN = np.nan
TRUTH = labels([0, 0, 2], np.zeros((3, 2, 2)), images=4)  # two people, nobody, one person, nobody


def test_a_column_is_the_mean_of_all_its_values_that_are_known():
    """(1 + 2 + 6) / 3, the NaN not counted; each column alone: (1 + 6) / 2 and 2."""
    values = np.array([[1.0, 2.0], [6.0, NAN], [NAN, NAN]])
    tally = tally_means(TRUTH, {"all": values, **of_joints("all", ["a", "b"], values)})
    assert tally.values() == {"all": 3.0, "all a": 3.5, "all b": 2.0}


def test_a_list_of_names_is_the_plain_mean_of_those_that_are_known():
    """a is 3.5 over two people and b 2 over one: 2.75, where all together are 3. c has nobody."""
    values = np.array([[1.0, 2.0, NAN], [6.0, NAN, NAN], [NAN, NAN, NAN]])
    joints = of_joints("x", ["a", "b", "c"], values)
    found = tally_means(TRUTH, {"mean": list(joints), **joints}).values()
    assert list(found) == ["mean", "x a", "x b", "x c"]
    assert found["mean"] == 2.75
    assert np.isnan(found["x c"])


def test_each_score_says_how_many_instances_it_is_about():
    """Two of three have a value at all; both have an a, one has a b. Joined with themselves, twice as many."""
    values = np.array([[1.0, 2.0], [6.0, NAN], [NAN, NAN]])
    joints = of_joints("x", ["a", "b"], values)
    tally = tally_means(TRUTH, {"x": values, "mean": list(joints), **joints})
    assert tally.instances == {"x": 2, "mean": 2, "x a": 2, "x b": 1}
    assert (tally + tally).instances == {"x": 4, "mean": 4, "x a": 4, "x b": 2}


def test_what_nothing_is_known_of_is_nan():
    assert np.isnan(tally_means(TRUTH, {"x": np.full(3, NAN)}).values()["x"])
    assert np.isnan(tally_means(labels([], np.zeros((0, 2, 2))), {"x": np.zeros(0)}).values()["x"])


def test_images_can_count_several_times_or_not_at_all():
    """Image 0 holds 1 and 2, image 2 holds 9: once each 4; image 0 twice (6 + 9) / 5; image 0 alone 1.5."""
    tally = tally_means(TRUTH, {"x": np.array([1.0, 2.0, 9.0])})
    assert tally.values()["x"] == 4.0
    assert tally.values(np.array([2, 5, 1, 0]))["x"] == 3.0
    assert tally.values(np.array([1, 0, 0, 0]))["x"] == 1.5
    assert np.isnan(tally.values(np.zeros(4))["x"])


@settings(max_examples=25)
@given(st.lists(st.integers(0, 4), min_size=4, max_size=4))
def test_times_are_as_good_as_copies(times):
    """Images taken several times give what a data set with copies of them gives."""
    values = np.array([[1.0, NAN], [6.0, 0.5], [2.0, 3.0]])
    columns = {"x": values, **of_joints("x", ["a", "b"], values), "mean": ["x a", "x b"]}
    rows = [n for n, image in enumerate(TRUTH.image) for _ in range(times[image])]
    copied = tally_means(
        TRUTH.of_instances(np.array(rows, int)), {k: v if isinstance(v, list) else v[rows] for k, v in columns.items()}
    )
    expected = copied.values()
    found = tally_means(TRUTH, columns).values(np.array(times))
    np.testing.assert_allclose(list(found.values()), list(expected.values()))


def test_joined_tallies_are_the_tally_of_all_images():
    values = np.array([1.0, 2.0, 9.0])
    whole = tally_means(TRUTH, {"x": values})
    first, second = (
        tally_means(TRUTH.of_images(rows), {"x": values[part]}) for rows, part in (([0, 1], [0, 1]), ([2, 3], [2]))
    )
    joined = first + second
    assert joined.images == 4
    assert joined.values() == whole.values()
    assert joined.values(np.array([0, 0, 1, 0])) == {"x": 9.0}


def test_tallies_of_other_scores_do_not_join():
    one, other = (tally_means(TRUTH, {name: np.zeros(3)}) for name in ("x", "y"))
    with pytest.raises(ShapeError, match=r"^only tallies of the same scores can be joined, got x and y$"):
        one + other


@pytest.mark.parametrize("times", [np.ones(3), np.ones((4, 1)), np.float64(1)])
def test_times_of_another_number_of_images_are_refused(times):
    with pytest.raises(ShapeError, match=r"^times must be \(4,\), one number an image, got "):
        tally_means(TRUTH, {"x": np.zeros(3)}).values(times)


def test_arrays_that_do_not_fit_each_other_are_refused():
    with pytest.raises(ShapeError, match=r"^sums and counts must both be \(I, C\), got \(2, 1\) and \(3, 1\)$"):
        MeanTally(("x",), np.zeros((2, 1)), np.zeros((3, 1)), np.ones((1, 1)), np.ones(1))
    with pytest.raises(ShapeError, match=r"^shares must be \(1, 2\) for 1 names and 2 columns, got \(1, 1\)$"):
        MeanTally(("x",), np.zeros((2, 2)), np.zeros((2, 2)), np.ones((1, 1)), np.ones(1))
    with pytest.raises(ShapeError, match=r"^of must be \(1,\), one number a name, got \(2,\)$"):
        MeanTally(("x",), np.zeros((2, 1)), np.zeros((2, 1)), np.ones((1, 1)), np.ones(2))
    with pytest.raises(ShapeError, match=r"^x needs values of 3 instances, got \(2, 2\)$"):
        tally_means(TRUTH, {"x": np.zeros((2, 2))})
    with pytest.raises(ShapeError, match=r"^PCK needs values \(N, 2\) for 2 keypoints, got \(3, 3\)$"):
        of_joints("PCK", ["a", "b"], np.zeros((3, 3)))
