"""Batches of crops: labels stay on their pixels, and everybody gets a turn."""

import contextlib
import multiprocessing
import re
from dataclasses import replace

import numpy as np
import pytest

from vitruvian.datasets import (
    Augmentation,
    CropBatches,
    CropSettings,
    Dataset,
    Part,
    Pixels,
    everybody_of,
)
from vitruvian.datasets.crops import TRIES, on_reduced
from vitruvian.errors import DataError
from vitruvian.geometry import Crop

from .portraits import HANDS, alone, greys, portraits

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
LEFT, RIGHT, HEAD = np.array([[20.0, 50.0], [70.0, 40.0], [45.0, 20.0]])
PLAIN = CropSettings((64, 64), 1.25, "msra", Augmentation())
MUCH = CropSettings((64, 64), 1.25, "msra", Augmentation(0.5, 40, 0.5, 1.3, 0.1, 0.2, 0.3, 0.2, 0.5))


def _painted(folder, size: int = 1, suffix: str = ".png") -> Dataset:
    """One person: 9 x 9 pixels of red on the left hand, green on the right, blue on the head; all times `size`."""
    image = np.zeros((100 * size, 100 * size, 3), np.uint8)
    for place, colour in zip((LEFT, RIGHT, HEAD), (RED, GREEN, BLUE), strict=True):
        x, y = (place * size).astype(int)
        image[y - 4 * size : y + 5 * size, x - 4 * size : x + 5 * size] = colour
    places = (np.array([[LEFT, RIGHT, HEAD]]) + 0.5) * size - 0.5
    return portraits(folder, {"painted" + suffix: image}, places, (np.array([[10.0, 10, 80, 60]]) + 0.5) * size - 0.5)


@pytest.fixture
def batches():
    """Makes batches of a data set, whose pixels are given back at the end of the test."""
    with contextlib.ExitStack() as stack:

        def _batches(dataset: Dataset, settings: CropSettings, batch_size: int, seed: int = 0, budget: int = 1 << 20):
            everybody = alone(dataset)
            pixels = stack.enter_context(Pixels.of(everybody, settings, budget))
            return CropBatches(everybody, settings, batch_size, seed, pixels)

        yield _batches


def test_a_batch_has_images_and_points_in_input_pixels(tmp_path, batches):
    """Box 70 x 50 padded by 1.25 shows 87.5 x 87.5 on 64 pixels, centre (45, 35) on (32, 32).

    The left hand, 25 left of and 15 below it, is at 32 - 25 * 64 / 87.5 = 13.714 and 32 + 15 * 64 / 87.5 = 42.971.
    """
    image, xy = batches(_painted(tmp_path), PLAIN, 2)[0]
    assert (image.shape, image.dtype) == ((2, 64, 64, 3), np.uint8)
    assert (xy.shape, xy.dtype) == ((2, 3, 2), np.float32)
    np.testing.assert_allclose(xy[:, 0], [[13.714, 42.971]] * 2, atol=1e-3)


@pytest.mark.parametrize("convention", ["msra", "udp"])
@pytest.mark.parametrize(("size", "suffix", "by"), [(1, ".png", 1), (8, ".png", 1), (8, ".jpg", 4)])
def test_labels_stay_on_their_pixels_and_left_becomes_right_in_a_mirror(
    tmp_path, batches, convention, size, suffix, by
):
    """The colour under each label: red, green, blue as painted; green, red, blue where the crop is mirrored."""
    augmentation = Augmentation(flip=0.5, degrees=40, scale=1.2, shift=0.05)
    many = batches(_painted(tmp_path, size, suffix), CropSettings((64, 64), 1.25, convention, augmentation), 8)
    seen = set()
    for image, xy in (many[number] for number in range(5)):
        for crop, points in zip(image, np.rint(xy).astype(int), strict=True):
            seen.add(tuple(int(crop[y, x].argmax()) for x, y in points))
            assert all(crop[y, x].max() > 200 for x, y in points)
    assert seen == {(0, 1, 2), (1, 0, 2)}
    assert many.pixels.by.tolist() == [by]


