"""From labelled images to a model file by commands alone, and how each of them fails."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import vitruvian
from tests.command import run
from tests.fake_network import painted
from tests.tiny_model import write_tiny_model
from vitruvian.media import write_image
from vitruvian.recipes import RECIPES, build, load_checkpoint, save_checkpoint
from vitruvian.structures import SKELETONS

NAMES = SKELETONS["lsp14"].names


@pytest.fixture
def folder(dots, tmp_path, monkeypatch):
    """The working folder with data/, four labelled images; the recipe "tiny", a network of two layers, three steps."""
    recipe = replace(dots, skeleton="lsp14", steps=3, batch_size=2)
    monkeypatch.setitem(RECIPES, "tiny", lambda: recipe)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    rng = np.random.default_rng(0)
    with (tmp_path / "data/joints.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", *(f"{name}_{part}" for name in NAMES for part in "xyv")])
        for k in range(4):
            noise = rng.integers(0, 60, (64, 64, 3), dtype=np.uint8)  # without it, equal cells would tie for the peak
            spots = painted((64, 64), (10 + k, 20), (30, 30), (50, 40), radius=6)
            write_image(tmp_path / f"data/{k}.png", np.maximum(spots, noise))
            joints = rng.integers(5, 60, (14, 2)) + 1
            known = 14 if k else 1  # the first image shows a single joint, whose box has no area
            table.writerow([f"{k}.png", *(v for j, xy in enumerate(joints) for v in (*xy, int(j < known)))])
    return tmp_path


@pytest.fixture
def call(folder, capsys):
    return lambda *arguments: run(capsys, *arguments)


def checkpoint(name: str = "body.safetensors") -> str:
    """A checkpoint that nobody has trained."""
    recipe = RECIPES["tiny"]()
    save_checkpoint(Path(name), build(recipe), recipe)
    return name


def test_data_of_another_skeleton_than_the_recipe_is_refused(call):
    answer = call("train", "coco_resnet50_256x192", "data", "--set", "steps=1")
    assert answer.code != 0
    assert (
        "the recipe is for the skeleton coco17; nose, left_eye, right_eye and more are labelled in none" in answer.err
    )


def test_train_evaluate_export_and_predict(call):
    """Each takes what the one before has left; checkpoint and export give the same scores."""
    trained = call("train", "tiny", "data", "--set", "steps=2", "--out", "runs", "--one-based")
    assert trained.code == 0
    assert trained.out.splitlines()[-1] == "trained -> runs/best.safetensors"
    Path("runs/best.safetensors").rename("runs/body.safetensors")
    assert load_checkpoint(Path("runs/body.safetensors"))[1] == replace(RECIPES["tiny"](), steps=2, warm_up=0)

    Path("about.json").write_text(json.dumps({"trained_on": "four spots", "accuracy": {"PCK": 0.5}, "licence": "CC0"}))
    exported = call("export", "runs/body.safetensors", "body.onnx", "--about", "about.json", "--crops", "data")
    assert (exported.code, exported.out.split(":")[0], exported.err) == (0, "body.onnx", "")
    card = vitruvian.load("body.onnx").network.card
    assert (card.name, card.trained_on, card.accuracy, card.licence) == ("body", "four spots", {"PCK": 0.5}, "CC0")

    for model, out in (("runs/body.safetensors", "a.json"), ("body.onnx", "b.json")):
        evaluated = call("evaluate", model, "data", "--one-based", "--out", f"scores/{out}")
        assert (evaluated.code, evaluated.err) == (0, "")
        assert evaluated.out.splitlines()[0] == "body on joints, 4 instances in 4 images in the labelled boxes"
        assert all(len(line) <= 80 for line in evaluated.out.splitlines())
        assert all(name in evaluated.out for name in (*NAMES, "mean pose", "calibration error"))
    results = [json.loads(Path("scores", name).read_text()) for name in ("a.json", "b.json")]
    scores = [result["scores"]["pck_box"]["values"]["PCK@0.2"] for result in results]
    assert scores[0] == scores[1]
    assert results[0]["counts"]["predictions"] == 4

    for model in ("runs/body.safetensors", "body.onnx"):
        assert call("predict", "data", "--model", model, "--out", model.split(".")[-1]).code == 0
    both = [json.loads(Path(out, "poses.json").read_text())["images"] for out in ("safetensors", "onnx")]
    assert [len(image["people"]) for image in both[0]] == [1, 1, 1, 1]
    points = [
        [[p["x"], p["y"]] for image in images for p in image["people"][0]["keypoints"].values()] for images in both
    ]
    assert np.abs(np.subtract(*points)).max() < 0.05


def test_people_with_too_few_joints_are_left_out(call):
    answer = call("evaluate", checkpoint(), "data", "--min-joints", "2")
    assert answer.out.startswith("body on joints, 3 instances in 4 images")
    assert "left out: 1 instance with fewer than 2 labelled joints" in answer.out
    answer = call("evaluate", checkpoint(), "data", "--min-joints", "15")
    assert answer.code == 2
    assert answer.err.startswith("vitruvian: data: shows nobody in a usable box with 15 labelled keypoints")


def refused() -> list[tuple[list[str], str]]:
    """Arguments, and the beginning of the sentence that answers them."""
    return [
        (["evaluate", "body.safetensors", "gone"], "gone: there is no such file or folder"),
        (
            ["evaluate", "tiny.onnx", "data"],
            "joints is labelled with the 14 keypoints of lsp14, the model answers with those",
        ),
        (["evaluate", "body.safetensors", "data", "--out", "data/0.png/x"], "cannot write into the output folder"),
        (["evaluate", "bodi", "data"], 'unknown model "bodi"'),
        (["export", "gone.safetensors", "x.onnx"], "gone.safetensors is not a readable safetensors file"),
        (["export", "tiny.onnx", "x.onnx"], "tiny.onnx is not a readable safetensors file"),
        (["export", "body.safetensors", "data/0.png/x.onnx"], "cannot write into the output folder data/0.png"),
        (["export", "body.safetensors", "x.onnx", "--about", "gone.json"], "gone.json cannot be read as json"),
        (["export", "body.safetensors", "x.onnx", "--about", "tiny.onnx"], "tiny.onnx cannot be read as json"),
        (["export", "body.safetensors", "x.onnx", "--about", "list.json"], "list.json must hold an object"),
        (
            ["export", "body.safetensors", "x.onnx", "--about", "typo.json"],
            'unknown key in typo.json "license"; known:',
        ),
        (["export", "body.safetensors", "x.onnx", "--crops", "empty"], "empty: the folder has no images"),
    ]


@pytest.mark.parametrize(("arguments", "said"), refused(), ids=[" ".join(arguments) for arguments, _ in refused()])
def test_what_cannot_begin_is_a_sentence(call, arguments, said):
    checkpoint()
    write_tiny_model(Path("tiny.onnx"))
    Path("list.json").write_text("[]")
    Path("typo.json").write_text('{"license": "CC0"}')
    Path("empty").mkdir()
    answer = call(*arguments)
    assert answer.err.startswith(f"vitruvian: {said}")
    assert answer.err.count("\n") == 1
    assert answer.code == 2
    assert not Path("x.onnx").exists()
