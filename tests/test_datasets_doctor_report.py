"""The doctor's report: a page, json, and fixes."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vitruvian.datasets import KINDS, Dataset, Finding, Fix, Report, examine, read_fixes
from vitruvian.structures import Skeleton

from .doctor_sets import masked, masks, painted
from .labels import labels


@pytest.fixture
def report(tmp_path):
    """Two findings: a displaced nose, and a missing image."""
    xy = masks(60) / 10
    xy[7, 8] += 4
    names = np.array([f"<b>{row:02}&.png" for row in range(60)])
    dataset = painted(masked(xy, tmp_path / "images" / "", files=names))
    dataset.path(9).unlink()
    return examine(dataset)


@pytest.fixture(autouse=True)
def _folder(tmp_path):
    (tmp_path / "images").mkdir()


def test_findings_come_in_the_order_of_the_kinds(report):
    assert [one.kind for one in report.findings] == ["missing_image", "displaced"]
    assert report.counts() == {"missing_image": 1, "displaced": 1}


def test_the_page_has_no_scripts_and_escapes_names(report, tmp_path):
    page = report.write(tmp_path)[0].read_text()
    assert "<script" not in page
    assert "<b>07" not in page
    assert "&lt;b&gt;07&amp;.png" in page
    assert not re.search(r'(src|href)="(?!data:image/jpeg;base64,|#)', page)
    assert page.count("data:image/jpeg;base64,") == 1  # the missing image has no picture


def test_the_json_is_whole(report, tmp_path):
    content = json.loads(report.write(tmp_path)[1].read_text())
    assert content["counts"] == {"missing_image": 1, "displaced": 1}
    assert content["findings"][1]["keypoints"] == ["nose"]
    assert content["findings"][1]["fix"]["do"] == "unlabel"
    assert (content["images"], content["instances"], content["skeleton"]) == (60, 60, "mask")


def test_the_fixes_are_read_again(report, tmp_path):
    assert read_fixes(report.write(tmp_path)[2]) == report.fixes()
    assert [fix.do for fix in report.fixes()] == ["drop_image", "unlabel"]


def test_what_is_left_out_anyway_is_not_fixed_and_nothing_is_fixed_twice():
    found = (
        Finding("missing_image", "1.jpg", None, (), 1.0, "", Fix("drop_image", "1.jpg")),
        Finding("displaced", "1.jpg", 1001, ("nose",), 1.0, "", Fix("unlabel", "1.jpg", 1001, ("nose",))),
        Finding(
            "point_outside", "0.jpg", 1000, ("nose",), 1.0, "", Fix("unlabel", "0.jpg", 1000, ("nose",), "outside")
        ),
        Finding("displaced", "0.jpg", 1000, ("nose",), 0.9, "", Fix("unlabel", "0.jpg", 1000, ("nose",), "far away")),
        Finding("all_zero", "2.jpg", 1002, (), 1.0, "", Fix("drop_instance", "2.jpg", 1002)),
        Finding("zero_point", "2.jpg", 1002, ("nose",), 1.0, "", Fix("unlabel", "2.jpg", 1002, ("nose",))),
    )
    fixes = Report(masked(masks(3)), found).fixes()
    assert [(fix.do, fix.because) for fix in fixes] == [
        ("drop_image", ""),
        ("unlabel", "outside"),
        ("drop_instance", ""),
    ]


def test_a_data_set_without_anybody(tmp_path):
    skeleton = Skeleton.define("dot", ("dot",))
    empty = Dataset("none", skeleton, labels([], np.zeros((0, 1, 2)), images=0), tmp_path)
    report = examine(empty)
    assert report.findings == ()
    assert "Nothing was found." in report.write(tmp_path)[0].read_text()
    assert read_fixes(tmp_path / "fixes.json") == ()


def test_people_far_outside_and_without_points_can_be_pictured(tmp_path):
    dataset = painted(masked(masks(3) / 10, tmp_path, files=np.array(["a.png", "b.png", "c.png"])))
    dataset.labels.xy[0] += 1e7
    dataset.labels.xy[1] = np.nan
    kinds = [Finding(kind, f"{'ab'[row]}.png", 1000 + row, (), 0.5, "m") for kind in KINDS for row in range(2)]
    page = Report(dataset, tuple(kinds)).write(tmp_path)[0].read_text()
    assert page.count("<figure>") == 2 * len(KINDS)


def test_a_report_says_what_was_not_looked_at():
    report = examine(replace(masked(masks(60)), folder=Path("nowhere")), images=False)
    assert report.notes[0] == "the images were not looked at"
    assert any("no model was asked" in note for note in report.notes)
