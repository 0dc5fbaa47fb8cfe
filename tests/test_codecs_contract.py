"""What every codec promises, over the table of codecs with several settings each."""

import math
from dataclasses import FrozenInstanceError, dataclass, fields, replace
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vitruvian.codecs import (
    CODECS,
    Codec,
    GaussianHeatmap,
    IntegralRegression,
    MegviiHeatmap,
    ProbabilityHeatmap,
    Regression,
    SimCC,
    UDPHeatmap,
)
from vitruvian.errors import RecipeError, ShapeError
from vitruvian.geometry import Convention, flip_points

SIZE = (96, 128)  # width, height
MIRROR = (1, 0, 2)


@dataclass(frozen=True)
class Promise:
    """How well a codec finds what it encoded, in pixels.

    margin, inside: the largest error of keypoints at least `margin` from the border of the input.
    anywhere:       the largest error of keypoints anywhere in it.
    flipped:        how far to the right the mirrored answer of a mirrored image lies.
    clear:          how far from the border the highest cell of a target is that of the keypoint.
    """

    codec: Codec
    margin: float
    inside: float
    anywhere: float
    flipped: float = 0.0
    clear: float = 4.0


def gaussian(margin: float, inside: float, anywhere: float, **settings) -> Promise:
    """A flip test moves mirrored maps by a cell, so that a pixel is left of the 3 that they lie to the left."""
    return Promise(GaussianHeatmap(SIZE, **settings), margin, inside, anywhere, flipped=1)


# Half a cell is 2 px; right of and below the last cell of a Gaussian map are 3 px. Two cells, half a kernel of 11 and
# the half cell between a keypoint and its peak are 32 px; with a kernel of 17, 44 px.
PROMISES = {
    "gaussian": gaussian(3, 2, 3, refine="none"),
    "gaussian quarter": gaussian(3, 2, 3),
    "gaussian dark": gaussian(32, 2.001, 4, refine="dark"),
    "unbiased": gaussian(3, 2, 3, unbiased=True, refine="none"),
    "unbiased quarter": gaussian(8, 1, 3, unbiased=True),
    "unbiased dark": gaussian(32, 0.1, 3, unbiased=True, refine="dark"),
    "unbiased dark, stride 2": gaussian(16, 0.1, 1, stride=2, unbiased=True, refine="dark"),
    "unbiased dark, sigma 3": gaussian(44, 0.1, 4, sigma=3.0, blur_kernel=17, unbiased=True, refine="dark"),
    "udp": Promise(UDPHeatmap(SIZE), margin=32, inside=0.1, anywhere=4.5),
    "udp, stride 2": Promise(UDPHeatmap(SIZE, stride=2), margin=16, inside=0.1, anywhere=2.25),
    "udp combined": Promise(UDPHeatmap(SIZE, combined=True), margin=0, inside=1e-3, anywhere=1e-3),
    "udp combined, stride 2": Promise(UDPHeatmap(SIZE, stride=2, combined=True), margin=0, inside=1e-3, anywhere=1e-3),
    "probability": Promise(ProbabilityHeatmap(SIZE), margin=8, inside=1, anywhere=3),
    "probability, reach 2": Promise(ProbabilityHeatmap(SIZE, reach=2), margin=12, inside=0.2, anywhere=3),
    "probability, stride 8": Promise(ProbabilityHeatmap(SIZE, stride=8), margin=16, inside=2, anywhere=6.5),
    "megvii": Promise(MegviiHeatmap(SIZE), margin=24, inside=2, anywhere=7, flipped=1, clear=12),
    "megvii, kernel 5": Promise(
        MegviiHeatmap(SIZE, blur_kernel=5), margin=12, inside=2, anywhere=4, flipped=1, clear=8
    ),
    "simcc": Promise(SimCC(SIZE), margin=0, inside=0.25, anywhere=0.25, flipped=0.5),
    "simcc, dark": Promise(SimCC(SIZE, refine="dark"), margin=9, inside=0.25, anywhere=9.5, flipped=0.5),
    "simcc, 3 bins": Promise(SimCC(SIZE, split=3.0), margin=0, inside=1 / 6, anywhere=1 / 6, flipped=2 / 3),
    "simcc, one bin": Promise(
        SimCC(SIZE, smoothing="standard", label_smoothing=0.1), margin=0, inside=0.25, anywhere=0.25, flipped=0.5
    ),
    "simcc, probability": Promise(SimCC(SIZE, sharpness=150.0), margin=0, inside=0.25, anywhere=0.25, flipped=0.5),
    "regression": Promise(Regression(SIZE), margin=0, inside=1e-3, anywhere=1e-3),
    "regression, spread": Promise(Regression(SIZE, spread=True), margin=0, inside=1e-3, anywhere=1e-3),
    "integral": Promise(IntegralRegression(SIZE), margin=0, inside=1e-3, anywhere=1e-3),
    "integral, unscored": Promise(IntegralRegression(SIZE, reach=None), margin=0, inside=1e-3, anywhere=1e-3),
}
CODEC_SETTINGS = {name: promise.codec for name, promise in PROMISES.items()}
SYMMETRIC = {
    name: promise.codec
    for name, promise in PROMISES.items()
    if promise.flipped == 0 and not isinstance(promise.codec, IntegralRegression)  # whose maps are Gaussian ones
}

