"""From boxes to answers to what is scored, worked by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.colour_data import UNSCALED, colour_data, places
from tests.fake_network import FakeNetwork
from tests.labels import labels, predictions
from vitruvian.datasets import Dataset, Detections
from vitruvian.errors import DataError
from vitruvian.inference import TopDown, Trial, by_overlap, by_reason, point_errors, without_looking, worst_cases
from vitruvian.inference.evaluation.answers import answer, chunks
from vitruvian.inference.evaluation.calibration import calibration
from vitruvian.inference.evaluation.journal import Journal
from vitruvian.inference.evaluation.looks import Looks, at_detections, at_labels
from vitruvian.inference.evaluation.mean_pose import mean_pose
from vitruvian.inference.evaluation.scoring import differences, measured, tallies
from vitruvian.inference.evaluation.trial import inverse, rows_of, scored_file, trial
from vitruvian.metrics import reliability
from vitruvian.structures import SKELETONS, Skeleton

NAN = float("nan")
ONE = Skeleton.define("one", ["dot"])


def run(dataset, looks=None, journal=None, min_joints=1, batch_size=32) -> Trial:
    seen = at_labels(dataset.labels, min_joints) if looks is None else looks
    top_down = TopDown(FakeNetwork(), batch_size)
    answers = answer(top_down, dataset, seen, Journal(None, "") if journal is None else journal)
    return trial(dataset, seen, answers, min_joints)


def test_labelled_boxes_are_looked_at_in_the_order_of_the_images():
    xy = np.array([[[1.0, 1.0]], [[NAN, NAN]], [[1.0, 1.0]], [[1.0, 1.0]], [[1.0, 1.0]]])
    boxes = np.array([[0.0, 0, 5, 5], [0, 0, 5, 5], [0, 0, 5, 0], [NAN] * 4, [0, 0, 9, 9]])
    crowd = np.zeros(5, bool)
    looks = at_labels(labels([1, 0, 0, 0, 0], xy, boxes=boxes, crowd=crowd))
    assert looks.label.tolist() == [4, 0]  # no point, no height, no box: three that are not
    assert looks.image.tolist() == [0, 1]
    assert len(at_labels(labels([1], xy[:1], crowd=np.array([True])))) == 0
    assert len(at_labels(labels([1], xy[:1], boxes=boxes[:1]), min_joints=2)) == 0


def test_a_detectors_boxes_without_a_size_are_not_looked_at():
    boxes = np.array([[0.0, 0, 5, 5], [0, 0, 0, 5], [0, 0, 5, 5]])
    looks = at_detections(Detections(np.array([2, 1, 0], np.int32), boxes, np.array([0.5, 0.6, 0.7])))
    assert (looks.image.tolist(), looks.score.tolist(), looks.label) == ([0, 2], [0.7, 0.5], None)


def test_points_are_found_where_they_are(tmp_path):
    """The dots are where the labels say, so every answer is right, and as sure as the dots are bright."""
    dataset = colour_data(tmp_path, places(3))
    found = run(dataset)
    assert found.predictions.xy.tolist() == places(3).tolist()
    assert found.predictions.label.tolist() == [0, 1, 2]
    assert found.predictions.confidence.tolist() == [1, 1, 1]
    assert (found.bad_images, found.without_box, found.few_joints) == ((), 0, 0)


def test_an_image_that_cannot_be_read_is_left_out_with_everybody_in_it(tmp_path):
    dataset = colour_data(tmp_path, places(4))
    photo = (tmp_path / "1.png").read_bytes()
    (tmp_path / "1.png").write_bytes(photo[: len(photo) // 2])
    (tmp_path / "2.png").unlink()
    found = run(dataset)
    assert [bad.file for bad in found.bad_images] == ["1.png", "2.png"]
    assert "1.png" in found.bad_images[0].reason
    assert found.labels.files.tolist() == ["0.png", "3.png"]
    assert found.labels.image.tolist() == [0, 1]
    assert found.predictions.image.tolist() == [0, 1]
    assert found.predictions.label.tolist() == [0, 1]
    assert found.predictions.xy.tolist() == places(4)[[0, 3]].tolist()


def test_people_without_a_box_or_with_few_joints_are_left_out_and_counted(tmp_path):
    """Image 0: no box; 1: a box outside the image; 2: two labelled joints; 3: no labelled joint, which is kept."""
    xy = places(5)
    boxes = np.array([[NAN] * 4, [200.0, 10, 264, 74], UNSCALED, UNSCALED, UNSCALED])
    dataset = colour_data(tmp_path, xy, boxes=boxes)
    points = xy.copy()
    points[2, 0] = points[3] = NAN
    visible = (2 * np.isfinite(points).all(-1)).astype(np.uint8)
    dataset = replace(dataset, labels=replace(dataset.labels, xy=points, visible=visible))
    found = run(dataset, min_joints=3)
    assert (found.without_box, found.few_joints) == (2, 1)
    assert found.labels.ids.tolist() == [1003, 1004]
    assert found.predictions.label.tolist() == [1]
    assert found.labels.images == 5


def test_crowds_stay_among_the_labels(tmp_path):
    dataset = colour_data(tmp_path, places(2), crowd=np.array([True, False]))
    found = run(dataset)
    assert (len(found.labels), found.predictions.label.tolist()) == (2, [1])


def test_of_two_detections_of_one_person_the_surer_is_kept(tmp_path):
    """The same three dots in both boxes of image 0: OKS 1. The confidence is that of the box times the points'."""
    dataset = colour_data(tmp_path, places(2), shift=np.array([0.0, 0.0]))
    boxes = np.array([UNSCALED, [18.0, 8, 82, 72], UNSCALED])
    found = run(dataset, at_detections(Detections(np.array([0, 0, 1], np.int32), boxes, np.array([0.5, 0.75, 0.25]))))
    assert found.predictions.confidence.tolist() == [0.75, 0.25]
    assert (found.predictions.label, found.predictions.image.tolist()) == (None, [0, 1])


