"""The table of published checkpoints: it follows from the facts, and every entry builds."""

import re
from functools import cache
from pathlib import Path

import pytest
import torch

from tests import published_table
from vitruvian.errors import UnknownNameError
from vitruvian.recipes import build_estimator, estimator_of
from vitruvian.runtime import find_published, published, search_published
from vitruvian.runtime.catalogue import TABLE
from vitruvian.runtime.fetch import check_url
from vitruvian.structures import skeleton


def test_the_table_follows_from_the_facts(shared: Path):
    assert published_table.text(published_table.table(shared / "facts")) == TABLE.read_text(encoding="utf-8")


def test_every_entry_can_be_fetched_and_checked():
    for entry in published().values():
        check_url(entry.url)
        assert entry.url.endswith(".pth")
        assert re.fullmatch("[0-9a-f]{7,8}", entry.sha256) or "no hash is published" in entry.notes
        assert entry.sha256 in entry.url
        assert entry.padding == 1.25
        assert entry.licence
        assert all(f"{data}: " in entry.data_licence for data in entry.trained_on)


@cache
def parameters(model: str, codec: str) -> int:
    """Of the model with a codec, for whoever is first in the table, built without memory for its weights."""
    (entry, *_) = (e for e in published().values() if (e.model, repr(e.codec)) == (model, codec))
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in build_estimator(estimator_of(entry)).parameters())


@pytest.mark.parametrize("model", sorted({entry.model for entry in published().values()}))
def test_every_entry_builds(model: str):
    for entry in published().values():
        if entry.model == model:
            estimator = estimator_of(entry)
            assert estimator.codec.heads(len(skeleton(estimator.skeleton)))
            assert parameters(model, repr(entry.codec)) > 500_000


def test_the_size_in_the_name_is_the_size_of_the_input():
    """Names end in height x width."""
    for entry in published().values():
        height, width = map(int, re.search(r"(\d+)x(\d+)(?:-merge|-combine)?$", entry.name).groups())
        assert entry.codec["input_size"] == (width, height)


@pytest.mark.parametrize(
    ("name", "model", "codec", "points"),
    [
        ("td-hm_hrnet-w32_8xb64-210e_coco-256x192", "hrnet_w32", {"kind": "gaussian_heatmap"}, "coco17"),
        (
            "td-hm_hrnet-w48_udp-8xb32-210e_coco-384x288",
            "hrnet_w48",
            {"kind": "udp_heatmap", "sigma": 3.0, "blur_kernel": 17},
            "coco17",
        ),
        (
            "td-hm_hrnetv2-w18_dark-8xb64-60e_wflw-256x256",
            "hrnetv2_w18",
            {"kind": "gaussian_heatmap", "unbiased": True, "refine": "dark"},
            "wflw98",
        ),
        (
            "td-hm_hrnet-w32_8xb64-210e_coco-aic-256x192-combine",
            "hrnet_w32",
            {"kind": "gaussian_heatmap"},
            "coco_aic19",
        ),
        ("td-hm_ViTPose-base-simple_8xb64-210e_coco-256x192", "vitpose_base_simple", {"kind": "udp_heatmap"}, "coco17"),
        ("td-hm_cpm_8xb32-210e_coco-384x288", "cpm", {"kind": "gaussian_heatmap", "stride": 8, "sigma": 3.0}, "coco17"),
        (
            "rtmpose-m_8xb512-700e_body8-halpe26-256x192",
            "rtmpose_m",
            {"kind": "simcc", "sigma": (4.9, 5.66), "normalise": False},
            "halpe26",
        ),
        (
            "td-reg_res50_rle-8xb64-210e_coco-256x192",
            "deep_pose_resnet50_rle",
            {"kind": "regression", "spread": True},
            "coco17",
        ),
        ("td-hm_hrnetv2-w18_8xb64-210e_rhd2d-256x256", "hrnetv2_w18", {"kind": "gaussian_heatmap"}, "rhd21"),
    ],
)
def test_some_entries_by_hand(name: str, model: str, codec: dict[str, object], points: str):
    entry = published()[name]
    assert (entry.model, entry.skeleton) == (model, points)
    assert {key: value for key, value in entry.codec.items() if key != "input_size"} == codec


def test_what_contradicts_itself_is_marked():
    """Of HRNet-W32 the metafile says AP 0.746, the page beside it 0.749."""
    (note,) = published()["td-hm_hrnet-w32_8xb64-210e_coco-256x192"].notes
    assert note.startswith("COCO: hrnet_coco.yml says AP 0.746, ")
    assert "0.749" in note
    crowd = published()["rtmpose-m_8xb64-210e_crowdpose-256x192"]
    assert "the published list calls it rtmpose-t_8xb256-420e_coco-256x192" in crowd.notes[0]


def test_an_entry_with_the_file_of_another_one_is_doubtful():
    """ResNet-101 for 384 x 288 is listed with the address of that for 256 x 192."""
    (entry,) = (entry for entry in published().values() if entry.doubtful)
    other = published()["td-hm_res101_8xb64-210e_coco-256x192"]
    assert (entry.name, entry.url) == ("td-hm_res101_8xb32-210e_coco-384x288", other.url)
    assert f"the published address and hash are those of {other.name}" in entry.notes[0]


def test_names_and_aliases_are_found_and_unknown_ones_get_the_nearest():
    assert find_published("vitpose-s").name == "td-hm_ViTPose-small-simple_8xb64-210e_coco-256x192"
    assert find_published("td-hm_ViTPose-small-simple_8xb64-210e_coco-256x192").aliases == ("vitpose-s",)
    with pytest.raises(
        UnknownNameError, match=r'unknown published model "vitpose-z"; known: \d+ names\. Did you mean v'
    ):
        find_published("vitpose-z")


def test_short_names_are_clear():
    names = [name for entry in published().values() for name in (entry.name, *entry.aliases)]
    assert len(names) == len(set(names))
    assert not any("." in name or "/" in name for name in names)


def test_a_search_looks_for_every_word_in_any_case():
    found = {entry.name for entry in search_published("HRNET_W48 udp")}
    assert found == {
        "td-hm_hrnet-w48_udp-8xb32-210e_coco-256x192",
        "td-hm_hrnet-w48_udp-8xb32-210e_coco-384x288",
    }
    assert len(search_published("")) == len(published())
    assert search_published("no such thing") == []
