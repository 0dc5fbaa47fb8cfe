"""What the doctor sees in the numbers of the labels alone."""

import numpy as np

from vitruvian.datasets.doctor.marks import flag_findings, frame_findings, twice_findings, zero_findings

from .doctor_sets import masked, masks

XY = masks(3)


def told(findings):
    return [(one.kind, one.instance, one.keypoints, None if one.fix is None else one.fix.do) for one in findings]


def framed(dataset):
    return list(frame_findings(dataset, dataset.labels.sizes))


def test_sound_labels_have_no_findings():
    dataset = masked(XY)
    assert [*framed(dataset), *zero_findings(dataset), *flag_findings(dataset), *twice_findings(dataset)] == []


def test_a_point_outside_the_image():
    xy = XY.copy()
    xy[1, 8] = [640.6, 30]  # the last pixel of 640 ends at 639.5; one pixel more is let pass
    (found,) = framed(masked(xy, boxes=masked(XY).labels.boxes))
    assert told([found]) == [("point_outside", 1001, ("nose",), "unlabel")]
    assert found.message == "nose is at (640.6, 30.0), outside the image of 640 x 480 pixels"


def test_a_point_on_the_edge_is_let_pass():
    xy = XY.copy()
    xy[1, 8] = [640.4, -1.4]
    assert framed(masked(xy, boxes=masked(XY).labels.boxes)) == []


def test_where_the_size_is_unknown_only_the_low_edges_are():
    xy = XY.copy()
    xy[1, 8], xy[2, 8] = [5000, 30], [-40, 30]
    dataset = masked(xy, boxes=masked(XY).labels.boxes, sizes=np.zeros((3, 2), np.int32))
    assert told(framed(dataset)) == [("point_outside", 1002, ("nose",), "unlabel")]


def test_boxes_outside_and_empty():
    boxes = np.array([[600, 10, 700, 200], [-90, 10, -20, 200], [50, 50, 50, 90]], np.float64)
    assert told(framed(masked(XY, boxes=boxes))) == [
        ("box_outside", 1000, (), "clip_box"),
        ("box_outside", 1001, (), "drop_instance"),
        ("empty_box", 1002, (), None),
    ]


def test_an_unknown_box_is_no_finding():
    assert framed(masked(XY, boxes=np.full((3, 4), np.nan))) == []


def test_all_points_at_one_place_and_one_at_zero():
    xy = XY.copy()
    xy[0] = 0
    xy[1] = 77
    xy[2, 3] = 0
    assert told(zero_findings(masked(xy))) == [
        ("all_zero", 1000, (), "drop_instance"),
        ("all_zero", 1001, (), "drop_instance"),
        ("zero_point", 1002, ("right_ear",), "unlabel"),
    ]


def test_flags_that_contradict_the_coordinates():
    dataset = masked(XY)
    dataset.labels.visible[0, 8] = 0
    dataset.labels.xy[1, 9] = np.nan
    assert told(flag_findings(dataset)) == [
        ("wrong_flag", 1000, ("nose",), "unlabel"),
        ("wrong_flag", 1001, ("chin",), "unlabel"),
    ]


def test_all_hidden_is_odd_where_hardly_anything_is():
    dataset = masked(masks(100))
    dataset.labels.visible[4] = 1
    assert told(flag_findings(dataset)) == [("odd_flags", 1004, (), None)]


def test_all_hidden_is_not_odd_where_half_of_all_are():
    dataset = masked(masks(100))
    dataset.labels.visible[::2] = 1
    assert told(flag_findings(dataset)) == []


def test_the_same_person_twice_in_an_image():
    from vitruvian.datasets import Dataset

    from .doctor_sets import MASK
    from .labels import labels

    xy = np.concatenate([XY, XY[:1] + 0.3])
    dataset = Dataset("masks", MASK, labels([0, 0, 1, 0], xy), masked(XY).folder)
    (found,) = twice_findings(dataset)
    assert told([found]) == [("same_instance", 1003, (), "drop_instance")]
    assert "instance 1000" in found.message
