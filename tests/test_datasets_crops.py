"""Batches of crops: labels stay on their pixels, and everybody gets a turn."""

import re

import numpy as np
import pytest

from vitruvian.datasets import Augmentation, CropBatches, CropSettings, Person, in_memory, people
from vitruvian.errors import DataError
from vitruvian.structures import Poses, Sample, Skeleton

HANDS = Skeleton.define("hands3", ["left_hand", "right_hand", "head"])
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
LEFT, RIGHT, HEAD = np.array([[20.0, 50.0], [70.0, 40.0], [45.0, 20.0]])
PLAIN = CropSettings((64, 64), 1.25, "msra", Augmentation())


def _sample(name: str, xy: np.ndarray, boxes: np.ndarray, image: np.ndarray | None = None) -> Sample:
    pixels = np.zeros((100, 100, 3), np.uint8) if image is None else image
    score = np.isfinite(xy).all(-1).astype(np.float32)
    return Sample(name, lambda: pixels, Poses(xy.astype(np.float32), score, boxes.astype(np.float32)))


def _painted() -> Sample:
    """One person: 9 x 9 pixels of red on the left hand, green on the right, blue on the head."""
    image = np.zeros((100, 100, 3), np.uint8)
    for (x, y), colour in zip((LEFT, RIGHT, HEAD), (RED, GREEN, BLUE), strict=True):
        image[int(y) - 4 : int(y) + 5, int(x) - 4 : int(x) + 5] = colour
    return _sample("painted", np.array([[LEFT, RIGHT, HEAD]]), np.array([[10.0, 10, 80, 60]]), image)


def _grey(level: int) -> Person:
    """One person in a picture of one brightness, by which it can be told."""
    image = np.full((100, 100, 3), level, np.uint8)
    return Person(_sample(str(level), np.array([[LEFT, RIGHT, HEAD]]), np.array([[40.0, 40, 60, 60]]), image), 0)


def test_people_are_those_with_a_label_and_a_box_with_a_size():
    """Rows: fine; no label; only an x; no box; a box without width; upside down; fine. And an image of nobody."""
    nan = np.nan
    xy = np.full((7, 3, 2), nan)
    xy[[0, 3, 4, 5, 6], 0] = 5
    xy[2, 0, 0] = 5
    boxes = np.array([[0, 0, 9, 9]] * 3 + [[nan] * 4, [5, 0, 5, 9], [0, 9, 9, 0], [0, 0, 9, 9]])
    found = people([_sample("a", xy, boxes), Sample("b", lambda: np.zeros((1, 1, 3)), Poses.nobody(3))])
    assert [(person.sample.name, person.row) for person in found] == [("a", 0), ("a", 6)]


def test_a_person_is_one_row_of_the_poses():
    sample = _sample("a", np.arange(12.0).reshape(2, 3, 2), np.arange(8.0).reshape(2, 4))
    assert Person(sample, 1).xy.tolist() == [[6, 7], [8, 9], [10, 11]]
    assert Person(sample, 1).box.tolist() == [4, 5, 6, 7]


def test_a_batch_has_images_and_points_in_input_pixels():
    """Box 70 x 50 padded by 1.25 shows 87.5 x 87.5 on 64 pixels, centre (45, 35) on (32, 32).

    The left hand, 25 left of and 15 below it, is at 32 - 25 * 64 / 87.5 = 13.714 and 32 + 15 * 64 / 87.5 = 42.971.
    """
    image, xy = CropBatches(people([_painted()]), HANDS, PLAIN, 2, seed=0)[0]
    assert (image.shape, image.dtype) == ((2, 64, 64, 3), np.uint8)
    assert (xy.shape, xy.dtype) == ((2, 3, 2), np.float32)
    np.testing.assert_allclose(xy[:, 0], [[13.714, 42.971]] * 2, atol=1e-3)


