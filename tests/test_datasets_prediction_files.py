"""Predictions of any system, read for the images of a data set."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.labels import labels, predictions
from vitruvian.datasets import (
    Dataset,
    ImagePoses,
    format_poses,
    format_predictions,
    open_dataset,
    read_predictions,
)
from vitruvian.datasets.prediction_files import answered
from vitruvian.errors import DataError
from vitruvian.metrics import SCORES
from vitruvian.structures import Labels, Poses, Predictions, Skeleton

PAIR = Skeleton.define("pair", ["left", "right"])
XY = np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [np.nan, np.nan]], [[7.0, 8.0], [9.0, 10.0]]])
FILES = np.array(["cats/1.jpg", "dogs/1.jpg", "dogs/2.jpg"])
BOXES = np.array([[0.0, 0, 10, 10], [20, 0, 30, 10], [0, 0, 10, 10]])


def dataset(**columns: object) -> Dataset:
    """Image 100, cats/1.jpg, has the instances 1000 and 1001; dogs/1.jpg nobody; 102, dogs/2.jpg, the instance 1002."""
    given = {"files": FILES, "boxes": BOXES} | columns
    return Dataset("three", PAIR, labels([0, 0, 2], XY, images=3, **given), Path("nowhere"))


def write(folder: Path, content: object, name: str = "answers.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def entry(**changed: object) -> dict[str, object]:
    return {"image_id": 102, "keypoints": [1, 2, 0.5, 3, 4, 0.75], "score": 0.9} | changed


def test_a_results_list(tmp_path):
    found = read_predictions(write(tmp_path, [entry(), entry(image_id=100, bbox=[10, 20, 5, 6])]), dataset())
    assert found.image.tolist() == [2, 0]
    assert found.xy[0].tolist() == [[1, 2], [3, 4]]
    assert found.score[0].tolist() == [0.5, 0.75]
    assert found.confidence.tolist() == [0.9, 0.9]
    assert np.isnan(found.boxes[0]).all()
    assert found.boxes[1].tolist() == [10, 20, 15, 26]
    assert found.label is None


def test_a_results_list_of_whole_bodies_has_its_parts_apart(tmp_path):
    """A body of 1, a foot, a face and two hands of 1 keypoint each; then the same file for bodies alone."""
    parts = {"foot_kpts": [1, 1, 1], "face_kpts": [2, 2, 1], "lefthand_kpts": [3, 3, 1], "righthand_kpts": [4, 4, 1]}
    path = write(tmp_path, [entry(keypoints=[0, 0, 1], **parts)])
    for keypoints, wanted in ((5, [0, 1, 2, 3, 4]), (1, [0])):
        some = labels([0, 0, 2], np.zeros((3, keypoints, 2)), images=3)
        skeleton = Skeleton.define("parts", [f"p{k}" for k in range(keypoints)])
        found = read_predictions(path, Dataset("parts", skeleton, some, Path()))
        assert found.xy[0, :, 0].tolist() == wanted


@pytest.mark.parametrize(("form", "name"), [("json", "poses.json"), ("coco", "poses.coco.json"), ("csv", "poses.csv")])
def test_what_predict_writes_is_read_again(tmp_path, form, name):
    """An unknown point stays unknown; the whole is as sure as the mean of its points; the folder may be named."""
    xy = np.array([[[1.0, 2.0], [np.nan, np.nan]], [[3.0, 4.5], [5.0, 6.0]]], np.float32)
    poses = Poses(xy, np.array([[0.5, 0.25], [1.0, 0.5]], np.float32), np.array([[0, 0, 9, 9]] * 2, np.float32))
    images = [ImagePoses("data/dogs/2.jpg", (640, 480), poses), ImagePoses("other.jpg", (9, 9), Poses.nobody(2))]
    path = write(tmp_path, format_poses(images, PAIR, "some", form), name)
    found = read_predictions(path, dataset())
    assert found.image.tolist() == [2, 2]
    assert np.array_equal(found.xy, xy, equal_nan=True)
    assert found.score.tolist() == [[0.5, 0.25], [1.0, 0.5]]
    assert found.confidence.tolist() == [0.375, 0.75]
    assert np.array_equal(found.boxes, np.full((2, 4), np.nan) if form == "csv" else poses.boxes, equal_nan=True)


def test_keypoints_by_name_may_stand_in_another_order(tmp_path):
    lines = ["file,person,keypoint,x,y,score", "2.jpg,0,right,3,4,0.5", "2.jpg,0,left,1,2,1"]
    found = read_predictions(write(tmp_path, "\n".join(lines), "a.csv"), dataset())
    assert found.xy.tolist() == [[[1, 2], [3, 4]]]
    assert found.score.tolist() == [[1, 0.5]]


@given(
    values=st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=12, max_size=12),
    score=st.lists(st.floats(0, 1), min_size=6, max_size=6),
)
def test_what_is_written_is_read_the_same(tmp_path_factory, values, score):
    some = dataset()
    points = np.array(values).reshape(3, 2, 2)
    wrote = predictions(some.labels, points, score=np.array(score).reshape(3, 2), confidence=np.array([0.1, 1 / 3, 1]))
    path = tmp_path_factory.mktemp("a") / "a.json"
    path.write_text(format_predictions(wrote, some.labels))
    read = read_predictions(path, some)
    for name in ("image", "xy", "score", "confidence", "boxes", "label"):
        assert np.array_equal(getattr(read, name), getattr(wrote, name), equal_nan=name != "image"), name


def test_no_predictions_are_predictions(tmp_path):
    assert len(read_predictions(write(tmp_path, []), dataset())) == 0


def some_predictions(image: list[int], boxes: list[list[float]]) -> Predictions:
    count = len(image)
    return Predictions(
        np.array(image, np.int32), np.zeros((count, 2, 2)), np.ones((count, 2)), np.ones(count), np.array(boxes)
    )


def label_of(truth: Labels, image: list[int], boxes: list[list[float]]) -> list[int] | None:
    found = answered(some_predictions(image, boxes), truth).label
    return None if found is None else found.tolist()


UNKNOWN = [float("nan")] * 4


def test_the_label_is_known_where_every_image_has_one_of_both():
    truth = labels([2, 0, 0], XY, images=3, crowd=np.array([False, False, True]))
    assert label_of(truth, [0, 2], [UNKNOWN] * 2) == [1, 0]
    assert label_of(truth, [0, 0], [UNKNOWN] * 2) is None  # two answers for one label
    assert label_of(truth, [1], [UNKNOWN]) is None  # nobody is labelled there
    assert label_of(replace(truth, crowd=np.zeros(3, bool)), [2], [UNKNOWN]) is None  # another image has two labels


def test_the_label_is_known_by_its_box():
    truth = dataset().labels
    assert label_of(truth, [0, 2, 0], [BOXES[1], BOXES[2] + 0.4, BOXES[0]]) == [1, 2, 0]
    assert label_of(truth, [0], [BOXES[1] + 1]) is None
    assert label_of(truth, [0, 0], [BOXES[1], BOXES[1]]) is None
    assert label_of(replace(truth, boxes=BOXES[[0, 0, 2]]), [0], [BOXES[0]]) is None  # two labels have that box


def test_an_entry_may_say_which_label_it_answers(tmp_path):
    path = write(tmp_path, [entry(image_id=100, annotation_id=1001), entry(annotation_id=1002)])
    assert read_predictions(path, dataset()).label.tolist() == [1, 2]


NOSE = {"x": 1, "y": 1, "score": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([entry(keypoints=[1, 2, 3])], r"entry 0, image_id 102 has 3 numbers in keypoints, expected 6"),
        ([entry(), entry(image_id=7)], r"entry 1, image_id 7: three has no image 7 among its 3; score the file on"),
        ([entry(keypoints=["1", 2, 3, 4, 5, 6])], r"Expected `float \| null`, got `str` - at `\$\[0\].keypoints\[0\]`"),
        ([{"image_id": 102, "keypoints": [0] * 6}], r"missing required field `score` - at `\$\[0\]`"),
        ([entry(bbox=[1, 2])], r"a box has 2 numbers, expected four"),
        (
            [entry(annotation_id=1002)] * 2,
            r"entry 1, image_id 102 and entry 0, image_id 102 both answer annotation 1002",
        ),
        ([entry(annotation_id=1000)], r"three has no annotation 1000 in this image"),
        ('[{"image_id": 102, "keypoints": [NaN', r"NaN is no json, write null"),
        (json.dumps([entry()])[:-9], r"holds no predictions \(Input data was truncated\)"),
        ("", r"holds no predictions"),
        ("7", r"holds no predictions \(Expected `object`, got `int`\)"),
        (
            {"images": [{"file": "1.jpg", "people": [{"box": UNKNOWN[:0], "keypoints": {}}]}]},
            r"three has no image 1.jpg",
        ),
        (
            {"images": [{"file": "2.jpg", "people": [{"box": [0] * 4, "keypoints": {"nose": NOSE}}]}]},
            r"2.jpg, person 0 has 1 keypoints, the data set the 2 of pair; only one of them has left, nose, right",
        ),
        (
            {
                "images": [{"id": 1, "file_name": "2.jpg"}],
                "categories": [],
                "annotations": [{"image_id": 5, "keypoints": [], "keypoint_scores": [], "score": 1}],
            },
            r'annotation 0, image_id 5: there is no such image under "images"',
        ),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, content, said):
    with pytest.raises(DataError, match=said) as raised:
        read_predictions(write(tmp_path, content), dataset())
    assert "answers.json" in str(raised.value)


HEAD = "file,person,keypoint,x,y,score\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("file,x,y\n", "line 1: expected the columns file,person,keypoint,x,y,score, got file,x,y"),
        ("", "line 1: expected the columns"),
        (HEAD + "2.jpg,0,left,1,2", "line 2: expected 6 cells; is the line cut short?"),
        (HEAD + "2.jpg,0,left,one,2,1", 'line 2: "one" is no number'),
        (HEAD + "2.jpg,0,left,1,2,1\n2.jpg,0,left,1,2,1", "line 3: left of person 0 is there twice"),
        (HEAD + "2.jpg,0,left,1,2,1", "2.jpg, person 0 has 1 keypoints, the data set the 2 of pair"),
    ],
)
def test_a_csv_that_cannot_be_used_is_named(tmp_path, content, said):
    with pytest.raises(DataError, match=said):
        read_predictions(write(tmp_path, content, "a.csv"), dataset())


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"gone.json cannot be read \(No such file or directory\); expected a COCO"):
        read_predictions(tmp_path / "gone.json", dataset())


def test_the_reference_predictions_of_a_crowded_image(shared):
    """128 answers for 14 people, by the numbers in the file."""
    folder = shared / "realdata/eval_reference/coco_single_image"
    some = open_dataset(folder / "gt_dataset.json")
    found = read_predictions(folder / "dt_dataset.json", some)
    assert (len(found), len(some.labels), found.label) == (128, 14, None)


@pytest.mark.parametrize(
    ("form", "score", "reference"),
    [
        ("coco", "oks_ap", "coco_keypoints"),
        ("crowdpose", "oks_ap_crowdpose", "crowdpose"),
        ("coco_wholebody", "oks_ap_wholebody", "wholebody_wholebody"),
    ],
)
def test_files_of_other_systems_score_as_published(shared, form, score, reference):
    """To the last digit of the reference values; the parts of whole bodies are lists of their own in the file."""
    folder = shared / "realdata/eval_reference"
    name = form.removeprefix("coco_")
    some = open_dataset(folder / f"xtcocotools/example_{name}_val.json", form)
    found = read_predictions(folder / f"xtcocotools/example_{name}_preds.json", some)
    values = SCORES[score].tally(some.labels, found, some.skeleton).values()
    expected = json.loads((folder / "reference_values.json").read_text())[reference]
    assert values["AP"] == pytest.approx(expected["AP"], abs=5e-7)
    assert values["AR"] == pytest.approx(expected["AR"], abs=5e-7)
