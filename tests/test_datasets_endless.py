"""Endless pictures in batches: exact shares, each picture once, the right keypoints of the right person."""

import multiprocessing
from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.endless import Drawn
from tests.portraits import HANDS, alone, greys
from vitruvian.datasets import Augmentation, CropBatches, CropSettings, Endless, Pixels, batch_counts, nobody
from vitruvian.datasets.endless import SPARE, TRIES, places
from vitruvian.errors import DataError, RecipeError, UnknownNameError
from vitruvian.structures import Skeleton

PLAIN = CropSettings((64, 64), 1.25, "msra", Augmentation())
MUCH = CropSettings((64, 64), 1.25, "msra", Augmentation(0.5, 40, 0.5, 1.3, 0.1, 0.2, 0.3, 0.2, 0.5))
PAWS = Skeleton.define("paws3", ["paw_l", "paw_r", "snout"])
FIRST = np.array([[20.0, 50.0], [70.0, 40.0], [45.0, 20.0]])
BOX = np.array([10.0, 10.0, 80.0, 60.0])


@dataclass(frozen=True, eq=False)
class Greys:
    """Picture n has brightness 100 + n and two people, the second one 5 pixels below the first; `empty` ones nobody."""

    empty: range = range(0)

    def picture(self, number: int) -> Drawn:
        image = np.full((100, 100, 3), 100 + number % 100, np.uint8)
        people = 0 if number in self.empty else 2
        below = 5.0 * np.arange(people)[:, None]
        xy = FIRST + np.stack([0 * below, below], axis=-1)
        return Drawn(image, xy.astype(np.float32), (BOX + below * [0, 1, 0, 1]).astype(np.float32))


def endless(share: float, supply: Greys | None = None, **changed: object) -> Endless:
    return replace(Endless("grey people", supply or Greys(), HANDS, share), **changed)


@pytest.fixture
def batches(tmp_path):
    """Makes batches of five labelled greys, brightness 0 to 4, and endless ones; of these alone with people=0."""
    with ExitStack() as stack:

        def _batches(*mixed: Endless, size: int = 4, settings: CropSettings = PLAIN, people: int = 5) -> CropBatches:
            everybody = alone(greys(tmp_path, people)) if people else nobody(HANDS)
            pixels = stack.enter_context(Pixels.of(everybody, settings, 1 << 20))
            return CropBatches(everybody, settings, size, 0, pixels, mixed)

        yield _batches


def levels(images: np.ndarray) -> list[int]:
    return images[:, 32, 32, 0].tolist()


def test_counts_of_a_batch():
    assert batch_counts([], 8, 3) == (8,)
    assert batch_counts([0.3], 10, 3) == (7, 3)
    assert batch_counts([0.3, 0.25], 64, 3) == (29, 19, 16)  # 19.2, and 35.2 of both
    assert batch_counts([0.1, 0.2, 0.7], 10, 0) == (0, 1, 2, 7)


@given(st.lists(st.floats(0.05, 1), min_size=1, max_size=4), st.integers(40, 200))
def test_counts_fill_a_batch_and_are_within_a_crop_of_their_shares(weights, size):
    shares = [weight / sum(weights) for weight in weights]
    if min(shares) * size > 1:
        found = batch_counts(shares, size, 0)
        assert sum(found) == size
        assert all(abs(count - share * size) < 1.5 for count, share in zip(found[1:], shares, strict=True))


@pytest.mark.parametrize(
    ("shares", "people", "said"),
    [
        ([1.2], 3, "over 0 and at most 1 together, got 1.2"),
        ([0.7, 0.7], 3, "over 0 and at most 1 together, got 0.7, 0.7"),
        ([0.0], 3, "over 0 and at most 1 together, got 0"),
        ([float("nan")], 3, "over 0 and at most 1"),
        ([0.01], 3, "a share of 0.01 of a batch of 10 is less than a crop; give more"),
        ([0.99], 3, "shares of 0.99 of a batch of 10 leave no crop for the other data; give less"),
        ([0.5], 0, "nothing but 0.5 of a batch is named; let the shares add up to 1, or name other data"),
    ],
)
def test_shares_that_make_no_batch_are_refused(shares, people, said):
    with pytest.raises(RecipeError, match=said):
        batch_counts(shares, 10, people)


def test_kinds_are_spread_evenly_over_a_batch():
    assert [kind for kind, _ in places((4, 2))] == [0, 1, 0, 0, 1, 0]
    assert sorted(places((2, 1, 3))) == [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1), (2, 2)]


