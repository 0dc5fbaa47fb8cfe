"""Exported model files, made once for all tests, because the exporter takes seconds for each."""

import logging
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from vitruvian.codecs import (
    Codec,
    GaussianHeatmap,
    IntegralRegression,
    MegviiHeatmap,
    ProbabilityHeatmap,
    Regression,
    SimCC,
    UDPHeatmap,
)
from vitruvian.export import Agreement, comparison_crops, export_onnx
from vitruvian.models import MODELS
from vitruvian.models.normalise import MEAN, STD
from vitruvian.recipes import Recipe, card_for
from vitruvian.runtime import ModelCard
from vitruvian.runtime.torch_network import PixelsToPoints, TorchNetwork
from vitruvian.structures import Skeleton

SIZE = (64, 64)
HANDS = Skeleton.define("hands", ["left_hand", "right_hand", "nose"], [("left_hand", "nose"), ("right_hand", "nose")])


GAIN = {
    IntegralRegression: 20.0,  # whose maps go through a softmax
    MegviiHeatmap: 255.0,
    ProbabilityHeatmap: 20.0,  # whose maps are logarithms
    Regression: 20.0,  # whose points are made from such maps
}


def smooth_bins(cells: torch.Tensor, bins: int) -> torch.Tensor:
    """cells (B, K, N) -> (B, K, bins): means of the cells that are near each bin, later ones a little higher.

    So no two bins are alike, and rounding does not decide which of them is the highest.
    """
    length = cells.shape[-1]
    distance = torch.arange(bins)[None] * length / bins - 0.375 - torch.arange(length)[:, None]  # in cells
    return cells @ (-(distance**2)).softmax(0) * torch.linspace(1, 1.01, bins)


def means(maps: torch.Tensor) -> dict[str, torch.Tensor]:
    """maps (B, K, N, N) -> their softmax, its mean in shares of the input, and a spread of 0.1."""
    heatmap = maps.flatten(2).softmax(-1).unflatten(2, maps.shape[2:])
    place = torch.arange(maps.shape[-1]) / maps.shape[-1]
    xy = torch.stack([(heatmap.sum(2) * place).sum(-1), (heatmap.sum(3) * place).sum(-1)], dim=-1)
    return {"heatmap": heatmap, "xy": xy, "spread": torch.full_like(xy, math.log(0.1 / 0.9))}


class Colours(nn.Module):
    """A fake network: the left hand is red, the right hand green, the nose blue; no training needed.

    A cell of a map is the mean colour of its 4 x 4 pixels, so a soft blob of colour is a clear peak.
    """

    def __init__(self, codec: Codec):
        super().__init__()
        self.codec = codec
        channels = codec.heads(3).get("heatmap", (3,))[0]
        gain = GAIN.get(type(codec), 1.0)
        self.cells = nn.Conv2d(3, channels, 4, 4)
        nn.init.zeros_(self.cells.weight)
        nn.init.constant_(self.cells.bias, 0.25)  # what the offset maps say everywhere
        with torch.no_grad():
            for colour in range(3):
                disc = colour * channels // 3
                self.cells.weight[disc, colour] = gain * STD[colour] / 255 / 16
                self.cells.bias[disc] = gain * MEAN[colour] / 255

    def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        maps = self.cells(image)
        if isinstance(self.codec, SimCC):
            return {
                "x": smooth_bins(maps.amax(2), self.codec.bins[0]),
                "y": smooth_bins(maps.amax(3), self.codec.bins[1]),
            }
        if isinstance(self.codec, Regression | IntegralRegression):
            return {name: answer for name, answer in means(maps).items() if name in self.codec.heads(3)}
        return {"heatmap": maps}


