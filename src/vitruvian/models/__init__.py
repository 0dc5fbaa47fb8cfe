"""Backbones, heads and losses, and the tables of models, lifters and losses. Needs torch."""

from vitruvian.models.lifters import LIFTERS
from vitruvian.models.losses import (
    LIKELIHOOD,
    LOSSES,
    SUMMED,
    Loss,
    heatmap_cross_entropy,
    heatmap_mse,
    residual_log_likelihood,
)
from vitruvian.models.normalise import normalise
from vitruvian.models.pose_model import Heads, PoseModel, Size
from vitruvian.models.table import MODELS

__all__ = [
    "LIFTERS",
    "LIKELIHOOD",
    "LOSSES",
    "MODELS",
    "SUMMED",
    "Heads",
    "Loss",
    "PoseModel",
    "Size",
    "heatmap_cross_entropy",
    "heatmap_mse",
    "normalise",
    "residual_log_likelihood",
]
