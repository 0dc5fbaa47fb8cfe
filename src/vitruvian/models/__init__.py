"""Backbones, heads and losses, and the tables of models and losses. Needs torch."""

from collections.abc import Callable

from vitruvian.models.losses import LOSSES, Loss, heatmap_cross_entropy, heatmap_mse
from vitruvian.models.normalise import normalise
from vitruvian.models.pose_model import Heads, PoseModel, Size
from vitruvian.models.residual_unet import residual_unet_small
from vitruvian.models.simple_baseline import (
    simple_baseline_mobilenetv2,
    simple_baseline_resnet18,
    simple_baseline_resnet34,
    simple_baseline_resnet50,
    simple_baseline_resnet101,
    simple_baseline_resnet152,
)

MODELS: dict[str, Callable[[Heads, Size], PoseModel]] = {
    "residual_unet_small": residual_unet_small,
    "simple_baseline_mobilenetv2": simple_baseline_mobilenetv2,
    "simple_baseline_resnet18": simple_baseline_resnet18,
    "simple_baseline_resnet34": simple_baseline_resnet34,
    "simple_baseline_resnet50": simple_baseline_resnet50,
    "simple_baseline_resnet101": simple_baseline_resnet101,
    "simple_baseline_resnet152": simple_baseline_resnet152,
}

__all__ = [
    "LOSSES",
    "MODELS",
    "Heads",
    "Loss",
    "PoseModel",
    "Size",
    "heatmap_cross_entropy",
    "heatmap_mse",
    "normalise",
]
