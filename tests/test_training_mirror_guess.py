"""Which points mirror each other where no name tells."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.labels import labels
from vitruvian.datasets import open_dataset
from vitruvian.structures import SKELETONS, Skeleton
from vitruvian.training.mirror_guess import DRAWS, folded, guess_mirror, matched, mirror_of, tells_sides

BUG = np.array([0, -30 + 10j, 30 + 10j, -12 + 40j, 12 + 40j, 60j])  # head, wings, feet, tail
PAIRS = (0, 2, 1, 4, 3, 5)
HAND = np.array([0, -30 + 20j, -10 + 60j, 25 + 45j])  # wrist, thumb, index, little: no two are alike


def seen(pose: np.ndarray, count: int, noise: float = 1.0, seed: int = 0) -> np.ndarray:
    """(N, K) the pose, turned by up to 60 degrees either way, with noise."""
    rng = np.random.default_rng(seed)
    away = noise * rng.normal(size=(count, len(pose), 2)) @ [1, 1j]
    return pose * np.exp(1j * rng.uniform(-1, 1, count))[:, None] + away


def test_the_pairs_of_a_bug_are_found_and_sure():
    guess = mirror_of(seen(BUG, 40))
    assert guess.mirror == PAIRS
    assert (guess.sure, guess.agreed, guess.poses) == (True, DRAWS, 40)
    assert guess.plain > 0.5 > 10 * guess.own


@settings(max_examples=20, deadline=None)
@given(angle=st.floats(0, 7), size=st.floats(0.1, 100), order=st.permutations(range(6)))
def test_turning_scaling_and_another_order_find_the_same_pairs(angle, size, order):
    pairs = folded((size * np.exp(1j * angle) * BUG + 5)[list(order)])
    assert all(order[pairs[k]] == PAIRS[order[k]] for k in range(6))


def test_of_few_poses_nothing_is_said():
    assert mirror_of(seen(BUG, 19)) is None


def test_a_hand_has_no_pairs_that_may_be_used():
    guess = mirror_of(seen(HAND, 200))
    assert not guess.fits
    assert not guess.sure


def test_a_subject_seen_from_both_sides_is_doubtful():
    """Half of the bugs lie on their back: mirrored and not exchanged, they are like the other half."""
    poses = seen(BUG, 100)
    guess = mirror_of(np.concatenate([poses, -np.conj(poses)]))
    assert not guess.needed
    assert not guess.sure


def test_points_that_are_rarely_labelled_are_no_harm():
    poses = seen(BUG, 60)
    poses[:50, 1] = np.nan
    assert mirror_of(poses).mirror == PAIRS


def test_a_point_that_nobody_has_stays_for_itself():
    poses = np.concatenate([seen(BUG, 60), np.full((60, 1), np.nan)], 1)
    assert mirror_of(poses).mirror == (*PAIRS, 6)


@pytest.mark.parametrize("points", [[], [1], [np.nan, np.nan], [1, 1, 1]])
def test_no_points_and_points_in_one_place_have_no_pairs(points):
    assert folded(np.array(points, complex)) is None


def test_partners_are_those_that_cost_least_in_all_and_not_the_nearest_first():
    """1 and 2 are nearest, but then 0 and 3 would be left; by twos it is 0 with 1, 2 with 3: 4 x 2 against 1 + 49."""
    places = np.array([0.0, 2, 3, 5])
    cost = (places[:, None] - places) ** 2
    np.fill_diagonal(cost, 100)
    assert matched(cost).tolist() == [1, 0, 3, 2]


@given(st.integers(1, 7).flatmap(lambda k: st.lists(st.floats(0, 9), min_size=k * k, max_size=k * k)))
def test_partners_are_mutual(values):
    k = round(len(values) ** 0.5)
    cost = np.array(values).reshape(k, k)
    partner = matched(cost + cost.T)
    assert (partner[partner] == np.arange(k)).all()


def test_names_and_known_skeletons_tell_sides():
    assert tells_sides(Skeleton.define("own", ("left_eye", "right_eye")))
    assert tells_sides(SKELETONS["hand21"])  # all its points stay, and that is known
    assert not tells_sides(Skeleton.define("own", ("a", "b")))


@pytest.mark.parametrize("name", ["youtube_faces_68/keypoints.csv", "ibug_faces_68_crops/keypoints.csv"])
@pytest.mark.parametrize("count", [60, 1000])
def test_the_pairs_of_real_faces_are_found_exactly(shared, name, count):
    dataset = open_dataset(shared / "realdata" / name)
    some = replace(dataset, labels=dataset.labels.of_images(np.arange(0, len(dataset), len(dataset) // count)))
    guess = guess_mirror(some)
    assert guess.mirror == SKELETONS["face68"].mirror
    assert guess.sure


def test_the_pairs_of_real_bodies_are_found_and_rightly_not_used(shared):
    """They are seen from behind, too, and a mirrored body whose sides are not exchanged is one seen from behind."""
    guess = guess_mirror(open_dataset(shared / "realdata/lsp_extended_crops/joints.csv"))
    assert guess.mirror == SKELETONS["lsp14"].mirror
    assert (guess.fits, guess.needed, guess.sure) == (True, False, False)


def test_a_real_mouse_in_a_mirror_has_no_pairs_that_may_be_used(shared):
    """It always walks to the same side."""
    guess = guess_mirror(open_dataset(shared / "realdata/custom_mouse/CollectedData.csv"))
    assert not guess.fits


def test_labels_are_read_as_poses():
    xy = np.stack([seen(BUG, 30).real, seen(BUG, 30).imag], -1)
    dataset = _dataset(xy)
    assert guess_mirror(dataset).mirror == PAIRS


def _dataset(xy: np.ndarray):
    from vitruvian.datasets import Dataset

    return Dataset("bugs", Skeleton.define("own", tuple("abcdef")), labels(list(range(len(xy))), xy), None)
