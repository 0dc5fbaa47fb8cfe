"""`vitruvian pull`, `vitruvian models --search`, and `vitruvian predict` with a model that is not here yet."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command import CALL, run, run_alone
from tests.dots import dot_data
from tests.fake_network import painted
from tests.published_checkpoint import NAME, Checkpoint, known_weights, list_one
from tests.test_export_conversion import fake_export, files
from tests.test_light_import import BLOCK
from tests.web import Site, serving
from vitruvian.cli.train_job import recipe_named
from vitruvian.datasets import FORMATS
from vitruvian.media import write_image
from vitruvian.recipes import load_checkpoint
from vitruvian.runtime import published


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint.of(tmp_path / "given.pth", {"state_dict": known_weights()})


@pytest.fixture
def site(tmp_path: Path, checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch):
    """An empty store, a server of a checkpoint, and a table that lists it; models are written without an export."""
    monkeypatch.setenv("VITRUVIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    fake_export(monkeypatch)
    with serving({"/a.pth": checkpoint.content}) as site:
        list_one(tmp_path, monkeypatch, site.url("/a.pth"), checkpoint.sha256[:8], notes=["it says two things"])
        yield site
    published.cache_clear()


def test_pull_says_what_was_done_and_checked(site: Site, checkpoint: Checkpoint, tmp_path: Path, capsys):
    answer = run(capsys, "pull", NAME)
    assert answer.code == 0
    assert answer.err == f"vitruvian: note on {NAME}: it says two things\n"
    assert answer.out.splitlines() == [
        f"{NAME} -> {tmp_path}/home/models/{NAME}.onnx",
        f"from {site.url('/a.pth')}, SHA-256 {checkpoint.sha256[:8]}... verified",
        f"{len(known_weights())} tensors used, 0 not; differs from the original by 0.0e+00 px at the 99th percentile, "
        f"0.0e+00 px at most, over 1 points (0 left out that rounding decides)",
        f"to train on from it: --from {NAME}, kept in {NAME}.safetensors beside it, 38.5 MB",
    ]
    certificate = json.loads((tmp_path / f"home/models/{NAME}.json").read_text())
    assert certificate["source_sha256"] == checkpoint.sha256


def test_pull_from_a_file(site: Site, tmp_path: Path, capsys):
    answer = run(capsys, "pull", NAME, "--from", tmp_path / "given.pth")
    assert answer.code == 0
    assert f"from {tmp_path}/given.pth, SHA-256 " in answer.out
    assert site.asked == []


def test_pull_from_another_file_needs_a_word_and_a_name(site: Site, tmp_path: Path, capsys):
    (tmp_path / "mine.pth").write_bytes((tmp_path / "given.pth").read_bytes() + b"\0")
    answer = run(capsys, "pull", NAME, "--from", tmp_path / "mine.pth")
    assert answer.code == 2
    assert "it was not read" in answer.err
    answer = run(capsys, "pull", NAME, "--from", tmp_path / "mine.pth", "--unverified", "--name", "mine")
    assert answer.code == 0
    assert "NOT verified" in answer.out


def test_what_cannot_be_pulled_is_a_sentence(site: Site, capsys):
    site.files.clear()
    answer = run(capsys, "pull", NAME)
    assert answer.code == 2
    assert "the server answers 404 Not Found" in answer.err.splitlines()[-1]
    answer = run(capsys, "pull", "smalll")
    assert answer == (
        2,
        "",
        f'vitruvian: unknown published model "smalll"; known: small, {NAME}. Did you mean small?\n',
    )


def test_a_search_lists_facts_and_terms(site: Site, capsys):
    answer = run(capsys, "models", "--search", "mobilenet COCO")
    assert (answer.code, answer.err) == (0, "")
    lines = [line.rstrip() for line in answer.out.splitlines()]
    assert lines == [
        NAME,
        "  short name    small",
        "  model         simple_baseline_mobilenetv2",
        "  skeleton      coco17",
        "  input         192 x 256 pixels",
        "  published     AP, COCO: 0.648",
        "  trained on    COCO",
        "  data licence  COCO: see there",
        "  licence       Apache-2.0",
        "  note          it says two things",
        "1 of 1 published models; pull one with: vitruvian pull NAME",
    ]


def test_a_search_without_success_is_a_failure(site: Site, capsys):
    answer = run(capsys, "models", "--search", "nothing of this kind")
    assert answer == (1, "0 of 1 published models; pull one with: vitruvian pull NAME\n", "")


def test_a_long_list_takes_a_line_each(capsys):
    answer = run(capsys, "models", "--search", "hrnet coco")
    assert "\ntd-hm_hrnet-w32_8xb64-210e_coco-256x192 " in answer.out
    found = int(answer.out.splitlines()[-1].split()[0])
    assert found > 10
    assert len(answer.out.splitlines()) == found + 2  # one mark is explained
    assert answer.out.splitlines()[-2].startswith("noted: ")


def test_an_accuracy_that_is_of_another_file_is_marked_and_the_mark_explained(capsys):
    lines = run(capsys, "models", "--search", "res101 coco").out.splitlines()
    line = next(line for line in lines if line.startswith("td-hm_res101_8xb32-210e_coco-384x288 "))
    assert line.endswith("AP, COCO: 0.749 (doubtful)")
    assert sum("(doubtful)" in line for line in lines) == 1
    assert "doubtful: the published file is that of another entry, so this accuracy is not the file's" in lines


def test_a_doubtful_accuracy_is_marked_among_the_facts_too(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    said = run(capsys, "models", "--search", "td-hm_res101_8xb32-210e_coco-384x288").out
    assert " (doubtful, see the note)\n" in "\n".join(line.rstrip() for line in said.splitlines())


def test_a_list_without_marks_explains_none(capsys):
    lines = run(capsys, "models", "--search", "token").out.splitlines()
    assert not any(line.startswith(("noted: ", "doubtful: ")) for line in lines)


def test_models_lists_what_was_pulled(site: Site, capsys):
    run(capsys, "pull", NAME)
    said = run(capsys, "models").out
    assert f"{NAME} (pulled)" in said
    assert "(as published)" in " ".join(said.split())
    assert "body (default)" in said


def test_a_damaged_model_does_not_hide_the_others(site: Site, tmp_path: Path, capsys):
    run(capsys, "pull", NAME)
    (tmp_path / "home/models/other.json").write_text("{}")
    answer = run(capsys, "models")
    assert answer.code == 1
    assert f"{NAME} (pulled)" in answer.out
    assert (
        answer.err == f"vitruvian: {tmp_path}/home/models/other.json is not a certificate of format 2; pull the "
        "model again\n"
    )


@pytest.mark.parametrize("name", [NAME, "small"])
def test_predict_pulls_on_first_use(site: Site, tmp_path: Path, capsys, monkeypatch, name: str):
    monkeypatch.chdir(tmp_path)
    write_image(tmp_path / "photo.png", painted((100, 90), (40, 30), (50, 60), (70, 20)))
    first = run(capsys, "predict", "photo.png", "--model", name)
    assert (first.code, first.err.splitlines()[0]) == (0, f"{NAME} is not here yet; pulling it")
    assert "1 person in 1 image" in first.out
    second = run(capsys, "predict", "photo.png", "--model", name)
    assert (second.code, second.err) == (0, "")
    assert len(site.asked) == 1


@pytest.mark.parametrize("name", [NAME, "small"])
def test_training_pulls_a_published_model_and_begins_with_its_weights(site: Site, tmp_path: Path, capsys, name: str):
    recipe, start = recipe_named(name)
    assert start == tmp_path / f"home/models/{NAME}.safetensors"
    assert (recipe.model, recipe.skeleton) == ("simple_baseline_mobilenetv2", "coco17")
    assert recipe.start.startswith(f"{NAME}.safetensors, SHA-256 ")
    assert f"{NAME} is not here yet; pulling it" in capsys.readouterr().err


@pytest.mark.slow
def test_a_fit_starts_from_a_published_model(site: Site, tmp_path: Path, capsys, monkeypatch):
    """Up to the training itself, which would take its time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("vitruvian.cli.fit_screen.watch", lambda *_: None)
    monkeypatch.setattr("vitruvian.cli.fit_result.conclude", lambda *_: 0)
    monkeypatch.setattr("vitruvian.training.crops_per_second", lambda *_: 10.0)
    FORMATS["coco_json"].write(dot_data(Path("images"), 3), Path("labels.json"))
    answer = run(capsys, "fit", "labels.json", "--folder", "images", "--from", "small", "--minutes", "1")
    assert answer.code == 0, answer.err
    assert f"the weights of {NAME}: " in " ".join(answer.out.split())
    recipe = load_checkpoint(Path("fit/start.safetensors"))[1]
    assert (recipe.model, recipe.start) == ("simple_baseline_mobilenetv2", NAME)