few = settings(max_examples=12)  # an example holds several joints, and there are many codecs
every_promise = pytest.mark.parametrize("promise", PROMISES.values(), ids=PROMISES)
every_codec = pytest.mark.parametrize("codec", CODEC_SETTINGS.values(), ids=CODEC_SETTINGS)
SHARES = arrays.arrays(np.float64, (2, 3, 2), elements=st.floats(0, 1))


def within(shares: np.ndarray, margin: float = 0.0) -> torch.Tensor:
    """Shares (..., 2) of the input's width and height, `margin` left out on each side -> input pixels, float32."""
    extent = np.array(SIZE) - 1 - 2 * margin
    return torch.from_numpy((margin + shares * extent).astype(np.float32))


def perfect(codec: Codec, xy: torch.Tensor) -> dict[str, torch.Tensor]:
    """What a network would say that has learned its targets exactly."""
    outputs = codec.encode(xy)
    del outputs["weight"]
    if isinstance(codec, ProbabilityHeatmap):  # whose network gives logarithms
        outputs["heatmap"] = outputs["heatmap"].clamp(min=1e-30).log()
    if "spread" in codec.heads(1):  # for which there is no target
        outputs["spread"] = torch.full_like(outputs["xy"], -4.0)
    return outputs


def noise(codec: Codec, people: int, keypoints: int = 3, seed: int = 0) -> dict[str, torch.Tensor]:
    """What a network would say that has learned nothing."""
    generator = torch.Generator().manual_seed(seed)
    shapes = codec.heads(keypoints).items()
    outputs = {name: torch.randn(people, *shape, generator=generator) for name, shape in shapes}
    if isinstance(codec, IntegralRegression):  # whose network gives distributions
        heatmap = outputs["heatmap"]
        outputs["heatmap"] = heatmap.flatten(2).softmax(-1).unflatten(2, heatmap.shape[2:])
    return outputs


def test_every_codec_of_the_table_is_promised_something():
    assert {type(codec) for codec in CODEC_SETTINGS.values()} == set(CODECS.values())


@every_promise
@few
@given(shares=SHARES)
def test_decode_finds_what_encode_drew(promise: Promise, shares: np.ndarray):
    for xy, allowed in (
        (within(shares, promise.margin), promise.inside),
        (within(shares), promise.anywhere),
    ):
        found, score = promise.codec.decode(perfect(promise.codec, xy))
        assert (found - xy).abs().max() <= allowed + 1e-4
        assert (score > 0).all()


@every_codec
@few
@given(shares=SHARES, unknown=arrays.arrays(np.float32, (2, 3, 2), elements=st.sampled_from([0, np.nan, np.inf])))
def test_an_unknown_joint_has_no_weight_and_leaves_no_nan(codec: Codec, shares: np.ndarray, unknown: np.ndarray):
    encoded = codec.encode(within(shares) + torch.from_numpy(unknown))
    assert all(target.isfinite().all() for target in encoded.values())
    assert encoded["weight"].tolist() == (unknown == 0).all(-1).astype(float).tolist()


@every_codec
@few
@given(far=arrays.arrays(np.float32, (1, 4, 2), elements=st.floats(-1e6, 1e6, width=32)))
def test_a_joint_anywhere_leaves_finite_targets(codec: Codec, far: np.ndarray):
    encoded = codec.encode(torch.from_numpy(far))
    assert all(target.isfinite().all() for target in encoded.values())
    assert set(encoded["weight"].flatten().tolist()) <= {0.0, 1.0}


