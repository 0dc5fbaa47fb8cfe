"""`vitruvian predict`: how it fails."""

import errno
from pathlib import Path

import numpy as np
import pytest

from tests.command import run, run_alone
from tests.fake_network import painted
from tests.predict_command import BOX, fill, found, write_boxes
from tests.tiny_model import save
from vitruvian.errors import ImageError
from vitruvian.media import EXAMPLE_PHOTO, write_image
from vitruvian.runtime import OnnxNetwork


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


def one_sentence(err: str) -> str:
    """The text after "vitruvian: ", which must be all there is."""
    assert err.startswith("vitruvian: ")
    assert err.count("\n") == 1
    return err.removeprefix("vitruvian: ")


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
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.splitlines()[1:] == ["1 of 1 file failed", "no poses, so out/poses.json was not written"]
    assert list(Path("out").iterdir()) == []


def test_a_run_in_which_everything_fails_leaves_the_former_file_of_poses(call):
    call("photos/img1.png")
    Path("photos/img2.png").write_bytes(b"")
    assert call("photos/img2.png").code == 1
    assert list(found()) == ["photos/img1.png"]


def test_a_run_that_is_stopped_at_once_leaves_the_former_file_of_poses(call, monkeypatch):
    def stopped(network: OnnxNetwork, crops: np.ndarray) -> None:
        raise KeyboardInterrupt

    call("photos/img1.png")
    monkeypatch.setattr(OnnxNetwork, "points", stopped)
    answer = call("photos")
    assert (answer.code, answer.out) == (130, "")
    assert answer.err.splitlines() == [
        "3 of 3 files not looked at",
        "no poses, so out/poses.json was not written",
        "vitruvian: stopped",
    ]
    assert list(found()) == ["photos/img1.png"]


def test_sources_that_give_nothing_fail_among_those_that_do(call):
    answer = call("photos", "gone.png", "*.gif", "--no-draw")
    assert answer.code == 1
    assert len(found()) == 3
    assert [line.split(" in ")[0] for line in answer.err.splitlines()] == [
        "failed: gone.png: no such file",
        "failed: *.gif: no such file",
        "2 of 5 files failed",
    ]


def test_a_bad_box_does_not_drop_the_other_people_of_its_image(call):
    boxes = {"img1.png": [BOX, [1, 1, 1, 1], BOX, [None, 0, 9, 9]], "img2.png": [BOX]}
    answer = call("photos/img1.png", "photos/img2.png", "--boxes", write_boxes(boxes))
    assert answer.code == 1
    assert [len(people) for people in found().values()] == [2, 1]
    assert [line.split(" and ")[0] for line in answer.err.splitlines()] == [
        "failed: photos/img1.png: box 1 is [1.0, 1.0, 1.0, 1.0]",
        "failed: photos/img1.png: box 3 is [nan, 0.0, 9.0, 9.0]",
        "1 of 2 files failed",
    ]


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
    assert answer.err == f"8 of 40 files not looked at\n{said}\n"
    assert list(found()) == [f"photos/many{k:02}.png" for k in range(32)]


def test_a_full_disk_leaves_the_former_file_of_poses(call, monkeypatch):
    call("photos/img1.png", "--no-draw")

    def full(path: Path, *_: object, **__: object) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", full)
    answer = call("photos/img2.png", "--no-draw")
    assert answer.code == 1
    said = "out/poses.json: cannot be written (No space left on device); choose another place\n"
    assert one_sentence(answer.err) == said
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
        (
            ["photos", "--heatmap", "red", "--no-draw"],
            "--heatmap is laid over the drawings, which --no-draw leaves out",
        ),
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


def test_only_drawings_of_an_earlier_run_are_nothing_to_look_at(call):
    call("photos")
    answer = call("out")
    assert answer.code == 2
    assert one_sentence(answer.err).startswith("there are only drawings of an earlier run in out; give photos")


def test_as_a_program_that_fails(folder):
    answer = run_alone("predict", "photos", "--model", "theirs.onnx", cwd=folder)
    assert (answer.code, answer.out) == (2, "")
    assert one_sentence(answer.err).startswith("there is no model file theirs.onnx")
