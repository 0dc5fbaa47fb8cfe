"""Checks of model and model_predict: whole networks with weights that follow from their names."""

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from math import prod
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from tests.model_heads import heads_of
from vitruvian.codecs import Codec, GaussianHeatmap, IntegralRegression, MegviiHeatmap, Regression, UDPHeatmap
from vitruvian.codecs.megvii_heatmap import PEAK
from vitruvian.codecs.peaks import argmax_2d, blurred, window
from vitruvian.geometry import Crop
from vitruvian.models import PoseModel, normalise

from .architectures import architecture, lifter, published_names
from .cases import Case, NotCovered
from .codec import codec_of, is_dark, reference_peak
from .findings import Finding, close, equal
from .transform import rgb_images

SHARE_OF_STD = 1e-4  # how far an answer may be off, as a share of its standard deviation
PIXELS = 1e-3  # how far a coordinate may be off, where the peak is clear
NOISY_PIXELS = 1e-2  # and where DARK puts a parabola through the noise of a random network
ROUNDING = 2e-6  # how far a map may be off by another order of summation, as a share of its standard deviation
HALF = 1e-7  # how far 32 bits may be off a score that the reference adds 0.5 to
FLOOR = 1e-3  # under the maps that UDP's codec takes the logarithm of

# What the names of weights end with that are constants of the model.
UNTOUCHED = {"num_batches_tracked", "loc", "cov", "mask", "mean", "std", "linspace_x", "linspace_y", "sigmas"}

# Setting of a flip test, whether it is on where nothing is said, and the codecs whose `shift_flip` it is.
SHIFTS = (
    ("shift_coords", True, (Regression, IntegralRegression)),
    ("shift_heatmap", False, (GaussianHeatmap, IntegralRegression)),
)

Model = TypeVar("Model", bound=nn.Module)


def check_model(case: Case) -> Iterator[Finding]:
    """Names, shapes and number of the parameters; the features of the backbone or neck; all answers."""
    model = _built(case)
    yield from _check_state(case, model)
    fill(model, case.args["seed"])
    features, answers = _run(model, fixed_input(case.args["input_shape"], case.args["seed"]))
    expected, stored = case.expected["outputs"], case.expected.get("features", {})
    yield equal("outputs", [len(answers)], [len(expected)])
    for (name, summary), found in zip(expected.items(), answers, strict=True):
        yield from _check_output(case, name, found, summary)
    yield equal("features", [len(features)], [len(stored) or len(features)])
    for (name, summary), found in zip(stored.items(), features, strict=False):
        yield from _check_summary(f"features.{name}", found, summary, correction=1)


