"""What may not change while a run is stopped."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.dots import DOTS, dot_data
from tests.test_training_run import job
from vitruvian.datasets import Dataset, Part, everybody_of
from vitruvian.errors import DataError
from vitruvian.media import write_image
from vitruvian.training import run
from vitruvian.training.fingerprint import fingerprints


def changed(data: Dataset, other: Dataset, score: str = "epe") -> set[str]:
    """What is not the same where the held-out data are others."""
    everybody = everybody_of([Part(data)], DOTS)
    one, two = fingerprints(everybody, data, "epe"), fingerprints(everybody, other, score)
    return {what for what in one if one[what] != two[what]}


@pytest.mark.parametrize(
    "column", [{"xy": np.zeros((12, 2, 2))}, {"area": np.ones(12)}, {"extras": {"head_box": np.ones((12, 4))}}]
)
def test_another_label_of_the_held_out_is_another_fingerprint(tmp_path, column):
    data = dot_data(tmp_path)
    assert changed(data, replace(data, labels=replace(data.labels, **column))) == {"held-out data"}


def test_another_pixel_of_the_held_out_is_another_fingerprint(tmp_path):
    data, other = dot_data(tmp_path / "one"), dot_data(tmp_path / "two")
    assert changed(data, other) == set()  # in another folder
    image = data[0].load().copy()
    image[0, 0, 0] ^= 1
    write_image(tmp_path / "two" / "0.png", image)
    assert changed(data, other) == {"held-out data"}


def test_names_are_no_matter_and_the_score_is(tmp_path):
    data = dot_data(tmp_path)
    for number in range(12):
        (tmp_path / f"{number}.png").rename(tmp_path / f"other_{number}.png")
    files = np.array([f"other_{number}.png" for number in range(12)])
    named = replace(data, labels=replace(data.labels, files=files, image_ids=np.arange(12) + 5))
    assert changed(named, replace(named, labels=replace(named.labels, ids=np.arange(12) + 7))) == set()
    assert changed(named, named, "pck_box") == {"scoring"}


def test_polygons_of_the_held_out_count_by_their_corners(tmp_path):
    """Such as regions to be ignored, which are objects: where these lie in memory is no matter."""
    data = dot_data(tmp_path)

    def ignoring(x: float) -> Dataset:
        regions = np.empty(12, object)
        regions[:] = [(np.array([[0.0, 0.0], [x, 0.0], [0.0, 5.0]]),) for _ in range(12)]
        return replace(data, labels=replace(data.labels, image_extras={"ignore_regions": regions}))

    assert changed(ignoring(5.0), ignoring(5.0)) == set()
    assert changed(ignoring(5.0), ignoring(6.0)) == {"held-out data"}


def _held_out(folder: Path, shift: float) -> Dataset:
    data = dot_data(folder)
    return replace(data, labels=replace(data.labels, xy=data.labels.xy + shift))


@pytest.mark.parametrize("other", ["a label", "nobody", "a score"])
def test_a_run_does_not_go_on_with_other_held_out_data(dots, tmp_path, other):
    recipe, held_out = replace(dots, steps=3), _held_out(tmp_path / "held_out", 0.0)
    before = run(job(recipe, tmp_path / "run", held_out=held_out, score="epe"))
    next(before)
    before.close()
    settings = {
        "a label": {"held_out": _held_out(tmp_path / "held_out", 0.5), "score": "epe"},
        "nobody": {},
        "a score": {"held_out": held_out, "score": "pck_box"},
    }[other]
    what = "scoring" if other == "a score" else "held-out data"
    with pytest.raises(DataError, match=f"was saved with different {what}; resume with the same, or start anew"):
        next(run(job(recipe, tmp_path / "run", **settings), resume=True))
    assert len(list(run(job(recipe, tmp_path / "run", held_out=held_out, score="epe"), resume=True))) == 3
