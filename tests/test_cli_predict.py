"""`vitruvian predict`: what it takes and what it leaves behind."""

import csv
import inspect
import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from tests.command import run, run_alone
from tests.fake_network import painted
from tests.predict_command import BOX, fill, found, write_boxes
from vitruvian.cli.predict import predict
from vitruvian.datasets import FILE_NAMES, Format
from vitruvian.inference import Backend
from vitruvian.media import EXAMPLE_BOXES, EXAMPLE_PHOTO, read_image, write_image
from vitruvian.runtime import DEFAULT, OnnxNetwork


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder, with a model and photos."""
    monkeypatch.chdir(tmp_path)
    fill(tmp_path)
    return tmp_path


@pytest.fixture
def call(folder, capsys):
    """Run `vitruvian predict --model tiny.onnx ...`."""
    return lambda *arguments: run(capsys, "predict", "--model", "tiny.onnx", *arguments)


# What it takes


@pytest.mark.parametrize(
    ("sources", "files"),
    [
        (["photos/img2.png"], [2]),
        (["photos/img3.png", "photos/img1.png"], [3, 1]),
        (["photos"], [1, 2, 3]),
        (["photos/*[12].png"], [1, 2]),
        (["photos/img3.png", "photos"], [3, 1, 2]),
    ],
)
def test_files_folders_and_patterns(call, sources, files):
    answer = call(*sources, "--no-draw")
    assert answer.code == 0
    assert list(found()) == [f"photos/img{k}.png" for k in files]
    assert answer.err == ""


@pytest.mark.parametrize(
    "boxes",
    [
        {"img1.png": [BOX], "photos/img2.png": [BOX, BOX]},
        {
            "images": [{"id": 7, "file_name": "img1.png"}, {"id": 9, "file_name": "img2.png"}],
            "annotations": [{"image_id": k, "bbox": [20, 10, 64, 64]} for k in (7, 9, 9)],
        },
    ],
    ids=["plain", "coco"],
)
def test_boxes_from_json(call, boxes):
    """One person in the first photo, two in the second, nobody in the third, which is not named."""
    answer = call("photos", "--boxes", write_boxes(boxes))
    assert (answer.code, answer.err) == (0, "1 of 3 images are not in boxes.json and are taken as empty\n")
    assert found() == {
        "photos/img1.png": [[31, 30]],
        "photos/img2.png": [[32, 30], [32, 30]],
        "photos/img3.png": [],
    }


def test_boxes_from_csv(call):
    Path("boxes.csv").write_text("file,x0,y0,x1,y1\nimg1.png,20,10,84,74\n")
    assert call("photos", "--boxes", "boxes.csv").code == 0
    assert found()["photos/img1.png"] == [[31, 30]]


def test_boxes_from_what_an_earlier_run_wrote(call):
    assert call("photos", "--boxes", write_boxes({"img1.png": [BOX, BOX]}), "--out", "first").code == 0
    assert call("photos", "--boxes", "first/poses.json", "--out", "second").code == 0
    assert found("second/poses.json") == found("first/poses.json")


def test_options_offer_what_the_library_knows():
    """The command line repeats names that importing would make slow."""
    parameters = inspect.signature(predict).parameters
    assert parameters["model"].default == DEFAULT
    assert get_args(parameters["format"].annotation) == get_args(Format) == tuple(FILE_NAMES)
    assert get_args(parameters["backend"].annotation) == get_args(Backend)


# What it leaves behind


def test_json_holds_names_sizes_boxes_and_points(call):
    call("photos/img1.png", "--boxes", write_boxes({"img1.png": [BOX]}))
    content = json.loads(Path("out/poses.json").read_text())
    assert content["model"] == "tiny"
    assert content["skeleton"]["keypoints"] == ["red", "green", "blue"]
    assert content["images"] == [
        {
            "file": "photos/img1.png",
            "width": 100,
            "height": 90,
            "people": [
                {
                    "box": BOX,
                    "keypoints": {
                        "red": {"x": 31, "y": 30, "score": 1},
                        "green": {"x": 50, "y": 60, "score": 1},
                        "blue": {"x": 70, "y": 20, "score": 1},
                    },
                }
            ],
        }
    ]


def test_coco(call):
    call("photos/img1.png", "--boxes", write_boxes({"img1.png": [BOX]}), "--format", "coco")
    content = json.loads(Path("out/poses.coco.json").read_text())
    assert content["images"] == [{"id": 1, "file_name": "photos/img1.png", "width": 100, "height": 90}]
    assert content["annotations"][0]["keypoints"] == [31, 30, 2, 50, 60, 2, 70, 20, 2]
    assert content["annotations"][0]["bbox"] == [20, 10, 64, 64]


def test_csv(call):
    call("photos/img1.png", "--boxes", write_boxes({"img1.png": [BOX]}), "--format", "csv")
    rows = list(csv.reader(Path("out/poses.csv").read_text().splitlines()))
    assert rows[:2] == [
        ["file", "person", "keypoint", "x", "y", "score"],
        ["photos/img1.png", "0", "red", "31.0", "30.0", "1.0"],
    ]
    assert len(rows) == 4


def test_every_image_is_drawn_unless_told_not_to(call):
    answer = call("photos", "--threshold", "0.3")
    assert answer.out.splitlines()[-1] == "drawn -> 3 images in out"
    drawn = read_image("out/img1_pose.png")
    assert drawn.shape == (90, 100, 3)
    assert not np.array_equal(drawn, read_image("photos/img1.png"))
    answer = call("photos", "--no-draw", "--out", "plain")
    assert sorted(path.name for path in Path("plain").iterdir()) == ["poses.json"]
    assert "drawn" not in answer.out


def test_points_below_the_threshold_are_not_drawn_but_written(call):
    call("photos/img1.png", "--threshold", "1.1")
    assert np.array_equal(read_image("out/img1_pose.png"), read_image("photos/img1.png"))
    assert len(found()["photos/img1.png"]) == 1


def test_a_heatmap_colours_the_place_of_its_joint(call):
    """Green lies at (50, 60), far from the lines: without its map only the skeleton is drawn."""
    call("photos/img1.png", "--threshold", "1.1", "--heatmap", "green")
    changed = (read_image("out/img1_pose.png") != read_image("photos/img1.png")).any(-1)
    rows, columns = np.nonzero(changed)
    assert len(rows) > 0
    assert np.abs(columns.mean() - 50) < 2
    assert np.abs(rows.mean() - 60) < 2


def test_a_heatmap_of_several_people_is_of_the_photo_not_of_the_drawing(call, monkeypatch):
    """The network sees the same pixels for the second person as for the first."""
    seen: list[np.ndarray] = []
    likelihood = OnnxNetwork.likelihood
    monkeypatch.setattr(OnnxNetwork, "likelihood", lambda self, crops: seen.append(crops) or likelihood(self, crops))
    call("photos/img1.png", "--boxes", write_boxes({"img1.png": [BOX, BOX]}), "--heatmap", "green")
    assert len(seen) == 2
    assert np.array_equal(seen[0], seen[1])


def test_a_table_of_joints_for_a_single_image(call):
    answer = call("photos/img1.png", "--boxes", write_boxes({"img1.png": [BOX]}))
    lines = answer.out.splitlines()
    assert lines[0] == "photos/img1.png, 100 x 90 pixels"
    assert [line.split()[1::2] for line in lines if "green" in line] == [["0", "green", "50.0", "60.0", "1.00"]]
    assert lines[-2:] == ["1 person in 1 image -> out/poses.json", "drawn -> out/img1_pose.png"]


def test_no_table_for_several_images(call):
    assert call("photos").out.splitlines() == ["3 people in 3 images -> out/poses.json", "drawn -> 3 images in out"]


def test_nobody_is_an_answer(call):
    answer = call("photos/img1.png", "--boxes", write_boxes({"img1.png": []}))
    assert answer.code == 0
    assert answer.out.splitlines()[0] == "0 people in 1 image -> out/poses.json"


def test_long_and_odd_names_stay_whole(call):
    """Neither wrapped nor taken for markup."""
    name = "[bold]" + "a_long_name_" * 10 + ".png"
    write_image(f"photos/{name}", painted((64, 64)))
    answer = call(f"photos/{name}", "--no-draw")
    assert answer.out.splitlines()[0] == f"photos/{name}, 64 x 64 pixels"


@pytest.mark.parametrize(("form", "name"), FILE_NAMES.items())
def test_a_name_that_is_no_text_is_no_reason_to_lose_the_poses(call, form, name):
    """A byte that is not UTF-8, as in names from old archives."""
    odd = b"photos/caf\xe9.png"
    try:
        Path("photos/img1.png").rename(odd.decode(errors="surrogateescape"))
    except OSError:
        pytest.skip("this file system takes no such names")
    several, alone = call("photos", "--format", form), call(odd.decode(errors="surrogateescape"), "--format", form)
    assert (several.code, several.err) == (alone.code, alone.err) == (0, "")
    assert alone.out.splitlines()[0] == r"photos/caf\udce9.png, 100 x 90 pixels"
    assert Path("out", name).stat().st_size > 100
    assert len(list(Path("out").glob("*_pose.png"))) == 3


def test_images_of_the_same_name_do_not_overwrite_each_other(call):
    Path("other").mkdir()
    write_image("other/img1.png", painted((100, 90), (45, 45)))
    write_image("other/IMG1.jpg", painted((50, 40), (45, 45)))
    assert call("photos", "other").code == 0
    drawings = sorted(path.name for path in Path("out").glob("*.png"))
    assert drawings == ["IMG1_pose_2.png", "img1_pose.png", "img1_pose_3.png", "img2_pose.png", "img3_pose.png"]
    assert read_image("out/IMG1_pose_2.png").shape == (40, 50, 3)
    assert list(found())[-2:] == ["other/IMG1.jpg", "other/img1.png"]


def test_a_second_run_replaces_the_first(call):
    call("photos")
    call("photos/img2.png")
    assert list(found()) == ["photos/img2.png"]
    assert not list(Path("out").glob("*.partial*"))


def test_a_second_run_does_not_look_at_the_drawings_of_the_first(call):
    write_image("photos/tree_pose_2.png", painted((100, 90)))  # named like a drawing, but named
    call("photos/img1.png", "photos/img2.png", "--out", "photos")
    for sources in (["photos"], ["photos/*.png"]):
        answer = call(*sources, "photos/tree_pose_2.png", "--out", "photos", "--no-draw")
        assert list(found("photos/poses.json")) == [
            f"photos/{name}.png" for name in ("img1", "img2", "img3", "tree_pose_2")
        ]
        assert answer.err == "left out 2 drawings of an earlier run in photos\n"
    assert call("photos").code == 0
    assert len(found()) == 6  # elsewhere they are images like others


def test_as_a_program(folder):
    answer = run_alone("predict", "photos", "--model", "tiny.onnx", cwd=folder)
    assert answer == (0, "3 people in 3 images -> out/poses.json\ndrawn -> 3 images in out\n", "")
    assert len(found()) == 3


# The model that comes along


def test_the_example_photo_with_the_default_model(folder, capsys):
    """Shoulders above hips, in the file and in the table; a drawing that differs from the photo."""
    answer = run(capsys, "predict", EXAMPLE_PHOTO, "--boxes", EXAMPLE_BOXES)
    assert (answer.code, answer.err) == (0, "")
    (image,) = json.loads(Path("out/poses.json").read_text())["images"]
    y = {name: point["y"] for name, point in image["people"][0]["keypoints"].items()}
    assert max(y["left_shoulder"], y["right_shoulder"]) < min(y["left_hip"], y["right_hip"])
    assert "right_wrist" in answer.out
    drawn, photo = read_image("out/cameraman_pose.png"), read_image(EXAMPLE_PHOTO)
    assert drawn.shape == photo.shape
    assert not np.array_equal(drawn, photo)
