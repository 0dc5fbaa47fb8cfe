"""`vitruvian fit`: from labelled images to a model by one command, and how each part of it fails."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from tests.command import run
from tests.dots import dot_data, dot_finder
from vitruvian.cli.fit import fit
from vitruvian.cli.fit_screen import no_better
from vitruvian.datasets import FORMATS
from vitruvian.media import read_image
from vitruvian.models import MODELS
from vitruvian.recipes import load_checkpoint, save_checkpoint
from vitruvian.training import STATE, read_log


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    """The command in a folder with labels.json, 12 pictures of dots; its small model is a tiny one, 20 steps long."""
    monkeypatch.setitem(importlib.import_module("vitruvian.cli.main").COMMANDS, "fit", fit)
    monkeypatch.setitem(MODELS, "residual_unet_small", dot_finder)
    monkeypatch.setattr(importlib.import_module("vitruvian.training.plan"), "LONGEST", 20)
    monkeypatch.chdir(tmp_path)
    label(12)
    return lambda *arguments: run(capsys, "fit", *arguments, "--minutes", "1", "--out", "out", "--device", "cpu")


@pytest.fixture
def quick(call, monkeypatch):
    """The same without what comes after the training."""
    monkeypatch.setattr("vitruvian.cli.fit_result.conclude", lambda *_: 0)
    return call


def label(count: int) -> None:
    FORMATS["coco_json"].write(dot_data(Path("images"), count), Path("labels.json"))


DATA = ("labels.json", "--folder", "images", "--from", "none")


def test_a_fit_leaves_a_model_a_result_and_a_page_and_is_then_finished(call):
    answer = call(*DATA)
    assert answer.code == 0, answer.err
    for said in (
        "12 images, 12 labelled subjects",
        "2 keypoints: left_dot, right_dot",
        "5 of 12 images are held out",
        "half of the crops are mirrored",
        "20 steps of 16 crops",
        "error on held-out images (5)",
    ):
        assert said in " ".join(answer.out.split())
    result = json.loads(Path("out/result.json").read_text())
    assert set(result["scores"]) == {"nme_box", "pck_box", "epe"}
    page = Path("out/index.html").read_text()
    assert page.count("<svg") == 2
    assert page.count("<img") == 10  # five held-out pictures, twice
    assert Path("out/model.onnx").is_file()
    again = call(*DATA)
    assert (again.code, "out is finished" in again.out) == (0, True)


class Killed(Exception):
    """Instead of a signal."""


def test_a_fit_that_was_stopped_goes_on(quick, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("vitruvian.training.Log.add", _killed_at(15, Killed))
        with pytest.raises(Killed):
            quick(*DATA)
    assert Path("out", STATE).is_file()
    answer = quick(*DATA)
    assert answer.code == 0, answer.err
    assert "going on with an earlier run" in answer.err
    assert [one["step"] for one in read_log(Path("out")) if "loss" in one] == list(range(1, 21))
    assert quick(*DATA).code == 0  # killed again, after the last step
    assert len(read_log(Path("out"))) == 22


def test_a_check_that_was_killed_before_it_was_saved_counts_once(quick, monkeypatch):
    """It is in the log, and made again."""
    with monkeypatch.context() as patch:
        patch.setattr("vitruvian.training.Log.add", _killed_at(15, Killed))
        with pytest.raises(Killed):
            quick(*DATA)
    with Path("out/log.jsonl").open("a") as log:
        log.write('{"step": 20, "score": "nme_box", "values": {"NME": 1.0}, "best": false, "seconds": 0.1}\n')
    seen: list[int] = []
    monkeypatch.setattr("vitruvian.cli.fit_screen.no_better", lambda best, patience: seen.append(len(best)))
    assert quick(*DATA).code == 0
    assert seen[-1] == len([one for one in read_log(Path("out")) if "values" in one]) == 2


def _killed_at(step: int, error: type[Exception]) -> object:
    from vitruvian.training import Log

    add = Log.add

    def killed(log: Log, event: object) -> None:
        add(log, event)  # type: ignore[arg-type]
        if event.number == step:  # type: ignore[attr-defined]
            raise error

    return killed


def test_a_damaged_plan_is_refused(quick):
    Path("out").mkdir()
    Path("out/fit.json").write_text('{"asked": {}}')
    answer = quick(*DATA)
    assert answer.code == 2
    assert "out/fit.json is damaged" in answer.err
    assert "remove out" in answer.err


def test_training_ends_when_so_many_checks_were_no_better():
    assert not no_better([True, False, False], patience=3)
    assert no_better([True, False, False, False], patience=3)
    assert not no_better([True, False, True, False, False], patience=3)


def test_other_wishes_in_the_same_folder_are_refused(quick):
    Path("out").mkdir()
    quick(*DATA)
    answer = quick(*DATA, "--by", "(.)")
    assert answer.code == 2
    assert "out holds a fit that was asked for otherwise (by None -> '(.)')" in answer.err


@pytest.mark.slow
def test_a_single_image_is_trained_on_and_it_says_so(call):
    label(1)
    answer = call(*DATA)
    assert answer.code == 0, answer.err
    assert "of so few images, 1, none is held out" in " ".join(answer.out.split())
    assert "error on images it was trained on (1)" in answer.out


@pytest.mark.parametrize("count", [2, 5])
def test_of_few_images_none_is_held_out(quick, count):
    label(count)
    assert f"of so few images, {count}, none is held out" in " ".join(quick(*DATA).out.split())
    assert Path("out/best.safetensors").is_file()


def test_a_fit_goes_on_from_another(quick, dots, tmp_path):
    from vitruvian.recipes import build

    save_checkpoint(tmp_path / "start.safetensors", build(dots), dots)
    told = ("--joint", "left_dot=right_dot", "--joint", "right_dot=")
    answer = quick("labels.json", "--folder", "images", "--from", "start.safetensors", *told)
    assert answer.code == 0, answer.err
    assert "right_dot" in answer.out
    content = json.loads(Path("out/fit.json").read_text())
    assert [(one["start"], one["how"]) for one in content["matches"]] == [("right_dot", "told"), (None, "told")]
    assert load_checkpoint(Path("out/best.safetensors"))[1].start == "start.safetensors"


def test_wishes_that_contradict_each_other_are_refused(call):
    assert "say with --from which" in call("labels.json", "--from", "none", "--joint", "a=b").err
    assert 'got "ab"; give NEW= for none' in call("labels.json", "--from", "body", "--joint", "ab").err


def test_data_without_labels_or_images_are_refused(call, tmp_path):
    (tmp_path / "empty").mkdir()
    answer = call("labels.json", "--folder", "empty", "--from", "none")
    assert answer.code == 2
    assert "none of the 12 labelled images can be read" in answer.err


def test_a_table_without_boxes_and_with_one_keypoint_and_images_of_two_sizes_will_do(quick):
    import csv

    from vitruvian.media import write_image

    data = dot_data(Path("images"), 6)
    large = read_image(Path("images/0.png"))
    write_image(Path("images/0.png"), np.pad(large, ((0, 16), (0, 8), (0, 0))))
    Path("images/5.png").write_bytes(b"not an image")
    with Path("images/points.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "dot_x", "dot_y"])
        for name, xy in zip(data.labels.files, data.labels.xy, strict=True):
            table.writerow([name, *xy[0]])
    answer = quick("images/points.csv", "--from", "none")
    assert answer.code == 0, answer.err
    said = " ".join(answer.out.split())
    assert "1 of 6 labelled images cannot be read, left out" in said
    assert "the image is the box" in said
    assert "5 images, 5 labelled subjects" in said