def test_every_batch_has_its_share_and_every_picture_is_shown_once(batches):
    many = batches(endless(0.5))
    shown = [levels(many[number][0]) for number in range(5)]
    assert [sorted(level for level in one if level >= 100) for one in shown] == [
        [100 + 2 * n, 101 + 2 * n] for n in range(5)
    ]
    assert sorted(level for one in shown for level in one if level < 100) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_labelled_people_are_shown_as_if_they_were_alone(batches):
    """In batches that are as large as their part is."""
    mixed, alone_there = batches(endless(0.5), settings=MUCH), batches(size=2, settings=MUCH)
    rows = [row for row, (kind, _) in enumerate(places((2, 2))) if kind == 0]
    for number in range(4):
        for one, same in zip(mixed[number], alone_there[number], strict=True):
            np.testing.assert_array_equal(one[rows], same)


def test_endless_pictures_alone_fill_batches(batches):
    assert levels(batches(endless(1.0), people=0)[3][0]) == [112, 113, 114, 115]
    two = batches(endless(0.5), endless(0.5), people=0, settings=MUCH)
    assert np.isfinite(two[0][1]).any()
    assert two.pixels.unreadable == ()


def _made(many: CropBatches, number: int) -> tuple[np.ndarray, np.ndarray]:
    return many[number]


def test_another_process_makes_the_same_batch_and_parts_are_those_of_the_whole(batches):
    many = batches(endless(0.5), settings=MUCH, size=6)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.apply(_made, (many, 4))
    parts = [np.concatenate(both) for both in zip(many.rows(4, 0, 2), many.rows(4, 2, 6), strict=True)]
    for one, same, put_together in zip(many[4], there, parts, strict=True):
        np.testing.assert_array_equal(one, same)
        np.testing.assert_array_equal(one, put_together)


def test_keypoints_take_the_names_of_the_recipe(batches):
    """Only two are known; the hands are named the other way round."""
    joints = {"left_hand": "paw_r", "right_hand": "paw_l"}
    mapped = batches(endless(1.0, skeleton=PAWS, joints=joints), people=0)[0][1]
    plain = batches(endless(1.0), people=0)[0][1]
    np.testing.assert_array_equal(mapped[:, :2], plain[:, [1, 0]])
    assert np.isnan(mapped[:, 2]).all()


def test_joints_that_do_not_fit_are_refused_at_once(batches):
    with pytest.raises(UnknownNameError, match="keypoint of paws3 in the joints of grey people"):
        batches(endless(1.0, skeleton=PAWS, joints={"head": "nose"}), people=0)
    with pytest.raises(RecipeError, match="shares no keypoint with hands3"):
        batches(endless(1.0, skeleton=PAWS), people=0)


def test_of_several_people_the_number_chooses_one():
    """Two: even numbers the first, odd ones the second."""
    for number, below in ((6, 0), (7, 5)):
        _, xy, box = endless(1.0).person(number, HANDS)
        np.testing.assert_array_equal(xy, FIRST + np.array([0, below]))
        np.testing.assert_array_equal(box, BOX + np.array([0, below, 0, below]))


def test_a_picture_without_anybody_is_replaced_by_one_far_away():
    image, xy, _ = endless(1.0, Greys(range(4))).person(3, HANDS)
    assert image[0, 0, 0] == 100 + (3 + SPARE) % 100
    np.testing.assert_array_equal(xy, FIRST + np.array([0, 5]))


def test_pictures_that_never_show_anybody_stop_the_run():
    with pytest.raises(
        DataError, match=f"grey people: {TRIES} pictures in a row show nobody with a keypoint of hands3"
    ):
        endless(1.0, Greys(range(TRIES * SPARE))).person(0, HANDS)


def test_a_neighbour_is_mixed_into_a_picture_but_not_its_labels(batches):
    """A quarter of brightness 101 in 100, and the other way round."""
    change = Augmentation(blend=1.0, blend_share=(0.25, 0.25))
    mixed = batches(endless(1.0), people=0, size=2, settings=replace(PLAIN, augmentation=change))[0]
    plain = batches(endless(1.0), people=0, size=2)[0]
    np.testing.assert_array_equal(mixed[1], plain[1])
    assert np.abs(mixed[0][:, 32, 32, 0] - np.array([100.25, 100.75])).max() < 0.8