def test_images_without_anybody_to_look_at_are_not_opened(tmp_path):
    """They count as images all the same."""
    dataset = colour_data(tmp_path, places(2))
    (tmp_path / "1.png").unlink()
    found = run(dataset, Looks(np.array([0], np.int32), np.array([UNSCALED]), np.ones(1)))
    assert (found.bad_images, found.labels.images, len(found.labels)) == ((), 2, 2)


def test_chunks_are_cut_where_enough_boxes_are():
    looks = Looks(np.array([0, 0, 1, 3, 3, 3, 4], np.int32), np.zeros((7, 4)), np.ones(7))
    assert list(chunks(looks, 3)) == [[0, 1], [3], [4]]
    assert list(chunks(looks, 100)) == [[0, 1, 3, 4]]
    assert list(chunks(Looks(np.zeros(0, np.int32), np.zeros((0, 4)), np.ones(0)), 3)) == []


def test_a_journal_keeps_answers_and_a_second_run_asks_for_the_rest_alone(tmp_path):
    """Ten photos in chunks of 4; the second line of the journal is damaged, so that only the first counts."""
    dataset = colour_data(tmp_path, places(10))
    looks = at_labels(dataset.labels)
    path = tmp_path / "journal"
    whole = list(answer(TopDown(FakeNetwork(), 1), dataset, looks, Journal(path, "key")))
    lines = path.read_bytes().splitlines(keepends=True)
    assert len(lines) == 1 + 3
    path.write_bytes(b"".join(lines[:2]) + lines[2][:-7])
    network = FakeNetwork()
    journal = Journal(path, "key")
    assert len(journal.entries) == 1
    again = list(answer(TopDown(network, 1), dataset, looks, journal))
    assert again == whole
    assert sum(network.calls) == 6
    assert path.read_bytes().splitlines(keepends=True) == lines


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\n\n", None])
def test_a_journal_of_something_else_begins_anew(tmp_path, content):
    path = tmp_path / "journal"
    Journal(path, "other").add(0, b"[]")
    if content is not None:
        path.write_bytes(content)
    journal = Journal(path, "key")
    assert journal.entries == {}
    journal.add(3, b"[1]")
    assert Journal(path, "key")[3] == b"[1]"
    assert len(path.read_bytes().splitlines()) == 2


