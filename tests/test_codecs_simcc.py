"""SimCC: its targets, its scores, and the parabola in one dimension."""

import math

import pytest
import torch

from vitruvian.codecs import SimCC
from vitruvian.codecs.simcc import dark_1d
from vitruvian.errors import RecipeError

NAN = math.nan
CODEC = SimCC((96, 128))


def points(*xy: tuple[float, float]) -> torch.Tensor:
    """(1, K, 2)"""
    return torch.tensor([xy], dtype=torch.float32)


def vectors(x: dict[int, float], y: dict[int, float], rest: float = 0.0) -> dict[str, torch.Tensor]:
    """What a network says of one keypoint: values by bin, and the same in all other bins."""
    outputs = {"x": torch.full((1, 1, 192), rest), "y": torch.full((1, 1, 256), rest)}
    for name, values in (("x", x), ("y", y)):
        for place, value in values.items():
            outputs[name][0, 0, place] = value
    return outputs


def test_there_are_two_bins_a_pixel():
    assert CODEC.bins == (192, 256)
    assert CODEC.heads(17) == {"x": (17, 192), "y": (17, 256)}


def test_a_bump_stands_on_the_nearest_bin_and_sums_to_one():
    """Pixel 40.2 is bin 80.4, nearest 80; sigma 6 bins."""
    x = CODEC.encode(points((40.2, 60)))["x"][0, 0]
    assert x.argmax() == 80
    assert x.sum().item() == pytest.approx(1, abs=1e-4)
    assert (x[86] / x[80]).item() == pytest.approx(math.exp(-1 / 2), rel=1e-5)


def test_a_bump_of_rtmpose_is_one_at_its_peak_and_has_a_sigma_for_each_axis():
    encoded = SimCC((96, 128), sigma=(4.0, 8.0), normalise=False).encode(points((40, 60)))
    assert (encoded["x"].max(), encoded["y"].max()) == (1, 1)
    assert encoded["x"][0, 0, 84].item() == pytest.approx(math.exp(-1 / 2))
    assert encoded["y"][0, 0, 128].item() == pytest.approx(math.exp(-1 / 2))


def test_a_standard_target_is_one_bin_and_the_others_share_the_rest():
    x = SimCC((96, 128), smoothing="standard", label_smoothing=0.191).encode(points((40, 60)))["x"][0, 0]
    assert x[80].item() == pytest.approx(0.809)
    assert x[[0, 79, 81, 191]].tolist() == pytest.approx([0.001] * 4)


@pytest.mark.parametrize(
    ("xy", "smoothing", "weight"),
    [
        ((-9.0, 60.0), "gaussian", 1),  # 18 bins outside, three sigma
        ((-10.0, 60.0), "gaussian", 0),
        ((40.0, 136.0), "gaussian", 1),
        ((40.0, 137.0), "gaussian", 0),
        ((-0.25, 60.0), "standard", 1),  # rounds to bin 0
        ((-0.3, 60.0), "standard", 0),
        ((95.7, 60.0), "standard", 1),
        ((95.8, 60.0), "standard", 0),
        ((NAN, 60.0), "gaussian", 0),
        ((math.inf, 60.0), "standard", 0),
    ],
)
def test_a_joint_counts_while_its_target_touches_the_bins(xy: tuple[float, float], smoothing, weight: int):
    encoded = SimCC((96, 128), smoothing=smoothing).encode(points(xy, (40, 60)))
    assert encoded["weight"].tolist() == [[weight, 1]]
    assert encoded["y"][0, 0].any().item() == bool(weight)


def test_the_point_is_the_highest_bin_and_the_score_the_lower_peak():
    xy, score = CODEC.decode(vectors({81: 0.75}, {40: 0.5}))
    assert xy.tolist() == [[[40.5, 20]]]
    assert score.tolist() == [[0.5]]


def test_logits_beyond_one_are_cut_off_at_one():
    assert CODEC.decode(vectors({81: 7.0}, {40: 9.0}))[1].tolist() == [[1]]


def test_with_a_sharpness_the_score_is_a_probability():
    """A logit ln 3 above all 191 others: 3 / 194 in x; in y, 3 / 258."""
    codec = SimCC((96, 128), sigma=(1.0, 1.0), sharpness=1.0)
    score = codec.decode(vectors({81: 1 + math.log(3)}, {40: 1 + math.log(3)}, rest=1.0))[1]
    assert score.tolist() == [[pytest.approx(3 / 258, rel=1e-5)]]


@pytest.mark.parametrize("refine", ["none", "dark"])
def test_a_vector_without_a_positive_value_has_no_peak(refine):
    xy, score = SimCC((96, 128), refine=refine).decode(vectors({81: 1.0}, {}, rest=-1.0))
    assert xy.isnan().all()
    assert score.tolist() == [[0]]


@pytest.mark.parametrize("place", [60.0, 60.25, 59.6])
def test_a_parabola_finds_a_gaussian_between_bins(place: float):
    """The logarithm of a Gaussian is a parabola, and a blurred Gaussian is one."""
    vector = torch.exp(-((torch.arange(128.0) - place) ** 2) / 32)[None, None]
    peak = vector.max(-1)
    found = dark_1d(vector, peak.indices, peak.values, 29)
    assert found.item() == pytest.approx(place, abs=0.01)


def test_a_flat_vector_is_read_as_it_is():
    vector = torch.full((1, 1, 128), 0.5)
    assert dark_1d(vector, torch.tensor([[64]]), torch.tensor([[0.5]]), 29).item() == 64


def test_a_mirrored_vector_of_x_is_turned_round_and_hands_are_exchanged():
    outputs = {"x": torch.arange(4.0).reshape(1, 2, 2), "y": torch.arange(4.0).reshape(1, 2, 2)}
    flipped = CODEC.flip(outputs, [1, 0])
    assert flipped["x"].tolist() == [[[3, 2], [1, 0]]]
    assert flipped["y"].tolist() == [[[2, 3], [0, 1]]]


def test_the_likelihood_is_the_product_of_both_axes_in_cells_of_four_pixels():
    """Bins 80 and 90 are in cells 10 and 11. Relative to the peaks 0.8 and 0.5: 1, and half of it; the score is 0.5."""
    shown = CODEC.likelihood(vectors({80: 0.8, 90: 0.4}, {41: 0.5}))[0, 0]
    assert shown.shape == (32, 24)
    assert shown[5, 10].item() == pytest.approx(0.5)
    assert shown[5, 11].item() == pytest.approx(0.25)
    assert shown.count_nonzero() == 2


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"split": 0.0}, "split must give 4 pixels a whole number of bins, got 0.0"),
        ({"split": 1.3}, "a whole number of bins, got 1.3"),
        ({"sigma": (6.0,)}, r"sigma must be two numbers, for x and for y, got \(6.0,\)"),
        ({"label_smoothing": 1.0}, "label_smoothing must be at least 0 and less than 1, got 1.0"),
        ({"sharpness": 0.0}, "sharpness must be positive and finite, or None, got 0.0"),
        ({"smoothing": "gauss"}, 'smoothing must be one of gaussian, standard, got "gauss"'),
        ({"refine": "quarter"}, 'refine must be one of none, dark, got "quarter"'),
    ],
)
def test_settings_without_sense_are_refused(settings, sentence: str):
    with pytest.raises(RecipeError, match=sentence):
        SimCC((96, 128), **settings)
