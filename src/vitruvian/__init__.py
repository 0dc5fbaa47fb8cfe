"""Vitruvian: heatmap-based pose estimation."""

__version__ = "0.1.0"