@every_codec
def test_targets_have_the_shapes_of_the_heads(codec: Codec):
    """A spread has no target; the loss finds it."""
    encoded, heads = codec.encode(torch.zeros(2, 5, 2)), codec.heads(5)
    shapes = {name: (2, *shape) for name, shape in heads.items() if name != "spread"}
    assert {name: target.shape for name, target in encoded.items()} == {**shapes, "weight": (2, 5)}


@every_codec
def test_a_batch_equals_its_rows_one_by_one(codec: Codec):
    generator = torch.Generator().manual_seed(0)
    xy = torch.rand(5, 3, 2, generator=generator) * torch.tensor([140.0, 170.0]) - 20
    xy[1, 2] = torch.nan
    outputs = noise(codec, people=5)
    encoded, decoded, shown = codec.encode(xy), codec.decode(outputs), codec.likelihood(outputs)
    for row in range(5):
        one = {name: value[row : row + 1] for name, value in outputs.items()}
        for name, target in codec.encode(xy[row : row + 1]).items():
            torch.testing.assert_close(target[0], encoded[name][row], rtol=0, atol=1e-6)
        for alone, together in zip(codec.decode(one), decoded, strict=True):
            torch.testing.assert_close(alone[0], together[row], rtol=1e-3, atol=1e-3, equal_nan=True)
        torch.testing.assert_close(codec.likelihood(one)[0], shown[row])


@every_codec
def test_nobody_is_a_batch_too(codec: Codec):
    encoded = codec.encode(torch.zeros(0, 3, 2))
    assert encoded["weight"].shape == (0, 3)
    xy, score = codec.decode(perfect(codec, torch.zeros(0, 3, 2)))
    assert xy.shape == (0, 3, 2)
    assert score.shape == (0, 3)


@every_codec
@few
@given(seed=st.integers(0, 10_000))
def test_scores_lie_between_zero_and_one_whatever_the_network_says(codec: Codec, seed: int):
    xy, score = codec.decode({name: 3 * value for name, value in noise(codec, 2, seed=seed).items()})
    assert ((score >= 0) & (score <= 1)).all()
    assert xy.isfinite().all(-1).tolist() == (score > 0).tolist()


@every_codec
def test_float32_stays_float32(codec: Codec):
    encoded = codec.encode(torch.zeros(1, 3, 2))
    decoded = codec.decode(noise(codec, 1))
    shown = codec.likelihood(noise(codec, 1))
    assert {value.dtype for value in (*encoded.values(), *decoded, shown)} == {torch.float32}


@every_codec
def test_mirroring_twice_changes_nothing(codec: Codec):
    if isinstance(codec, GaussianHeatmap | IntegralRegression):
        codec = replace(codec, shift_flip=False)  # with it, each turn moves the map by a cell; see its own test
    outputs = noise(codec, 2)
    torch.testing.assert_close(codec.flip(codec.flip(outputs, MIRROR), MIRROR), outputs, rtol=0, atol=1e-6)


@every_promise
@few
@given(shares=SHARES)
def test_the_mirrored_maps_of_mirrored_keypoints_give_the_keypoints(promise: Promise, shares: np.ndarray):
    """As exactly as the maps of the keypoints do, and as far to the right as promised.

    The shift of a Gaussian grid loses the last column, so two columns are left out.
    """
    codec, xy = promise.codec, within(shares, max(promise.margin, 8))
    mirrored = torch.from_numpy(flip_points(xy.numpy(), SIZE[0], MIRROR))
    found, _ = codec.decode(codec.flip(perfect(codec, mirrored), MIRROR))
    assert (found - xy - torch.tensor([promise.flipped, 0.0])).abs().max() <= promise.inside + 1e-3


@pytest.mark.parametrize("codec", SYMMETRIC.values(), ids=SYMMETRIC)
def test_on_a_symmetric_grid_mirrored_answers_are_the_answers(codec: Codec):
    xy = within(np.random.default_rng(0).uniform(0, 1, (4, 3, 2)))
    mirrored = torch.from_numpy(flip_points(xy.numpy(), SIZE[0], MIRROR))
    found = codec.flip(perfect(codec, mirrored), MIRROR)
    torch.testing.assert_close(found, perfect(codec, xy), rtol=0, atol=1e-4)


