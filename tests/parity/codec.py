"""Checks of codec/*: heatmaps from keypoints and keypoints from heatmaps, against `vitruvian.codecs`."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike

from vitruvian.codecs import GaussianHeatmap, UDPHeatmap

from .cases import Case, NotCovered
from .findings import Finding, close

PIXELS = 1e-3  # how far a coordinate may be off
NOISY_PIXELS = 1e-2  # and where DARK puts a parabola through noise, so that a small determinant divides
RELATIVE = 1e-5  # how far a value of a map may be off; they reach 1

Heatmap = GaussianHeatmap | UDPHeatmap


def codec_of(args: Mapping[str, Any]) -> Heatmap:
    """The codec that a case describes. Raises NotCovered for one that the library does not have yet."""
    args = dict(args)
    name, size, cells = args.pop("type"), args.pop("input_size"), args.pop("heatmap_size", None)
    if name not in ("MSRAHeatmap", "UDPHeatmap"):
        raise NotCovered(f"codec {name}")
    stride = size[0] // cells[0]
    if [side * stride for side in cells] != list(size):
        raise NotCovered(f"a map of {cells} cells for an input of {size}, which no stride gives")
    shared = {
        "input_size": tuple(size),
        "stride": stride,
        "sigma": float(args.pop("sigma", 2.0)),
        "blur_kernel": args.pop("blur_kernel_size", 11),
    }
    if name == "MSRAHeatmap":
        unbiased = args.pop("unbiased", False)
        codec: Heatmap = GaussianHeatmap(**shared, unbiased=unbiased, refine="dark" if unbiased else "quarter")
    else:
        combined = args.pop("heatmap_type", "gaussian") == "combined"
        codec = UDPHeatmap(**shared, combined=combined, radius=args.pop("radius_factor", 0.0546875))
    if args:
        raise NotCovered(f"{', '.join(args)} of codec {name}")
    return codec


def check_encode(case: Case) -> Iterator[Finding]:
    """A keypoint that is not visible is NaN here."""
    visible = case["in_keypoints_visible"][..., None] > 0
    xy = np.where(visible, case["in_keypoints"], np.nan).astype(np.float32)
    encoded = codec_of(case.args).encode(torch.from_numpy(xy))
    yield close("out_heatmaps", encoded["heatmap"][0], case["out_heatmaps"], RELATIVE)
    yield close("out_keypoint_weights", encoded["weight"], case["out_keypoint_weights"], 0)


def check_combined_decode(case: Case) -> Iterator[Finding]:
    """Discs and offset maps."""
    yield from _decoded(case, codec_of(case.args), "", PIXELS)


def check_heatmap_decode(case: Case) -> Iterator[Finding]:
    """Every decoder but Megvii's on the same maps, and the highest cell alone, exactly."""
    for name, args in case.args.items():
        if args["type"] != "MegviiHeatmap":
            codec = codec_of(args)
            noisy = (case["in_heatmaps"] != 0).mean((1, 2)) > 0.5  # elsewhere only the bump is not zero
            allowed = np.where(noisy & is_dark(codec), NOISY_PIXELS, PIXELS)[:, None]
            yield from _decoded(case, codec, f"{name}_", allowed)
    plain = GaussianHeatmap(codec.input_size, codec.stride, refine="none")
    maps = torch.from_numpy(case["in_heatmaps"])
    for name, stack in (("argmax", maps[None]), ("batch_argmax", torch.stack([maps, maps.flip(0)]))):
        xy, score = plain.decode({"heatmap": stack})
        expected, peak = (case[f"out_{name}_{part}"].reshape(len(stack), len(maps), -1) for part in ("xy", "val"))
        yield close(f"out_{name}_xy", xy / plain.stride, np.where(peak > 0, expected, np.nan), 0)
        yield close(f"out_{name}_val", score, peak[..., 0].clip(0, 1), 0)


def is_dark(codec: Heatmap) -> bool:
    """Whether `decode` ends in a parabola."""
    return isinstance(codec, UDPHeatmap) or codec.refine == "dark"


def _decoded(case: Case, codec: Heatmap, name: str, pixels: ArrayLike) -> Iterator[Finding]:
    """Where no value is positive the reference gives the cell (-1, -1) or 0 / 0; here the point is NaN, its score 0."""
    xy, score = codec.decode({"heatmap": torch.from_numpy(case["in_heatmaps"])[None]})
    expected, peak = case[f"out_{name}keypoints"] * reference_pixel(codec), case[f"out_{name}scores"]
    yield close(f"out_{name}keypoints", xy, np.where(peak[..., None] > 0, expected, np.nan), pixels)
    yield close(f"out_{name}scores", score, peak.clip(0, 1), RELATIVE)


def reference_pixel(codec: Heatmap) -> np.ndarray:
    """(2,) how many input pixels are one pixel of the reference's `decode`.

    Its UDP codec encodes with (size - 1) / (map - 1) but decodes with size / (map - 1), and then maps to the image with
    extent / size instead of extent / (size - 1): each undoes the other. Here `decode` is the inverse of `encode`.
    """
    size = np.array(codec.input_size, float)
    return (size - 1) / size if isinstance(codec, UDPHeatmap) else np.ones(2)
