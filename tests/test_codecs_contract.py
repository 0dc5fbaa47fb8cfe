"""What every codec promises, over the table of codecs with several settings each."""

from collections.abc import Sequence
from dataclasses import FrozenInstanceError, dataclass, replace
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vitruvian.codecs import CODECS, Codec, GaussianHeatmap, ProbabilityHeatmap, UDPHeatmap
from vitruvian.errors import RecipeError, ShapeError
from vitruvian.geometry import Convention, flip_points

SIZE = (96, 128)  # width, height
MIRROR = (1, 0, 2)


@dataclass(frozen=True)
class Promise:
    """How well a codec finds what it encoded, in pixels.

    margin, inside: the largest error of keypoints at least `margin` from the border of the input.
    anywhere:       the largest error of keypoints anywhere in it.
    """

    codec: Codec
    margin: float
    inside: float
    anywhere: float


# Half a cell is 2 px; right of and below the last cell of a Gaussian map are 3 px. Two cells, half a kernel of 11 and
# the half cell between a keypoint and its peak are 32 px; with a kernel of 17, 44 px.
PROMISES = {
    "gaussian": Promise(GaussianHeatmap(SIZE, refine="none"), margin=3, inside=2, anywhere=3),
    "gaussian quarter": Promise(GaussianHeatmap(SIZE), margin=3, inside=2, anywhere=3),
    "gaussian dark": Promise(GaussianHeatmap(SIZE, refine="dark"), margin=32, inside=2.001, anywhere=4),
    "unbiased": Promise(GaussianHeatmap(SIZE, unbiased=True, refine="none"), margin=3, inside=2, anywhere=3),
    "unbiased quarter": Promise(GaussianHeatmap(SIZE, unbiased=True), margin=8, inside=1, anywhere=3),
    "unbiased dark": Promise(GaussianHeatmap(SIZE, unbiased=True, refine="dark"), margin=32, inside=0.1, anywhere=3),
    "unbiased dark, stride 2": Promise(
        GaussianHeatmap(SIZE, stride=2, unbiased=True, refine="dark"), margin=16, inside=0.1, anywhere=1
    ),
    "unbiased dark, sigma 3": Promise(
        GaussianHeatmap(SIZE, sigma=3.0, blur_kernel=17, unbiased=True, refine="dark"),
        margin=44,
        inside=0.1,
        anywhere=4,
    ),
    "udp": Promise(UDPHeatmap(SIZE), margin=32, inside=0.1, anywhere=4.5),
    "udp, stride 2": Promise(UDPHeatmap(SIZE, stride=2), margin=16, inside=0.1, anywhere=2.25),
    "udp combined": Promise(UDPHeatmap(SIZE, combined=True), margin=0, inside=1e-3, anywhere=1e-3),
    "udp combined, stride 2": Promise(UDPHeatmap(SIZE, stride=2, combined=True), margin=0, inside=1e-3, anywhere=1e-3),
    "probability": Promise(ProbabilityHeatmap(SIZE), margin=8, inside=1, anywhere=3),
    "probability, reach 2": Promise(ProbabilityHeatmap(SIZE, reach=2), margin=12, inside=0.2, anywhere=3),
    "probability, stride 8": Promise(ProbabilityHeatmap(SIZE, stride=8), margin=16, inside=2, anywhere=6.5),
}
CODEC_SETTINGS = {name: promise.codec for name, promise in PROMISES.items()}
SYMMETRIC = {name: codec for name, codec in CODEC_SETTINGS.items() if not isinstance(codec, GaussianHeatmap)}

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
    heatmap = codec.encode(xy)["heatmap"]
    if isinstance(codec, ProbabilityHeatmap):  # whose network gives logarithms
        heatmap = heatmap.clamp(min=1e-30).log()
    return {"heatmap": heatmap}


def noise(codec: Codec, people: int, keypoints: int = 3, seed: int = 0) -> dict[str, torch.Tensor]:
    """What a network would say that has learned nothing."""
    (channels,) = codec.heads(keypoints).values()
    width, height = codec.map_size
    generator = torch.Generator().manual_seed(seed)
    return {"heatmap": torch.randn(people, channels, height, width, generator=generator)}


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
    assert encoded["heatmap"].isfinite().all()
    assert encoded["weight"].tolist() == (unknown == 0).all(-1).astype(float).tolist()