@pytest.mark.parametrize("by", [1, 2, 4, 8])
def test_a_crop_of_a_reduced_image_shows_the_same_pixels(by):
    """Where the crop puts point (13, 20), the other one puts what became of it: ((13, 20) + 0.5) / by - 0.5."""
    crop = Crop.of(np.array([30.0, 40.0]), np.array([50.0, 60.0]), 33.0, (64, 64)).mirrored()
    point = np.array([13.0, 20.0])
    np.testing.assert_allclose(on_reduced(crop, by).to_input((point + 0.5) / by - 0.5), crop.to_input(point), atol=1e-9)


def test_a_reduced_photo_gives_nearly_the_crop_of_the_whole_one(tmp_path, batches):
    """A smooth picture of 800 x 800 pixels as PNG and as JPEG, which is halved: two levels of 255 at most."""
    y, x = np.mgrid[:800, :800]
    smooth = np.stack([128 + 100 * np.sin(x / 60), 128 + 100 * np.cos(y / 50), (x + y) / 8], -1).astype(np.uint8)
    crops = {}
    for name in ("a.png", "a.jpg"):
        places = np.array([[LEFT, RIGHT, HEAD]]) * 2
        dataset = portraits(tmp_path / name, {name: smooth}, places, np.array([[300.0, 300, 460, 460]]))
        many = batches(dataset, replace(PLAIN, augmentation=Augmentation(degrees=30, flip=0.5)), 4)
        crops[int(many.pixels.by[0])] = many[0][0].astype(int)
    assert sorted(crops) == [1, 2]
    assert abs(crops[1] - crops[2]).max() <= 5
    assert abs((crops[1] - crops[2]).mean()) < 0.3


def test_unknown_points_stay_unknown_in_a_mirror_under_their_new_name(tmp_path, batches):
    """Only the left hand is known; mirrored, it is the right one."""
    xy = np.array([[LEFT, [np.nan] * 2, [np.nan] * 2]])
    dataset = portraits(tmp_path, {"a.png": np.zeros((100, 100, 3), np.uint8)}, xy, np.array([[10.0, 10, 80, 60]]))
    _, points = batches(dataset, CropSettings((64, 64), 1.25, "msra", Augmentation(flip=1.0)), 1)[0]
    assert np.isfinite(points[0]).all(-1).tolist() == [False, True, False]


@pytest.mark.parametrize("batch_size", [2, 5, 7])
def test_everybody_is_shown_once_before_anybody_is_shown_again(tmp_path, batches, batch_size):
    """Five people, twenty rounds of them, in batches that fit the round, do not, and are larger than it."""
    many = batches(greys(tmp_path, 5), PLAIN, batch_size)
    shown = [int(image[32, 32, 0]) for number in range(50) for image in many[number][0]][:100]
    rounds = [tuple(shown[first : first + 5]) for first in range(0, 100, 5)]
    assert all(set(one) == set(range(5)) for one in rounds)
    assert len(set(rounds)) > 10  # of 120 orders


def test_of_two_data_sets_one_may_be_shown_more_often(tmp_path):
    """Two people with weight 2.5 and three with 1: five and three showings in a turn of eight."""
    often, once = greys(tmp_path / "often", 2), greys(tmp_path / "once", 5)
    rare = replace(once, labels=once.labels.of_images(np.array([2, 3, 4])))
    everybody = everybody_of([Part(often, weight=2.5), Part(rare)], HANDS)
    with Pixels.of(everybody, PLAIN) as pixels:
        turn = CropBatches(everybody, PLAIN, 8, 0, pixels)[3][0]
    counts = np.bincount(turn[:, 32, 32, 0])
    assert sorted(counts[:2]) == [2, 3]
    assert counts[2:].tolist() == [1, 1, 1]


def test_equal_seeds_give_equal_batches_and_others_do_not(tmp_path, batches):
    one, same, other = (batches(_painted(tmp_path), MUCH, 4, seed) for seed in (1, 1, 2))
    for number in range(3):
        (image, xy), (image2, xy2), (image3, _) = one[number], same[number], other[number]
        np.testing.assert_array_equal(image, image2)
        np.testing.assert_array_equal(xy, xy2)
        assert (image != image3).any()


