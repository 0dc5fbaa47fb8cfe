from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.errors import UnknownNameError
from vitruvian.metrics import oks, oks_ap, paired
from vitruvian.metrics.error_types import (
    MENDABLE,
    ErrorKind,
    Errors,
    _best_confidence,
    error_types,
    mended,
    mended_tallies,
)
from vitruvian.structures import SKELETONS, Labels, Predictions, Skeleton

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


def test_a_good_point_that_is_nearer_to_somebody_else_is_a_swap():
    """5 pixels off is good by itself, but it lies on the same keypoint of a neighbour."""
    two = np.concatenate([PERSON, PERSON + np.array([5, 0])])
    xy = two.copy()
    xy[0, 0] = two[1, 0]
    assert kinds(xy, some_labels(two, [0, 0], 1))[0][0] == ErrorKind.SWAP


def test_nearness_to_somebody_else_is_at_the_scale_of_that_person():
    """20 pixels from the hand of somebody 4 times as tall: exp(-400 / (16 * 200)) = 0.88; at one's own scale 0.14."""
    giant = 4 * PERSON + np.array([1000, 0])
    labels = some_labels(np.concatenate([PERSON, giant]), [0, 0], 1)
    xy = np.concatenate([PERSON, giant])
    xy[0, 2] = giant[0, 2] + [20, 0]
    assert kinds(xy, labels)[0][2] == ErrorKind.SWAP


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
    assert found.best == pytest.approx([0.0, 1.0, 0.0])  # the first, though nearly as like, is a second one


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
    shares = Errors(np.array([0, 1, -1]), kind, np.zeros(3), np.zeros((3, 2))).shares()
    assert list(shares) == ["good", "jitter", "inversion", "swap", "miss"]
    assert shares["good"] == pytest.approx([0.5, 0.0, 1 / 3])
    assert shares["miss"] == pytest.approx([0.0, 1.0, 1 / 3])
    nobody = Errors(np.array([-1]), np.full((1, 2), ErrorKind.NONE), np.zeros(1), np.zeros((1, 2)))
    assert np.isnan(nobody.shares()["good"]).all()


def test_mending_moves_the_points_of_one_kind_only():
    """As coco-analyze has it, jitter is left with 0.05 * sqrt(-2 ln 0.85 * 10,000) = 2.85 pixels, to the right."""
    xy = TWO.copy()
    xy[0, 3] += [10, 0]
    xy[1, 1] = TWO[1, 2]
    predictions = some_predictions(xy, [0, 0], [0.9, 0.8])
    errors = error_types(LABELS, predictions, FOUR)
    jitter = mended(LABELS, predictions, errors, "jitter").xy
    assert jitter[0, 3] - TWO[0, 3] == pytest.approx([2.8506, 0], abs=1e-4)
    jitter[0, 3] = xy[0, 3]
    assert jitter.tolist() == xy.tolist()
    assert mended(LABELS, predictions, errors, "inversion").xy.tolist() == [xy[0].tolist(), TWO[1].tolist()]
    assert mended(LABELS, predictions, errors, "miss").xy.tolist() == xy.tolist()


def test_a_mended_miss_is_as_far_as_coco_analyze_leaves_it():
    """0.05 * sqrt(2 ln 2 * 10,000) = 5.89 pixels; a similarity of 0.5 to the power of 1 / 4."""
    xy = TWO.copy()
    xy[0, 1] = np.nan
    predictions = some_predictions(xy, [0, 0], [0.9, 0.8])
    better = mended(LABELS, predictions, error_types(LABELS, predictions, FOUR), "miss").xy
    assert better[0, 1] - TWO[0, 1] == pytest.approx([5.887, 0], abs=1e-3)
    assert np.exp(-(5.887**2) / 200) == pytest.approx(0.5**0.25, abs=1e-4)


def test_mending_scores_ranks_by_similarity():
    """In two images alike, the wrong answer, ranked first, costs half of the precision until it is mended."""
    predictions = some_predictions(np.concatenate([PERSON + 5000, PERSON] * 2), [0, 0, 1, 1], [0.9, 0.5] * 2)
    labels = some_labels(np.concatenate([PERSON] * 2), [0, 1], 2)
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
    before = likeness(labels, predictions, errors)
    for kind in MENDABLE[:-1]:
        assert (likeness(labels, mended(labels, predictions, errors, kind), errors) >= before - 1e-12).all()


def likeness(labels: Labels, predictions: Predictions, errors: Errors) -> np.ndarray:
    """OKS of every answer that means a person with that person."""
    rows = np.flatnonzero(errors.label >= 0)
    people = errors.label[rows]
    alike = oks(predictions.xy[rows], labels.xy[people], labels.area[people], np.array(SKELETONS["coco17"].sigmas))
    return np.diag(alike)


def test_confidences_that_rank_best_pair_everybody_with_the_largest_sum():
    """0.6 + 0.8 is more than 0.9 + 0.1, so the answer most like the first person is not paired with it."""
    assert _best_confidence(np.array([[0.9, 0.8], [0.6, 0.1], [0.5, 0.0]])).tolist() == [0.8, 0.6, 0.0]