@pytest.mark.parametrize("cut", range(60))
def test_wherever_a_journal_is_cut_what_is_before_is_kept(tmp_path, cut):
    path = tmp_path / "journal"
    journal = Journal(path, "key")
    for number in range(3):
        journal.add(number, b'["entry"]')
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - cut])
    kept = Journal(path, "key")
    assert kept.entries == dict(list(journal.entries.items())[: len(kept.entries)])
    assert len(kept.entries) == max(0, 3 - -(-cut // (len(content.splitlines()[1]) + 1)))


def test_a_journal_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="file/journal: cannot be written"):
        Journal(tmp_path / "file/journal", "key")


def test_rows_find_their_place():
    assert inverse(np.array([1, 4, 6]), np.array([6, 0, 4, 9])).tolist() == [2, -1, 1, -1]
    assert inverse(np.zeros(0, int), np.array([0])).tolist() == [-1]


def test_predictions_to_compare_with_are_narrowed_alike(tmp_path):
    """Image 0 cannot be read and label 2 is left out: of answers to all four labels, those to 1 and 3 remain."""
    xy = places(4)
    dataset = colour_data(tmp_path, xy, boxes=np.array([UNSCALED, UNSCALED, [NAN] * 4, UNSCALED]))
    (tmp_path / "0.png").unlink()
    found = run(dataset)
    other = found.narrowed(predictions(dataset.labels, xy + 1))
    assert other.xy.tolist() == (xy[[1, 3]] + 1).tolist()
    assert other.label.tolist() == found.predictions.label.tolist() == [0, 1]
    assert other.image.tolist() == found.predictions.image.tolist() == [0, 2]


def file_of(xy, answers, **columns) -> Trial:
    """The trial of answers to labels xy (N, K, 2), one an image, by a skeleton of numbered keypoints."""
    from vitruvian.datasets import Dataset
    from vitruvian.structures import Skeleton

    xy = np.array(xy, np.float64)
    truth = labels(list(range(len(xy))), xy, **columns)
    skeleton = Skeleton.define("some", [f"p{k}" for k in range(xy.shape[1])])
    return scored_file(Dataset("some", skeleton, truth, None), predictions(truth, np.array(answers, np.float64)))


def test_a_detectors_answers_are_of_the_labels_their_boxes_overlap():
    """Boxes of 10 x 10, moved by 3: 70 / 130 is more than half. By 4, 60 / 140 is not. The surest chooses first; a
    crowd and another image are not chosen."""
    xy = np.full((4, 1, 2), 5.0)
    boxes = np.array([[0.0, 0, 10, 10], [100, 0, 110, 10], [200, 0, 210, 10], [0, 0, 10, 10]])
    truth = labels([0, 0, 0, 1], xy, boxes=boxes, crowd=np.array([0, 0, 1, 0], bool))
    found = boxes[[0, 0, 1, 2]] + np.array([[0.0], [3], [4], [0]]) * np.array([1, 0, 1, 0])
    answers = predictions(truth, xy, image=np.zeros(4, np.int32), boxes=found, confidence=np.array([0.5, 0.9, 1, 1]))
    matched = by_overlap(scored_file(Dataset("a", ONE, truth, Path()), replace(answers, label=None)))
    assert matched.predictions.label.tolist() == [0]
    assert matched.predictions.confidence.tolist() == [0.9]


def test_the_mean_pose_is_the_mean_place_in_the_box():
    """Places 0.25 and 0.75 of the width have the mean 0.5; the joint nobody has labelled stays at the corner."""
    true = np.array([[[2.5, 0], [NAN, NAN]], [[175, 0], [NAN, NAN]]])
    boxes = np.array([[0, 0, 10, 10], [100, 0, 200, 100]])
    assert mean_pose(true, boxes)[:, 0].tolist() == [[5, 0], [150, 0]]


def test_the_mean_pose_needs_labels_that_are_answered_and_boxes():
    one = file_of([[[0, 0], [10, 10]]], [[[0, 0], [10, 10]]])
    assert without_looking(one).predictions.xy.tolist() == [[[0, 0], [10, 10]]]
    assert without_looking(replace(one, predictions=replace(one.predictions, label=None))) is None
    assert without_looking(file_of([[[5, 5]]], [[[5, 5]]])) is None  # a single point has a box without a size


def test_errors_are_in_units_of_the_longer_box_side_where_there_is_no_torso():
    """A box of 20 x 10; points 0, 5 and 1 pixels off, the last not answered."""
    found = point_errors(file_of([[[0, 0], [20, 10], [5, 5], [6, 6]]], [[[0, 0], [20, 5], [5, 6], [NAN, NAN]]]))
    assert found.scale == "box"
    assert found.distance.tolist() == [[0, 0.25, 0.05, np.inf]]


def test_labels_that_nobody_answers_are_infinitely_far_and_no_worst_case():
    """As PCK counts them; else a system that leaves the hard ones out would draw the better curve."""
    xy = np.tile([[0.0, 0.0], [10.0, 10.0]], (3, 1, 1))
    whole = file_of(xy, xy + np.array([[[0, 1]], [[0, 0]], [[0, 2]]]))
    found = point_errors(replace(whole, predictions=rows_of(whole.predictions, np.array([2, 0]))))
    assert found.distance == pytest.approx(np.array([[0.1, 0.1], [np.inf, np.inf], [0.2, 0.2]]))
    assert (found.answer.tolist(), np.isnan(found.score[:, 0]).tolist()) == ([1, -1, 0], [False, True, False])
    assert worst_cases(found, 24).tolist() == [2, 0]


def test_scores_that_are_left_out_for_one_reason_are_named_together():
    assert list(by_reason({"a": "no box", "b": "no area", "c": "no box"})) == ["a, c: no box", "b: no area"]


def test_errors_are_in_torsos_where_there_is_one():
    names = SKELETONS["lsp14"].names
    xy = np.full((1, 14, 2), NAN)
    xy[0, names.index("left_shoulder")], xy[0, names.index("right_hip")] = (0, 0), (30, 40)
    found = point_errors(replace(file_of(xy, xy + np.array([0, 5])), skeleton=SKELETONS["lsp14"]))
    assert found.scale == "torso"
    assert np.nanmax(found.distance) == pytest.approx(5 / 50)


def test_calibration_is_that_of_metrics(tmp_path):
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 100, (40, 5, 2))
    some = file_of(xy, xy + rng.normal(0, 15, xy.shape))
    some = replace(some, predictions=replace(some.predictions, score=rng.uniform(0, 1, (40, 5)).round(1)))
    boxes = some.labels.boxes
    wanted = reliability(some.predictions.xy, some.predictions.score, xy, (boxes[:, 2:] - boxes[:, :2]).max(1))
    assert calibration(point_errors(some)).error == pytest.approx(wanted, abs=1e-6)