def blobs(centres: np.ndarray) -> np.ndarray:
    """centres (N, 3, 2) pixels of a red, a darker green and a still darker blue blob -> (N, 64, 64, 3) uint8."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    squared = (x - centres[:, :, 0, None, None]) ** 2 + (y - centres[:, :, 1, None, None]) ** 2  # (N, 3, 64, 64)
    bumps = np.exp(-squared / (2 * 8.0**2)) * np.array([250, 200, 150])[:, None, None]
    return bumps.round().astype(np.uint8).transpose(0, 2, 3, 1)


CENTRES = np.random.default_rng(0).uniform(24, 40, (7, 3, 2))


@dataclass(frozen=True)
class Setting:
    """What is exported. model: a name in MODELS, or None for `Colours`."""

    codec: Codec
    model: str | None = None
    flip_test: bool = False
    half: bool = False


SETTINGS = {
    "gaussian": Setting(GaussianHeatmap(SIZE), flip_test=True),
    "dark": Setting(GaussianHeatmap(SIZE, unbiased=True, refine="dark")),
    "udp": Setting(UDPHeatmap(SIZE)),
    "udp combined": Setting(UDPHeatmap(SIZE, combined=True)),
    "probability": Setting(ProbabilityHeatmap(SIZE), flip_test=True),
    "megvii": Setting(MegviiHeatmap(SIZE)),
    "simcc": Setting(SimCC(SIZE)),
    "simcc dark": Setting(SimCC(SIZE, refine="dark", sharpness=10.0), flip_test=True),
    "regression": Setting(Regression(SIZE, spread=True), flip_test=True),
    "integral": Setting(IntegralRegression(SIZE), flip_test=True),
    "half": Setting(ProbabilityHeatmap(SIZE), model="residual_unet_small", half=True),
    "mobilenet": Setting(GaussianHeatmap(SIZE), model="simple_baseline_mobilenetv2"),
    "resnet": Setting(UDPHeatmap(SIZE), model="simple_baseline_resnet18"),
}
COLOURED = [name for name, setting in SETTINGS.items() if setting.model is None]


@dataclass(frozen=True)
class Exported:
    """An exported file and what it must answer. said: what the exporter logged or warned of on the way."""

    path: Path
    setting: Setting
    card: ModelCard
    model: nn.Module
    agreement: Agreement
    crops: np.ndarray = field(repr=False)
    said: list[str]

    @property
    def recipe(self) -> Recipe:
        return recipe_of(self.setting)

    def original(self, flip_test: bool) -> TorchNetwork:
        """The model before the export, with or without a flip test."""
        return TorchNetwork(PixelsToPoints(self.model, self.setting.codec, self.card.skeleton, flip_test), self.card)


def recipe_of(setting: Setting) -> Recipe:
    return Recipe("lsp14", setting.model or "residual_unet_small", setting.codec, "heatmap_mse")


def export(path: Path, setting: Setting) -> Exported:
    """Run the exporter, listening."""
    torch.manual_seed(0)
    model = (MODELS[setting.model](setting.codec.heads(3), SIZE) if setting.model else Colours(setting.codec)).eval()
    card = replace(card_for(recipe_of(setting), model, path.stem, setting.flip_test), skeleton=HANDS, licence="CC0-1.0")
    said: list[str] = []
    ear = logging.Handler()
    ear.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    torch_log = logging.getLogger("torch")
    torch_log.addHandler(ear)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            agreement = export_onnx(path, model, recipe_of(setting), card, comparison_crops(card), setting.half)
    finally:
        torch_log.removeHandler(ear)
    said += [str(warning.message) for warning in warned]
    return Exported(path, setting, card, model, agreement, blobs(CENTRES), said)


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Exported]:
    """name in SETTINGS -> its exported file; made when first asked for. Do not change the files."""
    folder = tmp_path_factory.mktemp("exported")
    done: dict[str, Exported] = {}

    def find(name: str) -> Exported:
        if name not in done:
            done[name] = export(folder / f"{name.replace(' ', '_')}.onnx", SETTINGS[name])
        return done[name]

    return find
