"""Regression: shares of the input, and the score that follows from a spread."""

import math

import pytest
import torch

from vitruvian.codecs import Regression
from vitruvian.errors import ShapeError

NAN = math.nan
CODEC = Regression((96, 128))


def points(*xy: tuple[float, float]) -> torch.Tensor:
    """(1, K, 2)"""
    return torch.tensor([xy], dtype=torch.float32)


def test_a_point_is_a_share_of_width_and_height():
    encoded = CODEC.encode(points((48, 32)))
    assert encoded["xy"].tolist() == [[[0.5, 0.25]]]
    assert CODEC.decode(encoded)[0].tolist() == [[[48, 32]]]


@pytest.mark.parametrize(
    ("xy", "weight"),
    [
        ((0, 0), 1),
        ((95, 127), 1),
        ((95.5, 60), 0),
        ((-0.5, 60), 0),
        ((40, 127.5), 0),
        ((NAN, 60), 0),
        ((0, math.inf), 0),
    ],
)
def test_a_joint_counts_up_to_the_middle_of_the_outermost_pixels(xy: tuple[float, float], weight: int):
    encoded = CODEC.encode(points(xy, (40, 60)))
    assert encoded["weight"].tolist() == [[weight, 1]]


def test_a_joint_outside_keeps_its_place_and_an_unknown_one_is_zero():
    assert CODEC.encode(points((-48, 256), (NAN, 20)))["xy"].tolist() == [[[-0.5, 2], [0, 0]]]


def test_a_network_may_answer_outside_the_input():
    xy, score = CODEC.decode({"xy": points((-0.5, 2))})
    assert xy.tolist() == [[[-48, 256]]]
    assert score.tolist() == [[1]]


def test_the_score_is_what_the_mean_spread_leaves():
    """Logits 0 and -ln 3 are shares of 1/2 and 1/4; their mean is 3/8."""
    codec = Regression((96, 128), spread=True)
    assert codec.heads(17) == {"xy": (17, 2), "spread": (17, 2)}
    outputs = {"xy": points((0.5, 0.25)), "spread": points((0, -math.log(3)))}
    xy, score = codec.decode(outputs)
    assert xy.tolist() == [[[48, 32]]]
    assert score.item() == pytest.approx(5 / 8)


def test_a_point_that_may_be_anywhere_is_unknown():
    xy, score = Regression((96, 128), spread=True).decode({"xy": points((0.5, 0.25)), "spread": points((99, 99))})
    assert xy.isnan().all()
    assert score.tolist() == [[0]]


@pytest.mark.parametrize(("shift", "x"), [(True, 96 - 1 - 24), (False, 96 - 24)])
def test_a_mirrored_point_is_as_far_from_the_other_side(shift: bool, x: float):
    codec = Regression((96, 128), spread=True, shift_flip=shift)
    outputs = {"xy": points((24 / 96, 0.5), (0, 0)), "spread": points((1, 2), (3, 4))}
    flipped = codec.flip(outputs, [1, 0])
    assert (96 * flipped["xy"][0, 1, 0]).item() == pytest.approx(x)
    assert flipped["xy"][0, 1, 1] == 0.5
    assert flipped["spread"].tolist() == [[[3, 4], [1, 2]]]


def test_the_likelihood_is_a_bump_of_eight_pixels_at_the_point():
    """Pixel (40, 60) is cell (10, 15); two cells to the right are one sigma."""
    shown = CODEC.likelihood({"xy": points((40 / 96, 60 / 128))})[0, 0]
    assert shown[15, 10].item() == pytest.approx(1)
    assert shown[15, 12].item() == pytest.approx(math.exp(-1 / 2), rel=1e-4)


def test_a_spread_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match=r"spread must be \(B, K, 2\), got \(1, 2\)"):
        Regression((96, 128), spread=True).decode({"xy": points((0, 0)), "spread": torch.zeros(1, 2)})