@every_promise
@few
@given(shares=SHARES)
def test_the_grid_says_which_pixel_a_cell_is(promise: Promise, shares: np.ndarray):
    """The highest cells of a target, their centre where there are several, are the keypoint within half a cell."""
    codec, xy = promise.codec, within(shares, promise.clear)
    maps = codec.likelihood(perfect(codec, xy))
    if isinstance(codec, ProbabilityHeatmap):
        maps = codec.encode(xy)["heatmap"]
    highest = (maps == maps.amax((-1, -2), keepdim=True)).float()
    height, width = maps.shape[-2:]
    total = highest.sum((-1, -2))
    x = (highest.sum(-2) * torch.arange(width)).sum(-1) / total
    y = (highest.sum(-1) * torch.arange(height)).sum(-1) / total
    sx, sy, tx, ty = codec.grid
    pixels = torch.stack([sx * x + tx, sy * y + ty], -1)
    assert ((pixels - xy).abs() <= torch.tensor([sx, sy]) / 2 + 1e-3).all()


@every_codec
def test_the_likelihood_is_one_map_a_keypoint_between_zero_and_one(codec: Codec):
    shown = codec.likelihood(noise(codec, 2))
    width, height = codec.map_size
    assert shown.shape == (2, 3, height, width)
    assert ((shown >= 0) & (shown <= 1)).all()


@every_codec
@pytest.mark.parametrize("change", [lambda output: output.transpose(-1, -2), lambda output: output[0]])
def test_an_answer_of_another_shape_is_refused_with_the_one_expected(codec: Codec, change):
    """The last two sides exchanged; the batch forgotten."""
    outputs = noise(codec, 1)
    for name, value in outputs.items():
        wrong = change(value)
        expected = ", ".join(str(side) for side in value.shape[2:])
        with pytest.raises(ShapeError, match=rf"{name} must be \(B, .*K, {expected}\), got") as caught:
            codec.decode({**outputs, name: wrong})
        assert str(tuple(wrong.shape)) in str(caught.value)


@every_codec
@pytest.mark.parametrize(
    "xy",
    [torch.zeros(3, 2), torch.zeros(1, 3, 3), torch.zeros(1, 3, 2, dtype=torch.int64)],
    ids=["no batch", "three coordinates", "whole numbers"],
)
def test_points_of_another_shape_are_refused(codec: Codec, xy: torch.Tensor):
    with pytest.raises(ShapeError, match=r"xy must be \(B, K, 2\) of floats, got"):
        codec.encode(xy)


@every_codec
def test_a_codec_is_a_value_with_a_known_convention(codec: Codec):
    assert codec == replace(codec)
    assert hash(codec) == hash(replace(codec))
    assert codec.convention in get_args(Convention)
    with pytest.raises(FrozenInstanceError):
        codec.stride = 1


SENSELESS = [
    ({"input_size": (190, 256)}, "input_size 190 x 256 must be a positive multiple of the stride 4"),
    ({"input_size": (0, 256)}, "must be a positive multiple"),
    ({"stride": 0}, "must be a positive multiple of the stride 0"),
    ({"sigma": 0.0}, "sigma must be positive, got 0.0"),
    ({"sigma": math.nan}, "sigma must be positive, got nan"),
]
KNOWN = {kind: {part.name for part in fields(codec)} for kind, codec in CODECS.items()}


@pytest.mark.parametrize(
    ("kind", "settings", "sentence"),
    [(kind, *pair) for kind, known in KNOWN.items() for pair in SENSELESS if set(pair[0]) <= known],
)
def test_settings_without_sense_are_refused(kind: str, settings, sentence: str):
    if kind == "simcc" and "sigma" in settings:  # which has one for x and one for y
        settings = {"sigma": (6.0, settings["sigma"])}
    with pytest.raises(RecipeError, match=sentence):
        CODECS[kind](**{"input_size": (192, 256), **settings})


@pytest.mark.parametrize("kind", [GaussianHeatmap, MegviiHeatmap, UDPHeatmap])
@pytest.mark.parametrize("size", [0, 10, -3])
def test_a_blur_without_a_middle_is_refused(kind: type, size: int):
    with pytest.raises(RecipeError, match=f"blur_kernel must be odd and positive, got {size}"):
        kind((192, 256), blur_kernel=size)