@every_codec
@few
@given(far=arrays.arrays(np.float32, (1, 4, 2), elements=st.floats(-1e6, 1e6, width=32)))
def test_a_joint_anywhere_leaves_finite_targets(codec: Codec, far: np.ndarray):
    encoded = codec.encode(torch.from_numpy(far))
    assert encoded["heatmap"].isfinite().all()
    assert set(encoded["weight"].flatten().tolist()) <= {0.0, 1.0}


@every_codec
def test_targets_have_the_channels_of_the_heads(codec: Codec):
    encoded = codec.encode(torch.zeros(2, 5, 2))
    assert {name: codec.heads(5)[name] for name in encoded if name != "weight"} == {
        name: target.shape[1] for name, target in encoded.items() if name != "weight"
    }
    assert encoded["weight"].shape == (2, 5)


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
    xy, score = codec.decode({"heatmap": encoded["heatmap"]})
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
    if isinstance(codec, GaussianHeatmap):
        codec = replace(codec, shift_flip=False)  # with it, each turn moves the map by a cell; see its own test
    outputs = noise(codec, 2)
    twice = codec.flip(codec.flip(outputs, MIRROR), MIRROR)
    assert torch.equal(twice["heatmap"], outputs["heatmap"])


@every_promise
@few
@given(shares=SHARES)
def test_the_mirrored_maps_of_mirrored_keypoints_give_the_keypoints(promise: Promise, shares: np.ndarray):
    """As exactly as the maps of the keypoints do; with the flip shift of a Gaussian grid, one pixel to the right.

    The shift loses the last column, so two columns are left out.
    """
    codec, xy = promise.codec, within(shares, max(promise.margin, 8))
    mirrored = torch.from_numpy(flip_points(xy.numpy(), SIZE[0], MIRROR))
    found, _ = codec.decode(codec.flip(perfect(codec, mirrored), MIRROR))
    shift = 1.0 if isinstance(codec, GaussianHeatmap) else 0.0
    assert (found - xy - torch.tensor([shift, 0.0])).abs().max() <= promise.inside + 1e-3


@pytest.mark.parametrize("codec", SYMMETRIC.values(), ids=SYMMETRIC)
def test_on_a_symmetric_grid_mirrored_maps_are_the_maps(codec: Codec):
    xy = within(np.random.default_rng(0).uniform(0, 1, (4, 3, 2)))
    mirrored = torch.from_numpy(flip_points(xy.numpy(), SIZE[0], MIRROR))
    found = codec.flip({"heatmap": codec.encode(mirrored)["heatmap"]}, MIRROR)["heatmap"]
    torch.testing.assert_close(found, codec.encode(xy)["heatmap"], rtol=0, atol=1e-4)


@every_codec
@few
@given(shares=SHARES)
def test_the_grid_says_which_pixel_a_cell_is(codec: Codec, shares: np.ndarray):
    """The highest cells of a target, their centre where there are several, are the keypoint within half a cell."""
    xy = within(shares, margin=4)
    maps = codec.likelihood(codec.encode(xy))
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
@pytest.mark.parametrize("turn", [(0, 1, 3, 2), (1, 2, 3)])
def test_a_map_of_another_shape_is_refused_with_the_one_expected(codec: Codec, turn: Sequence[int]):
    """Height and width exchanged; the batch forgotten."""
    heatmap = noise(codec, 1)["heatmap"]
    wrong = heatmap.permute(*turn) if len(turn) == 4 else heatmap[0]
    width, height = codec.map_size
    with pytest.raises(ShapeError, match=rf"heatmap must be \(B, .*K, {height}, {width}\), got") as caught:
        codec.decode({"heatmap": wrong})
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


@pytest.mark.parametrize("kind", sorted(CODECS))
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"input_size": (190, 256)}, "input_size 190 x 256 must be a positive multiple of the stride 4"),
        ({"input_size": (0, 256)}, "must be a positive multiple"),
        ({"input_size": (192, 256), "stride": 0}, "must be a positive multiple of the stride 0"),
        ({"input_size": (192, 256), "sigma": 0.0}, "sigma must be positive, got 0.0"),
        ({"input_size": (192, 256), "sigma": float("nan")}, "sigma must be positive, got nan"),
    ],
)
def test_settings_without_sense_are_refused(kind: str, settings, sentence: str):
    with pytest.raises(RecipeError, match=sentence):
        CODECS[kind](**settings)


@pytest.mark.parametrize("kind", [GaussianHeatmap, UDPHeatmap])
@pytest.mark.parametrize("size", [0, 10, -3])
def test_a_blur_without_a_middle_is_refused(kind: type, size: int):
    with pytest.raises(RecipeError, match=f"blur_kernel must be odd and positive, got {size}"):
        kind((192, 256), blur_kernel=size)