def _built(case: Case) -> nn.Module:
    """In eval mode. Keypoints are the fewest rows of an answer: HigherHRNet has maps and tags in one."""
    name, shape = case.args["model"], case.args["input_shape"]
    if (build_lifter := lifter(name)) is not None:
        return build_lifter(shape[2] if len(shape) == 4 else shape[1] // 2).eval()
    build, size = architecture(name, case.args.get("config", "")), (shape[3], shape[2])
    keypoints = min(summary["shape"][1] for summary in case.expected["outputs"].values())
    return build(heads_of(build.__name__, keypoints, size), size).eval()


def _run(model: nn.Module, given: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """The features of backbone or neck, and the answers, both in the order of the reference."""
    features: list[Tensor] = []

    def keep(module: nn.Module, inputs: object, output: Tensor | tuple[Tensor, ...]) -> None:
        features.extend([output] if isinstance(output, Tensor) else output)

    hooks = [module.register_forward_hook(keep) for module in _sources(model)]
    with torch.inference_mode():
        if isinstance(model, PoseModel):
            answers = _in_order(model.stages(given))
        else:
            points = given if given.ndim == 4 else given.transpose(1, 2).unflatten(2, (-1, 2))
            answers = [answer.squeeze(1) for answer in model(points).values()]  # the reference drops a single frame
    for hook in hooks:
        hook.remove()
    return features, answers


def _sources(model: nn.Module) -> list[nn.Module]:
    """The modules that give what the reference calls features: of temporal convolutions every block."""
    blocks = [
        module for name, module in model.named_modules() if re.fullmatch(r"(traj_)?backbone.tcn_blocks.\d+", name)
    ]
    source = model.get_submodule("backbone") if getattr(model, "neck", None) is None else model.get_submodule("neck")
    return blocks or [source]


def _in_order(stages: list[dict[str, Tensor]]) -> list[Tensor]:
    """The answers of all stages as the reference has them."""
    first = stages[0]
    if set(first) == {"xy", "spread"}:
        return [torch.cat([first["xy"], first["spread"]], dim=-1)]
    if set(first) == {"heatmap", "xy"}:
        return [first["xy"], first["heatmap"]]
    if set(first) == {"heatmap", "tag"} and len(stages) > 1:  # HigherHRNet's last answer follows from the others
        return [torch.cat([first["heatmap"], first["tag"]], dim=1), stages[1]["heatmap"]]
    return [answer for stage in stages for answer in stage.values()]


def _check_output(case: Case, name: str, found: Tensor, expected: dict[str, Any]) -> Iterator[Finding]:
    """A summary of the whole answer, and the answer; of large maps only some cells, and mean and peak of each."""
    yield from _check_summary(f"outputs.{name}", found, expected)
    step, allowed, array = expected.get("stride", 1), SHARE_OF_STD * expected["std"], f"out_{name}"
    yield close(array, found[..., ::step, ::step], case[array], allowed)
    if f"{array}_channel_argmax" in case.arrays:
        flat = found.flatten(2)
        at_peak = flat.gather(2, torch.from_numpy(case[f"{array}_channel_argmax"])[..., None])[..., 0]
        yield close(f"{array}_channel_mean", flat.mean(-1), case[f"{array}_channel_mean"], allowed)
        yield close(f"{array}_channel_max", flat.amax(-1), case[f"{array}_channel_max"], allowed)
        yield close(f"{array}_channel_argmax", at_peak, case[f"{array}_channel_max"], allowed)


def _check_state(case: Case, model: nn.Module) -> Iterator[Finding]:
    """Against the list of the published names, where the folder has it."""
    yield equal("parameters", [sum(p.numel() for p in model.parameters())], [case.args["parameters"]])
    names = case.folder / case.args["state_names"]
    if names.is_file():
        listed = [(name, *shape) for name, shape, _ in json.loads(names.read_text())["state_dict"]]
        state = model.state_dict()
        yield equal(
            names.name, [(theirs, *state[ours].shape) for ours, theirs in published_names(model).items()], listed
        )


def _check_summary(what: str, found: Tensor, expected: dict[str, Any], correction: int = 0) -> Iterator[Finding]:
    """Shape, mean, standard deviation and length of a whole array. The deviation divides by N - correction."""
    yield equal(f"{what}.shape", found.shape, expected["shape"])
    values, allowed = found.double(), SHARE_OF_STD * expected["std"]
    yield close(f"{what}.mean", values.mean(), expected["mean"], allowed)
    yield close(f"{what}.std", values.std(correction=correction), expected["std"], allowed)
    yield close(f"{what}.l2", values.norm(), expected["l2"], SHARE_OF_STD * expected["l2"])


def check_predict(case: Case) -> Iterator[Finding]:
    """Crops -> answers, averaged with those of the mirrored crops if the case says so -> points in the image."""
    args = case.args
    build = architecture(args["model"], args.get("config", ""))
    codec = _codec(args, spread=build.__name__.endswith("_rle"))
    images = case.folder / args["images"]
    if not images.is_file():
        raise NotCovered(f"{args['images']} is missing")
    model = fill(build(codec.heads(len(args["flip_indices"])), codec.input_size).eval(), args["seed"])
    with np.load(images) as archive:
        inputs = normalise(rgb_images(archive["images_bgr_chw"]))
    with torch.inference_mode():
        outputs = model(inputs)
        if args["test_cfg"].get("flip_test", False):
            mirrored = codec.flip(model(inputs.flip(-1)), args["flip_indices"])
            outputs = {name: (outputs[name] + mirrored[name]) / 2 for name in outputs}
    allowed = SHARE_OF_STD * max(float(values.std()) for values in outputs.values())
    if "out_heatmaps_first3" in case.arrays:
        first = case["out_heatmaps_first3"]
        yield close("out_heatmaps_first3", outputs["heatmap"][:, : first.shape[1]], first, allowed)
    yield from _check_points(case, codec, outputs, allowed)


def _codec(args: dict[str, Any], spread: bool) -> Codec:
    """The codec of a case, which does to mirrored answers what the settings of its flip test say.

    spread: whether a regression answers with the spread of its coordinates, too.
    """
    codec, test = codec_of(args["codec"]), args["test_cfg"]
    if isinstance(codec, Regression):
        codec = replace(codec, spread=spread)
    if not test.get("flip_test", False):
        return codec
    shifts = [test.get(setting, default) for setting, default, kinds in SHIFTS if isinstance(codec, kinds)]
    if (not shifts and test.get("shift_heatmap", False)) or len(set(shifts)) > 1:
        raise NotCovered(f"a flip test of {type(codec).__name__} with {test}")
    return replace(codec, shift_flip=shifts[0]) if shifts else codec


def _check_points(case: Case, codec: Codec, outputs: dict[str, Tensor], allowed: float) -> Iterator[Finding]:
    """Scores of all points, and the coordinates that would stay the same if every value were off by `allowed`.

    A map without a positive value has no point here, where the reference gives the cell (-1, -1).
    """
    xy, score = codec.decode(outputs)
    expected, peak = case["out_keypoints"], reference_peak(codec, outputs, case["out_keypoint_scores"])
    of_score = allowed / PEAK + HALF if isinstance(codec, MegviiHeatmap) else allowed
    yield close("out_keypoint_scores", score, peak.clip(0, 1), of_score)
    clear = _clear(codec, outputs, allowed).numpy()
    if is_dark(codec):
        clear &= _steady(codec, outputs).numpy()
    yield equal("some peak is clear", [bool(clear.any())], [True])
    rows = zip(case["in_input_center"], case["in_input_scale"], xy.double().numpy(), strict=True)
    size, convention = codec.input_size, codec.convention
    found = np.stack([Crop.of(centre, extent, 0.0, size, convention).to_image(p) for centre, extent, p in rows])
    expected = np.where(peak[..., None] > 0, expected, np.nan)
    yield close("out_keypoints", found[clear], expected[clear], NOISY_PIXELS if is_dark(codec) else PIXELS)


def _clear(codec: Codec, outputs: dict[str, Tensor], allowed: float) -> Tensor:
    """(B, K, 2): whether a coordinate would stay the same if every value were off by `allowed`.

    Of a map, whether its highest cell, and the higher neighbour of that along the axis, are so by twice as much. The
    map is the one that the codec looks for a peak in; of discs with offsets the neighbours do not matter.
    """
    if "xy" in outputs:
        return torch.ones_like(outputs["xy"], dtype=torch.bool)
    if "x" in outputs:
        best = torch.stack([outputs[axis].topk(2).values for axis in ("x", "y")], dim=2)  # (B, K, 2, 2)
        return best[..., 0] - best[..., 1] > 2 * allowed
    maps, discs = outputs["heatmap"], isinstance(codec, UDPHeatmap) and codec.combined
    if isinstance(codec, MegviiHeatmap):
        maps = blurred(maps, codec.blur_kernel, reflect=False)
    elif discs:
        maps = blurred(maps[:, ::3], 2 * codec.blur_kernel + 1)
    best = maps.flatten(2).topk(2).values
    peak = (best[..., 0] - best[..., 1] > 2 * allowed) & (best[..., 0].abs() > allowed)
    near = window(maps, argmax_2d(maps)[0], radius=1)
    slope = torch.stack([near[..., 1, 2] - near[..., 1, 0], near[..., 2, 1] - near[..., 0, 1]], dim=-1)
    return peak[..., None] & (discs | (slope.abs() > 2 * allowed))


def _steady(codec: Codec, outputs: dict[str, Tensor]) -> Tensor:
    """(B, K, 2): whether DARK's parabola holds still when values are rounded otherwise, as nearly flat ones do not.

    UDP's does not count either where it touches the floor under the map. The scale that decides this is taken from the
    whole blurred map by the reference, but from around the peak here, which only matters in noise; see `codecs.refine`.
    """
    noise = torch.Generator().manual_seed(0)
    rounded = {
        name: values + ROUNDING * values.std() * torch.randn(values.shape, generator=noise)
        for name, values in outputs.items()
    }
    still = (codec.decode(rounded)[0] - codec.decode(outputs)[0]).abs() < NOISY_PIXELS / 4
    if not isinstance(codec, UDPHeatmap):
        return still
    maps = outputs["heatmap"]
    (cells, score), smooth = argmax_2d(maps), blurred(maps, codec.blur_kernel, reflect=False)
    lowest = window(smooth, cells, radius=1).amin((-1, -2))
    return still & ((lowest > 0) & (lowest * score > FLOOR * smooth.amax((-1, -2))))[..., None]


def fill(model: Model, seed: int) -> Model:
    """The model with the weights that the README of the reference numbers derives from their published names."""
    state = model.state_dict()
    for ours, theirs in published_names(model).items():
        parts = theirs.split(".")
        if parts[-1] not in UNTOUCHED and "loss_module" not in parts:
            state[ours].copy_(torch.from_numpy(_weight(theirs, tuple(state[ours].shape), seed)))
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
