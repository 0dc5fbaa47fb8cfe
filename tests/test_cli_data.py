"""`vitruvian data`: info, convert, split, draw."""

import json

import numpy as np
import pytest

from tests.command import run
from vitruvian.datasets import open_dataset
from vitruvian.media import read_image, write_image


@pytest.fixture
def mice(tmp_path, monkeypatch):
    """Four images of two mice, one without labels and one file missing, as a csv."""
    monkeypatch.setenv("COLUMNS", "120")
    lines = [
        "anna_1.png,10,12,visible,20,22,hidden",
        "anna_2.png,11,12,visible,,,",
        "ben_1.png,5,6,visible,7,8,visible",
    ]
    for line in lines:
        write_image(tmp_path / line.split(",")[0], np.zeros((40, 50, 3), np.uint8))
    lines.append("ben_2.png,,,,,,")
    path = tmp_path / "mice.csv"
    path.write_text("\n".join(["file,nose_x,nose_y,nose_v,tail_x,tail_y,tail_v", *lines, ""]))
    return path


def test_info_tells_what_there_is(capsys, mice):
    """Of three instances all have a nose and two a tail, one of them hidden."""
    answer = run(capsys, "data", "info", mice)
    assert (answer.code, answer.err) == (0, "")
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert lines[0] == "mice"
    assert any(line.startswith("images 4, 1 of them missing in") for line in lines)
    assert "instances 3, 3 of them with points, no crowds" in lines
    assert "skeleton own, 2 keypoints, 0 mirrored pairs, 0 limbs" in lines
    assert "nose 100% 0% 0.050" in lines
    assert "tail 67% 33% 0.050" in lines


def test_convert_says_what_is_lost_and_where_the_images_are(capsys, mice, tmp_path):
    target = tmp_path / "out/mice.json"
    answer = run(capsys, "data", "convert", mice, target, "--to", "coco_json")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        f"4 images, 3 instances -> {target}",
        "what the format cannot hold:",
        "  3 unknown areas become those of the boxes",
        f"open it with --folder {tmp_path}, where the images are",
    ]
    assert "note: the sigmas are 0.05 throughout" in answer.err
    back = open_dataset(target, folder=tmp_path)
    np.testing.assert_array_equal(back.labels.xy, open_dataset(mice).labels.xy)


def test_convert_applies_fixes(capsys, mice, tmp_path):
    """The first instance's tail is taken away."""
    fixes = tmp_path / "fixes.json"
    run(capsys, "data", "doctor", mice, "--out", tmp_path / "doctor")
    (made,) = (tmp_path / "doctor").glob("*fixes*.json")
    content = json.loads(made.read_text())
    kept = [fix for fix in content["fixes"] if "ben_2" in json.dumps(fix)]
    fixes.write_text(json.dumps({**content, "fixes": kept}))
    answer = run(capsys, "data", "convert", mice, tmp_path / "out.csv", "--to", "csv", "--fixes", fixes)
    assert answer.code == 0, answer.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("out.json", "--to", "jsn"), 'unknown format "jsn"'),
        (("out.txt", "--to", "coco_json"), 'the format coco_json is .json; name the target so, as in "out.json"'),
        (("out", "--to", "deeplabcut"), "the format deeplabcut is .csv or .h5"),
        (("out.yolo", "--to", "yolo"), "the format yolo is a folder"),
    ],
)
def test_convert_refuses_what_it_cannot_write(capsys, mice, arguments, said):
    answer = run(capsys, "data", "convert", mice, *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_convert_does_not_write_over_its_source(capsys, mice):
    before = mice.read_bytes()
    answer = run(capsys, "data", "convert", mice, mice, "--to", "csv")
    assert (answer.code, mice.read_bytes()) == (2, before)
    assert "the target is the source" in answer.err


def test_split_keeps_a_mouse_on_one_side(capsys, mice, tmp_path):
    out = tmp_path / "parts"
    answer = run(capsys, "data", "split", mice, out, "--shares", 1, 1, "--by", "(.+)_")
    assert answer.code == 0
    assert "4 images in 2 groups that stay together" in answer.out
    parts = [open_dataset(out / f"{name}.json", folder=tmp_path).labels.files.tolist() for name in ("train", "val")]
    assert sorted(parts) == [["anna_1.png", "anna_2.png"], ["ben_1.png", "ben_2.png"]]


def test_split_says_when_nothing_tells_what_belongs_together(capsys, mice, tmp_path):
    answer = run(capsys, "data", "split", mice, tmp_path / "parts", "--to", "csv", "--shares", 0.5, 0.25, 0.25)
    assert answer.code == 0
    assert "every image is on its own" in answer.err
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == ["test.csv", "train.csv", "val.csv"]


def test_draw_writes_a_sheet_of_the_labelled_images(capsys, mice, tmp_path):
    answer = run(capsys, "data", "draw", mice, "--out", tmp_path / "sheet.png", "--side", 60, "--count", 9)
    assert (answer.code, answer.out) == (0, f"3 of 4 images -> {tmp_path / 'sheet.png'}\n")
    assert read_image(tmp_path / "sheet.png").shape == (92, 204, 3)


def test_draw_refuses_a_sheet_that_no_memory_holds(capsys, mice, tmp_path):
    answer = run(capsys, "data", "draw", mice, "--out", tmp_path / "sheet.png", "--side", 100_000)
    assert answer.code == 2
    assert "4 images of 100000 pixels make over 250 million pixels; ask for fewer" in answer.err


def test_draw_says_what_was_skipped(capsys, mice, tmp_path):
    mice.write_text(mice.read_text() + "ben_3.png,abc,6,visible,7,8,visible\n")
    answer = run(capsys, "data", "draw", mice, "--out", tmp_path / "sheet.png", "--skip")
    assert (answer.code, "note: left out 1 lines that cannot be used" in answer.err) == (0, True)


def test_draw_without_any_image_says_so(capsys, mice, tmp_path):
    answer = run(capsys, "data", "draw", mice, "--out", tmp_path / "sheet.png", "--folder", tmp_path / "elsewhere")
    assert answer.code == 2
    assert "not one of the images could be read" in answer.err


@pytest.mark.parametrize(
    ("path", "said"),
    [("none.csv", "there is no such file or folder"), ("odd.txt", "cannot tell what form of labels this is")],
)
def test_what_cannot_be_opened_says_why(capsys, tmp_path, path, said):
    (tmp_path / "odd.txt").write_text("hello")
    answer = run(capsys, "data", "info", tmp_path / path)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_an_unknown_form_offers_the_nearest(capsys, mice):
    answer = run(capsys, "data", "info", mice, "--form", "yollo")
    assert answer.code == 2
    assert "Did you mean yolo" in answer.err


@pytest.mark.parametrize("command", [[], ["info"], ["convert"], ["split"], ["draw"]])
def test_every_help_fits_a_terminal_of_80_columns(capsys, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    answer = run(capsys, "data", *command, "--help")
    assert answer.code == 0
    assert answer.out.startswith("usage: vitruvian data")
    assert [line for line in answer.out.splitlines()[1:] if len(line) > 80] == []
    assert "None" not in answer.out
