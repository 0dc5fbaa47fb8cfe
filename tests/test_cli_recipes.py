"""`vitruvian recipes`: what is listed, searched, and said of where numbers are from."""

import pytest

from tests.command import run
from vitruvian.recipes import RECIPES, recipe_from_file


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    """So that nothing is folded."""
    monkeypatch.setenv("COLUMNS", "160")


def test_every_recipe_is_listed(capsys):
    answer = run(capsys, "recipes")
    assert (answer.code, answer.err) == (0, "")
    words = answer.out.split()
    assert [name for name in RECIPES if name not in words] == []
    assert f"{len(RECIPES)} of {len(RECIPES)} recipes" in answer.out


def test_a_recipe_says_what_it_is_made_of_and_what_was_published(capsys):
    out = run(capsys, "recipes", "--search", "onehand10k dark").out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    first = lines.index("onehand10k_hrnetv2_w18_dark hrnetv2_w18 OneHand10K, by MMPose")
    assert lines[first + 1 : first + 3] == [
        "hand21, 256 x 256 PCK@0.2 0.990, AUC 0.572, EPE 23.96",
        "gaussian_heatmap",
    ]
    assert any(line.startswith("MMPose: ") and "https://github.com/open-mmlab/mmpose" in line for line in lines)
    assert "Published results are what the publishers say; none of them was measured with this package." in lines
    assert lines[-1] == f"1 of {len(RECIPES)} recipes; docs/recipes.md says how to train one"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("wflw", ["wflw_hrnetv2_w18", "wflw_hrnetv2_w18_dark", "wflw_hrnetv2_w18_awing"]),
        ("VitPose HUGE", ["coco_vitpose_huge_256x192", "coco_vitpose_huge_simple_256x192"]),
        ("megvii_heatmap rsn18", ["coco_rsn18_256x192"]),
        ("lsp14", ["lsp_residual_unet_128"]),
    ],
)
def test_all_words_are_searched_for_in_names_models_skeletons_and_codecs(capsys, text, names):
    out = run(capsys, "recipes", "--search", text).out
    assert [line.split()[0] for line in out.splitlines() if line.split()[:1] and line.split()[0] in RECIPES] == names


def test_where_a_publisher_contradicts_itself_both_numbers_are_said(capsys):
    out = run(capsys, "recipes", "--search", "coco_hrnet_w32_256x192").out
    assert "AP 0.746, AR 0.799" in out
    assert "(its README: AP 0.749, AR 0.804)" in out


def test_nothing_found_ends_with_1(capsys):
    answer = run(capsys, "recipes", "--search", "of tomorrow")
    assert answer.code == 1
    assert f"0 of {len(RECIPES)} recipes" in answer.out


def test_in_a_narrow_terminal_no_line_is_too_long_and_no_name_is_cut(capsys, monkeypatch):
    """The table; the lines below it may wrap."""
    monkeypatch.setenv("COLUMNS", "80")
    out = run(capsys, "recipes", "--search", "coco deep_pose").out
    table = out[: out.index("MMPose: ")]
    assert all(len(line) <= 80 for line in table.splitlines())
    assert "coco_deep_pose_resnet152_rle_384x288" in table


def test_one_recipe_is_printed_as_a_file_to_start_from(capsys, tmp_path):
    answer = run(capsys, "recipes", "coco_mspn50_256x192")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("# coco_mspn50_256x192 of vitruvian ")
    (tmp_path / "mine.toml").write_text(answer.out)
    assert recipe_from_file(tmp_path / "mine.toml") == RECIPES["coco_mspn50_256x192"]()


def test_an_unknown_recipe_is_refused_with_the_nearest(capsys):
    answer = run(capsys, "recipes", "coco_mspn_50")
    assert answer.code == 2
    assert answer.err.startswith('vitruvian: unknown recipe "coco_mspn_50"; known: ')
    assert "Did you mean coco_mspn" in answer.err
