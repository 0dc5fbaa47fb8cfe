"""`vitruvian evaluate`, `score` and `repro`, from the command line to the files they leave."""

import csv
import json
import signal
from pathlib import Path

import numpy as np
import pytest

from tests.colour_data import UNSCALED, colour_data, places
from tests.command import run, run_alone
from tests.tiny_model import write_tiny_model
from vitruvian.datasets import boxed, open_dataset
from vitruvian.media import read_image

COUNT = 12


def write_table(folder: Path, xy: np.ndarray, name: str = "labels.csv") -> None:
    """The labels as a plain csv."""
    with (folder / name).open("w", newline="") as file:
        table = csv.writer(file)
        points = [f"{joint}_{axis}" for joint in ("red", "green", "blue") for axis in "xy"]
        table.writerow(["file", "box_x0", "box_y0", "box_x1", "box_y1", *points])
        for row, points in enumerate(xy.reshape(len(xy), -1).tolist()):
            table.writerow([f"{row}.png", *UNSCALED, *points])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """tiny.onnx finds the dots of data/0.png ...; every fourth red dot is labelled 30 pixels off."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    xy = places(COUNT)
    colour_data(tmp_path / "data", xy)
    xy[::4, 0, 1] += 30
    write_table(tmp_path / "data", xy)
    write_tiny_model(tmp_path / "tiny.onnx")
    return tmp_path


@pytest.fixture
def call(folder, capsys):
    return lambda *arguments: run(capsys, *arguments)


def result(name: str = "r.json", drop: str = "run") -> dict:
    """A result without the part in which two runs of the same differ."""
    content = json.loads(Path(name).read_text(), parse_constant=lambda value: pytest.fail(f"{value} is not json"))
    return {part: value for part, value in content.items() if part != drop}


def test_a_result_says_how_good_and_how_it_was_found_out(call):
    """Of 36 points 3 are wrong: 33 / 36 = 0.917. The box is 64 pixels; 12.8 are allowed."""
    answer = call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "out/r.json", "--scores", "pck_box")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("tiny on labels, 12 instances in 12 images in the labelled boxes\n")
    assert "pck_box PCK@0.2" in answer.out
    assert "0.917" in answer.out
    assert answer.out.endswith("predictions -> out/r.predictions.json\nresult -> out/r.json\n")
    assert sorted(path.name for path in Path("out").iterdir()) == ["r.json", "r.predictions.json"]
    found = result("out/r.json")
    value = found["scores"]["pck_box"]["values"]["PCK@0.2"]
    assert value["value"] == pytest.approx(33 / 36, abs=1e-6)
    assert value["low"] < value["value"] < value["high"]
    assert found["scores"]["pck_box"]["values"]["PCK@0.2 red"]["value"] == 0.75
    assert found["protocol"]["boxes"] == "ground truth"
    assert found["model"]["flip_test"] is False
    assert found["model"]["convention"] == "msra"
    assert (found["model"]["padding"], found["model"]["input_size"]) == (1.0, [64, 64])
    assert len(found["model"]["sha256"]) == len(found["data"]["labels_sha256"]) == 64
    assert found["counts"] == {
        "images": 12,
        "instances": 12,
        "predictions": 12,
        "bad_images": 0,
        "without_box": 0,
        "few_joints": 0,
    }
    ran = json.loads(Path("out/r.json").read_text())["run"]
    assert ran["seconds"] > 0
    assert len(ran["code_sha256"]) == 64
    assert {"vitruvian", "python", "numpy", "opencv", "onnxruntime", "system", "machine", "cores"} <= ran.keys()


def test_a_part_that_the_labels_do_not_tell_is_refused(call):
    for command in (("evaluate", "tiny.onnx"), ("score", "r.json")):
        answer = call(*command, "data/labels.csv", "--where", "blur")
        assert answer.code == 2
        assert 'labels has no column "blur" of truth values to choose by; it has none' in answer.err


def test_it_fits_on_a_narrow_screen(call):
    assert all(len(line) <= 80 for line in call("evaluate", "tiny.onnx", "data/labels.csv").out.splitlines())


def test_without_out_nothing_is_left(call, folder):
    before = sorted(path.name for path in folder.rglob("*"))
    assert call("evaluate", "tiny.onnx", "data/labels.csv").code == 0
    assert sorted(path.name for path in folder.rglob("*")) == before


def test_bad_images_are_left_out_counted_and_named(call):
    photo = Path("data/1.png").read_bytes()
    Path("data/1.png").write_bytes(photo[: len(photo) // 2])
    Path("data/2.png").unlink()
    answer = call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    assert answer.code == 1
    assert "left out: 2 images that cannot be read" in answer.out
    assert answer.err.startswith("failed: data/1.png: ")
    assert answer.err.endswith("2 images could not be read and are left out\n")
    found = result()
    assert [bad["file"] for bad in found["bad_images"]] == ["1.png", "2.png"]
    assert (found["counts"]["bad_images"], found["counts"]["images"]) == (2, 10)


KILL = """
import os, signal
from vitruvian.inference import top_down
from vitruvian.inference.evaluation import journal
top_down.BATCH = 1
top_down.TopDown.__init__.__defaults__ = (1,)
{kill}
"""
HALF_A_LINE = """
whole = journal._line
def half(text):
    if text.startswith(b"1 "):
        with open("r.json.partial", "ab") as file:
            file.write(whole(text)[:50])
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(text)
journal._line = half
"""


def test_a_run_that_was_killed_goes_on_and_comes_to_the_same(folder, call):
    """Batches of 1, so that 12 photos are 3 entries of the journal; killed in the middle of writing the second."""
    arguments = ("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    killed = run_alone(*arguments, before=KILL.format(kill=HALF_A_LINE), cwd=folder)
    assert killed.code == -signal.SIGKILL
    assert [path.name for path in folder.glob("r.*")] == ["r.json.partial"]
    assert len(Path("r.json.partial").read_bytes().splitlines()) == 3  # what it is of, the first entry, half of another
    again = run_alone(*arguments, before=KILL.format(kill=""), cwd=folder)
    assert (again.code, again.err) == (0, "going on with an earlier run: 4 images are done\n")
    assert not Path("r.json.partial").exists()
    resumed = result()
    Path("r.json").unlink()
    assert run_alone(*arguments, before=KILL.format(kill=""), cwd=folder).err == ""
    assert result() == resumed


def test_what_was_kept_of_other_labels_is_not_used(call):
    Path("r.json.partial").write_bytes(b"00000000 of another run\n")
    answer = call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    assert answer.err == "the answers kept in r.json.partial are of another model, data or code, and are not used\n"
    assert result()["counts"]["predictions"] == COUNT


def test_score_of_the_predictions_is_that_of_the_run(call):
    call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    answer = call("score", "r.predictions.json", "data/labels.csv", "--out", "s.json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("r.predictions.json on labels, 12 predictions for 12 instances in 12 images\n")
    scored = result("s.json")
    assert scored["scores"] == result()["scores"]
    assert scored["model"] is None
    assert scored["protocol"]["boxes"] == "predictions"
    assert len(scored["protocol"]["predictions_sha256"]) == 64


def worse(name: str = "worse.json") -> str:
    """The predictions of r.json with every blue dot 20 pixels off."""
    entries = json.loads(Path("r.predictions.json").read_text())
    for entry in entries:
        entry["keypoints"][6] += 20
    Path(name).write_text(json.dumps(entries))
    return name


@pytest.mark.parametrize("command", ["score", "evaluate"])
def test_two_systems_are_compared_on_the_same_images(call, command):
    """A third of the points is worse in one of them, in every image alike: the difference is sure."""
    call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    other = worse()
    first = "r.predictions.json" if command == "score" else "tiny.onnx"
    answer = call(command, first, "data/labels.csv", "--compare", other, "--out", "c.json", "--scores", "pck_box")
    assert answer.code == 0
    assert f"{'r.predictions.json' if command == 'score' else 'tiny'} minus worse.json" in answer.out
    assert "surely better" in answer.out
    found = result("c.json")["differences"]["pck_box"]["PCK@0.2"]
    assert [found[part] for part in ("value", "low", "high")] == pytest.approx([1 / 3] * 3, abs=1e-6)
    same = call("score", other, "data/labels.csv", "--compare", other, "--scores", "pck_box")
    assert "the same" in same.out


def test_a_result_can_be_had_again(call):
    call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    call("score", "r.predictions.json", "data/labels.csv", "--out", "s.json")
    for name in ("r.json", "s.json"):
        answer = call("repro", name)
        assert (answer.code, answer.err) == (0, "")
        assert answer.out.startswith(f"{name}: all ")


def test_a_number_that_differs_is_told(call):
    call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    content = json.loads(Path("r.json").read_text())
    content["scores"]["pck_box"]["values"]["PCK@0.2"]["value"] = 0.95
    Path("r.json").write_text(json.dumps(content))
    answer = call("repro", "r.json")
    assert answer.code == 1
    assert "differs: pck_box: PCK@0.2 0.9500 then, 0.9167 now" in answer.err
    assert answer.err.endswith("1 numbers differ by more than 0.0005\n")
    assert call("repro", "r.json", "--tolerance", "0.05").code == 0


def test_where_numbers_differ_other_code_is_told(call):
    call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    content = json.loads(Path("r.json").read_text())
    content["scores"]["pck_box"]["values"]["PCK@0.2"]["value"] = 0.95
    content["run"] |= {"vitruvian": "0.0.1", "code_sha256": "0123456789"}
    Path("r.json").write_text(json.dumps(content))
    assert "the code is another: vitruvian 0.0.1 (01234567) then, vitruvian " in call("repro", "r.json").err


def with_area() -> None:
    """A column of areas, so that OKS can be told."""
    head, *lines = Path("data/labels.csv").read_text().splitlines()
    Path("data/labels.csv").write_text("\n".join([f"{head},area", *(f"{line},4096" for line in lines)]))


@pytest.mark.parametrize("command", ["score", "evaluate"])
def test_the_kinds_of_errors_are_told(call, command):
    """Of 36 points 3 are 30 pixels off, where nothing else is: misses, 3 / 36 = 0.083."""
    with_area()
    call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    first = "r.predictions.json" if command == "score" else "tiny.onnx"
    answer = call(command, first, "data/labels.csv", "--errors", "--out", "e.json")
    assert (answer.code, answer.err) == (0, "")
    assert "if one kind were mended" in answer.out
    assert "shares of the labelled points of 12 people found" in answer.out
    assert all(len(line) <= 80 for line in answer.out.splitlines())
    found = result("e.json")["errors"]
    assert found["matched"] == 12
    assert (found["kinds"]["miss"]["share"], found["good"]) == pytest.approx((3 / 36, 33 / 36), abs=1e-6)
    assert found["ap"] == result("e.json")["scores"]["oks_ap"]["values"]["AP"]["value"]
    assert found["kinds"]["miss"]["mended"] == pytest.approx(found["ap"] + found["kinds"]["miss"]["gain"]["value"])
    assert found["kinds"]["miss"]["gain"]["value"] > 0
    assert found["kinds"]["swap"]["gain"] == {"value": 0, "low": 0, "high": 0, "mean_pose": None, "instances": None}
    assert found["kinds"]["score"]["share"] is None
    assert call("repro", "e.json").code == 0


def test_where_labels_have_no_area_a_share_of_the_box_stands_for_it_and_that_is_said(call):
    """OKS needs it; the boxes are 64 x 64. Without OKS nothing is changed, and nothing said."""
    said = "12 labels have no area, which OKS needs: 0.53 x that of their box stands for it"
    for arguments in (["--errors"], ["--scores", "oks_ap"]):
        answer = call("evaluate", "tiny.onnx", "data/labels.csv", *arguments, "--out", "r.json")
        assert (answer.code, f"note: {said}" in " ".join(answer.out.split())) == (0, True)
    assert result()["data"]["notes"][-1] == said
    assert call("repro", "r.json").code == 0
    assert "area" not in call("evaluate", "tiny.onnx", "data/labels.csv").out


def undrawn() -> None:
    """Take the boxes out of the csv."""
    lines = [line.split(",") for line in Path("data/labels.csv").read_text().splitlines()]
    Path("data/labels.csv").write_text("".join(f"{','.join([line[0], *line[5:]])}\n" for line in lines))


def test_ones_own_people_without_a_box_are_looked_at_as_in_training(call):
    """A file of predictions that is scored looks at nothing, so there labels stay as they are."""
    undrawn()
    own = boxed(open_dataset(Path("data/labels.csv")))
    answer = call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    assert (answer.code, answer.err) == (0, "")
    assert f"note: {own.notes[-1]}" in " ".join(answer.out.split())
    boxes = [one["bbox"] for one in json.loads(Path("r.predictions.json").read_text())]
    x0, y0, x1, y1 = own.labels.boxes[0].tolist()
    assert boxes[0] == pytest.approx([x0, y0, x1 - x0, y1 - y0], abs=1e-3)
    assert call("repro", "r.json").code == 0
    assert "box around" not in call("score", "r.predictions.json", "data/labels.csv").out


def change(what: str) -> None:
    if what == "the annotations":
        write_table(Path("data"), places(COUNT) + 1)
    elif what == "the image files":
        Path("data/3.png").write_bytes(Path("data/4.png").read_bytes() + b"more")
    else:
        write_tiny_model(Path("tiny.onnx"), name="another")


@pytest.mark.parametrize("what", ["the annotations", "the image files", "the model"])
def test_what_is_not_the_same_is_not_compared(call, what):
    call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    change(what)
    answer = call("repro", "r.json")
    assert answer.code == 2
    assert answer.err.startswith(f"vitruvian: not the same any more: {what} (")
    assert answer.err.count(" then, ") == 1


def test_files_that_were_moved_can_be_named(call, folder):
    call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "r.json")
    Path("tiny.onnx").rename("model.onnx")
    Path("data").rename("moved")
    assert call("repro", "r.json").code == 2
    assert call("repro", "r.json", "--model", "model.onnx", "--data", "moved/labels.csv").code == 0


def detections(boxes: list[tuple[int, list[float], float]]) -> str:
    """A COCO list of detections, for images by their number in the csv."""
    entries = [{"image_id": image, "bbox": box, "score": score} for image, box, score in boxes]
    Path("boxes.json").write_text(json.dumps(entries))
    return "boxes.json"


def test_a_detectors_boxes_allow_only_scores_that_match_people(call):
    """The people have an area, so OKS AP is given; the dots are found, but for 3 of 12 people with one dot off."""
    with_area()
    boxes = detections([(image, [20, 10, 64, 64], 0.9) for image in range(COUNT)])
    answer = call("evaluate", "tiny.onnx", "data/labels.csv", "--boxes", boxes, "--out", "r.json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("tiny on labels, 12 instances in 12 images in the boxes of boxes.json\n")
    assert "not scored: pck_box: the predictions do not say which label" in answer.out
    found = result()
    assert list(found["scores"]) == ["oks_ap"]
    assert (found["protocol"]["boxes"], found["protocol"]["nms"]) == ("detections", 0.9)
    assert len(found["protocol"]["boxes_sha256"]) == 64
    assert found["scores"]["oks_ap"]["values"]["AP"]["mean_pose"] is None
    assert found["calibration"] is None
    assert call("repro", "r.json").code == 0
    refused = call("evaluate", "tiny.onnx", "data/labels.csv", "--boxes", boxes, "--scores", "pck_box")
    assert (refused.code, "pck_box: the predictions do not say" in refused.err) == (2, True)


def test_charts_are_drawn_beside_the_result(call):
    answer = call("evaluate", "tiny.onnx", "data/labels.csv", "--out", "out/r.json", "--plots")
    assert (answer.code, answer.err) == (0, "")
    for part in ("pck", "errors", "reliability", "worst"):
        picture = read_image(f"out/r.{part}.png")
        assert min(picture.shape[:2]) > 100
        assert picture.std() > 5
        assert f"drawn -> out/r.{part}.png" in answer.out


def test_charts_of_a_detectors_boxes_are_of_the_people_they_overlap(call):
    """Eleven boxes are near those of the labels; the twelfth person is missed."""
    with_area()
    boxes = detections([(image, [18, 11, 64, 64], 0.9) for image in range(COUNT - 1)])
    answer = call("evaluate", "tiny.onnx", "data/labels.csv", "--boxes", boxes, "--out", "out/r.json", "--plots")
    assert (answer.code, answer.err) == (0, "")
    assert all(Path(f"out/r.{part}.png").exists() for part in ("pck", "errors", "reliability", "worst"))
    far = detections([(0, [0, 0, 20, 12], 0.9)])
    refused = call("evaluate", "tiny.onnx", "data/labels.csv", "--boxes", far, "--out", "out/r.json", "--plots")
    assert (refused.code, "nor has a box that overlaps that of a label by half" in refused.err) == (2, True)


def refused() -> list[tuple[list[str], str]]:
    """Arguments, and the beginning of the sentence that answers them."""
    return [
        (["evaluate", "tiny.onnx", "gone"], "gone: there is no such file or folder"),
        (["evaluate", "tinny", "data"], 'unknown model "tinny"'),
        (["evaluate", "tiny.onnx", "data", "--form", "coc"], 'unknown form of a data set "coc"'),
        (["evaluate", "tiny.onnx", "data", "--scores", "pck"], 'unknown score "pck"; known: '),
        (["evaluate", "tiny.onnx", "data", "--scores", "pck_torso"], 'data: pck_torso: skeleton "'),
        (["evaluate", "tiny.onnx", "data", "--plots"], "--plots writes charts beside the result; say with --out"),
        (["evaluate", "tiny.onnx", "data", "--out", "tiny.onnx/r.json"], "cannot write into the output folder"),
        (["evaluate", "tiny.onnx", "data", "--min-joints", "-1"], "min_joints must not be negative, got -1"),
        (["evaluate", "tiny.onnx", "data", "--min-joints", "4"], "data: shows nobody in a usable box with 4 labelled"),
        (["evaluate", "tiny.onnx", "data", "--boxes", "x.json", "--min-joints", "2"], "min_joints leaves people out"),
        (["evaluate", "tiny.onnx", "data", "--boxes", "gone.json"], "cannot read gone.json"),
        (["evaluate", "tiny.onnx", "data", "--compare", "gone.json"], "cannot read gone.json"),
        (
            ["evaluate", "body", "data"],
            "labels is labelled with the 3 keypoints of own, the model answers with",
        ),
        (["evaluate", "tiny.onnx", "nobody.csv"], "nobody.csv has no line that can be used"),
        (["evaluate", "tiny.onnx", "nowhere.csv"], "nowhere.csv: nobody could be looked at: "),
        (["evaluate", "tiny.onnx", "data", "--compare", "several.json"], "several.json: it is not plain which labels"),
        (["score", "several.json", "data"], "data: pck_box: the predictions do not say which label"),
        (
            ["evaluate", "tiny.onnx", "data", "--compare", "several.json", "--min-joints", "2"],
            "several.json: it is not plain which labels its predictions answer, so those for people with fewer than 2",
        ),
        (["score", "gone.json", "data"], "cannot read gone.json"),
        (["score", "empty.json", "data"], "empty.json: there is no prediction in it; give those of labels"),
        (["score", "broken.json", "data"], "broken.json holds no predictions (Input data was truncated)"),
        (["repro", "gone.json"], "gone.json cannot be read"),
        (["repro", "empty.json"], "empty.json is no result of vitruvian evaluate or score"),
        (["repro", "future.json"], "future.json is a result of format 99; this version reads format 1"),
    ]


@pytest.mark.parametrize(("arguments", "said"), refused(), ids=[" ".join(arguments) for arguments, _ in refused()])
def test_what_cannot_begin_is_a_sentence(call, arguments, said):
    head = Path("data/labels.csv").read_text().splitlines()[0]
    Path("nobody.csv").write_text(head + "\n")
    Path("nowhere.csv").write_text(f"{head}\ngone.png,0,0,9,9,1,1,2,2,3,3\n")
    Path("empty.json").write_text("[]")
    Path("broken.json").write_text('[{"image_id": ')
    several = {"image_id": 0, "keypoints": [1] * 9, "score": 1}  # two for one label
    Path("several.json").write_text(json.dumps([several, several]))
    Path("future.json").write_text('{"format": 99}')
    answer = call(*arguments)
    assert answer.err.startswith(f"vitruvian: {said}")
    assert answer.err.count("\n") == 1
    assert answer.code == 2
