"""The interval of a score, and of the difference of two."""

from collections.abc import Iterator

import numpy as np
import pytest

from vitruvian.errors import ShapeError
from vitruvian.metrics import Estimate, MeanTally, bootstrap, paired

NAN = np.nan


def mean_of(values: np.ndarray, name: str = "mean") -> MeanTally:
    """The mean of one value an image; NaN for an image without any."""
    known = np.isfinite(values)
    sums, counts = np.where(known, values, 0.0)[:, None], known[:, None].astype(float)
    return MeanTally((name,), sums, counts, np.ones((1, 1)), np.array([known.sum()]))


def samples(count: int, draw: str, **how: object) -> Iterator[np.ndarray]:
    random = np.random.default_rng(0)
    yield from (getattr(random, draw)(**how, size=100) for _ in range(count))


@pytest.mark.parametrize(
    ("draw", "how", "truth"),
    [("normal", {"loc": 3.0}, 3.0), ("binomial", {"n": 1, "p": 0.7}, 0.7), ("exponential", {"scale": 2.0}, 2.0)],
)
def test_the_interval_holds_the_truth_about_19_times_in_20(draw, how, truth):
    """Means of 100 images; the percentile interval is known to be a little narrow for skewed values."""
    found = [bootstrap(mean_of(values), draws=80)["mean"] for values in samples(100, draw, **how)]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.89 <= held <= 0.99


def test_the_interval_is_that_of_the_normal_distribution():
    """The mean of 400 values of variance 1 varies by 1 / 20, so that 95 % lie within 1.96 / 20 = 0.098."""
    values = np.random.default_rng(0).normal(size=400)
    found = bootstrap(mean_of((values - values.mean()) / values.std()), draws=1000)["mean"]
    assert found.value == pytest.approx(0, abs=1e-12)
    assert (found.low, found.high) == (pytest.approx(-0.098, abs=0.012), pytest.approx(0.098, abs=0.012))


def test_images_that_are_all_alike_leave_no_doubt():
    assert bootstrap(mean_of(np.full(9, 0.25)), draws=50) == {"mean": Estimate(0.25, 0.25, 0.25)}


def test_the_same_seed_draws_the_same_images_and_another_others():
    tally = mean_of(np.arange(30.0))
    assert bootstrap(tally, 50, seed=1) == bootstrap(tally, 50, seed=1) != bootstrap(tally, 50, seed=2)


def test_what_was_seen_does_not_depend_on_the_seed():
    assert bootstrap(mean_of(np.arange(30.0)), 20, seed=5)["mean"].value == 14.5


def test_without_images_nothing_is_known():
    found = bootstrap(mean_of(np.zeros(0)))["mean"]
    assert np.isnan([found.value, found.low, found.high]).all()


def test_one_image_says_nothing_about_others():
    """Drawn again it is always the same, but an interval without width would be a lie."""
    for found in (bootstrap(mean_of(np.array([0.5])), 10), paired(*[mean_of(np.array([0.5]))] * 2, 10)):
        assert np.isnan([found["mean"].low, found["mean"].high]).all()


def test_one_image_among_others_that_know_nothing_says_nothing_either():
    """One of two images has a value: a quarter of the draws have none, the others all give 3."""
    found = bootstrap(mean_of(np.array([NAN, 3.0])), draws=50)["mean"]
    assert found.value == 3.0
    assert np.isnan([found.low, found.high]).all()


def test_draws_that_know_nothing_are_left_out():
    """Of three images two have a value: the draws that have neither are passed over."""
    found = bootstrap(mean_of(np.array([NAN, 3.0, 5.0])), draws=200)["mean"]
    assert (found.value, found.low, found.high) == (4.0, 3.0, 5.0)


def test_a_score_that_nothing_is_known_of_has_no_interval():
    found = bootstrap(mean_of(np.array([NAN, NAN])), draws=10)["mean"]
    assert np.isnan([found.value, found.low, found.high]).all()


def test_images_are_drawn_as_often_as_there_are_images():
    """With a tally that tells how many were drawn."""

    class Counting(MeanTally):
        def values(self, times: np.ndarray | None = None) -> dict[str, float]:
            return {"images": float(self.images if times is None else times.sum())}

    tally = Counting(("images",), np.zeros((7, 1)), np.ones((7, 1)), np.ones((1, 1)), np.array([7]))
    assert bootstrap(tally, 20) == {"images": Estimate(7.0, 7.0, 7.0)}


def test_a_system_does_not_differ_from_itself():
    tally = mean_of(np.random.default_rng(0).normal(size=50))
    assert paired(tally, tally, draws=50) == {"mean": Estimate(0.0, 0.0, 0.0)}


def test_what_is_hard_for_both_cancels_out():
    """Images differ by up to 100, the systems by 1 on each: sure of the difference, though not of either score."""
    hard = np.linspace(0, 100, 40)
    first, second = mean_of(hard), mean_of(hard + 1)
    difference = paired(first, second, draws=100)["mean"]
    assert (difference.value, difference.low, difference.high) == (pytest.approx(1),) * 3
    assert bootstrap(first, 100)["mean"].high > bootstrap(second, 100)["mean"].low


def test_the_difference_is_second_minus_first_in_the_scores_of_both():
    first = MeanTally(("a", "b"), np.array([[1.0, 5.0]] * 2), np.ones((2, 2)), np.eye(2), np.full(2, 2))
    second = MeanTally(("b", "c"), np.array([[7.0, 0.0]] * 2), np.ones((2, 2)), np.eye(2), np.full(2, 2))
    assert paired(first, second, draws=5) == {"b": Estimate(2.0, 2.0, 2.0)}


def test_the_interval_of_the_difference_holds_it_about_19_times_in_20():
    random = np.random.default_rng(1)
    found = []
    for _ in range(100):
        hard = random.normal(0, 5, 80)
        first, second = (mean_of(hard + random.normal(shift, 1, 80)) for shift in (0.0, 0.3))
        found.append(paired(first, second, draws=80)["mean"])
    assert 0.89 <= np.mean([one.low <= 0.3 <= one.high for one in found]) <= 0.98


def test_tallies_of_other_images_cannot_be_compared():
    with pytest.raises(ShapeError, match=r"^the tallies are of 2 and 3 images; compare the same images$"):
        paired(mean_of(np.zeros(2)), mean_of(np.zeros(3)))


def test_nothing_differs_without_images():
    found = paired(mean_of(np.zeros(0)), mean_of(np.zeros(0)))["mean"]
    assert np.isnan([found.value, found.low, found.high]).all()
