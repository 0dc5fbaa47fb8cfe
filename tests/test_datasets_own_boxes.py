"""Boxes for people who have none, by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.dots import dot_data
from tests.labels import labels
from vitruvian.datasets import Dataset, boxed, with_boxes, with_sizes
from vitruvian.errors import DataError
from vitruvian.media import write_image
from vitruvian.structures import Skeleton

PAIR = Skeleton.define("pair", ("head", "tail"))
ONE = Skeleton.define("one", ("ball",))
NAN = [np.nan, np.nan]
SMALL = [[10, 10], [40, 40]]  # 30 x 30 -> 36 x 36 around (25, 25)
AROUND = [7.0, 7, 43, 43]


def data(image: list[int], xy: object, skeleton: Skeleton = PAIR, **columns: object) -> Dataset:
    """Images of 100 x 80 pixels."""
    made = labels(image, np.array(xy, float), **columns)
    return Dataset(
        "own", skeleton, replace(made, sizes=np.tile(np.array([[100, 80]], np.int32), (made.images, 1))), None
    )


def points(folder: Path, image: list[int], xy: object, **columns: object) -> Dataset:
    """The same as files, of which the labels do not say the size."""
    made = data(image, xy, **columns)
    for name in made.labels.files:
        write_image(folder / name, np.zeros((80, 100, 3), np.uint8))
    return replace(made, labels=replace(made.labels, sizes=np.zeros((len(made), 2), np.int32)), folder=folder)


def boxes(dataset: Dataset) -> list[list[float]]:
    return with_boxes(dataset)[0].labels.boxes.tolist()


def test_boxes_that_were_drawn_stay_as_they_are():
    drawn = data([0, 1], [[[10, 10], [30, 20]]] * 2, boxes=np.tile([5.0, 5, 40, 30], (2, 1)))
    assert with_boxes(drawn) == (drawn, "")


def test_a_single_subject_that_fills_the_image_is_looked_for_in_all_of_it():
    """60 of 100 pixels wide."""
    assert boxes(data([0], [[[20, 20], [80, 30]]])) == [[-0.5, -0.5, 99.5, 79.5]]


def test_a_small_subject_gets_a_box_around_its_points_a_tenth_larger():
    """30 x 30 -> 36 x 36 around (25, 25)."""
    assert boxes(data([0], [[[10, 10], [40, 40]]])) == [[7, 7, 43, 43]]


def test_two_in_an_image_get_boxes_of_their_own_at_least_half_as_large_as_usual():
    """40 x 40 and a single point: sides of 40 and 0, 20 in the middle; at least 10."""
    found = boxes(data([0, 0], [[[10, 10], [50, 50]], [[70, 70], [np.nan, np.nan]]]))
    assert found == [[6, 6, 54, 54], [65, 65, 75, 75]]


def test_one_keypoint_has_the_whole_image_or_a_quarter_of_it():
    assert boxes(data([0], [[[10, 10]]], ONE)) == [[-0.5, -0.5, 99.5, 79.5]]
    assert boxes(data([0, 0], [[[10, 10]], [[50, 50]]], ONE)) == [[0, 0, 20, 20], [40, 40, 60, 60]]


def test_points_have_the_boxes_that_fit_gives_them_and_it_is_said(tmp_path):
    own = points(tmp_path, [0, 1], [SMALL] * 2)
    found = boxed(own)
    assert found.labels.boxes.tolist() == boxes(with_sizes(own)) == [AROUND] * 2
    assert found.labels.sizes.tolist() == [[100, 80]] * 2
    assert found.notes == ("own: no box is drawn: a box around the points, a tenth larger on each side, stands for it",)


def test_boxes_that_are_drawn_stay_and_nobody_looks_at_the_images():
    drawn = data([0], [SMALL], boxes=np.array([[5.0, 5, 50, 50]]))
    unsized = replace(drawn, labels=replace(drawn.labels, sizes=np.zeros((1, 2), np.int32)), folder=Path("gone"))
    assert boxed(unsized, 1.25) is unsized


def test_areas_stay_as_they_are(tmp_path):
    own = points(tmp_path, [0, 1], [SMALL] * 2, area=np.array([7.0, np.nan]))
    np.testing.assert_array_equal(boxed(own).labels.area, [7, np.nan])


def test_of_a_model_that_looks_at_more_than_the_whole_image_it_is_said():
    whole = data([0], [[[20, 20], [80, 30]]])
    assert boxed(whole).notes[0].endswith("so that the image is the box")
    assert (
        boxed(whole, 1.25)
        .notes[0]
        .endswith(
            "the box; crops show 1.25 times as much: draw boxes, or train with --set padding=1, if that is too much"
        )
    )


def test_who_is_not_labelled_stays_as_it_is(tmp_path):
    """A crowd, and somebody without points."""
    own = points(tmp_path, [0, 0, 1], [SMALL, [NAN, NAN], SMALL])
    own = replace(own, labels=replace(own.labels, crowd=np.array([False, False, True])))
    np.testing.assert_array_equal(boxed(own).labels.boxes, [AROUND, [np.nan] * 4, [10, 10, 40, 40]])
    nobody = data([0], [[NAN, NAN]])
    assert boxed(nobody) is nobody


def test_boxes_in_images_that_cannot_be_read_stay_as_they_are(tmp_path):
    own = points(tmp_path, [0, 1], [SMALL] * 2)
    (tmp_path / "0.jpg").write_bytes(b"nothing")
    found = boxed(own)
    assert found.labels.boxes.tolist() == [[10, 10, 40, 40], AROUND]
    assert found.labels.sizes.tolist() == [[0, 0], [100, 80]]
    (tmp_path / "1.jpg").unlink()
    assert boxed(own).labels.boxes.tolist() == own.labels.boxes.tolist()
    assert boxed(own).notes == ()


def test_images_without_a_size_that_cannot_be_read_are_left_out_and_said(tmp_path):
    own = points(tmp_path, [0, 1], [SMALL] * 2)
    assert with_sizes(own).notes == ()
    (tmp_path / "0.jpg").write_bytes(b"nothing")
    found = with_sizes(own)
    assert (found.labels.files.tolist(), found.labels.sizes.tolist()) == (["1.jpg"], [[100, 80]])
    assert found.notes[0].startswith("own: 1 of 2 images cannot be read, left out: ")
    (tmp_path / "1.jpg").unlink()
    with pytest.raises(DataError, match=r"own: none of its 2 images can be read: .*0\.jpg"):
        with_sizes(own)


def test_images_whose_size_is_labelled_are_not_looked_for(tmp_path):
    whole = dot_data(tmp_path, 2)
    (tmp_path / "0.png").unlink()
    assert with_sizes(whole).labels.sizes.tolist() == [[32, 32]] * 2
