"""`vitruvian predict`: what it takes, what it leaves behind, how it fails."""

import csv
import errno
import inspect
import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from tests.command import run, run_alone
from tests.fake_network import painted
from tests.tiny_model import save, write_tiny_model
from vitruvian.cli.predict import predict
from vitruvian.datasets import FILE_NAMES, Format
from vitruvian.errors import ImageError
from vitruvian.inference import Backend
from vitruvian.media import EXAMPLE_PHOTO, read_image, write_image
from vitruvian.runtime import BUNDLED, DEFAULT, OnnxNetwork

BOX = [20, 10, 84, 74]  # 64 x 64, as the model's input: points are exact


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder: tiny.onnx, and photos/ with img1 to img3, whose red spots are at x = 31, 32 and 33."""
    monkeypatch.chdir(tmp_path)
    write_tiny_model(tmp_path / "tiny.onnx")
    (tmp_path / "photos").mkdir()
    for k in (1, 2, 3):
        write_image(tmp_path / f"photos/img{k}.png", painted((100, 90), (30 + k, 30), (50, 60), (70, 20)))
    return tmp_path


@pytest.fixture
def call(folder, capsys):
    """Run `vitruvian predict --model tiny.onnx ...`."""
    return lambda *arguments: run(capsys, "predict", "--model", "tiny.onnx", *arguments)


def found(file: str = "out/poses.json") -> dict[str, list[list[float]]]:
    """File -> x and y of each person's red point."""
    content = json.loads(Path(file).read_text())
    points = {image["file"]: [one["keypoints"]["red"] for one in image["people"]] for image in content["images"]}
    return {name: [[point["x"], point["y"]] for point in people] for name, people in points.items()}


def write_boxes(boxes: object, name: str = "boxes.json") -> str:
    Path(name).write_text(json.dumps(boxes))
    return name


def one_sentence(err: str) -> str:
    """The text after "vitruvian: ", which must be all there is."""
    assert err.startswith("vitruvian: ")
    assert err.count("\n") == 1
    return err.removeprefix("vitruvian: ")


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
    assert call("photos", "--boxes", write_boxes(boxes)).code == 0
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
    answer = call("photos")
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
    assert not list(Path("out").glob("*.partial"))


# How it fails


def test_bad_files_among_good_ones_are_named_and_counted(call):
    Path("photos/img0.jpg").write_bytes(EXAMPLE_PHOTO.read_bytes()[:2000])
    Path("photos/img4.png").write_bytes(b"")
    Path("photos/img2.jpg").write_text("hello")
    answer = call("photos")
    assert answer.code == 1
    assert list(found()) == ["photos/img1.png", "photos/img2.png", "photos/img3.png"]
    assert len(list(Path("out").glob("*_pose.png"))) == 3
    assert answer.out.splitlines()[0] == "3 people in 3 images -> out/poses.json"
    lines = answer.err.splitlines()
    assert [line.split(":")[:2] for line in lines[:-1]] == [
        ["failed", f" photos/{name}"] for name in ("img0.jpg", "img2.jpg", "img4.png")
    ]
    assert lines[0].count("img0.jpg") == 1
    assert lines[-1] == "3 of 6 files failed"


def test_a_bad_box_fails_its_file_alone(call):
    boxes = {"img1.png": [BOX], "img2.png": [[500, 500, 600, 600]], "img3.png": [[1, 1, 1, 1]]}
    answer = call("photos", "--boxes", write_boxes(boxes))
    assert answer.code == 1
    assert list(found()) == ["photos/img1.png"]
    assert "failed: photos/img2.png: box 0 is [500.0, 500.0, 600.0, 600.0] and shows nothing" in answer.err
    assert "failed: photos/img3.png: box 0 is [1.0, 1.0, 1.0, 1.0]" in answer.err


def test_one_bad_file_alone(call):
    Path("photos/img1.png").write_bytes(b"")
    answer = call("photos/img1.png")
    assert answer.code == 1
    assert answer.out == "0 people in 0 images -> out/poses.json\n"
    assert answer.err.splitlines()[-1] == "1 of 1 file failed"


def test_a_drawing_that_cannot_be_written_loses_no_poses(call, monkeypatch):
    def full(path: Path, image: np.ndarray) -> None:
        if "img2" in path.name:
            raise ImageError(f"{path}: cannot be written: No space left on device")
        write_image(path, image)

    monkeypatch.setattr("vitruvian.cli.output.write_image", full)
    answer = call("photos")
    assert answer.code == 1
    assert len(found()) == 3
    assert answer.out.splitlines()[-1] == "drawn -> 2 images in out"
    assert answer.err.splitlines() == [
        "failed: photos/img2.png: out/img2_pose.png: cannot be written: No space left on device",
        "1 of 3 files failed",
    ]


