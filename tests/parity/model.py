"""Checks of model and model_predict: whole networks with weights that follow from their names."""

import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vitruvian.codecs import GaussianHeatmap, UDPHeatmap
from vitruvian.codecs.peaks import argmax_2d, window
from vitruvian.geometry import Crop
from vitruvian.models import PoseModel, normalise, simple_baseline

from .cases import Case, NotCovered
from .codec import Heatmap, codec_of, is_dark
from .findings import Finding, close, equal
from .transform import rgb_images

SHARE_OF_STD = 1e-3  # how far a map may be off, as a share of its standard deviation
PIXELS = 1e-3  # how far a coordinate may be off, where the peak is clear
NOISY_PIXELS = 1e-2  # and where DARK puts a parabola through the noise of a random network

Build = Callable[[dict[str, int]], PoseModel]

# What the name of a model starts with -> what builds it; the first that fits counts.
ARCHITECTURES: list[tuple[str, Build]] = [
    (r"td_res(net)?18_", simple_baseline.simple_baseline_resnet18),
    (r"td_res(net)?34_", simple_baseline.simple_baseline_resnet34),
    (r"td_res(net)?50_", simple_baseline.simple_baseline_resnet50),
    (r"td_res(net)?101_", simple_baseline.simple_baseline_resnet101),
    (r"td_res(net)?152_", simple_baseline.simple_baseline_resnet152),
    (r"td_mobilenetv2_", simple_baseline.simple_baseline_mobilenetv2),
]


def check_model(case: Case) -> Iterator[Finding]:
    """Names, shapes and number of the parameters; the features of the backbone; the maps."""
    build = _architecture(case.args["model"])
    expected = case.expected["outputs"]["tensor"]
    model = build({"heatmap": expected["shape"][1]}).eval()
    yield from _check_state(case, model)
    fill(model, case.args["seed"])
    with torch.inference_mode():
        features = model.backbone(fixed_input(case.args["input_shape"], case.args["seed"]))
        output = model.head(features)["heatmap"]
    if "features" in case.expected:
        yield from _check_summary("features.feat0", features, case.expected["features"]["feat0"])
    yield from _check_summary("outputs.tensor", output, expected)
    step, allowed = expected.get("stride", 1), SHARE_OF_STD * expected["std"]
    yield close("out_tensor", output[..., ::step, ::step], case["out_tensor"], allowed)
    if "out_tensor_channel_argmax" in case.arrays:
        flat = output.flatten(2)
        at_peak = flat.gather(2, torch.from_numpy(case["out_tensor_channel_argmax"])[..., None])[..., 0]
        yield close("out_tensor_channel_mean", flat.mean(-1), case["out_tensor_channel_mean"], allowed)
        yield close("out_tensor_channel_max", flat.amax(-1), case["out_tensor_channel_max"], allowed)
        yield close("out_tensor_channel_argmax", at_peak, case["out_tensor_channel_max"], allowed)


def _architecture(name: str) -> Build:
    for pattern, build in ARCHITECTURES:
        if re.match(pattern, name):
            return build
    raise NotCovered("the architecture is not built yet")


def _check_state(case: Case, model: PoseModel) -> Iterator[Finding]:
    """Against the list of the published names, where the folder has it."""
    yield equal("parameters", [sum(p.numel() for p in model.parameters())], [case.args["parameters"]])
    names = case.folder / case.args["state_names"]
    if names.is_file():
        published = [(name, *shape) for name, shape, _ in json.loads(names.read_text())["state_dict"]]
        yield equal(names.name, [(name, *value.shape) for name, value in model.state_dict().items()], published)


def _check_summary(what: str, found: Tensor, expected: dict[str, Any]) -> Iterator[Finding]:
    """Shape, mean, standard deviation and length of a whole array."""
    yield equal(f"{what}.shape", found.shape, expected["shape"])
    values, allowed = found.double(), SHARE_OF_STD * expected["std"]
    yield close(f"{what}.mean", values.mean(), expected["mean"], allowed)
    yield close(f"{what}.std", values.std(correction=0), expected["std"], allowed)
    yield close(f"{what}.l2", values.norm(), expected["l2"], SHARE_OF_STD * expected["l2"])


