"""The skeleton of people's own labels, and which of their points mirror each other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vitruvian.datasets import open_dataset
from vitruvian.datasets.mirrors import asymmetry, doubtful_pairs, likely_pairs, usual_distances
from vitruvian.datasets.own_skeleton import Declared, understand
from vitruvian.datasets.rows import labels_of
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS

COCO = SKELETONS["coco17"]
FILE = Path("mice.csv")


def nobody(keypoints: int):
    return labels_of(["a.jpg"], np.full((1, keypoints, 2), np.nan))


def butterflies(count: int = 40):
    """A body on the midline, two wings and two feelers, turned and scaled at random: b, w1, w2, f1, f2."""
    shape = np.array([[0, 0], [-3, -1], [3, -1], [-0.5, -2], [0.5, -2]], float)
    random = np.random.default_rng(0)
    turns, scales = random.uniform(0, 2 * np.pi, count), random.uniform(5, 9, count)
    turn = np.array([[np.cos(turns), -np.sin(turns)], [np.sin(turns), np.cos(turns)]]).transpose(2, 0, 1)
    xy = scales[:, None, None] * shape @ turn + random.normal(0, 0.1, (count, 5, 2)) + 50
    return labels_of([f"{row}.jpg" for row in range(count)], xy)


def test_the_names_of_a_known_skeleton_make_it_that_one():
    assert understand(Declared(COCO.names), nobody(17), FILE).skeleton is COCO


def test_labels_in_another_order_take_that_of_the_known_skeleton():
    labels = labels_of(["a.jpg"], np.arange(34.0).reshape(1, 17, 2))
    understood = understand(Declared(COCO.names[::-1]), labels, FILE)
    assert understood.skeleton is COCO
    assert understood.labels.xy[0, 0].tolist() == [32, 33]
    assert understood.notes == ("the keypoints were put into the order of coco17",)


def test_names_in_another_spelling_bring_the_sigmas_and_limbs_of_the_known_skeleton():
    understood = understand(Declared(("Nose", "Left Eye", "rightEye")), nobody(3), FILE)
    assert understood.skeleton.names == ("Nose", "Left Eye", "rightEye")
    assert understood.skeleton.sigmas == COCO.sigmas[:3]
    assert set(map(frozenset, understood.skeleton.limbs)) == {frozenset({0, 1}), frozenset({0, 2}), frozenset({1, 2})}
    assert "the sigmas are those of coco17, by name" in understood.notes


def test_pairs_are_what_the_names_say():
    skeleton = understand(Declared(("snout", "left_ear", "right_ear")), nobody(3), FILE).skeleton
    assert skeleton.mirror == (0, 2, 1)


def test_a_side_without_its_partner_is_no_error_but_a_note():
    understood = understand(Declared(("snout", "left_ear", "left_horn")), nobody(3), FILE)
    assert understood.skeleton.mirror == (0, 1, 2)
    assert "left_ear, left_horn have no partner on the other side" in understood.notes


def test_what_the_file_declares_goes_before_the_names():
    declared = Declared(("ear_1", "ear_2"), "mouse", ((0, 1),), (1, 0), (0.02, 0.03))
    understood = understand(declared, nobody(2), FILE)
    assert (understood.skeleton.name, understood.skeleton.mirror, understood.skeleton.limbs) == (
        "mouse",
        (1, 0),
        ((0, 1),),
    )
    assert understood.skeleton.sigmas == (0.02, 0.03)
    assert understood.notes == ()


@pytest.mark.parametrize("names", [("a", "a"), ("a", ""), ()])
def test_names_that_are_empty_or_not_unique_are_refused(names):
    with pytest.raises(DataError, match=r"mice\.csv"):
        understand(Declared(names), nobody(max(1, len(names))), FILE)


def test_sigmas_are_set_by_size_where_there_are_enough_labels():
    """The feelers are 1 apart, the wings 2.69 from them: the wings' sigma is larger, in the same proportion."""
    understood = understand(Declared(("b", "w1", "w2", "f1", "f2")), butterflies(), FILE)
    assert understood.skeleton.sigmas[3] == pytest.approx(usual_distances(butterflies())[3, 4] / 3, abs=1e-3)
    assert understood.skeleton.sigmas[1] > understood.skeleton.sigmas[3]
    assert any(note.startswith("the sigmas are set by size") for note in understood.notes)


def test_with_few_labels_all_sigmas_are_the_usual_one():
    understood = understand(Declared(("b", "w1", "w2", "f1", "f2")), butterflies(5), FILE)
    assert understood.skeleton.sigmas == (0.05,) * 5
    assert any("too few labels" in note for note in understood.notes)


def test_pairs_that_the_names_do_not_tell_are_suggested_by_where_they_lie():
    labels = butterflies()
    assert likely_pairs(usual_distances(labels), range(5)) == [(1, 2), (3, 4)]
    notes = understand(Declared(("b", "w1", "w2", "f1", "f2")), labels, FILE).notes
    assert notes[0] == "the names tell no sides; by where they lie these may be mirrored pairs: w1 and w2, f1 and f2"


def test_a_pair_that_lies_otherwise_than_its_names_say_is_reported():
    """The left wing is called a feeler."""
    names = ("body", "left_feeler", "right_wing", "left_wing", "right_feeler")
    notes = understand(Declared(names), butterflies(), FILE).notes
    assert notes[0].startswith("mirrored by name but not by where they lie in the labels: left_feeler and right_feeler")
    right = ("body", "left_wing", "right_wing", "left_feeler", "right_feeler")
    assert not any("mirrored by name" in note for note in understand(Declared(right), butterflies(), FILE).notes)


def test_nothing_is_said_of_too_few_labels():
    assert doubtful_pairs(usual_distances(butterflies(5)), (0, 3, 4, 1, 2)) == []
    assert likely_pairs(usual_distances(butterflies(5)), range(5)) == []
    assert np.isnan(usual_distances(butterflies(5))[0, 1])


def test_turning_and_scaling_change_no_usual_distance():
    labels = butterflies()
    twice = replace(labels, xy=2 * labels.xy, boxes=2 * labels.boxes)
    np.testing.assert_allclose(usual_distances(twice), usual_distances(labels))


def test_the_pairs_of_real_people_fit_and_false_ones_do_not(shared):
    """LSP's true pairs differ by at most 5 %; knees exchanged with ankles by over 20 %."""
    labels, skeleton = open_dataset(shared / "realdata/lsp_extended/joints.csv").labels, SKELETONS["lsp14"]
    assert asymmetry(usual_distances(labels), skeleton.mirror).max() < 0.05
    assert doubtful_pairs(usual_distances(labels), skeleton.mirror) == []
    false = list(skeleton.mirror)
    for a, b in (("left_knee", "right_ankle"), ("right_knee", "left_ankle")):
        false[skeleton.index(a)], false[skeleton.index(b)] = skeleton.index(b), skeleton.index(a)
    assert len(doubtful_pairs(usual_distances(labels), false)) == 2


def test_the_pairs_of_real_faces_are_found_from_the_labels_alone(shared):
    """Of 29 pairs of the 68 points, most; at most one, in a closed mouth, is false."""
    labels = open_dataset(shared / "realdata/youtube_faces_68/keypoints.csv").labels
    found = likely_pairs(usual_distances(labels), range(68))
    right = sum(SKELETONS["face68"].mirror[a] == b for a, b in found)
    assert right >= 22
    assert len(found) - right <= 1
