"""`vitruvian train`: what is said before, while and after a run, what is left in its folder, and what is refused."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.command import Answer, run
from tests.dots import dot_data
from vitruvian.cli.train_settings import Source, load_settings, save_settings, sources
from vitruvian.cli.train_settings import TrainSettings as Settings
from vitruvian.datasets import FORMATS
from vitruvian.errors import DataError, UnknownNameError
from vitruvian.recipes import RECIPES, load_checkpoint, recipe_from_file, recipe_to_toml
from vitruvian.structures import Skeleton
from vitruvian.training import read_log


@pytest.fixture
def call(dots, tmp_path, monkeypatch, capsys):
    """Run a command in a folder with dots.json, twelve labelled pictures; the recipe "dots" takes four steps."""
    recipe = replace(dots, steps=4, warm_up=1)
    monkeypatch.setitem(RECIPES, "dots", lambda: recipe)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    FORMATS["coco_json"].write(dot_data(tmp_path), tmp_path / "dots.json")
    return lambda *arguments: run(capsys, *arguments)


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int, number: int) -> None:
    """Let the process get a signal once a step is shown."""
    from vitruvian.cli.train_screen import Screen

    shown = Screen.show

    def shown_and_stopped(screen, event):
        shown(screen, event)
        if event.number == step:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(Screen, "show", shown_and_stopped)


def losses(folder: str) -> list[float]:
    return [record["loss"] for record in read_log(Path(folder)) if "loss" in record]


def test_before_it_starts_it_says_what_will_be_trained(call):
    answer = call("train", "dots", "dots.json", "--val-share", "0.25", "--every", "2", "--out", "mine")
    assert answer.code == 0
    said = [line.strip().split(maxsplit=1) for line in answer.out.splitlines()]
    assert said[0] == ["data", "9 people in 9 images, 9 crops a turn"]
    assert said[1] == ["held", "out  3 in 3 images, scored by nme_box every 2 steps"]
    assert said[2] == ["skeleton", "dots2, 2 keypoints"]
    assert said[3] == ["model", "dot_finder, 426 parameters, input 32 x 32"]
    assert said[4] == ["start", "fresh weights"]
    assert said[5] == ["steps", "4 of 4 crops, which is 1.8 turns"]
    assert said[6][0] == "memory"
    assert said[-1] == ["trained", "-> mine/best.safetensors"]


def test_without_a_terminal_every_check_is_a_line(call):
    lines = call("train", "dots", "dots.json", "--val-share", "0.3", "--every", "2", "--out", "mine").err.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [["step 2", "nme_box"], ["step 4", "nme_box"]]
    assert lines[0].endswith(", the best so far")


def test_what_a_run_leaves_in_its_folder(call):
    assert call("train", "dots", "dots.json", "--set", "seed=3", "--val", "dots.json", "--out", "mine").code == 0
    folder = Path("mine")
    names = {path.name for path in folder.iterdir()}
    assert names >= {"best.safetensors", "last.safetensors", "state.safetensors", "log.jsonl", "result.json"}
    assert recipe_from_file(folder / "recipe.toml") == replace(RECIPES["dots"](), seed=3)
    assert load_checkpoint(folder / "best.safetensors")[1].seed == 3
    assert [record["step"] for record in read_log(folder)] == [1, 2, 3, 4, 4]
    result = json.loads((folder / "result.json").read_text())
    assert (result["steps"], result["people"], result["parameters"]) == (4, 12, 426)
    assert result["best"] == read_log(folder)[-1]
    assert result["best"]["score"] == "nme_box"


def test_settings_and_files_make_the_recipe(call):
    Path("mine.toml").write_text(recipe_to_toml(replace(RECIPES["dots"](), learning_rate=0.5)))
    answer = call("train", "mine.toml", "dots.json", "--set", "steps=2", "seed=3", "--set", "augmentation.flip=0.5")
    assert answer.code == 0
    recipe = load_checkpoint(Path("runs/mine/last.safetensors"))[1]
    assert (recipe.steps, recipe.seed, recipe.learning_rate, recipe.augmentation.flip) == (2, 3, 0.5, 0.5)


def test_a_checkpoint_is_a_recipe_and_a_start(call):
    assert call("train", "dots", "dots.json", "--out", "first").code == 0
    answer = call("train", "first/best.safetensors", "dots.json", "--out", "second")
    assert answer.code == 0
    recipe = load_checkpoint(Path("second/best.safetensors"))[1]
    assert recipe.start.startswith("best.safetensors, SHA-256 ")
    assert replace(recipe, start="") == RECIPES["dots"]()
    assert losses("second")[0] < losses("first")[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl_c", "sigterm"])
def test_a_stopped_run_goes_on_as_if_it_had_never_stopped(call, monkeypatch, number):
    assert call("train", "dots", "dots.json", "--out", "whole").code == 0
    with monkeypatch.context() as patched:
        stop_at(patched, 2, number)
        stopped = call("train", "dots", "dots.json", "--out", "parts")
    assert stopped.code == 130
    assert stopped.err.endswith("vitruvian: stopped; all is saved; go on with: vitruvian train --resume parts\n")
    assert len(losses("parts")) == 2
    resumed = call("train", "--resume", "parts")
    assert (resumed.code, resumed.err.splitlines()[0]) == (0, "going on after step 2")
    assert losses("parts") == losses("whole")
    assert Path("parts/best.safetensors").read_bytes() == Path("whole/best.safetensors").read_bytes()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_run_that_was_killed_before_it_saved_begins_anew(call):
    assert call("train", "dots", "dots.json", "--out", "mine").code == 0
    before = losses("mine")
    Path("mine/state.safetensors").unlink()
    answer = call("train", "--resume", "mine")
    assert answer.code == 0
    assert "mine: nothing was saved before the run was stopped; it begins anew" in answer.err
    assert losses("mine") == before


def test_a_checkpoint_of_another_skeleton_is_refused(call, tmp_path):
    assert call("train", "dots", "dots.json", "--out", "first").code == 0
    other_dots(tmp_path)
    answer = call("train", "first/best.safetensors", "others/spots.json", "--own-skeleton")
    assert answer.code == 2
    assert answer.err.startswith(
        "vitruvian: best.safetensors knows the skeleton dots2, and is to be trained on spots; vitruvian fit DATA --from"
    )
    assert not Path("runs").exists()


def test_what_a_run_began_with_is_not_needed_to_go_on(call, monkeypatch):
    assert call("train", "dots", "dots.json", "--out", "first").code == 0
    with monkeypatch.context() as patched:
        stop_at(patched, 2, signal.SIGINT)
        assert call("train", "first/best.safetensors", "dots.json", "--out", "second").code == 130
    Path("first/best.safetensors").unlink()
    assert call("train", "--resume", "second").code == 0


def test_a_run_does_not_begin_anew_with_other_weights_than_it_says(call):
    assert call("train", "dots", "dots.json", "--out", "first").code == 0
    assert call("train", "first/best.safetensors", "dots.json", "--out", "second").code == 0
    before = losses("second")
    Path("second/state.safetensors").unlink()
    assert call("train", "--resume", "second").code == 0
    assert losses("second") == before
    Path("second/state.safetensors").unlink()
    Path("first/best.safetensors").write_bytes(Path("second/best.safetensors").read_bytes())
    answer = call("train", "--resume", "second")
    assert answer.code == 2
    assert "first/best.safetensors, which the run begins with, is missing or was changed since" in answer.err


def test_other_data_or_another_recipe_are_refused(call):
    assert call("train", "dots", "dots.json", "--out", "mine").code == 0
    text = Path("mine/recipe.toml").read_text()
    Path("mine/recipe.toml").write_text(text.replace("seed = 0", "seed = 1"))
    answer = call("train", "--resume", "mine")
    assert answer.code == 2
    assert "saved with another recipe (seed 0 -> 1)" in answer.err
    Path("mine/recipe.toml").write_text(text)
    Path("0.png").write_bytes(Path("1.png").read_bytes())
    answer = call("train", "--resume", "mine")
    assert answer.code == 2
    assert "saved with different training data; resume with the same" in answer.err


def test_other_held_out_data_are_refused(call):
    Path("held_out.json").write_bytes(Path("dots.json").read_bytes())
    assert call("train", "dots", "dots.json", "--val", "held_out.json", "--out", "mine").code == 0
    text = Path("held_out.json").read_text()
    Path("held_out.json").write_text(text.replace('"area":1024', '"area":900'))
    assert text != Path("held_out.json").read_text()
    answer = call("train", "--resume", "mine")
    assert answer.code == 2
    assert "mine/state.safetensors was saved with different held-out data; resume with the same" in answer.err


def test_images_that_are_trained_on_and_held_out_are_told(call):
    answer = call("train", "dots", "dots.json", "--val", "dots.json", "--out", "mine")
    assert answer.err.splitlines()[0] == "12 of 12 held-out images are trained on, too: scores will be too good"


def test_held_out_labels_that_cannot_be_scored_are_refused_before_training(call):
    answer = call("train", "dots", "dots.json", "--val", "dots.json", "--score", "nme_eyes")
    assert answer.code == 2
    assert answer.err.startswith("vitruvian: dots cannot be scored by nme_eyes: ")
    assert not Path("runs").exists()


def test_a_finished_run_is_resumed_without_another_step(call):
    assert call("train", "dots", "dots.json", "--out", "mine").code == 0
    kept = {path.name: path.read_bytes() for path in Path("mine").iterdir() if path.is_file()}
    assert call("train", "--resume", "mine").code == 0
    assert {path.name: path.read_bytes() for path in Path("mine").iterdir() if path.is_file()} == kept


def test_a_loss_that_is_no_number_ends_with_1_and_the_batch(call):
    answer = call("train", "dots", "dots.json", "--set", "learning_rate=1e38", "--set", "clip=none", "--out", "mine")
    assert answer.code == 1
    assert "lower the learning rate" in answer.err
    assert list(Path("mine").glob("not_finite_step_*.npz"))


def test_several_data_sets_with_joints_and_weights_of_their_own(call, tmp_path):
    other = dot_data(tmp_path / "others", 5)
    FORMATS["coco_json"].write(
        replace(other, skeleton=Skeleton.define("spots", ["red", "blue"])), Path("others/spots.json")
    )
    Path("mix.toml").write_text(
        '[[data]]\npath = "dots.json"\n\n'
        '[[data]]\npath = "others/spots.json"\nweight = 2\njoints = { left_dot = "red", right_dot = "blue" }\n'
    )
    answer = call("train", "dots", "mix.toml", "--out", "mine")
    assert answer.code == 0
    assert answer.out.startswith("data      17 people in 17 images, 22 crops a turn")
    assert call("train", "--resume", "mine").code == 0


def other_dots(tmp_path: Path, count: int = 5) -> None:
    """others/spots.json, pictures whose dots have other names, and mix.toml, which lists them with dots.json."""
    other = dot_data(tmp_path / "others", count)
    spots = Skeleton.define("spots", ["red", "blue"])
    FORMATS["coco_json"].write(replace(other, skeleton=spots), Path("others/spots.json"))
    joints = 'joints = { left_dot = "red", right_dot = "blue" }'
    Path("mix.toml").write_text(f'[[data]]\npath = "dots.json"\n\n[[data]]\npath = "others/spots.json"\n{joints}\n')


def test_a_share_of_every_data_set_is_held_out(call, tmp_path):
    """A quarter of 12 and of 8."""
    other_dots(tmp_path, 8)
    answer = call("train", "dots", "mix.toml", "--val-share", "0.25", "--score", "epe", "--out", "mine")
    assert answer.code == 0
    said = answer.out.splitlines()
    assert said[0].startswith("data      15 people in 15 images")
    assert said[1].startswith("held out  5 in 5 images, scored by epe")
    assert call("train", "--resume", "mine").code == 0


def test_checkpoints_are_compared_on_a_list_of_data_sets_too(call, tmp_path):
    other_dots(tmp_path)
    answer = call("train", "dots", "dots.json", "--val", "mix.toml", "--out", "mine")
    assert answer.code == 0
    assert answer.out.splitlines()[1].startswith("held out  17 in 17 images")
    assert answer.err.startswith("12 of 17 held-out images are trained on, too")
    Path("mix.toml").write_text(Path("mix.toml").read_text() + "weight = 2\n")
    answer = call("train", "dots", "dots.json", "--val", "mix.toml", "--out", "yours")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "leave them out of the list for --val" in answer.err


def test_an_image_that_two_data_sets_have_is_held_out_of_both(call):
    Path("twin.json").write_bytes(Path("dots.json").read_bytes())
    answer = call("train", "dots", "dots.json", "twin.json", "--val-share", "0.25", "--out", "mine")
    assert answer.code == 0
    assert "held-out images are trained on" not in answer.err
    assert answer.out.splitlines()[0].startswith("data      18 people in 9 images")
    assert answer.out.splitlines()[1].startswith("held out  6 in 3 images")


def test_an_image_is_the_same_by_another_way_to_its_folder(call):
    Path("folder").mkdir()
    Path("link").symlink_to(".")
    for way in ("folder/..", "link"):
        answer = call("train", "dots", "dots.json", "--val", f"{way}/dots.json", "--out", f"mine_{len(way)}")
        assert answer.code == 0
        assert "12 of 12 held-out images are trained on, too" in answer.err


def test_data_of_one_clip_is_not_held_out(call, tmp_path):
    data = dot_data(tmp_path)
    one = replace(data, labels=replace(data.labels, groups=np.zeros(12, np.int64)))
    FORMATS["csv"].write(one, Path("clip.csv"))
    answer = call("train", "dots", "clip.csv", "--val-share", "0.25", "--out", "mine")
    assert answer.code == 2
    assert answer.err.startswith("vitruvian: clip: --val-share holds out groups of images that belong together")
    answer = call("train", "dots", "clip.csv", "dots.json", "--val-share", "0.25", "--out", "mine")
    assert answer.code == 0
    assert "clip: its images all belong together, so that none of them is held out" in answer.err


def test_points_without_boxes_get_boxes(call):
    """As `vitruvian fit` gives them: here each is alone in its image. A single point has one, too."""
    lines = [f"{number}.png,{2 + number},4,{25 if number else ''},{28 if number else ''}" for number in range(12)]
    Path("points.csv").write_text("file,left_dot_x,left_dot_y,right_dot_x,right_dot_y\n" + "\n".join(lines) + "\n")
    answer = call("train", "dots", "points.csv", "--out", "mine")
    assert answer.code == 0
    assert "points: each subject is alone in its image and fills it, so that the image is the box" in answer.err
    assert answer.out.startswith("data      12 people in 12 images")
    assert "--set padding=1" not in answer.err
    answer = call("train", "dots", "points.csv", "--set", "padding=1.5", "--out", "yours")
    assert "; crops show 1.5 times as much: draw boxes, or train with --set padding=1, if that" in answer.err


def test_the_skeleton_of_the_data_takes_the_place_of_the_recipes(call, tmp_path):
    spots = Skeleton.define("spots", ["left_spot", "right_spot"])
    FORMATS["coco_json"].write(replace(dot_data(tmp_path / "others"), skeleton=spots), Path("others/spots.json"))
    refused = call("train", "dots", "others/spots.json")
    assert refused.code == 2
    assert "the recipe is for the skeleton dots2; left_dot, right_dot are labelled in none of the data" in refused.err
    assert call("train", "dots", "others/spots.json", "--own-skeleton", "--out", "mine").code == 0
    assert load_checkpoint(Path("mine/best.safetensors"))[1].joints.names == spots.names


def test_a_recipe_for_joints_that_are_not_labelled_is_refused(call):
    answer = call("train", "lsp_residual_unet_128", "dots.json")
    assert answer.code == 2
    assert "right_ankle, right_knee, right_hip and more are labelled in none of the data sets (dots" in answer.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train"], "nothing to train; give a recipe and data, or --resume DIR; see vitruvian train --help"),
        (["train", "dots"], "there is nothing to train on; name a data set after the recipe"),
        (["train", "dotty", "dots.json"], 'unknown recipe "dotty"; known: '),
        (["train", "body", "dots.json"], "body is a model, not a recipe; vitruvian fit DATA --from body goes on"),
        (["train", "gone.toml", "dots.json"], "gone.toml: cannot be read (No such file or directory)"),
        (["train", "gone.safetensors", "dots.json"], "gone.safetensors is not a readable safetensors file"),
        (["train", "dots", "dots.json", "--set", "step=3"], 'unknown recipe key "step"; known: '),
        (["train", "dots", "dots.json", "--set", "steps=0"], "steps must be at least 1, got 0"),
        (["train", "dots", "dots.json", "--every", "0"], "--every must be at least 1 step, got 0"),
        (["train", "dots", "dots.json", "--val-share", "1.5"], "--val-share must be between 0 and 1, got 1.5"),
        (["train", "dots", "dots.json", "--val-share", "0.5", "--val", "dots.json"], "people are held out by --val or"),
        (["train", "dots", "dots.json", "--val-share", "0.5", "--score", "pkc"], 'unknown score "pkc"; known: '),
        (["train", "dots", "dots.json", "--workers", "-1"], "workers must be at least 0, got -1"),
        (["train", "dots", "dots.json", "--cache", "nan"], "--cache must be gigabytes, 0 or more, got nan"),
        (["train", "dots", "dots.json", "--device", "abacus"], 'there is no device "abacus" here'),
        (["train", "dots", "dots.json", "--out", "dots.json"], "cannot write into the output folder dots.json"),
        (["train", "dots", "--resume", "mine"], "--resume goes on as the run began"),
        (["train", "--resume", "mine", "--out", "yours"], "--resume goes on as the run began"),
        (["train", "--resume", "mine", "--every", "5"], "--resume goes on as the run began"),
        (["train", "--resume", "gone"], "gone: there is no such folder; give the folder that was --out of"),
        (["train", "--resume", "dots.json"], "dots.json: is a file, not the folder of a run; give the folder that"),
        (["train", "--resume", "."], ".: holds no run to resume, job.json cannot be read; give the folder that was"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_cannot_begin_is_a_sentence(call, arguments, said):
    answer: Answer = call(*arguments)
    assert answer.err.startswith(f"vitruvian: {said}")
    assert (answer.code, answer.err.count("\n")) == (2, 1)


def test_a_fit_is_not_resumed_as_a_run(call):
    Path("fit").mkdir()
    Path("fit/fit.json").touch()
    answer = call("train", "--resume", "fit")
    assert answer.err.startswith("vitruvian: fit: holds a fit, which goes on when the same vitruvian fit is started")


def test_a_folder_that_holds_a_run_is_not_overwritten(call):
    assert call("train", "dots", "dots.json", "--out", "mine").code == 0
    answer = call("train", "dots", "dots.json", "--out", "mine")
    assert answer.code == 2
    assert "mine holds a run already; go on with it by vitruvian train --resume mine, or choose" in answer.err


def test_settings_come_back_from_their_file(tmp_path):
    part = Source("/a.json", "coco", "/images", True, {"nose": "snout"}, 0.5)
    settings = Settings(
        (part, Source("/b.csv")), (Source("/c"), Source("/d")), None, "pck_box", 20, "/start.safetensors"
    )
    save_settings(tmp_path, settings)
    assert load_settings(tmp_path) == settings


def test_a_list_of_data_sets_is_relative_to_its_file(tmp_path):
    (tmp_path / "mix.toml").write_text('[[data]]\npath = "a/b.json"\nfolder = "images"\n[[data]]\npath = "/c.csv"\n')
    found = sources((tmp_path / "mix.toml", Path("/d")), Source("", form="coco"))
    assert found == (
        Source(str(tmp_path / "a/b.json"), folder=str(tmp_path / "images")),
        Source("/c.csv"),
        Source("/d", form="coco"),
    )


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("[[data]\n", DataError, "mix.toml: cannot be read as a TOML list of data sets"),
        ("", DataError, "expected nothing but data sets, each under .*, got none"),
        ("data = 3", DataError, "expected nothing but data sets"),
        ("[[data]]\npath = 'a'\nwieght = 1", UnknownNameError, 'key in .* "wieght"; .* Did you mean weight'),
        ("[[data]]\npath = 'a'\nweight = 'much'", DataError, "not described rightly: Expected `float`, got `str`"),
        ("[[data]]\nweight = 1", DataError, "not described rightly: .* required field `path`"),
    ],
)
def test_a_list_of_data_sets_that_is_none_is_refused(tmp_path, text, error, said):
    (tmp_path / "mix.toml").write_text(text)
    with pytest.raises(error, match=said):
        sources((tmp_path / "mix.toml",), Source(""))
