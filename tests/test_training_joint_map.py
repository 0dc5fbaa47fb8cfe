"""Which joint of a starting model is which of one's own."""

import numpy as np
import pytest

from vitruvian.errors import RecipeError, UnknownNameError
from vitruvian.structures import SKELETONS, Skeleton
from vitruvian.training.joint_map import Match, distances_to, doubts, match, rows_of, words

START = Skeleton.define("start", ("left_wrist", "right_wrist", "head_top", "neck", "left_eye", "right_eye"))


def pairs(own: Skeleton, **options: object) -> dict[str, str | None]:
    return {one.joint: one.start for one in match(own, START, **options)}


def own(*names: str) -> Skeleton:
    return Skeleton("own", names, (), tuple(range(len(names))), (0.05,) * len(names))


@pytest.mark.parametrize("name", ["left_wrist", "LWrist", "wristLeft", "L wrist", "lwrist", "Left-Wrist", "wrist.l"])
def test_a_name_is_understood_however_it_is_written(name):
    assert pairs(own(name)) == {name: "left_wrist"}


@pytest.mark.parametrize("name", ["wrist", "left_hand", "lower_left_wrist_bone", "left_wrists"])
def test_what_is_not_surely_the_same_is_not_matched(name):
    assert pairs(own(name)) == {name: None}


def test_top_of_head_and_vertex_are_the_head_top():
    assert words("top_of_head") == words("Vertex") == words("head_top")


def test_two_names_that_say_the_same_are_not_matched():
    assert pairs(own("l_wrist", "wrist_left")) == {"l_wrist": None, "wrist_left": None}


def test_the_joints_of_the_package_match_those_of_coco_by_name():
    found = match(SKELETONS["coco17"], SKELETONS["lsp14"])
    assert sum(one.how == "name" for one in found) == 12
    assert {one.joint for one in found if one.start is None} == {
        "nose", "left_eye", "right_eye", "left_ear", "right_ear"
    }  # fmt: skip


def test_what_is_told_goes_before_names():
    found = match(own("left_wrist", "paw"), START, told=[("paw", "left_wrist"), ("left_wrist", "")])
    assert found == (Match("left_wrist", None, "told"), Match("paw", "left_wrist", "told"))
    assert rows_of(found, START) == [-1, 0]


def test_unknown_and_doubled_joints_are_refused():
    with pytest.raises(UnknownNameError, match=r'unknown joint of your labels "paww".*Did you mean paw'):
        match(own("paw"), START, told=[("paww", "neck")])
    with pytest.raises(UnknownNameError, match=r'unknown joint of the starting model "nek".*Did you mean neck'):
        match(own("paw"), START, told=[("paw", "nek")])
    with pytest.raises(RecipeError, match="two joints are told to be neck"):
        match(own("paw", "toe"), START, told=[("paw", "neck"), ("toe", "neck")])


def far(keypoints: int) -> np.ndarray:
    return np.full((keypoints, len(START)), 0.5)


def test_a_place_says_what_names_do_not():
    distance = far(2)
    distance[0, 3] = 0.04
    found = match(own("collar", "belly"), START, distance=distance)
    assert found == (Match("collar", "neck", "place", 0.04), Match("belly", None, "none"))


def test_a_place_must_be_near_and_each_others_nearest():
    distance = far(2)
    distance[:, 3] = 0.05, 0.04  # both are near the neck, belly nearer
    assert pairs(own("collar", "belly"), distance=distance) == {"collar": None, "belly": "neck"}
    distance[1, 3] = 0.11
    assert pairs(own("collar", "belly"), distance=distance)["belly"] is None


def test_left_and_right_that_lie_together_are_not_told_apart_by_place():
    distance = far(1)
    distance[0, 4], distance[0, 5] = 0.04, 0.06
    assert pairs(own("pupil"), distance=distance) == {"pupil": None}
    distance[0, 5] = 0.09
    assert pairs(own("pupil"), distance=distance) == {"pupil": "left_eye"}


def test_a_left_joint_is_never_matched_with_a_right_one():
    named = Skeleton.define("own", ("left_pupil", "right_pupil"))
    distance = far(2)
    distance[0, 5], distance[0, 4] = 0.02, 0.09
    assert pairs(named, distance=distance)["left_pupil"] is None


def test_exchanged_sides_are_doubted():
    named = Skeleton.define("own", ("left_eye", "right_eye"))
    distance = far(2)
    distance[0, 4:], distance[1, 4:] = (0.2, 0.02), (0.02, 0.2)
    found = match(named, START, distance=distance)
    assert [one.start for one in found] == ["left_eye", "right_eye"]
    said = doubts(found, START, named, distance)
    assert said[0].startswith("your left_eye lies where the model finds right_eye, not left_eye;")
    assert len(said) == 2


def test_distances_are_medians_over_those_labelled_in_sides_of_the_box():
    """Person 1: 10 px of 100; person 2: 40 px of 200; between them 0.15. The second joint is labelled once: 0.2."""
    true = np.array([[[0, 0], [np.nan, np.nan]], [[0, 0], [0, 0]]])
    answers = np.array([[[10, 0]], [[0, 40]]], float)
    boxes = np.array([[0, 0, 100, 50], [0, 0, 80, 200]], float)
    assert distances_to(true, answers, boxes) == pytest.approx(np.array([[0.15], [0.2]]))