@pytest.mark.parametrize("convention", ["msra", "udp"])
def test_labels_stay_on_their_pixels_and_left_becomes_right_in_a_mirror(convention):
    """The colour under each label: red, green, blue as painted; green, red, blue where the crop is mirrored."""
    augmentation = Augmentation(flip=0.5, degrees=40, scale=1.2, shift=0.05)
    settings = CropSettings((64, 64), 1.25, convention, augmentation)
    seen = set()
    batches = CropBatches(people([_painted()]), HANDS, settings, 8, seed=0)
    for image, xy in (batches[number] for number in range(5)):
        for crop, points in zip(image, np.rint(xy).astype(int), strict=True):
            seen.add(tuple(int(crop[y, x].argmax()) for x, y in points))
            assert all(crop[y, x].max() > 200 for x, y in points)
    assert seen == {(0, 1, 2), (1, 0, 2)}


def test_unknown_points_stay_unknown_in_a_mirror_under_their_new_name():
    """Only the left hand is known; mirrored, it is the right one."""
    sample = _sample("a", np.array([[LEFT, [np.nan] * 2, [np.nan] * 2]]), np.array([[10.0, 10, 80, 60]]))
    settings = CropSettings((64, 64), 1.25, "msra", Augmentation(flip=1.0))
    _, xy = CropBatches(people([sample]), HANDS, settings, 1, seed=0)[0]
    assert np.isfinite(xy[0]).all(-1).tolist() == [False, True, False]


@pytest.mark.parametrize("batch_size", [2, 5, 7])
def test_everybody_is_shown_once_before_anybody_is_shown_again(batch_size):
    """Five people, twenty rounds of them, in batches that fit the round, do not, and are larger than it."""
    batches = CropBatches([_grey(level) for level in range(5)], HANDS, PLAIN, batch_size, seed=0)
    shown = [int(image[32, 32, 0]) for number in range(50) for image in batches[number][0]][:100]
    rounds = [tuple(shown[first : first + 5]) for first in range(0, 100, 5)]
    assert all(set(one) == set(range(5)) for one in rounds)
    assert len(set(rounds)) > 10  # of 120 orders


def test_equal_seeds_give_equal_batches_and_others_do_not():
    settings = CropSettings((64, 64), 1.25, "msra", Augmentation(0.5, 40, 0.5, 1.3, 0.1, 0.2, 0.3, 0.2, 0.5))
    one, same, other = (CropBatches(people([_painted()]), HANDS, settings, 4, seed) for seed in (1, 1, 2))
    for number in range(3):
        (image, xy), (image2, xy2), (image3, _) = one[number], same[number], other[number]
        np.testing.assert_array_equal(image, image2)
        np.testing.assert_array_equal(xy, xy2)
        assert (image != image3).any()


def test_a_batch_is_the_same_whatever_was_asked_for_before():
    settings = CropSettings((64, 64), 1.25, "msra", Augmentation(0.5, 40, 0.5, 1.3, 0.1, 0.2, 0.3, 0.2, 0.5))
    everybody = [_grey(level) for level in range(5)]
    forwards, backwards = (CropBatches(everybody, HANDS, settings, 3, seed=1) for _ in range(2))
    first = [forwards[number] for number in range(6)]
    for number in reversed(range(6)):
        for one, same in zip(first[number], backwards[number], strict=True):
            np.testing.assert_array_equal(one, same)


def test_nobody_makes_no_batches():
    sentence = "there is nobody to make batches of; expected at least one person with a label and a box"
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        CropBatches([], HANDS, PLAIN, 4, seed=0)


def test_in_memory_decodes_every_image_once():
    decoded = []

    def _load(name: str) -> np.ndarray:
        decoded.append(name)
        return np.full((2, 2, 3), ord(name), np.uint8)

    kept = in_memory(
        [Sample("a", lambda: _load("a"), Poses.nobody(3)), Sample("b", lambda: _load("b"), Poses.nobody(3))]
    )
    assert decoded == ["a", "b"]
    assert [(sample.name, int(sample.load()[0, 0, 0])) for sample in kept * 2] == [("a", 97), ("b", 98)] * 2
    assert decoded == ["a", "b"]
