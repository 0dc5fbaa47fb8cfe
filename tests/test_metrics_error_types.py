from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.errors import UnknownNameError
from vitruvian.metrics import oks_ap, paired
from vitruvian.metrics.error_types import MENDABLE, ErrorKind, Errors, error_types, mended, mended_tallies
from vitruvian.structures import SKELETONS, Labels, Skeleton

from .coco_sets import random_set, some_labels, some_predictions

FOUR = Skeleton.define("four", ("head", "left_hand", "right_hand", "tail"), sigmas=(0.05,) * 4)
PERSON = np.array([[[50.0, 0.0], [0.0, 50.0], [100.0, 50.0], [50.0, 100.0]]])  # area 10,000: similarity exp(-d² / 200)
TWO = np.concatenate([PERSON, PERSON + np.array([300.0, 0.0])])
LABELS = some_labels(TWO, [0, 0], 1)


def kinds(xy: np.ndarray, labels: Labels = LABELS) -> list[list[ErrorKind]]:
    found = error_types(labels, some_predictions(xy, [0] * len(xy), [0.9] * len(xy)), FOUR)
    return [[ErrorKind(kind) for kind in row] for row in found.kind]


def test_planted_errors_are_told_apart():
    """d = 5: exp(-1/8) = 0.88 is good; d = 10: exp(-1/2) = 0.61 jitter; d = 15: exp(-9/8) = 0.32 a miss."""
    xy = TWO.copy()
    xy[0, 0] += [5, 0]
    xy[0, 3] += [10, 0]
    xy[0, 1] += [0, 15]
    xy[1, 1] = TWO[1, 2]  # at the other hand of the same person
    xy[1, 2] = TWO[0, 2] + [1, 0]  # at the hand of somebody else
    assert kinds(xy) == [
        [ErrorKind.GOOD, ErrorKind.MISS, ErrorKind.GOOD, ErrorKind.JITTER],
        [ErrorKind.GOOD, ErrorKind.INVERSION, ErrorKind.SWAP, ErrorKind.GOOD],
    ]


def test_somebody_elses_mirrored_keypoint_is_a_swap_and_the_midline_cannot_be_inverted():
    xy = TWO.copy()
    xy[0, 1] = TWO[1, 2]
    xy[1, 0] = TWO[1, 3]
    assert kinds(xy)[0][1] == ErrorKind.SWAP
    assert kinds(xy)[1][0] == ErrorKind.MISS


def test_missing_points_are_misses_and_unlabelled_ones_nothing():
    xy, true = TWO[:1].copy(), TWO[:1].copy()
    xy[0, 0] = np.nan
    true[0, 1] = np.nan
    assert kinds(xy, some_labels(true, [0], 1, area=np.array([10_000.0])))[0][:2] == [ErrorKind.MISS, ErrorKind.NONE]


def test_the_most_confident_answer_takes_the_person_and_a_stray_one_takes_nobody():
    xy = np.concatenate([PERSON + 3, PERSON, PERSON + 5000])
    found = error_types(LABELS, some_predictions(xy, [0, 0, 0], [0.9, 0.8, 0.7]), FOUR)
    assert found.label.tolist() == [0, -1, -1]
    assert (found.kind[1:] == ErrorKind.NONE).all()
    assert found.best == pytest.approx([np.exp(-18 / 200), 1.0, 0.0])


def test_crowds_and_images_without_people_are_nobody():
    crowd = replace(LABELS, crowd=np.array([True, False]))
    found = error_types(crowd, some_predictions(TWO[:1], [0], [0.9]), FOUR)
    assert found.label.tolist() == [-1]
    empty = some_labels(np.zeros((0, 4, 2)), [], 3)
    assert error_types(empty, some_predictions(TWO, [0, 2], [0.9, 0.9]), FOUR).best.tolist() == [0, 0]
    assert error_types(LABELS, some_predictions(np.zeros((0, 4, 2)), [], []), FOUR).kind.shape == (0, 4)


def test_shares_are_of_labelled_points_of_matched_answers():
    good, jitter, miss, none = ErrorKind.GOOD, ErrorKind.JITTER, ErrorKind.MISS, ErrorKind.NONE
    kind = np.array([[good, miss], [jitter, none], [none, none]], np.int8)
    shares = Errors(np.array([0, 1, -1]), kind, np.zeros(3)).shares()
    assert list(shares) == ["good", "jitter", "inversion", "swap", "miss"]
    assert shares["good"] == pytest.approx([0.5, 0.0, 1 / 3])
    assert shares["miss"] == pytest.approx([0.0, 1.0, 1 / 3])
    assert np.isnan(Errors(np.array([-1]), np.full((1, 2), ErrorKind.NONE), np.zeros(1)).shares()["good"]).all()


def test_mending_moves_the_points_of_one_kind_only():
    xy = TWO.copy()
    xy[0, 3] += [10, 0]
    xy[1, 1] = TWO[1, 2]
    predictions = some_predictions(xy, [0, 0], [0.9, 0.8])
    errors = error_types(LABELS, predictions, FOUR)
    assert mended(LABELS, predictions, errors, "jitter").xy.tolist() == [TWO[0].tolist(), xy[1].tolist()]
    assert mended(LABELS, predictions, errors, "inversion").xy.tolist() == [xy[0].tolist(), TWO[1].tolist()]
    assert mended(LABELS, predictions, errors, "miss").xy.tolist() == xy.tolist()


def test_mending_scores_ranks_by_similarity():
    """The wrong answer, ranked first, costs half of the precision until its confidence is mended."""
    predictions = some_predictions(np.concatenate([PERSON + 5000, PERSON]), [0, 0], [0.9, 0.5])
    labels = some_labels(PERSON, [0], 1)
    tallies = mended_tallies(labels, predictions, FOUR)
    assert oks_ap(labels, predictions, FOUR).values()["AP"] == pytest.approx(0.5)
    assert tallies["score"].values()["AP"] == pytest.approx(1.0)
    gain = paired(oks_ap(labels, predictions, FOUR), tallies["score"], draws=3)["AP"]
    assert (gain.low, gain.value, gain.high) == (pytest.approx(0.5),) * 3


def test_an_unknown_kind_is_named():
    predictions = some_predictions(TWO, [0, 0], [0.9, 0.8])
    with pytest.raises(UnknownNameError, match=r'unknown kind of error "jiter"; known: .* Did you mean jitter'):
        mended(LABELS, predictions, error_types(LABELS, predictions, FOUR), "jiter")


@settings(max_examples=20)
@given(seed=st.integers(0, 100_000))
def test_mending_never_lowers_the_likeness_of_an_answer(seed: int):
    labels, predictions = random_set(seed)
    errors = error_types(labels, predictions, SKELETONS["coco17"])
    for kind in MENDABLE[:-1]:
        better = error_types(labels, mended(labels, predictions, errors, kind), SKELETONS["coco17"])
        assert (better.best >= errors.best - 1e-12).all()