def test_the_worst_come_first_and_people_without_labels_not_at_all():
    """Mean errors 0.5, 1 (as far as anything counts), none, 0; a box of 10."""
    xy = [[[0, 0], [10, 10]], [[0, 0], [10, 10]], [[NAN, NAN], [NAN, NAN]], [[0, 0], [10, 10]]]
    answers = [[[0, 0], [10, 20]], [[500, 0], [NAN, NAN]], [[0, 0], [0, 0]], [[0, 0], [10, 10]]]
    found = point_errors(file_of(xy, answers))
    assert worst_cases(found, 24).tolist() == [1, 0, 3]
    assert worst_cases(found, 2).tolist() == [1, 0]


def test_scores_stand_beside_those_of_the_mean_pose():
    """Four people with the same pose, so that the mean pose is right; one answer of two keypoints is wrong."""
    xy = np.tile([[0.0, 0.0], [10.0, 10.0]], (4, 1, 1))
    answers = xy.copy()
    answers[0, 1] = 100
    some = file_of(xy, answers)
    value = measured(some, tallies(some, ["pck_box"]))["pck_box"].values["PCK@0.2"]
    assert (value.value, value.mean_pose) == (0.875, 1.0)
    assert value.low < 0.875 < value.high <= 1


def test_a_difference_is_the_second_minus_the_first():
    xy = np.tile([[0.0, 0.0], [10.0, 10.0]], (4, 1, 1))
    worse = file_of(xy, xy + np.array([[[0, 0], [50, 0]]]))
    better = file_of(xy, xy)
    found = differences(tallies(worse, ["pck_box"]), tallies(better, ["pck_box"]))["pck_box"]["PCK@0.2"]
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)
