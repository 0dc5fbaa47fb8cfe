"""`vitruvian data doctor` as a user calls it."""

import json

import numpy as np
import pytest

from vitruvian.cli.data.doctor import ask, doctor
from vitruvian.datasets import Dataset, read_fixes
from vitruvian.errors import SkeletonError
from vitruvian.inference import TopDown
from vitruvian.structures import Skeleton

from .doctor_sets import masked, masks, painted
from .fake_network import FakeNetwork
from .labels import labels


@pytest.fixture
def table(tmp_path):
    """A csv of sixty masks with their pictures, one of them missing, one nose displaced, one copy."""
    from vitruvian.datasets import FORMATS

    xy = masks(60) / 10
    xy[7, 8] += 4
    files = np.array([f"{row:02}.png" for row in range(60)])
    dataset = painted(masked(xy, tmp_path, files=files, sizes=np.tile(np.array([[64, 48]], np.int32), (60, 1))))
    dataset.path(9).unlink()
    path = tmp_path / "labels.json"
    FORMATS["coco_json"].write(dataset, path)
    return path


def test_the_command_prints_counts_and_writes_three_files(table, tmp_path, capsys):
    assert doctor(table, "coco_json", tmp_path, out=tmp_path / "found") == 0
    printed = capsys.readouterr().out
    assert "60 images, 60 instances" in printed
    assert "missing_image" in printed
    assert "displaced" in printed
    content = json.loads((tmp_path / "found/report.json").read_text())
    assert content["counts"] == {"missing_image": 1, "displaced": 1}
    assert len(read_fixes(tmp_path / "found/fixes.json")) == 2
    assert (tmp_path / "found/report.html").is_file()


def test_another_split_has_its_images_where_those_of_the_first_are_and_says_what_was_left_out(table, tmp_path, capsys):
    moved = tmp_path / "other" / "labels.json"
    moved.parent.mkdir()
    content = json.loads(table.read_text())
    content["annotations"].append({"id": 5, "image_id": "nowhere"})
    moved.write_text(json.dumps(content))
    assert doctor(table, "coco_json", tmp_path, (moved,), out=tmp_path / "found") == 0
    printed = capsys.readouterr().out
    assert "not one image" not in printed
    assert "note: labels, a further split: left out 1 records (annotation)" in printed
    assert json.loads((tmp_path / "found/report.json").read_text())["counts"]["same_image"] == 59


def test_labels_alone(table, tmp_path, capsys):
    assert doctor(table, "coco_json", tmp_path, images=False, out=tmp_path / "found") == 0
    printed = capsys.readouterr().out
    assert "note: the images were not looked at" in printed
    assert "missing_image" not in printed


def colour_dots(tmp_path):
    """Two pictures, the second missing; red and blue are labelled, green is called lime."""
    from vitruvian.media import write_image

    from .fake_network import painted as dots

    write_image(tmp_path / "0.png", dots((64, 64), red=(10, 20), green=(30, 30), blue=(50, 40)))
    skeleton = Skeleton.define("two", ("blue", "lime", "red"))
    truth = labels([0, 1], np.full((2, 3, 2), [[1, 1], [20, 20], [60, 60]]), files=np.array(["0.png", "1.png"]))
    truth.boxes[:] = [-0.5, -0.5, 63.5, 63.5]
    return Dataset("dots", skeleton, truth, tmp_path)


def test_a_model_is_asked_by_the_names_of_the_keypoints(tmp_path):
    answers = ask(TopDown(FakeNetwork()), colour_dots(tmp_path))
    assert answers.label.tolist() == [0]
    assert answers.xy[0, [0, 2]].round().tolist() == [[50, 40], [10, 20]]
    assert np.isnan(answers.xy[0, 1]).all()


def test_a_model_of_something_else_is_refused(tmp_path):
    with pytest.raises(SkeletonError, match="model's colours and the data's mask have no keypoint in common"):
        ask(TopDown(FakeNetwork()), masked(masks(2), tmp_path))


def test_nobody_to_ask_about(tmp_path):
    dataset = Dataset("none", Skeleton.define("one", ("red",)), labels([], np.zeros((0, 1, 2)), images=0), tmp_path)
    assert len(ask(TopDown(FakeNetwork()), dataset)) == 0
