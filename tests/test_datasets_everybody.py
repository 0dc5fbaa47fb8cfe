"""Everybody: the people of several data sets in one skeleton, each shown as often as their weight says."""

import pickle
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.datasets import (
    Augmentation,
    CropBatches,
    CropSettings,
    Dataset,
    Everybody,
    Part,
    Pixels,
    everybody_of,
    open_dataset,
)
from vitruvian.errors import DataError, RecipeError, ShapeError, UnknownNameError
from vitruvian.structures import SKELETONS, Skeleton

from .labels import labels

HANDS = Skeleton.define("hands3", ["left_hand", "right_hand", "head"])
FACES = Skeleton.define("faces2", ["nose", "head"])
NAN = [np.nan, np.nan]
ONE = np.array([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])  # a person with hands and head
TWO = np.array([[[7.0, 8.0], [9.0, 10.0]], [[11.0, 12.0], [13.0, 14.0]]])  # two with nose and head


def _dataset(
    name: str, skeleton: Skeleton, xy: np.ndarray, image: list[int] | None = None, **columns: object
) -> Dataset:
    rows = list(range(len(xy))) if image is None else image
    boxes = np.tile([0.0, 0.0, 20.0, 20.0], (len(xy), 1))
    return Dataset(name, skeleton, labels(rows, xy, **{"boxes": boxes, **columns}), Path("/data") / name)


def _weighted(*weights: float) -> Everybody:
    """A person for each weight."""
    count = len(weights)
    rows, boxes = np.arange(count, dtype=np.int32), np.tile(np.float32([0, 0, 9, 9]), (count, 1))
    files = np.array([f"{row}.png" for row in range(count)])
    return Everybody(HANDS, files, rows, np.tile(ONE, (count, 1, 1)), boxes, np.array(weights))


def test_people_of_two_data_sets_have_the_keypoints_that_their_own_have():
    """By equal names: the faces have the head only, second of theirs and third of ours."""
    found = everybody_of([Part(_dataset("a", HANDS, ONE)), Part(_dataset("b", FACES, TWO))], HANDS)
    np.testing.assert_array_equal(found.xy, [ONE[0], [NAN, NAN, [9, 10]], [NAN, NAN, [13, 14]]])
    assert found.image.tolist() == [0, 1, 2]
    assert [str(path) for path in found.paths] == ["/data/a/0.jpg", "/data/b/0.jpg", "/data/b/1.jpg"]
    assert (found.xy.dtype, found.boxes.dtype, found.notes) == (np.float32, np.float32, ())


def test_joints_say_which_keypoint_is_which():
    """Our head is their nose, and what is not named is not taken, though the head has an equal name."""
    found = everybody_of([Part(_dataset("b", FACES, TWO), {"left_hand": "nose"})], HANDS)
    np.testing.assert_array_equal(found.xy, [[[7, 8], NAN, NAN], [[11, 12], NAN, NAN]])


def test_who_has_no_label_no_box_or_is_a_crowd_is_left_out_and_counted():
    """Rows: fine; no keypoint; only a nose, which our skeleton has not; no box; flat box; upside down; crowd; fine."""
    xy = np.tile(TWO[:1], (8, 1, 1))
    xy[1] = np.nan
    xy[2, 1] = np.nan
    boxes = np.tile([0.0, 0, 20, 20], (8, 1))
    boxes[3], boxes[4], boxes[5] = np.nan, [5, 0, 5, 9], [0, 9, 9, 0]
    crowd = np.arange(8) == 6
    found = everybody_of([Part(_dataset("b", FACES, xy, boxes=boxes, crowd=crowd))], HANDS)
    assert [path.name for path in found.paths] == ["0.jpg", "7.jpg"]
    assert found.image.tolist() == [0, 1]
    assert found.notes == (
        "b: 2 people without a labelled keypoint of the skeleton left out",
        "b: 3 people without a box with a size left out",
    )


def test_an_image_of_two_people_or_of_two_parts_is_one_image():
    """The same data set twice, with two people in its second image; named in the order in which they appear."""
    dataset = _dataset("b", FACES, np.concatenate([TWO, TWO[:1]]), image=[1, 0, 1])
    found = everybody_of([Part(dataset), Part(dataset, {"left_hand": "nose"})], HANDS)
    assert [path.name for path in found.paths] == ["1.jpg", "0.jpg"]
    assert found.image.tolist() == [0, 1, 0, 0, 1, 0]


def test_nobody_is_refused_with_what_was_left_out():
    sentence = (
        r"^b: nobody to train on; expected at least one person with a box and a keypoint of hands3 "
        r"\(b: 2 people without a labelled keypoint of the skeleton left out\)$"
    )
    with pytest.raises(DataError, match=sentence):
        everybody_of([Part(_dataset("b", FACES, TWO * np.nan))], HANDS)
    with pytest.raises(DataError, match=r"^no data set: nobody to train on"):
        everybody_of([], HANDS)


def test_a_part_that_shares_no_keypoint_is_refused():
    legs = _dataset("legs", Skeleton.define("legs", ["knee", "foot"]), TWO)
    sentence = r"^legs \(legs: knee, foot\) shares no keypoint with hands3 \(left_hand, right_hand, head\); say which"
    with pytest.raises(RecipeError, match=sentence):
        everybody_of([Part(legs)], HANDS)
    with pytest.raises(RecipeError, match=sentence):
        everybody_of([Part(legs, {})], HANDS)


