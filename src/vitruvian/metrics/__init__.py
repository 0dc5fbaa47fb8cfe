"""Pure functions from predictions and labels to numbers."""

from vitruvian.metrics.pck import box_scale, distances, pck, torso_scale
from vitruvian.metrics.reliability import reliability

__all__ = ["box_scale", "distances", "pck", "reliability", "torso_scale"]
