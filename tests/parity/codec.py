"""Checks of codec/*: network outputs from keypoints and keypoints from outputs, against `vitruvian.codecs`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from vitruvian.codecs import (
    Codec,
    GaussianHeatmap,
    IntegralRegression,
    MegviiHeatmap,
    Regression,
    SimCC,
    UDPHeatmap,
)
from vitruvian.models.integral import IntegralHead

from .cases import Case, NotCovered
from .findings import Finding, close

PIXELS = 1e-3  # how far a coordinate may be off
NOISY_PIXELS = 1e-2  # and where DARK puts a parabola through noise, so that a small determinant divides
RELATIVE = 1e-5  # how far a value of an output may be off, as a share of the largest that targets reach

# The reference's name of a target -> the name of the output here.
TARGETS = {
    "out_heatmaps": "heatmap",
    "out_keypoint_x_labels": "x",
    "out_keypoint_y_labels": "y",
    "out_keypoint_labels": "xy",
    "out_keypoint_weights": "weight",
}

Args = dict[str, Any]


def codec_of(args: Mapping[str, Any]) -> Codec:
    """The codec that a case describes. Raises NotCovered for one that the library does not have yet."""
    args = dict(args)
    name, size = args.pop("type"), tuple(args.pop("input_size"))
    if name not in CODECS:
        raise NotCovered(f"codec {name}")
    codec = CODECS[name](args, size)
    if args:
        raise NotCovered(f"{', '.join(args)} of codec {name}")
    return codec


def _stride(args: Args, size: tuple[int, ...]) -> int:
    cells = args.pop("heatmap_size")
    stride = size[0] // cells[0]
    if [side * stride for side in cells] != list(size):
        raise NotCovered(f"a map of {cells} cells for an input of {size}, which no stride gives")
    return stride


def _gaussian(args: Args, size: tuple[int, int]) -> Codec:
    unbiased, kernel = args.pop("unbiased", False), args.pop("blur_kernel_size", 11)
    refine, sigma = ("dark" if unbiased else "quarter"), float(args.pop("sigma", 2.0))
    return GaussianHeatmap(size, _stride(args, size), sigma, unbiased, refine, kernel)


def _udp(args: Args, size: tuple[int, int]) -> Codec:
    combined, kernel = args.pop("heatmap_type", "gaussian") == "combined", args.pop("blur_kernel_size", 11)
    radius, sigma = args.pop("radius_factor", 0.0546875), float(args.pop("sigma", 2.0))
    return UDPHeatmap(size, _stride(args, size), sigma, combined, radius, kernel)


def _megvii(args: Args, size: tuple[int, int]) -> Codec:
    return MegviiHeatmap(size, _stride(args, size), args.pop("kernel_size"))


def _simcc(args: Args, size: tuple[int, int]) -> Codec:
    sigma = args.pop("sigma", 6.0)
    return SimCC(
        size,
        split=args.pop("simcc_split_ratio", 2.0),
        smoothing=args.pop("smoothing_type", "gaussian"),
        sigma=tuple(sigma) if isinstance(sigma, list) else (sigma, sigma),
        normalise=args.pop("normalize", True),
        label_smoothing=args.pop("label_smooth_weight", 0.0),
        refine="dark" if args.pop("use_dark", False) else "none",
    )


def _integral(args: Args, size: tuple[int, int]) -> Codec:
    """The scores of the reference are all 1."""
    if not args.pop("normalize", True):
        raise NotCovered("maps that do not sum to 1")
    return IntegralRegression(size, _stride(args, size), float(args.pop("sigma", 2.0)), reach=None)


# The reference's class -> what makes the codec of its arguments, and takes those out that it uses.
CODECS: Mapping[str, Callable[[Args, tuple[int, int]], Codec]] = {
    "IntegralRegressionLabel": _integral,
    "MegviiHeatmap": _megvii,
    "MSRAHeatmap": _gaussian,
    "RegressionLabel": lambda _, size: Regression(size),
    "SimCCLabel": _simcc,
    "UDPHeatmap": _udp,
}


def check_encode(case: Case) -> Iterator[Finding]:
    """A keypoint that is not visible is NaN here."""
    visible = case["in_keypoints_visible"][..., None] > 0
    xy = np.where(visible, case["in_keypoints"], np.nan).astype(np.float32)
    codec = codec_of(case.args)
    encoded = codec.encode(torch.from_numpy(xy))
    weight = encoded["weight"].numpy()
    for theirs, mine in TARGETS.items():
        if theirs not in case.arrays:
            continue
        expected, found = case[theirs], encoded[mine].numpy()
        if mine == "xy":  # an unknown coordinate is 0 here; the reference has it, and ignores it
            expected = np.where(visible, expected, 0.0)
        allowed = 0.0 if mine == "weight" else RELATIVE * max(1.0, float(np.abs(expected).max(initial=0.0)))
        yield close(theirs, found.reshape(expected.shape), expected, allowed)
    yield close("weights are 0 or 1", weight, weight != 0, 0)


def check_combined_decode(case: Case) -> Iterator[Finding]:
    """Discs and offset maps."""
    yield from _decoded(case, codec_of(case.args), "", PIXELS)


def check_heatmap_decode(case: Case) -> Iterator[Finding]:
    """Every decoder on the same maps, and the highest cell alone, exactly."""
    for name, args in case.args.items():
        codec = codec_of(args)
        noisy = (case["in_heatmaps"] != 0).mean((1, 2)) > 0.5  # elsewhere only the bump is not zero
        allowed = np.where(noisy & is_dark(codec), NOISY_PIXELS, PIXELS)[:, None]
        yield from _decoded(case, codec, f"{name}_", allowed)
    size = codec.input_size
    plain = GaussianHeatmap(size, size[0] // codec.map_size[0], refine="none")
    maps = torch.from_numpy(case["in_heatmaps"])
    for name, stack in (("argmax", maps[None]), ("batch_argmax", torch.stack([maps, maps.flip(0)]))):
        xy, score = plain.decode({"heatmap": stack})
        expected, peak = (case[f"out_{name}_{part}"].reshape(len(stack), len(maps), -1) for part in ("xy", "val"))
        yield close(f"out_{name}_xy", xy / plain.stride, np.where(peak > 0, expected, np.nan), 0)
        yield close(f"out_{name}_val", score, peak[..., 0].clip(0, 1), 0)


def is_dark(codec: Codec) -> bool:
    """Whether `decode` ends in a parabola."""
    if isinstance(codec, UDPHeatmap):
        return not codec.combined
    return getattr(codec, "refine", "none") == "dark"


def _decoded(case: Case, codec: Codec, name: str, pixels: ArrayLike) -> Iterator[Finding]:
    """Where no value is positive the reference gives the cell (-1, -1) or 0 / 0; here the point is NaN, its score 0."""
    maps = torch.from_numpy(case["in_heatmaps"])
    xy, score = codec.decode({"heatmap": maps[None]})
    expected = case[f"out_{name}keypoints"] * reference_pixel(codec)
    peak = reference_peak(codec, {"heatmap": maps}, case[f"out_{name}scores"])
    yield close(f"out_{name}keypoints", xy, np.where(peak[..., None] > 0, expected, np.nan), pixels)
    yield close(f"out_{name}scores", score, peak.clip(0, 1), RELATIVE)


def reference_peak(codec: Codec, outputs: Mapping[str, torch.Tensor], scores: np.ndarray) -> np.ndarray:
    """The scores of the reference without the 0.5 that it adds to those of Megvii's codec.

    These are 0 / 0 where a map is 0 everywhere.
    """
    if not isinstance(codec, MegviiHeatmap):
        return scores
    return np.where(outputs["heatmap"].amax((-1, -2)) > 0, scores - 0.5, 0.0)


def reference_pixel(codec: Codec) -> np.ndarray:
    """(2,) how many input pixels are one pixel of the reference's `decode`.

    Its UDP codec encodes with (size - 1) / (map - 1) but decodes with size / (map - 1), and then maps to the image with
    extent / size instead of extent / (size - 1): each undoes the other. Here `decode` is the inverse of `encode`.
    """
    size = np.array(codec.input_size, float)
    return (size - 1) / size if isinstance(codec, UDPHeatmap) else np.ones(2)


def check_simcc_decode(case: Case) -> Iterator[Finding]:
    """Vectors, and the score that the reference calls visibility, which is a probability."""
    args = dict(case.args)
    visible = args.pop("decode_visibility", False)
    codec = codec_of(args)
    outputs = {axis: torch.from_numpy(case[f"in_simcc_{axis}"]) for axis in ("x", "y")}
    xy, score = codec.decode(outputs)
    peak = case["out_scores"]
    expected = np.where(peak[..., None] > 0, case["out_keypoints"], np.nan)
    yield close("out_keypoints", xy, expected, NOISY_PIXELS if is_dark(codec) else PIXELS)
    yield close("out_scores", score, peak.clip(0, 1), RELATIVE)
    if visible:
        sharp = SimCC(codec.input_size, codec.split, sigma=codec.sigma, sharpness=150.0)
        _, score = sharp.decode(outputs)
        yield close("out_visibility", score, np.where(peak > 0, case["out_visibility"], 0.0), RELATIVE)


def check_regression_decode(case: Case) -> Iterator[Finding]:
    """Coordinates alone, and with their spread, of which the network here gives the logit."""
    plain, spread = codec_of(case.args), Regression(tuple(case.args["input_size"]), spread=True)
    xy, score = plain.decode({"xy": torch.from_numpy(case["in_coords"])})
    yield close("out_keypoints", xy, case["out_keypoints"], PIXELS)
    yield close("out_scores", score, case["out_scores"], 0)
    shares = torch.from_numpy(case["in_coords_sigma"])
    xy, score = spread.decode({"xy": shares[..., :2], "spread": shares[..., 2:].double().logit()})
    yield close("out_keypoints_sigma", xy, case["out_keypoints_sigma"], PIXELS)
    yield close("out_scores_sigma", score, case["out_scores_sigma"], RELATIVE)


def check_soft_argmax(case: Case) -> Iterator[Finding]:
    """The softmax and the mean of `IntegralHead`, given the maps."""
    maps = torch.from_numpy(case["in_heatmaps"])
    keypoints, height, width = maps.shape[1:]
    heads = {"heatmap": (keypoints, height, width), "xy": (keypoints, 2)}
    head = IntegralHead(1, heads, (width // 8, height // 8), beta=case.args["beta"])
    head.simplebaseline_head = _Given(maps)
    answer = head(torch.zeros(1, 1, height // 8, width // 8))
    yield close("out_coords_xy", answer["xy"].detach(), case["out_coords_xy"], RELATIVE)
    yield close("out_softmax_first2", answer["heatmap"][:, :2].detach(), case["out_softmax_first2"], RELATIVE)


class _Given(nn.Module):
    """Answers with the same maps always."""

    def __init__(self, maps: torch.Tensor):
        super().__init__()
        self.maps = maps

    def forward(self, features: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"heatmap": self.maps}


# Kind of case -> its check.
CHECKS: Mapping[str, Callable[[Case], Iterable[Finding]]] = {
    "codec/heatmap_decode": check_heatmap_decode,
    "codec/integral_encode": check_encode,
    "codec/megvii_encode": check_encode,
    "codec/msra_encode": check_encode,
    "codec/msra_unbiased_encode": check_encode,
    "codec/regression_decode": check_regression_decode,
    "codec/regression_encode": check_encode,
    "codec/simcc_decode": check_simcc_decode,
    "codec/simcc_encode_gaussian": check_encode,
    "codec/simcc_encode_standard": check_encode,
    "codec/soft_argmax": check_soft_argmax,
    "codec/udp_combined_decode": check_combined_decode,
    "codec/udp_combined_encode": check_encode,
    "codec/udp_gaussian_encode": check_encode,
}
