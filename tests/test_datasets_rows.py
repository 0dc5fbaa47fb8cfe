"""Labels from rows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import (
    all_visible,
    checked_name,
    each,
    image_folder,
    labels_of,
    numbered,
    of_images,
    some,
    with_areas,
    within_reach,
)
from vitruvian.errors import DataError
from vitruvian.structures import UNLABELLED, VISIBLE

NAN = float("nan")


def test_rows_of_two_images_become_labels():
    """The second and third face are in b.png; the second has one known point, the third none."""
    xy = np.array([[[1, 2], [5, 3]], [[7, 8], [9, NAN]], [[NAN, NAN], [NAN, NAN]]])
    labels = labels_of(["a.png", "b.png", "b.png"], xy)
    assert labels.files.tolist() == ["a.png", "b.png"]
    assert labels.image.tolist() == [0, 1, 1]
    assert (labels.image_ids.tolist(), labels.groups.tolist(), labels.ids.tolist()) == ([0, 1], [0, 1], [0, 1, 2])
    np.testing.assert_array_equal(labels.xy[1], [[7, 8], [NAN, NAN]])
    assert labels.visible.tolist() == [[VISIBLE, VISIBLE], [VISIBLE, UNLABELLED], [UNLABELLED, UNLABELLED]]
    np.testing.assert_array_equal(labels.boxes, [[1, 2, 5, 3], [7, 8, 7, 8], [NAN] * 4])
    assert labels.sizes.tolist() == [[0, 0], [0, 0]]
    assert np.isnan(labels.area).all()
    assert of_images(labels, np.array([10, 20, 30])).tolist() == [10, 20]


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=6))
@settings(max_examples=20)
def test_every_row_keeps_its_file(files):
    labels = labels_of(files, np.zeros((len(files), 1, 2)))
    assert labels.files[labels.image].tolist() == files
    assert labels.files[numbered(files)].tolist() == files


def test_labelled_points_become_visible_and_others_stay_unlabelled():
    labels = labels_of(["a", "b"], np.array([[[1.0, 2.0]], [[NAN, NAN]]]))
    assert all_visible(labels).visible.tolist() == [[VISIBLE], [UNLABELLED]]


@pytest.mark.parametrize("far", [1e13, -np.inf, np.array([[0, 1e300]]), np.float32(1e30)])
def test_numbers_that_are_no_places_are_refused_wherever_they_are_in_a_record(far):
    for record in (far, ("a.jpg", far), (np.array(["a"]), np.ones(2, bool), far)):
        with pytest.raises(ValueError, match=r"a number is beyond 1e\+12, expected pixels or millimetres"):
            within_reach(record)


def test_numbers_that_are_places_pass_as_they_are():
    record = ("a.jpg", 2**62, np.array([1e12, np.nan]), np.array(["a"]), None, np.zeros((0, 2)), np.full(1, 2**62))
    assert within_reach(record) is record


def test_a_record_that_cannot_be_read_is_refused_or_left_out(tmp_path):
    records = [("line 1", "1"), ("line 2", "x"), ("line 3", "3")]
    with pytest.raises(DataError, match=r"a\.txt: line 2: invalid literal"):
        each(records, int, Omissions(tmp_path / "a.txt", False), "bad lines")
    omissions = Omissions(tmp_path / "a.txt", True)
    assert each(records, int, omissions, "bad lines") == [1, 3]
    assert omissions.notes == ("left out 1 bad lines",)


def test_nothing_at_all_is_refused(tmp_path):
    assert some(tmp_path, [1], "numbers") == [1]
    with pytest.raises(DataError, match="holds nothing that can be used; expected numbers"):
        some(tmp_path, [], "numbers")


def test_file_names_stay_in_their_folder():
    assert checked_name("a\\b.png") == "a/b.png"
    for name in ("../a.png", "/a.png", "a/../../b.png", ""):
        with pytest.raises(ValueError, match="expected"):
            checked_name(name)


def test_images_are_looked_for_in_the_places_of_the_download(tmp_path):
    path = tmp_path / "annotations/test.json"
    for folder in ("annotations", "images"):
        (tmp_path / folder).mkdir()
    (tmp_path / "images/a.png").touch()
    files = np.array(["a.png", "b.png"])
    assert image_folder(path, files, ".", "../images").samefile(tmp_path / "images")
    assert image_folder(path, files, "other") == path.parent
    assert image_folder(path, files[:0], "other") == path.parent
    assert image_folder(tmp_path, files, "images") == tmp_path / "images"


def test_an_area_that_is_not_known_is_half_of_the_box_and_a_little():
    """Boxes of 10 x 20: 0.53 x 200 = 106; the second has an area of its own."""
    two = labels_of(["a.jpg", "b.jpg"], np.array([[[0.0, 0.0], [10.0, 20.0]]] * 2))
    assert with_areas(replace(two, area=np.array([np.nan, 50.0]))).area.tolist() == [106, 50]