def check_predict(case: Case) -> Iterator[Finding]:
    """Crops -> maps, averaged with those of the mirrored crops if the case says so -> points in the image."""
    args, build = case.args, _architecture(case.args["model"])
    codec, keypoints = codec_of(args["codec"]), len(args["flip_indices"])
    images = case.folder / args["images"]
    if not images.is_file():
        raise NotCovered(f"{args['images']} is missing")
    model = fill(build(codec.heads(keypoints)).eval(), args["seed"])
    with np.load(images) as archive:
        inputs = normalise(rgb_images(archive["images_bgr_chw"]))
    maps = _maps(case, model, codec, inputs)
    allowed = SHARE_OF_STD * float(maps.std())
    if "out_heatmaps_first3" in case.arrays:
        first = case["out_heatmaps_first3"]
        yield close("out_heatmaps_first3", maps[:, : first.shape[1]], first, allowed)
    yield from _check_points(case, codec, maps, allowed)


def _maps(case: Case, model: PoseModel, codec: Heatmap, inputs: Tensor) -> Tensor:
    """(B, C, h, w); the mean over the crops and their mirror images in a flip test."""
    test = case.args["test_cfg"]
    shift = test.get("shift_heatmap", False)
    if isinstance(codec, GaussianHeatmap):
        codec = replace(codec, shift_flip=shift)
    elif shift:
        raise NotCovered("a flip test that shifts UDP heatmaps")
    with torch.inference_mode():
        maps = model(inputs)["heatmap"]
        if not test.get("flip_test", False):
            return maps
        return (maps + codec.flip(model(inputs.flip(-1)), case.args["flip_indices"])["heatmap"]) / 2


def _check_points(case: Case, codec: Heatmap, maps: Tensor, allowed: float) -> Iterator[Finding]:
    """Scores of all points, and the coordinates that would stay the same if every cell were off by `allowed`.

    A map without a positive value has no point here, where the reference gives the cell (-1, -1).
    """
    if isinstance(codec, UDPHeatmap) and codec.combined:
        raise NotCovered("points of combined maps")
    xy, score = codec.decode({"heatmap": maps})
    expected, peak = case["out_keypoints"], case["out_keypoint_scores"]
    yield close("out_keypoint_scores", score, peak.clip(0, 1), allowed)
    clear = _clear(maps, allowed)
    yield equal("some peak is clear", [bool(clear.any())], [True])
    rows = zip(case["in_input_center"], case["in_input_scale"], xy.double().numpy(), strict=True)
    size, convention = codec.input_size, codec.convention
    found = np.stack([Crop.of(centre, extent, 0.0, size, convention).to_image(p) for centre, extent, p in rows])
    expected = np.where(peak[..., None] > 0, expected, np.nan)
    yield close("out_keypoints", found[clear], expected[clear], NOISY_PIXELS if is_dark(codec) else PIXELS)


def _clear(maps: Tensor, allowed: float) -> np.ndarray:
    """(B, K, 2): whether the highest cell, and its higher neighbour along that axis, are so by twice `allowed`."""
    best = maps.flatten(2).topk(2).values
    peak = (best[..., 0] - best[..., 1] > 2 * allowed) & (best[..., 0].abs() > allowed)
    near = window(maps, argmax_2d(maps)[0], radius=1)
    slope = torch.stack([near[..., 1, 2] - near[..., 1, 0], near[..., 2, 1] - near[..., 0, 1]], dim=-1)
    return (peak[..., None] & (slope.abs() > 2 * allowed)).numpy()


def fill(model: PoseModel, seed: int) -> PoseModel:
    """The model with the weights that the README of the reference numbers derives from their names."""
    state = model.state_dict()
    for name, value in state.items():
        if name.rsplit(".", 1)[-1] != "num_batches_tracked":
            value.copy_(torch.from_numpy(_weight(name, tuple(value.shape), seed)))
    return model


def _weight(name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    noise = _noise(name if seed == 0 else f"{name}#{seed}", shape)
    last = name.rsplit(".", 1)[-1]
    if last == "running_var":
        return 1 + 0.1 * np.abs(noise)
    if last == "running_mean" or last.endswith("bias"):
        return 0.1 * noise
    if last in ("scale", "gamma", "g") or (last == "weight" and len(shape) <= 1):
        return 1 + 0.1 * noise
    return noise / np.sqrt(prod(shape[1:])) if len(shape) >= 2 else 0.1 * noise


def fixed_input(shape: list[int], seed: int) -> Tensor:
    """The input that the README of the reference numbers derives from the seed."""
    return torch.from_numpy(_noise(f"input#{seed}", tuple(shape)).astype(np.float32))


def _noise(key: str, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(zlib.crc32(key.encode())).standard_normal(shape)
