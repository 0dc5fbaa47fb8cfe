"""The memory of a run: what can be counted by hand."""

from dataclasses import replace

import pytest
from torch import nn

from vitruvian.models import MODELS, PoseModel
from vitruvian.models.pose_model import MapHead
from vitruvian.recipes import RECIPES
from vitruvian.training import Demand, demand, memory_of


@pytest.fixture
def single(dots, monkeypatch):
    """A recipe of a model that is two convolutions."""
    monkeypatch.setitem(
        MODELS, "single", lambda heads, size: PoseModel(nn.Conv2d(3, 8, 4, stride=4), MapHead(8, heads))
    )
    return replace(dots, model="single", batch_size=4)


def test_what_the_weights_take_by_hand(single):
    """8 · 3 · 4 · 4 + 8 and 2 · 8 + 2 are 410 numbers of 4 bytes. With Adam they are there five times: themselves,
    their average, gradients and two moments. With SGD there is one moment."""
    needed = demand(single)
    assert (needed.parameters, needed.fixed) == (410, 5 * 4 * 410)
    assert demand(replace(single, optimiser="sgd")).fixed == 4 * 4 * 410


def test_what_is_frozen_has_no_gradients_and_moments(single):
    """Of the 392 numbers of the first."""
    assert demand(replace(single, freeze=("backbone.",))).fixed == 4 * (2 * 410 + 3 * 18)


def test_what_a_crop_takes_by_hand(single):
    """What enters the convolutions is kept: 3 x 32 x 32 and 8 x 8 x 8 numbers of 4 bytes."""
    needed = demand(single)
    assert needed.per_crop == 4 * (3 * 32 * 32 + 8 * 8 * 8)
    assert needed.of(10) == needed.fixed + 10 * needed.per_crop
    assert demand(replace(single, precision="bfloat16")).per_crop == needed.per_crop // 2


def test_resnet_50_takes_about_as_much_as_is_known():
    """34 million parameters with the three deconvolutions; some 100 MB for a crop of 256 x 192."""
    needed = demand(RECIPES["coco_resnet50_256x192"]())
    assert round(needed.parameters / 1e6) == 34
    assert 80e6 < needed.per_crop < 120e6


def test_how_many_crops_fit_by_hand():
    """Of 1,000 bytes 800 are for the run: 100 and seven times 100."""
    assert Demand(25, 100, 100).crops_in(1000) == 7
    assert Demand(25, 100, 100).crops_in(10) == 1


def test_this_machine_has_memory():
    assert memory_of("cpu") > 1e8