@pytest.mark.parametrize(
    ("problem", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "vitruvian: stopped"),
        (
            OSError(errno.EIO, "Input/output error", "photos/img2.png"),
            1,
            "vitruvian: photos/img2.png: Input/output error",
        ),
    ],
)
def test_what_is_finished_is_kept_when_the_run_stops(call, monkeypatch, problem, code, said):
    """40 photos; the second network call, after 32 of them, does not come back."""
    for k in range(40):
        write_image(f"photos/many{k:02}.png", painted((64, 64), (k, k)))
    points = OnnxNetwork.points
    calls: list[int] = []

    def interrupted(network: OnnxNetwork, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        calls.append(len(crops))
        if len(calls) == 2:
            raise problem
        return points(network, crops)

    monkeypatch.setattr(OnnxNetwork, "points", interrupted)
    answer = call("photos/many*.png", "--no-draw")
    assert answer.code == code
    assert answer.out == "32 people in 32 images -> out/poses.json\n"
    assert answer.err == said + "\n"
    assert list(found()) == [f"photos/many{k:02}.png" for k in range(32)]


def test_a_full_disk_leaves_the_former_file_of_poses(call, monkeypatch):
    call("photos/img1.png", "--no-draw")

    def full(path: Path, *_: object, **__: object) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", full)
    answer = call("photos/img2.png", "--no-draw")
    assert answer.code == 1
    assert one_sentence(answer.err) == "out/poses.json.partial: No space left on device\n"
    assert list(found()) == ["photos/img1.png"]
    assert [path.name for path in Path("out").iterdir()] == ["poses.json"]


@pytest.mark.parametrize("out", ["photos/img1.png", "photos/img1.png/below"])
def test_an_output_folder_that_cannot_be_written(call, out):
    answer = call("photos", "--out", out)
    assert answer.code == 2
    said = one_sentence(answer.err)
    assert said.startswith(f"cannot write into the output folder {out} (")
    assert said.endswith("); choose another\n")


def test_the_output_folder_is_made_with_its_parents_and_left_clean(call):
    Path("a").mkdir()
    Path("a/.vitruvian").write_text("mine")
    assert call("photos", "--out", "a/b/c", "--no-draw").code == 0
    assert call("photos", "--out", "a", "--no-draw").code == 0
    assert [path.name for path in Path("a/b/c").iterdir()] == ["poses.json"]
    assert Path("a/.vitruvian").read_text() == "mine"


def wrong_inputs() -> list[tuple[list[str], str]]:
    """Arguments, and the beginning of the sentence that answers them."""
    return [
        ([], "nothing to look at; give image files, folders or patterns"),
        (["nothing"], "nothing: the folder has no images; expected files ending in"),
        (["gone.png"], '"gone.png": no such file or folder in'),
        (["*.gif"], '"*.gif": the pattern matches nothing'),
        (["photos", "--model", "body41"], 'unknown model "body41"; known:'),
        (["photos", "--model", "gone.onnx"], "there is no model file gone.onnx; `vitruvian models` lists"),
        (["photos", "--model", "text.onnx"], "text.onnx is not a readable ONNX file"),
        (["photos", "--model", "theirs.onnx"], "theirs.onnx was not exported by Vitruvian"),
        (["photos", "--model", "text.safetensors"], "text.safetensors is not a readable safetensors file"),
        (["photos", "--heatmap", "elbow"], 'skeleton "colours" has no keypoint "elbow"; it has red, green, blue'),
        (["photos", "--boxes", "gone.json"], "gone.json cannot be read"),
        (["photos", "--boxes", "text.onnx"], "text.onnx is no list of boxes"),
        (["photos", "--boxes", "others.json"], "the boxes are for other.png"),
        (["photos", "--backend", "torch"], "backend torch runs a .safetensors checkpoint, got tiny.onnx"),
        (["photos", "--threads", "-1"], "threads must be 0"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"), wrong_inputs(), ids=lambda value: "_".join(value) if isinstance(value, list) else ""
)
def test_what_cannot_begin_is_a_sentence_and_leaves_nothing(call, arguments, said):
    Path("nothing").mkdir()
    for name in ("text.onnx", "text.safetensors"):
        Path(name).write_text("hello")
    save(Path("theirs.onnx"), {}, (64, 64))
    write_boxes({"other.png": [BOX]}, "others.json")
    answer = call(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert one_sentence(answer.err).startswith(said)
    assert not Path("out").exists()


def test_as_a_program(folder):
    answer = run_alone("predict", "photos", "--model", "tiny.onnx", cwd=folder)
    assert answer == (0, "3 people in 3 images -> out/poses.json\ndrawn -> 3 images in out\n", "")
    assert len(found()) == 3


def test_as_a_program_that_fails(folder):
    answer = run_alone("predict", "photos", "--model", "theirs.onnx", cwd=folder)
    assert (answer.code, answer.out) == (2, "")
    assert one_sentence(answer.err).startswith("there is no model file theirs.onnx")


# The model that comes along


@pytest.mark.skipif(DEFAULT not in BUNDLED, reason="the default model is not in the package yet")
def test_the_example_photo_with_the_default_model(folder, capsys):
    """Shoulders above hips, in the file and in the table; a drawing that differs from the photo."""
    answer = run(capsys, "predict", EXAMPLE_PHOTO)
    assert (answer.code, answer.err) == (0, "")
    (image,) = json.loads(Path("out/poses.json").read_text())["images"]
    y = {name: point["y"] for name, point in image["people"][0]["keypoints"].items()}
    assert max(y["left_shoulder"], y["right_shoulder"]) < min(y["left_hip"], y["right_hip"])
    assert "right_wrist" in answer.out
    drawn, photo = read_image("out/astronaut_pose.png"), read_image(EXAMPLE_PHOTO)
    assert drawn.shape == photo.shape
    assert not np.array_equal(drawn, photo)
