"""Checks on held-out images: worked by hand, and shared by several processes."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.dots import dot_data, dots_recipe
from vitruvian.codecs import Regression
from vitruvian.errors import DataError
from vitruvian.training.check import check, predict
from vitruvian.training.hardware import Team

CPU = torch.device("cpu")
ALONE = Team(0, 1, CPU)


class _Knows(nn.Module):
    """Finds the dots by their colours; so far off in x as is said."""

    def __init__(self, codec: Regression, off: float = 0.0):
        super().__init__()
        self.codec, self.off = codec, off

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        flat = image[:, [0, 2]].flatten(2).argmax(-1)
        xy = torch.stack([flat % 32 + self.off, flat // 32], dim=-1).float()
        return {"xy": self.codec.encode(xy)["xy"]}


@pytest.fixture
def recipe(dots):
    return replace(dots_recipe(), codec=Regression((32, 32)))


@dataclass(frozen=True)
class _Recorded(Team):
    """One of two processes; hears what the other one said before."""

    other: tuple = ()

    def gather(self, value: object) -> list[object]:
        return [value, *self.other] if self.rank == 0 else [*self.other, value]


def test_the_mean_error_by_hand(recipe, tmp_path):
    """All points are found 2 pixels to the right."""
    found = check(_Knows(recipe.codec, 2.0), recipe, dot_data(tmp_path), "epe", 7, None, ALONE)
    assert (found.number, found.score, found.best, found.bad_images) == (7, "epe", True, 0)
    assert found.value == pytest.approx(2.0, abs=1e-4)


@pytest.mark.parametrize(("before", "best"), [(None, True), (5.0, True), (0.001, False)])
def test_a_lower_error_is_better(recipe, tmp_path, before, best):
    assert check(_Knows(recipe.codec, 1.0), recipe, dot_data(tmp_path), "epe", 1, before, ALONE).best is best


@pytest.mark.parametrize(("before", "best"), [(0.5, True), (1.0, False)])
def test_a_higher_share_is_better(recipe, tmp_path, before, best):
    """Everything is found, which a share of 1 was before, too."""
    assert check(_Knows(recipe.codec), recipe, dot_data(tmp_path), "pck_box", 1, before, ALONE).best is best


def test_two_processes_see_every_image_once(recipe, tmp_path):
    """7 images: 3 and 4. Together they say what one alone says."""
    data, model = dot_data(tmp_path, 7), _Knows(recipe.codec, 1.5)
    said: list[tuple] = []

    @dataclass(frozen=True)
    class _Tells(Team):
        def gather(self, value: object) -> list[object]:
            said.append(value)
            return [value]

    for rank in (0, 1):
        check(model, recipe, data, "epe", 1, None, _Tells(rank, 2, CPU))
    assert [tally.images for tally, _ in said] == [3, 4]
    whole = check(model, recipe, data, "epe", 1, None, ALONE)
    for rank in (0, 1):
        both = check(model, recipe, data, "epe", 1, None, _Recorded(rank, 2, CPU, other=(said[1 - rank],)))
        assert both.values == pytest.approx(whole.values)


def test_images_that_cannot_be_read_are_left_out_and_counted(recipe, tmp_path):
    data = dot_data(tmp_path, 5)
    (tmp_path / "1.png").unlink()
    labels, predictions, bad = predict(_Knows(recipe.codec), recipe, data, ALONE)
    assert (bad, labels.images, len(predictions)) == (1, 4, 4)
    assert labels.files.tolist() == ["0.png", "2.png", "3.png", "4.png"]
    assert predictions.label.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(predictions.xy, labels.xy, atol=1e-4)


def test_nobody_to_score_is_an_error(recipe, tmp_path):
    data = dot_data(tmp_path, 3)
    crowds = replace(data, labels=replace(data.labels, crowd=np.ones(3, bool)))
    with pytest.raises(DataError, match=r"^dots: epe finds nothing to score; expected labelled people in boxes$"):
        check(_Knows(recipe.codec), recipe, crowds, "epe", 1, None, ALONE)
