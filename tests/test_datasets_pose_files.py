"""Files of poses: exact small texts, unknown values, and reading back what was written."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vitruvian.datasets import FILE_NAMES, Format, ImagePoses, format_poses, read_boxes
from vitruvian.errors import ShapeError, UnknownNameError
from vitruvian.structures import Poses, Skeleton

STICK = Skeleton.define("stick", ["foot", "head"], [("foot", "head")])
NAN = np.nan


def _poses(xy: object, score: object, boxes: object) -> Poses:
    return Poses(np.array(xy, np.float32), np.array(score, np.float32), np.array(boxes, np.float32))


ONE = ImagePoses("a.jpg", (60, 40), _poses([[[1.5, 2], [NAN, NAN]]], [[0.25, 0]], [[0, 1, 10, 21]]))
NOBODY = ImagePoses("b.jpg", (30, 20), Poses.nobody(2))


def _strict(text: str) -> dict:
    """The content of a JSON file, as readers that follow the standard see it: without NaN and Infinity."""

    def _none(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=_none)


def test_json_by_hand():
    """An unknown point is null; an image of nobody is listed."""
    assert _strict(format_poses([ONE, NOBODY], STICK, "model1", "json")) == {
        "model": "model1",
        "skeleton": {"name": "stick", "keypoints": ["foot", "head"], "limbs": [["foot", "head"]]},
        "images": [
            {
                "file": "a.jpg",
                "width": 60,
                "height": 40,
                "people": [
                    {
                        "box": [0, 1, 10, 21],
                        "keypoints": {
                            "foot": {"x": 1.5, "y": 2, "score": 0.25},
                            "head": {"x": None, "y": None, "score": 0},
                        },
                    }
                ],
            },
            {"file": "b.jpg", "width": 30, "height": 20, "people": []},
        ],
    }


def test_coco_by_hand():
    """Box 0 1 10 21 is 10 x 20 at (0, 1), area 200; an unknown point is 0 0 0; limbs count from 1; the mean score is
    (0.25 + 0) / 2."""
    assert _strict(format_poses([NOBODY, ONE], STICK, "model1", "coco")) == {
        "images": [
            {"id": 1, "file_name": "b.jpg", "width": 30, "height": 20},
            {"id": 2, "file_name": "a.jpg", "width": 60, "height": 40},
        ],
        "annotations": [
            {
                "id": 1,
                "image_id": 2,
                "category_id": 1,
                "keypoints": [1.5, 2, 2, 0, 0, 0],
                "num_keypoints": 1,
                "keypoint_scores": [0.25, 0],
                "score": 0.125,
                "bbox": [0, 1, 10, 20],
                "area": 200,
                "iscrowd": 0,
            }
        ],
        "categories": [{"id": 1, "name": "stick", "keypoints": ["foot", "head"], "skeleton": [[1, 2]]}],
    }


def test_csv_by_hand():
    """A row a keypoint; an unknown coordinate is empty."""
    assert format_poses([ONE, NOBODY], STICK, "model1", "csv") == (
        "file,person,keypoint,x,y,score\na.jpg,0,foot,1.5,2.0,0.25\na.jpg,0,head,,,0.0\n"
    )


def test_numbers_are_rounded_to_a_thousandth_of_a_pixel_and_scores_to_four_digits():
    image = ImagePoses("a", (9, 9), _poses([[[1 / 3, 2 / 3], [0, 0]]], [[2 / 3, 1]], [[0, 0, 1 / 3, 1]]))
    (person,) = _strict(format_poses([image], STICK, "m", "json"))["images"][0]["people"]
    assert person["keypoints"]["foot"] == {"x": 0.333, "y": 0.667, "score": 0.6667}
    assert person["box"] == [0, 0, 0.333, 1]
    (annotation,) = _strict(format_poses([image], STICK, "m", "coco"))["annotations"]
    assert annotation["keypoints"][:3] == [0.333, 0.667, 2]
    assert (annotation["bbox"], annotation["area"]) == ([0, 0, 0.333, 1], 0.333)


@pytest.mark.parametrize("form", sorted(FILE_NAMES))
def test_no_images_are_a_valid_file(form, tmp_path):
    text = format_poses([], STICK, "m", form)
    if form == "csv":
        assert text == "file,person,keypoint,x,y,score\n"
    else:
        path = tmp_path / FILE_NAMES[form]
        path.write_text(text)
        assert read_boxes(path) == {}


def test_an_unknown_box_is_null_and_zeros_in_coco():
    image = ImagePoses("a", (9, 9), _poses([[[NAN, NAN]] * 2], [[0, 0]], [[NAN, 1, 2, 3]]))
    assert _strict(format_poses([image], STICK, "m", "json"))["images"][0]["people"][0]["box"] == [None, 1, 2, 3]
    (annotation,) = _strict(format_poses([image], STICK, "m", "coco"))["annotations"]
    assert (annotation["bbox"], annotation["area"], annotation["num_keypoints"]) == ([0, 0, 0, 0], 0, 0)


def test_an_unknown_score_is_null_and_zero_in_coco():
    image = ImagePoses("a", (9, 9), _poses([[[1, 1], [2, 2]]], [[NAN, 0.5]], [[0, 0, 1, 1]]))
    people = _strict(format_poses([image], STICK, "m", "json"))["images"][0]["people"]
    assert people[0]["keypoints"]["foot"]["score"] is None
    (annotation,) = _strict(format_poses([image], STICK, "m", "coco"))["annotations"]
    assert (annotation["keypoint_scores"], annotation["score"]) == ([0, 0.5], 0.25)


@given(arrays(np.float32, (3, 4), elements=st.floats(-10_000, 10_000, width=32)), st.sampled_from(("json", "coco")))
def test_boxes_are_read_back(tmp_path_factory, corners, form):
    """To a thousandth of a pixel, and what float32 keeps of 10,000; in the order written."""
    poses = _poses(np.zeros((3, 2, 2)), np.zeros((3, 2)), corners)
    path = tmp_path_factory.mktemp("poses") / FILE_NAMES[form]
    path.write_text(format_poses([NOBODY, replace(ONE, poses=poses)], STICK, "m", form))
    boxes = read_boxes(path)
    assert boxes["b.jpg"].shape == (0, 4)
    np.testing.assert_allclose(boxes["a.jpg"], corners, atol=3e-3)


def test_csv_keeps_names_that_need_quotes():
    names = ["a, b.jpg", 'say "x".jpg', "größe ✓.jpg", "two\nlines.jpg"]
    text = format_poses([replace(ONE, file=name) for name in names], STICK, "m", "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["file"] for row in rows[::2]] == names
    assert [row["keypoint"] for row in rows] == ["foot", "head"] * 4


def test_csv_numbers_the_people_of_each_image():
    two = _poses(np.zeros((2, 2, 2)), np.zeros((2, 2)), np.zeros((2, 4)))
    rows = list(csv.DictReader(format_poses([replace(ONE, poses=two), ONE], STICK, "m", "csv").splitlines()))
    assert [row["person"] for row in rows] == ["0", "0", "1", "1", "0", "0"]


def test_the_file_names_of_the_forms_tell_how_to_read_them():
    assert {form: Path(name).suffix for form, name in FILE_NAMES.items()} == {
        "json": ".json",
        "coco": ".json",
        "csv": ".csv",
    }


def test_another_form_is_refused_with_the_nearest_name():
    wrong: Format = "cocoa"  # type: ignore[assignment]
    with pytest.raises(UnknownNameError, match=r'^unknown format "cocoa"; known: coco, csv, json\. Did you mean coco'):
        format_poses([], STICK, "m", wrong)


@pytest.mark.parametrize("form", sorted(FILE_NAMES))
def test_poses_of_another_skeleton_are_refused(form):
    image = ImagePoses("a.jpg", (9, 9), Poses.nobody(3))
    sentence = (
        "^a.jpg: its poses have 3 keypoints, the skeleton stick has 2; give the skeleton of the model that found them$"
    )
    with pytest.raises(ShapeError, match=sentence):
        format_poses([ONE, image], STICK, "m", form)
