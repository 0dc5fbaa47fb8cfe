"""The page of data sets lists what there is."""

import re
from pathlib import Path

from vitruvian.datasets import DATASETS, FORMATS
from vitruvian.metrics import SCORES
from vitruvian.structures import SKELETONS

PAGE = Path(__file__).parent.parent / "docs" / "datasets.md"


def test_the_page_lists_every_data_set_with_its_skeleton_and_scores_and_every_format():
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    listed = {name: set(re.findall(r"`(\w+)`", row)) for name, row in rows}
    expected = {name: {one.skeleton, *one.scores} for name, one in DATASETS.items()}
    assert listed == expected | {name: set() for name in FORMATS}


def test_what_data_sets_are_scored_by_and_labelled_with_is_there():
    for name, one in DATASETS.items():
        assert set(one.scores) <= SCORES.keys(), name
        assert one.skeleton in SKELETONS, name
