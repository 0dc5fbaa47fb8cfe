"""Pure functions from predictions and labels to numbers."""

from vitruvian.metrics.pck import box_scale, distances, pck, torso_scale
from vitruvian.metrics.reliability import reliability
from vitruvian.metrics.tally import Estimate, Tally, bootstrap, paired

__all__ = [
    "Estimate",
    "Tally",
    "bootstrap",
    "box_scale",
    "distances",
    "paired",
    "pck",
    "reliability",
    "torso_scale",
]