def test_a_batch_is_the_same_whatever_was_asked_for_before_and_whatever_is_kept(tmp_path, batches):
    dataset = greys(tmp_path, 5, ".jpg", 600)
    forwards, backwards = (batches(dataset, MUCH, 3, 1, budget) for budget in (1 << 22, 0))
    first = [forwards[number] for number in range(6)]
    for number in reversed(range(6)):
        for one, same in zip(first[number], backwards[number], strict=True):
            np.testing.assert_array_equal(one, same)


def test_some_rows_of_a_batch_are_those_of_the_whole_one(tmp_path, batches):
    many = batches(greys(tmp_path, 5), MUCH, 6)
    for part in (slice(0, 2), slice(2, 6), slice(3, 3)):
        for whole, some in zip(many[7], many.rows(7, part.start, part.stop), strict=True):
            np.testing.assert_array_equal(whole[part], some)


def _made(many: CropBatches, number: int) -> tuple[np.ndarray, np.ndarray]:
    """In another process."""
    return many[number]


def test_another_process_makes_the_same_batch(tmp_path, batches):
    many = batches(greys(tmp_path, 5), MUCH, 3)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.apply(_made, (many, 4))
    for one, same in zip(many[4], there, strict=True):
        np.testing.assert_array_equal(one, same)


def test_who_cannot_be_read_is_replaced_by_the_next_in_the_row(tmp_path, batches):
    """The same people in the same order; in each turn the third is shown as the one after it, or the first of all."""
    whole = batches(greys(tmp_path, 5), PLAIN, 5)
    rounds = [[int(image[32, 32, 0]) for image in whole[turn][0]] for turn in range(8)]
    (tmp_path / "3.png").write_text("no image")
    with Pixels.of(whole.everybody, PLAIN) as pixels:
        damaged = CropBatches(whole.everybody, PLAIN, 5, 0, pixels)
        for turn, shown in enumerate(rounds):
            expected = [shown[(shown.index(one) + 1) % 5] if one == 3 else one for one in shown]
            assert [int(image[32, 32, 0]) for image in damaged[turn][0]] == expected
        assert pixels.unreadable == (tmp_path / "3.png",)


def test_when_nothing_can_be_read_the_run_stops(tmp_path, batches):
    many = batches(greys(tmp_path, TRIES + 8), PLAIN, 2, budget=0)
    for path in many.everybody.paths:
        path.unlink()
    with pytest.raises(
        DataError, match=rf"^{TRIES} people in a row are in images that cannot be read, such as .*\.png; "
    ):
        many[0]


@pytest.mark.parametrize("change", [Augmentation(blend=1.0, blend_share=(0.25, 0.25)), Augmentation(paste=1.0)])
def test_other_people_are_mixed_into_a_crop_but_not_their_labels(tmp_path, batches, change):
    """Two people of brightness 0 and 200. A quarter of the other: 50 or 150; or pieces of exactly that."""
    images = {"0.png": np.zeros((100, 100, 3), np.uint8), "1.png": np.full((100, 100, 3), 200, np.uint8)}
    dataset = portraits(
        tmp_path, images, np.tile([[LEFT, RIGHT, HEAD]], (2, 1, 1)), np.tile([40.0, 40, 60, 60], (2, 1))
    )
    plain, mixed = (batches(dataset, replace(PLAIN, augmentation=one), 8)[0] for one in (Augmentation(), change))
    np.testing.assert_array_equal(plain[1], mixed[1])
    for before, after in zip(plain[0], mixed[0], strict=True):
        own, other = (0, 200) if before.max() == 0 else (200, 0)
        assert set(np.unique(after)) == ({0.75 * own + 0.25 * other} if change.blend else {own, other})


def test_nobody_makes_no_batches(tmp_path, batches):
    sentence = "there is nobody to make batches of; expected at least one person with a label and a box"
    some = batches(greys(tmp_path, 1), PLAIN, 4)
    nobody = replace(
        some.everybody, **{name: getattr(some.everybody, name)[:0] for name in ("image", "xy", "boxes", "weight")}
    )
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        replace(some, everybody=nobody)