@pytest.mark.parametrize(
    ("joints", "sentence"),
    [
        ({"hed": "nose"}, r'^unknown keypoint of hands3 in the joints of b "hed"; .* Did you mean head\?$'),
        ({"head": "noze"}, r'^unknown keypoint of faces2 in the joints of b "noze"; .* Did you mean nose\?$'),
    ],
)
def test_a_keypoint_that_is_not_there_is_refused_with_the_nearest_names(joints, sentence):
    with pytest.raises(UnknownNameError, match=sentence):
        everybody_of([Part(_dataset("b", FACES, TWO), joints)], HANDS)


def test_two_keypoints_from_one_are_refused():
    joints = {"left_hand": "nose", "head": "head", "right_hand": "nose"}
    with pytest.raises(
        RecipeError, match=r"^b: left_hand, right_hand are all made from nose; a keypoint can become one"
    ):
        everybody_of([Part(_dataset("b", FACES, TWO), joints)], HANDS)


@pytest.mark.parametrize("weight", [0.0, -1.0, np.nan, np.inf, 1001.0])
def test_a_weight_that_is_not_over_0_or_too_large_is_refused(weight):
    sentence = f"^the weight of b must be over 0 and at most 1000, got {weight}; leave a part out to show none of it$"
    with pytest.raises(RecipeError, match=sentence):
        everybody_of([Part(_dataset("b", FACES, TWO), weight=weight)], HANDS)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"^boxes must be \(2, 4\) for 2 people, got \(1, 4\)$"):
        replace(_weighted(1, 1), boxes=np.zeros((1, 4)))


def test_in_a_turn_everybody_is_shown_as_often_as_their_weight_says():
    """Weights 1, 2 and 3: six showings, and the order is another one in another turn."""
    everybody = _weighted(1, 2, 3)
    assert everybody.showings == 6
    turns = [tuple(everybody.turn((0, turn))) for turn in range(20)]
    assert all(Counter(turn) == {0: 1, 1: 2, 2: 3} for turn in turns)
    assert len(set(turns)) > 10  # of 60 orders
    assert tuple(everybody.turn((0, 3))) == turns[3]


def test_of_a_fraction_others_are_shown_in_each_turn():
    """Ten people with weight 2.3 are shown 23 times: all twice, and three of them once more, each in its turn."""
    everybody = _weighted(*[2.3] * 10)
    assert everybody.showings == 23
    more = [
        {row for row, count in Counter(everybody.turn((0, turn)).tolist()).items() if count == 3} for turn in range(50)
    ]
    assert {len(rows) for rows in more} == {3}
    assert set.union(*more) == set(range(10))


def test_a_small_weight_still_shows_somebody():
    """A hundredth of three people is one of them."""
    assert sorted(Counter(_weighted(0.01, 0.01, 0.01).turn((0,)).tolist()).values()) == [1]


@given(st.lists(st.floats(0.05, 5), min_size=1, max_size=20), st.integers(0, 2**32))
def test_a_turn_has_as_many_showings_as_it_says_and_nobody_is_shown_twice_more_than_their_like(weights, seed):
    everybody = _weighted(*weights)
    shown = everybody.turn((seed,))
    assert len(shown) == everybody.showings
    counts = np.bincount(shown, minlength=len(weights))
    for weight in weights:
        alike = counts[everybody.weight == weight]
        assert alike.max() - alike.min() <= 1
        assert abs(alike.sum() - weight * len(alike)) <= 1


def test_the_record_is_small_when_it_travels_to_another_process():
    """1,000 people with ten numbers of 4 bytes, a weight, an image and a name each; no more than as much again."""
    found = everybody_of([Part(_dataset("a", HANDS, np.tile(ONE, (1000, 1, 1))))], HANDS)
    travelled = pickle.dumps(found)
    assert len(travelled) < 2 * 1000 * (10 * 4 + 8 + 4 + 4 * len("/data/a/999.jpg"))
    same = pickle.loads(travelled)
    assert same.paths == found.paths
    for one, other in zip(same.arrays(), found.arrays(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_real_people_of_two_data_sets_are_cut_in_one_skeleton(shared):
    """COCO's 17 keypoints and the 14 of Leeds Sports Pose, which have no faces; every crop shows a photo."""
    folder = shared / "realdata" / "coco_mini"
    coco = open_dataset(folder / "annotations" / "person_keypoints_train2017.json", "coco", folder / "train2017")
    lsp = open_dataset(shared / "realdata" / "lsp_extended", "lsp")
    few = replace(lsp, labels=lsp.labels.of_images(np.arange(20)))
    everybody = everybody_of([Part(coco), Part(few)], SKELETONS["coco17"])
    assert len(everybody) == 86 + 20
    settings = CropSettings((96, 128), 1.25, "msra", Augmentation(flip=0.5, degrees=30))
    with Pixels.of(everybody, settings) as pixels:
        image, xy = CropBatches(everybody, settings, len(everybody), 0, pixels)[0]
        assert pixels.unreadable == ()
    assert (image.std((1, 2, 3)) > 10).all()
    known = np.isfinite(xy).all(-1)
    assert sorted(known[:, :5].any(1).tolist()) == sorted(np.isfinite(everybody.xy[:, :5]).all(-1).any(1).tolist())
    inside = ((xy[known] >= -20) & (xy[known] < [116, 148])).all(-1)
    assert inside.mean() > 0.95