def test_a_fit_refuses_an_unknown_start_before_it_reads_the_images(site: Site, tmp_path: Path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = run(capsys, "fit", "labels.json", "--from", "smalll")
    assert answer == (2, "", 'vitruvian: unknown model "smalll"; known: body, face, hand. Did you mean small?\n')


def test_predict_with_an_unknown_model_lists_what_is_here(site: Site, tmp_path: Path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_image(tmp_path / "photo.png", painted((100, 90), (40, 30), (50, 60), (70, 20)))
    answer = run(capsys, "predict", "photo.png", "--model", "bdoy")
    assert answer == (2, "", 'vitruvian: unknown model "bdoy"; known: body, face, hand. Did you mean body?\n')


def test_a_kill_in_the_middle_of_a_download_is_no_harm(
    site: Site, checkpoint: Checkpoint, tmp_path: Path, monkeypatch, capsys
):
    before = list_one(tmp_path, monkeypatch, site.url("/a.pth"), checkpoint.sha256[:8])
    site.stall_at = 1 << 20
    partial = tmp_path / "home/downloads/a.pth.partial"
    with subprocess.Popen([sys.executable, "-c", f"{before}\n{CALL}", "pull", NAME]) as process:
        while not (partial.exists() and partial.stat().st_size) and process.poll() is None:
            time.sleep(0.05)
        process.kill()
    assert files(tmp_path / "home") == ["downloads/a.pth.partial"]
    site.go_on.set()
    site.stall_at = None
    size = partial.stat().st_size
    assert run(capsys, "pull", NAME).code == 0
    assert site.asked == [("/a.pth", ""), ("/a.pth", f"bytes={size}-")]
    assert files(tmp_path / "home") == [f"models/{NAME}.json", f"models/{NAME}.onnx", f"models/{NAME}.safetensors"]


def test_pull_says_what_to_install(tmp_path: Path):
    answer = run_alone("pull", "vitpose-s", before=BLOCK, cwd=tmp_path)
    assert answer.code == 2
    assert 'converting weights needs the package torch. Install it with: pip install "vitruvian[train]"' in answer.err
